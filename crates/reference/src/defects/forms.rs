//! Forms, titles, segments that name no video, and what an upload is answered.

use std::collections::HashSet;

use http::StatusCode;
use serde_json::{Value, json};

use super::edits::{is_error, remove, set_status, shown, succeed, success_is};
use super::entry::Entry;
use super::memory::{Memory, MemoryMap};
use super::upload::ingest;
use crate::form::disposition::PartRole;
use crate::operation::Operation;
use crate::policy::decisions::Overrides;
use crate::policy::facts::{Call, Resolution};
use crate::problem::{Problem, kind};
use crate::server::answer::Content;
use crate::state::token::TokenState;
use crate::timestamp::Timestamp;
use crate::upload::content_range::{ContentRange, PartRange};
use crate::upload::framing::Framing;

pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new("quoted-boundary-refused", "6.1", "A form whose boundary is quoted is refused.", |policy| {
        refused_form(policy, |content_type| content_type.contains("boundary=\""));
    }),
    Entry::new(
        "boundary-in-lower-case-only",
        "6.1",
        "The parameter Boundary with a capital is ignored.",
        |policy| {
            refused_form(policy, |content_type| !content_type.contains("boundary="));
        },
    ),
    Entry::new(
        "form-type-in-lower-case-only",
        "6.1",
        "The content type Multipart/Form-Data in capitals is not accepted.",
        |policy| {
            refused_form(policy, |content_type| !content_type.starts_with("multipart/form-data"));
        },
    ),
    Entry::new(
        "escaped-token-unknown",
        "4.10",
        "A token with a percent-encoded letter is rejected.",
        |policy| {
            policy.refused_at_once(|call, contract| {
                let escaped = call.operation == Operation::Upload && call.query.contains('%');
                contract.or(escaped.then(|| Problem::token_refused("This upload token is unknown here.")))
            });
        },
    ),
    Entry::new(
        "token-must-come-first",
        "4.10",
        "The token must be the first parameter of the query.",
        |policy| {
            policy.refused_at_once(|call, contract| {
                let is_behind = call.operation == Operation::Upload && call.query.contains("&token=");
                contract.or(is_behind.then(|| Problem::token_refused("This upload token is unknown here.")))
            });
        },
    ),
    Entry::new(
        "upload-needs-authorization",
        "4.10",
        "An upload by token also needs an Authorization header.",
        |policy| {
            policy.refused_at_once(|call, contract| {
                let bare = call.operation == Operation::Upload && call.header("authorization").is_none();
                contract.or(bare.then(|| Problem::new(kind::MISSING_AUTHORIZATION, "It is missing.")))
            });
        },
    ),
    Entry::new("video-id-before-file-ignored", "6.3", "A videoId before the file is ignored.", |policy| {
        policy.part_role(|_, file_seen, role| match role {
            PartRole::VideoId if !file_seen => PartRole::Other,
            role => role,
        });
    }),
    Entry::new(
        "title-without-extension",
        "6.5",
        "The title of a delegated upload has no extension.",
        |policy| {
            policy.title(|_, name| name.rsplit_once('.').map_or(name.clone(), |(stem, _)| stem.to_owned()));
        },
    ),
    Entry::new("title-in-lower-case", "6.5", "The title of a delegated upload is in lower case.", |policy| {
        policy.title(|_, name| name.to_lowercase());
    }),
    Entry::new(
        "title-loses-accents",
        "6.5",
        "The title of a delegated upload loses all characters but ASCII.",
        |policy| {
            policy.title(|_, name| name.chars().filter(char::is_ascii).collect());
        },
    ),
    Entry::new(
        "title-cut-at-100",
        "6.5",
        "The title of a delegated upload is cut after 100 characters.",
        |policy| {
            policy.title(|_, name| name.chars().take(100).collect());
        },
    ),
    Entry::new(
        "title-loses-folders",
        "6.5",
        "The title is the part of the file name after the last slash.",
        |policy| {
            policy.title(|_, name| name.rsplit(['/', ' ']).next().unwrap_or_default().to_owned());
        },
    ),
    Entry::new("source-answers-200", "7.4", "An upload into a container returns 200.", |policy| {
        success_is(policy, Operation::UploadSource, 200);
    }),
    Entry::new(
        "source-of-token-video-accepted",
        "7.6",
        "The key continues a video that a token started.",
        |policy| {
            policy.may_upload_with_key(|_, _| true);
        },
    ),
    Entry::new(
        "second-source-acknowledged",
        "7.5",
        "A second upload of a whole file is acknowledged and lost.",
        |policy| {
            policy.conflict(|conflict, contract| match conflict.incoming {
                Framing::Whole if conflict.complete => Resolution::Acknowledge,
                _ => contract,
            });
        },
    ),
    Entry::new(
        "token-continues-containers",
        "7.7",
        "A token can upload into containers that the key created.",
        |policy| {
            policy.may_continue(|_, video, contract| match video {
                Some(video) if video.begun_by.is_none() => Ok(()),
                _ => contract,
            });
        },
    ),
    Entry::new(
        "segment-without-id-joins",
        "9.9",
        "A later segment without videoId joins the last upload.",
        |policy| {
            policy.existing_video(|segment, begun, contract| match segment.range {
                ContentRange::Part(PartRange { number: 2.., .. }) => {
                    contract.or_else(|| begun.last().cloned())
                }
                ContentRange::Bytes(range) if range.from > 0 => contract.or_else(|| begun.last().cloned()),
                _ => contract,
            });
        },
    ),
    Entry::new(
        "deleted-video-comes-back",
        "7.3",
        "A segment for a deleted video brings it back.",
        |policy| {
            let deleted = MemoryMap::<()>::default();
            let (first, again) = (deleted.share(), deleted.share());
            policy.video_deleted(move |video| {
                deleted.lock().insert(video.id.to_owned(), ());
            });
            policy.continues(move |segment, contract| {
                contract && !segment.video_id.is_some_and(|id| first.lock().contains_key(id))
            });
            policy.revived_video(move |segment, contract| {
                let id = segment.video_id.filter(|id| again.lock().contains_key(*id));
                contract.or_else(|| id.map(str::to_owned))
            });
        },
    ),
    Entry::new("later-segment-answers-200", "9.12", "A later segment returns 200.", |policy| {
        policy.answer(|call, answer| {
            if is_later(call) && answer.status == StatusCode::CREATED {
                set_status(answer, 200);
            }
        });
    }),
    Entry::new(
        "later-segment-renames-video",
        "9.12",
        "A later segment returns a different videoId.",
        |policy| {
            policy.segment_answered(|segment, video| {
                if segment.is_later {
                    video["videoId"] = "vi4k0jvEUuaTdRAEjQ4Jfrgz".into();
                }
            });
        },
    ),
    Entry::new(
        "last-segment-answer-empty",
        "9.12",
        "The segment that completes an upload has an empty response.",
        |policy| {
            policy.segment_answered(|segment, video| {
                if segment.completes && segment.is_later {
                    *video = json!({});
                }
            });
        },
    ),
    Entry::new("filesize-of-parts-is-zero", "8.3", "filesize is 0 for an upload by parts.", |policy| {
        policy.status_shown(|video, _, status| {
            if video.complete && video.framing == Some(Framing::Parts) {
                status["ingest"]["filesize"] = 0.into();
            }
        });
    }),
    Entry::new("filesize-cut-to-20-bits", "8.3", "filesize is stored in 20 bits.", |policy| {
        ingest(policy, |ingest| {
            if let Some(size) = ingest["filesize"].as_u64() {
                ingest["filesize"] = (size & 0xf_ffff).into();
            }
        });
    }),
    Entry::new(
        "container-shown-as-uploaded",
        "8.2",
        "A container is shown as uploaded before it has a source.",
        |policy| {
            policy.status_shown(|video, _, status| {
                if video.framing.is_none() {
                    status["ingest"]["status"] = "uploaded".into();
                }
            });
        },
    ),
    Entry::new("status-cached-for-five-seconds", "8.2", "A status is up to five seconds old.", |policy| {
        let cached = Memory::<std::collections::HashMap<String, (Timestamp, Value)>>::default();
        policy.status_shown(move |video, now, status| {
            let mut cached = cached.lock();
            match cached.get(video.id) {
                Some((since, before)) if now < since.plus_seconds(5) => *status = before.clone(),
                _ => {
                    cached.insert(video.id.to_owned(), (now, status.clone()));
                }
            }
        });
    }),
    Entry::new(
        "upload-answer-has-no-title",
        "6.5",
        "The response to a first segment has no title.",
        |policy| {
            shown(policy, Operation::Upload, |video| remove(video, "title"));
        },
    ),
    Entry::new("no-form-is-422", "6.1", "A body that is not a multipart form returns 422.", |policy| {
        super::edits::error_of_is(policy, Operation::Upload, kind::INVALID_PAYLOAD, 422);
    }),
    Entry::new("upload-token-in-any-case", "6.7", "Upload tokens are not case-sensitive.", |policy| {
        let created = Memory::<HashSet<String>>::default();
        let known = created.share();
        policy.token_created(move |token| {
            created.lock().insert(token.token.to_lowercase());
        });
        policy.token_state(move |usage, contract| {
            let is_respelt = usage.known.is_none() && known.lock().contains(&usage.token.to_lowercase());
            contract.or(is_respelt.then_some(TokenState::Active))
        });
    }),
    Entry::new("no-file-is-422", "6.2", "A form without a file returns 422.", |policy| {
        super::edits::error_is(policy, kind::NO_FILE, 422);
    }),
    Entry::new("second-source-is-409", "7.5", "A second source returns 409.", |policy| {
        super::edits::error_is(policy, kind::SOURCE_ALREADY_UPLOADED, 409);
    }),
    Entry::new(
        "unknown-video-of-token-is-201",
        "7.7",
        "A segment for an unknown video is acknowledged.",
        |policy| {
            policy.answer(|call, answer| {
                if call.operation == Operation::Upload && is_error(answer, kind::NOT_FOUND) {
                    let video = json!({ "videoId": "vi4k0jvEUuaTdRAEjQ4Jfrgz", "title": "movie.mp4" });
                    succeed(answer, StatusCode::CREATED, Content::Json(video));
                }
            });
        },
    ),
];

/// Whether a segment says that it is not the first.
fn is_later(call: &Call<'_>) -> bool {
    let range = call.header("content-range").map(ContentRange::parse);
    call.operation == Operation::Upload
        && match range {
            Some(ContentRange::Part(part)) => part.number > 1,
            Some(ContentRange::Bytes(range)) => range.from > 0,
            _ => false,
        }
}

fn refused_form(policy: &mut Overrides, is_refused: impl Fn(&str) -> bool + Send + Sync + 'static) {
    policy.refused_at_once(move |call, contract| {
        let content_type = call.header("content-type").unwrap_or_default();
        let is_form = content_type.to_ascii_lowercase().starts_with("multipart/form-data");
        let refused = is_form && is_refused(content_type);
        contract.or(refused.then(|| Problem::new(kind::NO_FILE, "There is no file in the form.")))
    });
}
