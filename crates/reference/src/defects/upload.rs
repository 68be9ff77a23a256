//! A file that arrives in one request is taken or answered wrongly.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde_json::Value;

use super::edits::{error_is, error_of_is, is_error, set_status, success_is};
use super::entry::Entry;
use crate::form::disposition::PartRole;
use crate::operation::Operation;
use crate::policy::decisions::Overrides;
use crate::policy::facts::Resolution;
use crate::problem::{Kind, Problem, kind};
use crate::state::token::TokenState;
use crate::upload::framing::Framing;

pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new("upload-answers-200", "6.1", "A segment returns 200 instead of 201.", |policy| {
        success_is(policy, Operation::Upload, 200);
        success_is(policy, Operation::UploadSource, 200);
    }),
    Entry::new("missing-upload-token-is-400", "6.7", "An upload without a token returns 400.", |policy| {
        error_is(policy, kind::MISSING_UPLOAD_TOKEN, 400);
    }),
    Entry::new(
        "unknown-upload-token-is-404",
        "6.7",
        "An upload with an unknown token returns 404.",
        |policy| {
            policy.answer(|_, answer| {
                let is_unknown =
                    answer.json()["detail"].as_str().is_some_and(|detail| detail.contains("unknown here"));
                if is_error(answer, kind::INVALID_UPLOAD_TOKEN) && is_unknown {
                    set_status(answer, 404);
                }
            });
        },
    ),
    Entry::new("any-upload-token-accepted", "6.7", "Any string is accepted as an upload token.", |policy| {
        policy.token_state(|usage, contract| match usage.known {
            None => contract.or(Some(TokenState::Active)),
            Some(_) => contract,
        });
    }),
    Entry::new("missing-file-accepted", "6.2", "A form without a file creates an empty video.", |policy| {
        form_fault_ignored(policy, kind::NO_FILE);
    }),
    Entry::new("second-file-ignored", "6.2", "If a form has two files, the first is used.", |policy| {
        policy.part_role(|_, file_seen, role| match role {
            PartRole::File(_) if file_seen => PartRole::Other,
            role => role,
        });
    }),
    Entry::new("empty-file-accepted", "2.7", "An empty file is accepted.", |policy| {
        form_fault_ignored(policy, kind::EMPTY_FILE);
    }),
    Entry::new(
        "request-limit-off-by-one",
        "2.1",
        "A file one byte above the maximum size is accepted.",
        |policy| policy.largest_file(|_: &HeaderMap, largest| largest + 1),
    ),
    Entry::new(
        "request-limit-unchecked",
        "2.1",
        "A file of any size is accepted in one request.",
        |policy| {
            policy.largest_file(|_: &HeaderMap, _| u64::MAX);
        },
    ),
    Entry::new(
        "request-limit-exclusive",
        "2.1",
        "A file of exactly the maximum size is refused.",
        |policy| {
            policy.largest_file(|_: &HeaderMap, largest| largest - 1);
        },
    ),
    Entry::new("token-serves-once", "6.6", "A token can start only one upload.", |policy| {
        policy.may_begin(|segment, begun, contract| {
            if segment.state == Some(TokenState::Active) && !begun.is_empty() {
                return Err(Problem::token_refused("This upload token has been used."));
            }
            contract
        });
    }),
    Entry::new(
        "one-video-per-token",
        "6.6",
        "Each upload of a token returns the token's first video.",
        |policy| policy.existing_video(|_, begun, _| begun.first().cloned()),
    ),
    Entry::new("title-is-the-video-id", "6.5", "The title of a delegated upload is its videoId.", |policy| {
        policy.title(|id, _| id.to_owned());
    }),
    Entry::new("never-shown-uploaded", "8.2", "The status of a complete upload stays uploading.", |policy| {
        ingest(policy, |ingest| ingest["status"] = "uploading".into());
    }),
    Entry::new("filesize-off-by-one", "8.3", "filesize is one byte too many.", |policy| {
        ingest(policy, |ingest| {
            if let Some(size) = ingest["filesize"].as_u64() {
                ingest["filesize"] = (size + 1).into();
            }
        });
    }),
    Entry::new("source-replaced", "7.5", "A second upload into a container replaces the first.", |policy| {
        policy.conflict(|conflict, contract| match conflict.incoming {
            Framing::Whole if conflict.complete => Resolution::Replace,
            _ => contract,
        });
    }),
    Entry::new(
        "unknown-container-is-400",
        "7.4",
        "An upload into an unknown container returns 400.",
        |policy| error_of_is(policy, Operation::UploadSource, kind::NOT_FOUND, 400),
    ),
    Entry::new(
        "broken-off-upload-finishes",
        "6.8",
        "An interrupted file counts as the whole file.",
        |policy| policy.broken_off_counts(|has_range, contract| contract || !has_range),
    ),
    Entry::new(
        "broken-off-upload-spends-token",
        "6.8",
        "An interrupted upload invalidates its token.",
        |policy| {
            policy.spends_token(|end, contract| contract || end.broken_off);
        },
    ),
    Entry::new("video-id-behind-file-ignored", "6.3", "A videoId after the file is ignored.", |policy| {
        policy.part_role(|_, file_seen, role| match role {
            PartRole::VideoId if file_seen => PartRole::Other,
            role => role,
        });
    }),
    Entry::new(
        "authorization-heeded",
        "4.10",
        "An upload by token is refused for a wrong Authorization.",
        |policy| {
            policy.authorized(|caller, contract| {
                if caller.operation == Operation::Upload && caller.headers.contains_key(AUTHORIZATION) {
                    return caller.verdict.clone();
                }
                contract
            });
        },
    ),
    Entry::new("file-by-field-name", "6.4", "A file is only accepted in a field named `file`.", |policy| {
        policy.part_role(|head, _, role| match role {
            PartRole::File(_) if head.field != "file" => PartRole::Other,
            role => role,
        });
    }),
];

/// Changes the `ingest` member of every status.
pub(crate) fn ingest(policy: &mut Overrides, edit: impl Fn(&mut Value) + Send + Sync + 'static) {
    policy.status_shown(move |_, _, status| edit(&mut status["ingest"]));
}

fn form_fault_ignored(policy: &mut Overrides, ignored: Kind) {
    policy.form_fault(move |kind, is_fault| is_fault && kind != ignored);
}
