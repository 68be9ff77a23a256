//! Time: the clock moves, and an upload goes through the life of its token.

use super::plan::{Plan, PlannedVideo};
use crate::contract::case::{Action, Auth, Call, TokenName};
use uptake_oracle::contract::TtlGiven;

impl Plan {
    /// The clock moves: a little, or to just before or after something that happens by itself.
    pub(super) fn pass_time(&mut self) {
        let margin = 2 * self.settings.margin + 1;
        let grace = self.settings.grace;
        let mut instants = vec![
            self.now + 10,
            self.now + 3600,
            self.now + 86_400,
            self.now + 604_800,
            self.now + 31_622_400,
        ];
        for token in self.tokens.iter().filter(|token| token.ttl > 0 && token.ttl < 1_000_000_000) {
            let expiry = token.created + token.ttl;
            for _ in 0..2 {
                instants.extend([expiry.saturating_sub(margin + 5), expiry + margin]);
            }
            instants.extend([expiry + grace - grace / 48, expiry + grace + grace / 48]);
        }
        for issued in &self.access {
            instants.extend([issued + 3600 - margin - 5, issued + 3600 + margin]);
        }
        instants.retain(|instant| *instant > self.now);
        let instant = self.draw.one(&instants);
        self.advance(instant - self.now);
    }

    /// An upload whose segments come before its token expires, in its grace, and after it; then it is read.
    pub(super) fn life(&mut self) {
        let ttl = self.draw.one(&[60, 600, 3600]);
        let (token, video) = (self.tokens.len(), self.videos.len());
        let given = TtlGiven::Seconds(ttl);
        self.created(&given);
        self.push(Call::by_key(Action::CreateToken { saves: token, ttl: given }));
        let segments = self.cut(video);
        self.videos.push(PlannedVideo { token: Some(token), ..PlannedVideo::default() });
        let margin = 2 * self.settings.margin + 1;
        let (expiry, grace) = (self.now + ttl.unsigned_abs(), self.settings.grace);
        let instants = [
            0,
            expiry - margin - 5,
            expiry + margin,
            expiry + grace - grace / 48,
            expiry + grace + grace / 48,
        ];
        let mut at = 0;
        for segment in segments {
            self.push(Call::open(Action::Upload { token: TokenName::Nth(token), segment }));
            // Later segments come later, or at once.
            at = (at + self.draw.index(3)).min(instants.len() - 1);
            self.advance(instants[at].saturating_sub(self.now));
        }
        let reads =
            [Action::ShowStatus(video), Action::ShowVideo(video), Action::ShowToken(TokenName::Nth(token))];
        let read = self.draw.one(&reads);
        self.push(Call { action: read, auth: Auth::Key, from_page: false });
    }
}
