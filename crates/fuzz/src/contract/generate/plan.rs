//! What a generated case has created so far, as it is if the target keeps the contract.

use super::draw::Draw;
use crate::case::{Frame, Segment};
use crate::contract::case::{Auth, Call, ContractStep, TokenName};
use crate::strategy::GeneratorSettings;
use uptake_oracle::contract::TtlGiven;

/// Only where limits are as small as this are segments sent that are too large.
pub(super) const SMALL: u64 = 1 << 20;

/// A case that is being made.
pub(super) struct Plan {
    pub(super) settings: GeneratorSettings,
    pub(super) draw: Draw,
    /// Seconds since the case began.
    pub(super) now: u64,
    pub(super) steps: Vec<ContractStep>,
    pub(super) tokens: Vec<PlannedToken>,
    pub(super) videos: Vec<PlannedVideo>,
    /// When each access token was given, in seconds.
    pub(super) access: Vec<u64>,
}

/// An upload token.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlannedToken {
    pub(super) ttl: u64,
    pub(super) created: u64,
    pub(super) deleted: bool,
}

/// A video, with the segments that were sent and those that are left.
#[derive(Debug, Clone, Default)]
pub(super) struct PlannedVideo {
    /// The token that began it; none for a container.
    pub(super) token: Option<usize>,
    pub(super) left: Vec<Segment>,
    pub(super) sent: Vec<Segment>,
    pub(super) deleted: bool,
}

impl Plan {
    pub(super) fn push(&mut self, call: Call) {
        self.steps.push(ContractStep::Call(call));
    }

    pub(super) fn advance(&mut self, seconds: u64) {
        if self.settings.clock && seconds > 0 {
            self.now += seconds;
            self.steps.push(ContractStep::Advance(seconds));
        }
    }

    /// A credential for a call that needs one: mostly the key.
    pub(super) fn auth(&mut self) -> Auth {
        let bearer =
            if self.access.is_empty() { Auth::Key } else { Auth::Bearer(self.draw.index(self.access.len())) };
        let token = self.draw.index(self.tokens.len());
        let as_bearer = if self.tokens.is_empty() { Auth::UnknownBearer } else { Auth::TokenAsBearer(token) };
        let as_key = if self.tokens.is_empty() { Auth::UnknownKey } else { Auth::TokenAsKey(token) };
        self.draw.weighted(&[
            (70, Auth::Key),
            (14, bearer),
            (4, Auth::None),
            (2, Auth::UnknownKey),
            (2, Auth::Malformed),
            (2, Auth::UnknownBearer),
            (3, as_bearer),
            (3, as_key),
        ])
    }

    /// A token that was created, mostly one that is still good.
    pub(super) fn token(&mut self) -> TokenName {
        let good: Vec<usize> = (0..self.tokens.len()).filter(|at| self.is_active(*at)).collect();
        if !good.is_empty() && self.draw.percent(75) {
            return TokenName::Nth(self.draw.one(&good));
        }
        if self.tokens.is_empty() || self.draw.percent(6) {
            return self.draw.one(&[TokenName::Unknown, TokenName::Absent]);
        }
        TokenName::Nth(self.draw.index(self.tokens.len()))
    }

    pub(super) fn is_active(&self, at: usize) -> bool {
        let token = self.tokens[at];
        !token.deleted && (token.ttl == 0 || self.now < token.created + token.ttl)
    }

    /// A token that was created, whatever became of it, or an unknown one.
    pub(super) fn any_token(&mut self) -> TokenName {
        if self.tokens.is_empty() || self.draw.percent(8) {
            return TokenName::Unknown;
        }
        TokenName::Nth(self.draw.index(self.tokens.len()))
    }

    /// A video that was created, mostly the last. A number that no video has stands for one that does not exist.
    pub(super) fn any_video(&mut self) -> usize {
        let count = self.videos.len();
        if count == 0 || self.draw.percent(5) {
            return count + 100;
        }
        if self.draw.percent(50) { count - 1 } else { self.draw.index(count) }
    }

    /// Remembers a token that a call creates with this ttl.
    pub(super) fn created(&mut self, ttl: &TtlGiven) {
        let seconds = match ttl {
            TtlGiven::Seconds(seconds) => seconds.unsigned_abs(),
            _ => 0,
        };
        self.tokens.push(PlannedToken { ttl: seconds, created: self.now, deleted: false });
    }

    /// A file cut into segments for a video, in order.
    pub(super) fn cut(&mut self, video: usize) -> Vec<Segment> {
        let min = self.settings.limits.min_segment;
        let count = self.draw.weighted(&[(3, 1), (4, 2), (4, 3), (2, 4)]);
        let mut lengths: Vec<u64> = (1..count).map(|_| min + self.draw.one(&[0, 0, 1, min / 2])).collect();
        lengths.push(self.draw.one(&[1, 1, min - 1, min, min + 1]));
        let total: u64 = lengths.iter().sum();
        let open = self.draw.weighted(&[(3, false), (1, true)]);
        let by_bytes = self.draw.percent(50);
        let mut offset = 0;
        let mut segments = Vec::new();
        for (at, length) in lengths.iter().enumerate() {
            let is_last = at + 1 == lengths.len();
            let number = at as u64 + 1;
            let frame = if by_bytes {
                let named = (!open || is_last).then_some(total);
                Frame::Bytes { from: offset, to: offset + length - 1, total: named }
            } else {
                let named = (!open || is_last).then_some(lengths.len() as u64);
                Frame::Part { number, count: named }
            };
            segments.push(Segment::new(video, frame, offset, *length));
            offset += length;
        }
        segments
    }

    /// A whole file without a Content-Range.
    pub(super) fn whole(&mut self, video: usize) -> Segment {
        let min = self.settings.limits.min_segment;
        let max = self.settings.limits.max_request;
        let large = if max <= SMALL { [max, max + 1] } else { [min, 1] };
        let length = self.draw.one(&[1, 1, min - 1, min, min + 1, 2 * min, large[0], large[1]]);
        Segment::new(video, Frame::None, 0, length)
    }
}
