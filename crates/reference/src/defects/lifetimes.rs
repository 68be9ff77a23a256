//! Expiry, grace and deletion: wrong by a little, for some tokens, or for a while.

use std::collections::HashMap;

use http::StatusCode;

use super::edits::{deletion_of_nothing_succeeds, is_error, set_status, shown, succeed, success_is};
use super::entry::Entry;
use super::grace::{ended, is_in_grace};
use super::memory::{Memory, MemoryMap};
use super::revoke::{deleted_may, deleted_tokens};
use super::{bytes, part};
use crate::operation::Operation;
use crate::policy::decisions::Overrides;
use crate::policy::facts::Stage;
use crate::problem::{Problem, kind};
use crate::server::answer::Content;
use crate::state::token::{TokenState, UploadToken};
use crate::timestamp::Timestamp;
use crate::upload::content_range::ContentRange;

pub(crate) const TTL: &[Entry] = &[
    Entry::new(
        "expiry-a-minute-late",
        "11.1",
        "A token is valid for a minute longer than its ttl.",
        |policy| {
            policy.expiry(|_, contract| contract.map(|expires| expires.plus_seconds(60)));
        },
    ),
    Entry::new(
        "expiry-five-seconds-early",
        "11.1",
        "A token is valid for five seconds less than its ttl.",
        |policy| {
            policy.expiry(|_, contract| contract.map(|expires| expires.plus_seconds(-5)));
        },
    ),
    Entry::new(
        "expiry-at-whole-minutes",
        "11.1",
        "A token is valid until a whole minute has passed.",
        |policy| {
            policy.expiry(|_, contract| {
                contract.map(|expires| Timestamp::from_millis((expires.millis() + 59_999) / 60_000 * 60_000))
            });
        },
    ),
    Entry::new("long-ttl-capped-at-a-day", "11.1", "A token is valid for at most a day.", |policy| {
        policy.expiry(|token, contract| {
            contract.map(|expires| expires.min(token.created.plus_seconds(86_400)))
        });
    }),
    Entry::new("use-prolongs-token", "11.1", "Each upload restarts the ttl of its token.", |policy| {
        let used = MemoryMap::<Timestamp>::default();
        let last = used.share();
        policy.may_begin(move |segment, _, contract| {
            if let Some(token) = segment.token {
                used.lock().insert(token.to_owned(), segment.now);
            }
            contract
        });
        policy.expiry(move |token, contract| {
            let used = last.lock().get(&token.token).map(|used| used.plus_seconds(token.ttl));
            contract.map(|expires| used.map_or(expires, |used| used.max(expires)))
        });
    }),
    Entry::new("expired-token-begins-parts", "11.2", "An expired token starts uploads by parts.", |policy| {
        policy.may_begin(|segment, _, contract| match segment.range {
            ContentRange::Part(_) => Ok(()),
            _ => contract,
        });
    }),
    Entry::new(
        "expired-token-begins-whole",
        "11.2",
        "An expired token uploads files in one request.",
        |policy| {
            policy.may_begin(|segment, _, contract| match segment.range {
                ContentRange::Absent => Ok(()),
                _ => contract,
            });
        },
    ),
    Entry::new(
        "expired-token-listed-for-a-minute",
        "11.3",
        "A token is listed for a minute after it expired.",
        |policy| {
            policy.listed_tokens(|set, mut tokens| {
                let expired = set.all.values().filter(|token| token.ttl > 0).filter(|token| {
                    let expires = token.created.plus_seconds(token.ttl);
                    expires <= set.now && set.now < expires.plus_seconds(60)
                });
                tokens.extend(expired.cloned());
                tokens
            });
        },
    ),
    Entry::new("expired-token-is-403", "11.2", "An expired token is refused with 403.", |policy| {
        refused_because(policy, "has expired", 403);
    }),
    Entry::new("expired-token-is-410", "11.2", "An expired token is refused with 410.", |policy| {
        refused_because(policy, "has expired", 410);
    }),
];

pub(crate) const GRACE: &[Entry] = &[
    Entry::new(
        "grace-from-creation",
        "11.6",
        "The grace period ends a day after the token was created.",
        |policy| {
            policy.grace_end(|token, _| token.created.plus_seconds(86_400));
        },
    ),
    Entry::new("grace-ends-a-minute-early", "11.5", "The grace period ends a minute early.", |policy| {
        policy.grace_end(|_, end| end.plus_seconds(-60));
    }),
    Entry::new("grace-ends-a-minute-late", "11.7", "The grace period ends a minute late.", |policy| {
        policy.grace_end(|_, end| end.plus_seconds(60));
    }),
    Entry::new(
        "grace-prolonged-by-segments",
        "11.6",
        "Each segment in the grace period extends it by a day.",
        |policy| {
            let last = MemoryMap::<Timestamp>::default();
            let seen = last.share();
            policy.may_continue(move |segment, _, contract| {
                if let Some(token) = segment.token
                    && contract.is_ok()
                {
                    last.lock().insert(token.to_owned(), segment.now);
                }
                contract
            });
            policy.grace_end(move |token, end| {
                let prolonged = seen.lock().get(&token.token).map(|seen| seen.plus_seconds(86_400));
                prolonged.map_or(end, |prolonged| prolonged.max(end))
            });
        },
    ),
    Entry::new(
        "one-segment-in-grace",
        "11.5",
        "An upload accepts only one segment in the grace period.",
        |policy| {
            let taken = MemoryMap::<()>::default();
            policy.may_continue(move |segment, video, contract| match video {
                Some(video) if is_in_grace(segment) && contract.is_ok() => {
                    match taken.lock().insert(video.id.to_owned(), ()) {
                        None => contract,
                        Some(()) => Err(Problem::token_refused("This upload token has expired.")),
                    }
                }
                _ => contract,
            });
        },
    ),
    Entry::new(
        "upload-in-grace-hidden",
        "11.5",
        "A video in progress is not shown in the grace period.",
        |policy| {
            policy.video_exists(|video, now, contract| {
                let in_grace = video.token_expires.is_some_and(|expires| now >= expires);
                contract && (video.complete || !in_grace)
            });
        },
    ),
    Entry::new(
        "grace-never-shows-uploaded",
        "8.2",
        "The status of a video completed in the grace period stays uploading.",
        |policy| {
            policy.status_shown(|video, _, status| {
                if video.token_expires.is_some_and(|expires| video.updated >= expires) {
                    status["ingest"]["status"] = "uploading".into();
                }
            });
        },
    ),
    Entry::new(
        "late-total-in-grace-ignored",
        "9.5",
        "A total stated in the grace period is not stored.",
        |policy| {
            policy.settled_total(|case, contract| if case.in_grace { case.known_total } else { contract });
            policy.settled_count(|case, contract| if case.in_grace { case.known_count } else { contract });
        },
    ),
    Entry::new(
        "minimum-unchecked-in-grace",
        "2.2",
        "In the grace period every segment may be small.",
        |policy| {
            bytes::excused(policy, kind::BYTES_TOO_SMALL, |case| case.in_grace);
            part::excused(policy, kind::PART_TOO_SMALL, |case| case.in_grace);
        },
    ),
    Entry::new(
        "repeats-accepted-in-grace",
        "9.11",
        "In the grace period a repeated segment is accepted.",
        |policy| {
            bytes::excused(policy, kind::BYTES_OVERLAP, |case| case.in_grace);
            part::excused(policy, kind::PART_ALREADY_SENT, |case| case.in_grace);
        },
    ),
    Entry::new(
        "short-tokens-have-no-grace",
        "11.5",
        "A token with a ttl below a minute has no grace period.",
        |policy| {
            policy.grace_end(
                |token, end| {
                    if token.ttl < 60 { token.created.plus_seconds(token.ttl) } else { end }
                },
            );
        },
    ),
    Entry::new(
        "second-upload-has-no-grace",
        "11.5",
        "When a token has two uploads, only one has a grace period.",
        |policy| {
            let first = MemoryMap::<String>::default();
            ended(policy, move |segment, video| {
                let mut first = first.lock();
                let token = segment.token.unwrap_or_default();
                let first = first.entry(token.to_owned()).or_insert_with(|| video.id.to_owned());
                is_in_grace(segment) && first != video.id
            });
        },
    ),
];

pub(crate) const REVOKE: &[Entry] = &[
    Entry::new("deletion-answers-202", "5.15", "Deleting a token returns 202.", |policy| {
        success_is(policy, Operation::DeleteToken, 202);
    }),
    Entry::new("second-deletion-is-204", "5.15", "Deleting a token twice returns 204.", |policy| {
        let deleted = deleted_tokens(policy);
        deletion_of_nothing_succeeds(policy, Operation::DeleteToken, move |call| {
            call.path.rsplit('/').next().is_some_and(|token| deleted.lock().contains_key(token))
        });
    }),
    Entry::new("deleted-token-still-counted", "5.8", "itemsTotal includes deleted tokens.", |policy| {
        let deleted = deleted_tokens(policy);
        shown(policy, Operation::ListTokens, move |list| {
            let total = list["pagination"]["itemsTotal"].as_u64().unwrap_or_default();
            list["pagination"]["itemsTotal"] = (total + deleted.lock().len() as u64).into();
        });
    }),
    Entry::new(
        "used-token-cached-for-a-minute",
        "11.11",
        "A used token is valid for a minute longer.",
        |policy| {
            let used = MemoryMap::<Timestamp>::default();
            policy.token_state(move |usage, contract| {
                let mut used = used.lock();
                if contract == Some(TokenState::Active) {
                    used.insert(usage.token.to_owned(), usage.now);
                    return contract;
                }
                let recent = used.get(usage.token).is_some_and(|last| usage.now < last.plus_seconds(60));
                if usage.known.is_none() && recent { Some(TokenState::Active) } else { contract }
            });
        },
    ),
    Entry::new(
        "shown-token-cached-for-a-minute",
        "11.11",
        "A token that was shown is still shown for a minute after its deletion.",
        |policy| {
            let shown = Memory::<HashMap<String, (Timestamp, UploadToken)>>::default();
            policy.token_found(move |id, now, found| {
                let mut shown = shown.lock();
                if let Some(token) = found {
                    shown.insert(id.to_owned(), (now, token.clone()));
                    return Some(token);
                }
                let recent = shown.get(id).filter(|(since, _)| now < since.plus_seconds(60));
                recent.map(|(_, token)| token.clone())
            });
        },
    ),
    Entry::new(
        "deletion-spares-the-head",
        "11.12",
        "A token accepts a segment that is being sent while it is deleted.",
        |policy| {
            let begun = MemoryMap::<()>::default();
            let started = begun.share();
            deleted_may(policy, move |usage, _| {
                (usage.stage == Stage::Body && started.lock().contains_key(usage.token))
                    .then_some(TokenState::Grace)
            });
            policy.token_state(move |usage, contract| {
                if usage.stage == Stage::Head && contract.is_some() {
                    begun.lock().insert(usage.token.to_owned(), ());
                }
                contract
            });
        },
    ),
    Entry::new(
        "deletion-of-expired-is-404",
        "11.15",
        "An expired token in its grace period cannot be deleted.",
        |policy| {
            let expired = MemoryMap::<()>::default();
            let seen = expired.share();
            policy.deletion(move |token, now, contract| {
                if token.ttl > 0 && now >= token.created.plus_seconds(token.ttl) {
                    expired.lock().insert(token.token.clone(), ());
                    return crate::policy::facts::Deletion::Nothing;
                }
                contract
            });
            policy.answer(move |call, answer| {
                let token = call.path.rsplit('/').next().unwrap_or_default();
                if call.operation == Operation::DeleteToken && seen.lock().contains_key(token) {
                    let problem = Problem::no_such_token();
                    succeed(answer, problem.status(), Content::Json(problem.body()));
                }
            });
        },
    ),
    Entry::new(
        "deletion-unfinishes-videos",
        "11.9",
        "A deleted token's finished videos are shown as uploading.",
        |policy| {
            let deleted = deleted_tokens(policy);
            policy.status_shown(move |video, _, status| {
                if video.begun_by.is_some_and(|token| deleted.lock().contains_key(token)) {
                    status["ingest"]["status"] = "uploading".into();
                }
            });
        },
    ),
    Entry::new("deleted-token-is-403", "11.11", "An upload with a deleted token returns 403.", |policy| {
        let deleted = deleted_tokens(policy);
        policy.answer(move |call, answer| {
            let token = call.query.split("token=").nth(1).unwrap_or_default();
            if call.operation == Operation::Upload
                && answer.status == StatusCode::UNAUTHORIZED
                && deleted.lock().contains_key(token)
            {
                set_status(answer, 403);
            }
        });
    }),
];

/// Refuses with another status where the detail of the refusal holds a text.
fn refused_because(policy: &mut Overrides, why: &'static str, status: u16) {
    policy.answer(move |_, answer| {
        let detail = answer.json()["detail"].as_str().unwrap_or_default();
        if is_error(answer, kind::INVALID_UPLOAD_TOKEN) && detail.contains(why) {
            set_status(answer, status);
        }
    });
}
