//! What the target calls the things that a case created.

use std::collections::BTreeMap;

use super::case::{Action, Auth, Call, TokenName};
use uptake_oracle::contract::Reply;

/// A token that does not exist.
pub(crate) const UNKNOWN_TOKEN: &str = "toUnknown0000000000000000";
/// A video that does not exist.
pub(crate) const UNKNOWN_VIDEO: &str = "viUnknown0000000000000000";
/// A key, an access token and a refresh token that do not exist.
pub(crate) const UNKNOWN_SECRET: &str = "unknown0000000000000000000000000000000000000";

/// What the target answered when things were created, by their numbers in the case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    pub(crate) tokens: BTreeMap<usize, String>,
    pub(crate) videos: BTreeMap<usize, String>,
    /// Access tokens with their refresh tokens.
    pub(crate) access: BTreeMap<usize, (String, String)>,
    /// Videos that a name had been given to before.
    pub(crate) unexpected_videos: Vec<String>,
}

impl Names {
    /// The text that a call uses for an upload token.
    pub(crate) fn token(&self, number: usize) -> &str {
        self.tokens.get(&number).map_or(UNKNOWN_TOKEN, String::as_str)
    }

    /// The same, for one that may be absent.
    pub(crate) fn named_token(&self, name: TokenName) -> Option<&str> {
        match name {
            TokenName::Nth(number) => Some(self.token(number)),
            TokenName::Unknown => Some(UNKNOWN_TOKEN),
            TokenName::Absent => None,
        }
    }

    /// The text that a call uses for a video.
    pub(crate) fn video(&self, number: usize) -> &str {
        self.videos.get(&number).map_or(UNKNOWN_VIDEO, String::as_str)
    }

    /// The text that a caller shows as an access token.
    pub(crate) fn access_token(&self, number: usize) -> &str {
        self.access.get(&number).map_or(UNKNOWN_SECRET, |(token, _)| token.as_str())
    }

    /// The text that a caller shows as a refresh token.
    pub(crate) fn refresh_token(&self, number: usize) -> &str {
        self.access.get(&number).map_or(UNKNOWN_SECRET, |(_, refresh)| refresh.as_str())
    }

    /// The text that a caller shows as a credential, where it is not the key.
    pub(crate) fn credential(&self, auth: Auth) -> Option<&str> {
        match auth {
            Auth::None | Auth::Key | Auth::Malformed => None,
            Auth::UnknownKey | Auth::UnknownBearer => Some(UNKNOWN_SECRET),
            Auth::Bearer(number) => Some(self.access_token(number)),
            Auth::TokenAsBearer(number) | Auth::TokenAsKey(number) => Some(self.token(number)),
        }
    }

    /// Takes the names from the reply to a call that creates something.
    pub(crate) fn learn(&mut self, call: &Call, reply: &Reply) {
        if !reply.is_success() {
            return;
        }
        let text =
            |member: &str| reply.json.as_ref().and_then(|body| body.get(member)?.as_str()).map(str::to_owned);
        match &call.action {
            Action::Exchange { saves, .. } | Action::Refresh { saves, .. } => {
                if let (Some(access), Some(refresh)) = (text("access_token"), text("refresh_token")) {
                    self.access.insert(*saves, (access, refresh));
                }
            }
            Action::CreateToken { saves, .. } => {
                if let Some(token) = text("token") {
                    self.tokens.insert(*saves, token);
                }
            }
            Action::CreateVideo { saves, .. } => self.learn_video(*saves, text("videoId")),
            Action::Upload { segment, .. } => self.learn_video(segment.upload, text("videoId")),
            _ => {}
        }
    }

    fn learn_video(&mut self, number: usize, id: Option<String>) {
        let Some(id) = id else { return };
        if self.videos.values().any(|known| *known == id) {
            return;
        }
        if let std::collections::btree_map::Entry::Vacant(free) = self.videos.entry(number) {
            free.insert(id);
        } else {
            self.unexpected_videos.push(id);
        }
    }
}
