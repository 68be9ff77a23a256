//! One member of one answer has the wrong type or value, or is missing.

use serde_json::{Value, json};

use super::edits::{every_error, is_error, remove, shown};
use super::entry::Entry;
use super::token::pagination;
use super::upload::ingest;
use crate::operation::Operation;
use crate::problem::kind;
use crate::server::answer::Content;

pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new("token-shows-its-grace", "5.4", "A token shows when its grace period ends.", |policy| {
        policy.token_shown(|token, json| {
            json["graceEndsAt"] = token.created.plus_seconds(token.ttl + 86_400).atom().into();
        });
    }),
    Entry::new(
        "error-type-is-a-word",
        "3.2",
        "The type of an error is only its last path segment.",
        |policy| {
            every_error(policy, |error| {
                let word = error["type"].as_str().and_then(|text| text.rsplit('/').next()).map(str::to_owned);
                error["type"] = word.into();
            });
        },
    ),
    Entry::new("error-type-of-404-is-blank", "3.2", "The type of a 404 is about:blank.", |policy| {
        policy.answer(|_, answer| {
            if answer.status.as_u16() == 404
                && let Some(error) = answer.json_mut()
            {
                error["type"] = "about:blank".into();
            }
        });
    }),
    Entry::new("error-status-as-text", "3.1", "The status in an error's body is a string.", |policy| {
        every_error(policy, |error| error["status"] = error["status"].to_string().into());
    }),
    Entry::new("error-status-missing", "3.1", "An error's body has no status.", |policy| {
        every_error(policy, |error| remove(error, "status"));
    }),
    Entry::new("error-type-missing", "3.1", "An error's body has no type.", |policy| {
        every_error(policy, |error| remove(error, "type"));
    }),
    Entry::new(
        "refused-token-error-empty",
        "3.1",
        "The refusal of an upload token has an empty body.",
        |policy| {
            policy.answer(|_, answer| {
                if is_error(answer, kind::INVALID_UPLOAD_TOKEN) {
                    answer.content = Content::Text(String::new());
                    answer.headers.remove("content-type");
                }
            });
        },
    ),
    Entry::new(
        "token-created-at-is-a-number",
        "5.4",
        "createdAt of a token is a number of seconds.",
        |policy| {
            policy.token_shown(|token, json| json["createdAt"] = (token.created.millis() / 1000).into());
        },
    ),
    Entry::new("token-ttl-as-text", "5.4", "The ttl of a token is a string.", |policy| {
        policy.token_shown(|token, json| json["ttl"] = token.ttl.to_string().into());
    }),
    Entry::new(
        "expires-at-is-empty",
        "5.3",
        "expiresAt of a token without ttl is an empty string.",
        |policy| {
            policy.token_shown(|token, json| {
                if token.ttl == 0 {
                    json["expiresAt"] = "".into();
                }
            });
        },
    ),
    Entry::new("tags-are-null", "7.8", "The tags of a delegated upload are null.", |policy| {
        shown(policy, Operation::Upload, |video| video["tags"] = Value::Null);
    }),
    Entry::new("metadata-is-an-object", "7.8", "The metadata of a video is an object.", |policy| {
        policy.video_shown(|_, video| video["metadata"] = json!({}));
    }),
    Entry::new(
        "video-id-is-a-number",
        "7.8",
        "The videoId of the response to a source is a number.",
        |policy| {
            shown(policy, Operation::UploadSource, |video| video["videoId"] = 42.into());
        },
    ),
    Entry::new("language-origin-unknown", "7.8", "languageOrigin is `guess`.", |policy| {
        policy.video_shown(|_, video| video["languageOrigin"] = "guess".into());
    }),
    Entry::new("video-source-is-a-text", "7.8", "The source of a video is a string.", |policy| {
        policy.video_shown(|_, video| video["source"] = video["source"]["uri"].clone());
    }),
    Entry::new("status-without-encoding", "8.1", "A status has no encoding.", |policy| {
        policy.status_shown(|_, _, status| remove(status, "encoding"));
    }),
    Entry::new("playable-as-text", "8.6", "The playable of a status is a string.", |policy| {
        policy.status_shown(|_, _, status| status["encoding"]["playable"] = "no".into());
    }),
    Entry::new("ingest-status-in-capitals", "8.2", "The ingest status is in capitals.", |policy| {
        ingest(policy, |ingest| {
            let status = ingest["status"].as_str().map(str::to_uppercase);
            ingest["status"] = status.into();
        });
    }),
    Entry::new("part-numbers-as-text", "8.5", "The parts of receivedParts are strings.", |policy| {
        ingest(policy, |ingest| {
            if let Some(parts) = ingest["receivedParts"]["parts"].as_array_mut() {
                for part in parts {
                    *part = part.to_string().into();
                }
            }
            if ingest["receivedParts"].is_null() {
                remove(ingest, "receivedParts");
            }
        });
    }),
    Entry::new("pagination-as-text", "5.11", "The numbers in pagination are strings.", |policy| {
        pagination(policy, |page| {
            for name in ["currentPage", "pageSize", "pagesTotal", "itemsTotal", "currentPageItems"] {
                page[name] = page[name].to_string().into();
            }
        });
    }),
    Entry::new("links-without-rel", "5.12", "The pagination links have no URI.", |policy| {
        pagination(policy, |page| {
            if let Some(links) = page["links"].as_array_mut() {
                for link in links {
                    remove(link, "rel");
                }
            }
        });
    }),
    Entry::new("list-is-an-array", "5.8", "A list of tokens is an array without a pagination.", |policy| {
        shown(policy, Operation::ListTokens, |list| *list = list["data"].clone());
    }),
    Entry::new("date-times-in-words", "5.4", "Date-times have the format of HTTP headers.", |policy| {
        policy.date_time(|time, _| time.http_date());
    }),
];
