//! Answers have the wrong shape.

use serde_json::{Value, json};

use super::edits::{every_error, remove};
use super::entry::Entry;
use super::token::{pagination, without};
use super::upload::ingest;
use crate::policy::decisions::Overrides;
use crate::server::answer::Content;

pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new(
        "refresh-token-missing",
        "4.3",
        "The response with an access token has no refresh token.",
        |policy| {
            policy.access_token_shown(|_, _, token| remove(token, "refresh_token"));
        },
    ),
    Entry::new("expires-in-as-text", "4.3", "`expires_in` is a string.", |policy| {
        policy.access_token_shown(|_, _, token| token["expires_in"] = token["expires_in"].to_string().into());
    }),
    Entry::new("created-at-missing", "5.4", "An upload token has no createdAt.", |policy| {
        without(policy, "createdAt");
    }),
    Entry::new("pagination-without-totals", "5.11", "A page does not show how many there are.", |policy| {
        pagination(policy, |page| {
            if let Some(members) = page.as_object_mut() {
                members.retain(|name, _| !name.ends_with("Total"));
            }
        });
    }),
    Entry::new(
        "segment-answer-empty",
        "9.12",
        "A later segment returns an empty object until the upload is complete.",
        |policy| {
            policy.segment_answered(|segment, video| {
                if segment.is_later && !segment.completes {
                    *video = json!({});
                }
            });
        },
    ),
    Entry::new("public-as-text", "7.8", "The booleans of a video are strings.", |policy| {
        policy.video_shown(|_, video| {
            for member in ["public", "panoramic", "mp4Support"] {
                video[member] = video[member].to_string().into();
            }
        });
    }),
    Entry::new("filesize-as-text", "8.3", "filesize is a string.", |policy| {
        ingest(policy, |ingest| {
            if ingest["filesize"].is_number() {
                ingest["filesize"] = ingest["filesize"].to_string().into();
            }
        });
    }),
    Entry::new("status-name-unknown", "8.2", "The ingest status of a complete upload is done.", |policy| {
        ingest(policy, |ingest| {
            if ingest["status"] == "uploaded" {
                ingest["status"] = "done".into();
            }
        });
    }),
    Entry::new("error-status-differs", "3.1", "The status in an error's body is always 400.", |policy| {
        every_error(policy, |error| error["status"] = 400.into());
    }),
    Entry::new("error-without-title", "3.1", "Errors have no title.", |policy| {
        every_error(policy, |error| remove(error, "title"));
    }),
    Entry::new("error-as-html", "3.1", "Errors are pages of HTML.", |policy| {
        policy.answer(|_, answer| {
            if answer.status.as_u16() >= 400 {
                let page = format!("<h1>{}</h1>", answer.json()["title"].as_str().unwrap_or_default());
                answer.content = Content::Text(page);
                answer.header("content-type", "text/html");
            }
        });
    }),
    Entry::new("date-times-local", "5.4", "Date-times are in the time zone UTC+2.", |policy| {
        policy.date_time(|time, _| time.plus_seconds(2 * 3600).format("%Y-%m-%dT%H:%M:%S+02:00"));
    }),
    Entry::new("date-times-without-zone", "5.4", "Date-times have no time zone.", |policy| {
        policy.date_time(|time, _| time.format("%Y-%m-%dT%H:%M:%S"));
    }),
    Entry::new("errors-name-nothing", "3.3", "Errors about one parameter do not name it.", |policy| {
        every_error(policy, |error| remove(error, "name"));
    }),
    Entry::new("assets-relative", "7.10", "The assets of a video are paths without a host.", |policy| {
        assets(policy, |id, asset| {
            let host =
                |text: &str| text.find("http").zip(text.find("/embed/").or_else(|| text.find("/vod/")));
            let Some((from, to)) = host(asset) else { return asset.to_owned() };
            debug_assert!(asset.contains(id), "every asset carries the id");
            format!("{}{}", &asset[..from], &asset[to..])
        });
    }),
    Entry::new("iframe-of-another", "7.10", "iframe embeds a different address than player.", |policy| {
        policy.video_shown(|video, shown| {
            let iframe = shown["assets"]["iframe"].as_str().unwrap_or_default();
            shown["assets"]["iframe"] = iframe.replace(&format!("/embed/{}", video.id), "/embed/").into();
        });
    }),
];

/// Changes each asset of every video.
pub(crate) fn assets(policy: &mut Overrides, edit: impl Fn(&str, &str) -> String + Send + Sync + 'static) {
    policy.video_shown(move |video, shown| {
        for asset in shown["assets"].as_object_mut().into_iter().flat_map(|assets| assets.values_mut()) {
            *asset = Value::from(edit(video.id, asset.as_str().unwrap_or_default()));
        }
    });
}
