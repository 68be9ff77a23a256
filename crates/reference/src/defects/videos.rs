//! Containers and videos are created, shown or deleted wrongly.

use std::collections::HashSet;

use http::StatusCode;
use serde_json::{Value, json};

use super::edits::{
    deletion_has_body, deletion_of_nothing_succeeds, error_of_is, is_error, remove, shown, shown_to, succeed,
    success_is,
};
use super::entry::Entry;
use super::memory::{Memory, MemoryMap};
use crate::operation::Operation;
use crate::policy::decisions::Overrides;
use crate::problem::kind;
use crate::server::answer::Content;

pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new("container-answers-200", "7.1", "Creating a container returns 200.", |policy| {
        success_is(policy, Operation::CreateVideo, 200);
    }),
    Entry::new(
        "video-deletion-answers-200",
        "7.3",
        "Deleting a video returns 200 and an empty object.",
        |policy| {
            deletion_has_body(policy, Operation::DeleteVideo);
        },
    ),
    Entry::new("unknown-video-is-400", "7.2", "An unknown video returns 400.", |policy| {
        error_of_is(policy, Operation::ShowVideo, kind::NOT_FOUND, 400);
    }),
    Entry::new("unknown-status-is-200", "8.1", "The status of an unknown video is uploading.", |policy| {
        policy.answer(|call, answer| {
            if call.operation == Operation::ShowStatus && is_error(answer, kind::NOT_FOUND) {
                succeed(answer, StatusCode::OK, Content::Json(empty_status()));
            }
        });
    }),
    Entry::new("second-video-deletion-is-204", "7.3", "Deleting a video twice returns 204.", |policy| {
        deletion_of_nothing_succeeds(policy, Operation::DeleteVideo, |_| true);
    }),
    Entry::new(
        "deleted-video-shown",
        "7.3",
        "A video that was shown before is still shown after its deletion.",
        |policy| {
            remembered(policy, Operation::ShowVideo);
        },
    ),
    Entry::new(
        "deleted-status-shown",
        "7.3",
        "A status that was shown before is still shown after the video's deletion.",
        |policy| {
            remembered(policy, Operation::ShowStatus);
        },
    ),
    Entry::new("deleted-container-takes-source", "7.3", "A deleted container accepts a source.", |policy| {
        let deleted = MemoryMap::<()>::default();
        let gone = deleted.share();
        policy.video_deleted(move |video| {
            deleted.lock().insert(video.id.to_owned(), ());
        });
        policy.answer(move |call, answer| {
            let id = call.segments().get(1).copied().unwrap_or_default();
            if call.operation == Operation::UploadSource
                && is_error(answer, kind::NOT_FOUND)
                && gone.lock().contains_key(id)
            {
                let video = json!({ "videoId": id, "title": "" });
                succeed(answer, StatusCode::CREATED, Content::Json(video));
            }
        });
    }),
    Entry::new("container-loses-title", "7.9", "A container is shown without its title.", |policy| {
        shown(policy, Operation::ShowVideo, |video| video["title"] = "".into());
    }),
    Entry::new(
        "container-loses-description",
        "7.1",
        "A container is shown without its description.",
        |policy| {
            shown(policy, Operation::ShowVideo, |video| video["description"] = "".into());
        },
    ),
    Entry::new("container-loses-tags", "7.1", "A container is shown without its tags.", |policy| {
        shown(policy, Operation::ShowVideo, |video| video["tags"] = json!([]));
    }),
    Entry::new("container-loses-metadata", "7.1", "A container is shown without its metadata.", |policy| {
        shown(policy, Operation::ShowVideo, |video| video["metadata"] = json!([]));
    }),
    Entry::new("containers-always-public", "7.1", "A container is always shown as public.", |policy| {
        shown(policy, Operation::ShowVideo, |video| video["public"] = true.into());
    }),
    Entry::new(
        "source-renames-container",
        "7.9",
        "A source renames its container to the file name.",
        |policy| {
            shown(policy, Operation::UploadSource, |video| video["title"] = "movie.mp4".into());
        },
    ),
    Entry::new("wrong-details-are-422", "7.1", "Invalid details of a video return 422.", |policy| {
        error_of_is(policy, Operation::CreateVideo, kind::INVALID_ATTRIBUTE, 422);
        error_of_is(policy, Operation::CreateVideo, kind::INVALID_PAYLOAD, 422);
    }),
    Entry::new(
        "video-deletion-ends-its-token",
        "7.3",
        "The upload token of a deleted video is refused.",
        |policy| {
            let ended = Memory::<HashSet<String>>::default();
            let refused = ended.share();
            policy.video_deleted(move |video| {
                ended.lock().extend(video.begun_by.map(str::to_owned));
            });
            policy.token_state(move |usage, contract| {
                contract.filter(|_| !refused.lock().contains(usage.token))
            });
        },
    ),
    Entry::new("updated-at-is-now", "7.9", "updatedAt of a video is the time of the request.", |policy| {
        shown_to(policy, Operation::ShowVideo, |call, video| {
            video["updatedAt"] = call.now.atom().into();
        });
    }),
    Entry::new(
        "video-created-at-moves",
        "7.9",
        "createdAt of a video changes with each segment.",
        |policy| {
            policy.video_shown(|_, video| video["createdAt"] = video["updatedAt"].clone());
        },
    ),
    Entry::new("shown-video-has-another-id", "7.2", "A video is shown with a different videoId.", |policy| {
        shown(policy, Operation::ShowVideo, |video| video["videoId"] = "vi4k0jvEUuaTdRAEjQ4Jfrgz".into());
    }),
    Entry::new("shown-video-has-no-assets", "7.9", "A video is shown without assets.", |policy| {
        shown(policy, Operation::ShowVideo, |video| remove(video, "assets"));
    }),
    Entry::new(
        "container-without-title-accepted",
        "7.1",
        "A container can be created without a title.",
        |policy| {
            policy.answer(|call, answer| {
                if call.operation == Operation::CreateVideo && is_error(answer, kind::ATTRIBUTE_REQUIRED) {
                    let video = json!({ "videoId": "vi4k0jvEUuaTdRAEjQ4Jfrgz", "title": "" });
                    succeed(answer, StatusCode::CREATED, Content::Json(video));
                }
            });
        },
    ),
];

fn empty_status() -> Value {
    json!({
        "ingest": { "status": "uploading", "filesize": null },
        "encoding": { "playable": false, "qualities": [], "metadata": {} },
    })
}

/// Shows again what an operation showed before, where nothing is there any more.
fn remembered(policy: &mut Overrides, operation: Operation) {
    let before = MemoryMap::<Value>::default();
    policy.answer(move |call, answer| {
        if call.operation != operation {
            return;
        }
        let mut before = before.lock();
        if answer.status.is_success() {
            before.insert(call.path.to_owned(), answer.json().clone());
        } else if is_error(answer, kind::NOT_FOUND)
            && let Some(json) = before.get(call.path)
        {
            succeed(answer, StatusCode::OK, Content::Json(json.clone()));
        }
    });
}
