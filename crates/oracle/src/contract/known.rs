//! One possible state of a server, with all that callers know of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::call::ListQuery;
use super::instant;
use super::reply::Reply;
use crate::state::{Owner, Span, State, Token};

/// A state of the server.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Known {
    /// What upload tokens may do, and what arrived of each upload.
    pub(super) uploads: State,
    /// How each upload token was shown when it was created, by its number.
    pub(super) tokens: Vec<ShownToken>,
    /// The videos that exist, by number. An upload has the number of its video.
    pub(super) videos: BTreeMap<usize, ShownVideo>,
    /// Every videoId that was ever seen.
    pub(super) ids: Vec<String>,
    pub(super) access: Vec<AccessToken>,
    /// The server's time at the case's beginning, in milliseconds since 1970: not before, and not after.
    pub(super) epoch: Option<(i64, i64)>,
    /// The pages of lists that were read: pages of one list do not overlap.
    pub(super) pages: Vec<ReadPage>,
}

/// An upload token, as its creation showed it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ShownToken {
    pub(super) token: String,
    pub(super) ttl: u64,
    pub(super) created_at: Json,
    pub(super) expires_at: Json,
}

/// A video, as the first answer that named it showed it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ShownVideo {
    pub(super) id: String,
    pub(super) owner: Owner,
    /// The fields that do not change by themselves.
    pub(super) fields: Map<String, Json>,
}

/// An access token that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AccessToken {
    pub(super) token: String,
    pub(super) refresh: String,
    pub(super) issued: Span,
    pub(super) refreshed: bool,
}

/// A page of a list that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ReadPage {
    pub(super) query: ListQuery,
    /// The tokens that were active, by number.
    pub(super) active: Vec<usize>,
    pub(super) tokens: Vec<Json>,
}

/// What is learnt from an answer, beside what the call itself changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Learn {
    Nothing,
    /// A new upload token with this ttl.
    Token(u64),
    /// A new access token.
    Access,
    /// A new video with this number.
    Video(usize, Owner),
    /// A page of the list of these tokens.
    Page(ListQuery, Vec<usize>),
}

/// The fields of a video that stay as they are while nobody changes it.
pub(super) const STABLE_FIELDS: [&str; 8] =
    ["title", "description", "public", "panoramic", "mp4Support", "tags", "metadata", "createdAt"];

impl Known {
    /// The number of an upload token.
    pub(super) fn token(&self, token: &str) -> Option<usize> {
        self.tokens.iter().position(|shown| shown.token == token)
    }

    /// The number of a video that exists.
    pub(super) fn video(&self, id: &str) -> Option<usize> {
        self.videos.iter().find(|(_, shown)| shown.id == id).map(|(number, _)| *number)
    }

    /// A number that no video has had.
    pub(super) fn next_video(&self) -> usize {
        self.ids.len()
    }

    /// Takes in what an answer shows.
    pub(super) fn learn(&mut self, learn: &Learn, reply: &Reply, at: Span) {
        let text = |member: &str| reply.text(member).unwrap_or_default().to_owned();
        let value = |member: &str| {
            reply.json.as_ref().and_then(|body| body.get(member)).cloned().unwrap_or(Json::Null)
        };
        match learn {
            Learn::Nothing => {}
            Learn::Token(ttl) => {
                self.uploads.tokens.push(Token { ttl: *ttl, created: at, deleted: None, refused: false });
                self.tokens.push(ShownToken {
                    token: text("token"),
                    ttl: *ttl,
                    created_at: value("createdAt"),
                    expires_at: value("expiresAt"),
                });
                self.set_clock(reply, at);
            }
            Learn::Access => self.access.push(AccessToken {
                token: text("access_token"),
                refresh: text("refresh_token"),
                issued: at,
                refreshed: false,
            }),
            Learn::Video(number, owner) => {
                let fields = STABLE_FIELDS.iter().filter_map(|name| {
                    let value = reply.json.as_ref()?.get(*name)?;
                    Some(((*name).to_owned(), value.clone()))
                });
                let video = ShownVideo { id: text("videoId"), owner: *owner, fields: fields.collect() };
                self.ids.push(video.id.clone());
                self.videos.insert(*number, video);
                self.set_clock(reply, at);
            }
            Learn::Page(query, active) => {
                let tokens = reply.json.as_ref().and_then(|body| super::path::find(body, "$.data[*].token"));
                let tokens = tokens.and_then(|tokens| tokens.as_array().cloned()).unwrap_or_default();
                self.pages.push(ReadPage { query: query.clone(), active: active.clone(), tokens });
            }
        }
    }

    /// The server's clock, by a `createdAt` that it showed. Date-times have whole seconds, so a second is added.
    fn set_clock(&mut self, reply: &Reply, at: Span) {
        let Some(shown) = reply.text("createdAt").and_then(instant::read) else { return };
        let signed = |millis: u64| i64::try_from(millis).unwrap_or(i64::MAX / 4);
        let (from, to) = (shown - signed(at.to), shown + 999 - signed(at.from));
        let known = self.epoch.unwrap_or((i64::MIN, i64::MAX));
        let narrowed = (known.0.max(from), known.1.min(to));
        self.epoch = Some(if narrowed.0 <= narrowed.1 { narrowed } else { (from, to) });
    }

    /// The earliest and latest time that the server may show of something that happened within this span.
    pub(super) fn server_time(&self, at: Span, margin: u64) -> Option<(i64, i64)> {
        let (from, to) = self.epoch?;
        let signed = |millis: u64| i64::try_from(millis).unwrap_or(i64::MAX / 4);
        let margin = signed(margin);
        Some((from + signed(at.from) - margin - 999, to + signed(at.to) + margin))
    }
}
