//! The calls that a case is made of, one kind a function.

use super::plan::{Plan, PlannedVideo};
use crate::case::Segment;
use crate::contract::case::{Action, Auth, Call, JsonBody, TokenName, WrongMethod};
use uptake_oracle::contract::{ListQuery, TtlGiven};

/// The kinds of calls, with how often each is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    CreateToken,
    List,
    ShowToken,
    DeleteToken,
    Begin,
    Continue,
    Status,
    ShowVideo,
    DeleteVideo,
    Container,
    Source,
    Exchange,
    Refresh,
    Advance,
    Http,
    AtOnce,
    During,
    Life,
}

pub(super) const KINDS: [(u64, Kind); 18] = [
    (13, Kind::CreateToken),
    (11, Kind::List),
    (6, Kind::ShowToken),
    (6, Kind::DeleteToken),
    (16, Kind::Begin),
    (30, Kind::Continue),
    (9, Kind::Status),
    (4, Kind::ShowVideo),
    (4, Kind::DeleteVideo),
    (5, Kind::Container),
    (8, Kind::Source),
    (4, Kind::Exchange),
    (3, Kind::Refresh),
    (9, Kind::Advance),
    (4, Kind::Http),
    (9, Kind::AtOnce),
    (4, Kind::During),
    (4, Kind::Life),
];

const METHODS: [WrongMethod; 8] = [
    WrongMethod { method: "PUT", path: "/upload-tokens", allowed: &["GET", "POST"] },
    WrongMethod { method: "PATCH", path: "/upload-tokens/toUnknown", allowed: &["GET", "DELETE"] },
    WrongMethod { method: "GET", path: "/upload", allowed: &["POST"] },
    WrongMethod { method: "DELETE", path: "/upload", allowed: &["POST"] },
    WrongMethod { method: "PUT", path: "/videos", allowed: &["POST"] },
    WrongMethod { method: "DELETE", path: "/videos/viUnknown/status", allowed: &["GET"] },
    WrongMethod { method: "GET", path: "/auth/api-key", allowed: &["POST"] },
    WrongMethod { method: "DELETE", path: "/auth/refresh", allowed: &["POST"] },
];

impl Plan {
    /// A call that needs a credential.
    pub(super) fn managed(&mut self, action: Action) -> Call {
        Call { action, auth: self.auth(), from_page: false }
    }

    pub(super) fn create_token(&mut self) {
        let ttl = match self.draw.below(20) {
            0 => TtlGiven::Seconds(self.draw.one(&[-1, i64::MIN, 2_147_483_648, 4_294_967_296])),
            1 => TtlGiven::Invalid(self.draw.one(&["\"60\"", "1.5", "true", "[60]", "\"\""])),
            2 => TtlGiven::NotJson,
            3..=6 => TtlGiven::Missing,
            7 => TtlGiven::Seconds(0),
            8 => TtlGiven::Seconds(2_147_483_647),
            _ => TtlGiven::Seconds(self.draw.one(&[60, 90, 600, 3600, 10_000, 100_000])),
        };
        self.push_token(ttl);
    }

    pub(super) fn push_token(&mut self, ttl: TtlGiven) {
        let saves = self.tokens.len();
        self.created(&ttl);
        let call = self.managed(Action::CreateToken { saves, ttl });
        self.push(call);
    }

    pub(super) fn list_query(&mut self) -> ListQuery {
        let draw = &mut self.draw;
        ListQuery {
            sort_by: draw.one(&[None, Some("createdAt"), Some("ttl")]),
            sort_order: draw.one(&[None, Some("asc"), Some("desc")]),
            page: draw.weighted(&[
                (6, None),
                (3, Some(1)),
                (3, Some(2)),
                (1, Some(3)),
                (1, Some(0)),
                (1, Some(-1)),
            ]),
            size: draw.weighted(&[
                (4, None),
                (3, Some(1)),
                (3, Some(2)),
                (2, Some(100)),
                (1, Some(0)),
                (1, Some(101)),
                (1, Some(-1)),
            ]),
        }
    }

    pub(super) fn list(&mut self) {
        let query = self.list_query();
        let call = self.managed(Action::List(query.clone()));
        self.push(call);
        // The next page of the same list.
        if query.size.is_some_and(|size| (1..=2).contains(&size)) && self.draw.percent(60) {
            let page = Some(query.page.unwrap_or(1).max(1) + 1);
            self.push(Call::by_key(Action::List(ListQuery { page, ..query })));
        }
    }

    pub(super) fn show_token(&mut self) {
        let name = self.any_token();
        let call = self.managed(Action::ShowToken(name));
        self.push(call);
    }

    pub(super) fn delete_token(&mut self) {
        let name = self.any_token();
        let call = self.managed(Action::DeleteToken(name));
        self.mark_deleted(&call);
        self.push(call);
    }

    /// Remembers that a token is deleted.
    pub(super) fn mark_deleted(&mut self, call: &Call) {
        match (&call.action, call.auth) {
            (Action::DeleteToken(TokenName::Nth(at)), Auth::Key) => self.tokens[*at].deleted = true,
            (Action::DeleteVideo(at), Auth::Key) => {
                if let Some(video) = self.videos.get_mut(*at) {
                    video.deleted = true;
                }
            }
            _ => {}
        }
    }

    /// The call that sends a segment by a token. Some callers show a credential there, which is not heeded.
    pub(super) fn upload(&mut self, token: TokenName, mut segment: Segment) -> Call {
        // A server need not read on behind a file that is too large, to a videoId that comes then.
        if segment.length <= self.settings.limits.max_request && self.draw.percent(10) {
            segment.form.order = crate::case::Order::FileFirst;
        }
        if self.draw.percent(6) {
            segment.form.name = self.draw.one(&["film.mp4", "a b.mp4", "noextension", "ümlaut.mp4"]);
        }
        segment.chunked = segment.break_off.is_none() && self.draw.percent(4);
        if self.draw.percent(4) {
            segment.form.field = self.draw.one(&["movie.mp4", "video"]);
        }
        let auth = self.draw.weighted(&[
            (16, Auth::None),
            (1, Auth::Key),
            (1, Auth::UnknownBearer),
            (1, Auth::UnknownKey),
        ]);
        Call { action: Action::Upload { token, segment }, auth, from_page: self.draw.percent(15) }
    }

    /// A new upload by a token.
    pub(super) fn begin(&mut self) {
        if self.tokens.is_empty() {
            self.push_token(TtlGiven::Seconds(3600));
        }
        let token = self.token();
        let video = self.videos.len();
        let whole = self.draw.percent(25);
        let mut left = if whole { vec![self.whole(video)] } else { self.cut(video) };
        let at = if self.draw.percent(80) { 0 } else { self.draw.index(left.len()) };
        let mut segment = left.remove(at);
        let owner = match token {
            TokenName::Nth(number) => Some(number),
            TokenName::Unknown | TokenName::Absent => Some(0),
        };
        let mut sent = vec![segment.clone()];
        if self.draw.percent(30) {
            left.insert(0, segment.clone());
            sent.clear();
            segment = self.bend(segment);
        }
        self.videos.push(PlannedVideo { token: owner, left, sent, deleted: false });
        let call = self.upload(token, segment);
        self.push(call);
    }

    /// A later segment of an upload: mostly the next one, by the token that began it.
    pub(super) fn later_segment(&mut self, video: usize) -> Segment {
        let planned = &self.videos[video];
        let (left, sent) = (planned.left.clone(), planned.sent.clone());
        if left.is_empty() || (!sent.is_empty() && self.draw.percent(12)) {
            return if sent.is_empty() { self.whole(video) } else { self.draw.one(&sent) };
        }
        let at = if self.draw.percent(70) { 0 } else { self.draw.index(left.len()) };
        if self.draw.percent(40) {
            return self.bend(left[at].clone());
        }
        if self.draw.percent(6) {
            let segment = left[at].clone();
            return Segment { break_off: Some(segment.length / 2), ..segment };
        }
        let segment = self.videos[video].left.remove(at);
        self.videos[video].sent.push(segment.clone());
        segment
    }

    pub(super) fn proceed(&mut self) {
        let uploads: Vec<usize> =
            (0..self.videos.len()).filter(|at| self.videos[*at].token.is_some()).collect();
        if uploads.is_empty() {
            return self.begin();
        }
        // Those that are not complete come first.
        let open: Vec<usize> =
            uploads.iter().copied().filter(|at| !self.videos[*at].left.is_empty()).collect();
        let video = if !open.is_empty() && self.draw.percent(85) {
            self.draw.one(&open)
        } else {
            self.draw.one(&uploads)
        };
        let segment = self.later_segment(video);
        let own = TokenName::Nth(self.videos[video].token.unwrap_or(0));
        let token = if self.draw.percent(92) { own } else { self.any_token() };
        let call = self.upload(token, segment);
        self.push(call);
    }

    pub(super) fn container(&mut self) {
        let saves = self.videos.len();
        let body =
            self.draw.weighted(&[(10, JsonBody::Right), (1, JsonBody::Missing), (1, JsonBody::NotJson)]);
        let call = self.managed(Action::CreateVideo { saves, body });
        self.push(call);
        let left = if self.draw.percent(40) { vec![self.whole(saves)] } else { self.cut(saves) };
        self.videos.push(PlannedVideo { token: None, left, sent: Vec::new(), deleted: false });
    }

    /// A segment into a container, or, by mistake, into a video that a token began.
    pub(super) fn source(&mut self) {
        if !self.videos.iter().any(|video| video.token.is_none()) {
            self.container();
        }
        let containers: Vec<usize> =
            (0..self.videos.len()).filter(|at| self.videos[*at].token.is_none()).collect();
        let video = if self.draw.percent(88) {
            self.draw.one(&containers)
        } else {
            self.draw.index(self.videos.len())
        };
        let segment = self.later_segment(video);
        let from_page = self.draw.percent(15);
        let call = self.managed(Action::Source(segment));
        self.push(Call { from_page, ..call });
    }

    pub(super) fn video(&mut self, action: fn(usize) -> Action) {
        let video = self.any_video();
        let call = self.managed(action(video));
        self.mark_deleted(&call);
        self.push(call);
    }

    pub(super) fn exchange(&mut self) {
        let saves = self.access.len();
        let body = self.draw.weighted(&[
            (8, JsonBody::Right),
            (1, JsonBody::Unknown),
            (1, JsonBody::Missing),
            (1, JsonBody::NotJson),
        ]);
        self.access.push(self.now);
        self.push(Call::open(Action::Exchange { saves, body }));
        if body == JsonBody::Right && self.draw.percent(40) {
            let margin = 2 * self.settings.margin + 1;
            let seconds = self.draw.one(&[0, 3600 - margin - 5, 3600 + margin, 5400]);
            self.advance(seconds);
            let auth = Auth::Bearer(saves);
            self.push(Call { auth, ..Call::by_key(Action::List(ListQuery::default())) });
        }
    }

    pub(super) fn refresh(&mut self) {
        if self.access.is_empty() {
            self.exchange();
        }
        let (of, saves) = (self.draw.index(self.access.len()), self.access.len());
        let body = self.draw.weighted(&[
            (7, JsonBody::Right),
            (2, JsonBody::AsText),
            (1, JsonBody::Unknown),
            (1, JsonBody::Missing),
            (1, JsonBody::NotJson),
        ]);
        self.access.push(self.now);
        let from_page = self.draw.percent(30);
        let call = Call::open(Action::Refresh { of, saves, body });
        self.push(Call { from_page, ..call });
        if self.draw.percent(50) {
            let auth = Auth::Bearer(saves);
            self.push(Call { auth, ..Call::by_key(Action::List(ListQuery::default())) });
        }
    }

    pub(super) fn http(&mut self) {
        let call = match self.draw.below(4) {
            0 => Call::open(Action::Preflight(self.draw.one(&["/upload", "/auth/refresh"]))),
            1 => Call::by_key(Action::UnknownPath(self.draw.one(&[
                "/nothing-here",
                "/uploads",
                "/videos/a/b/c",
            ]))),
            _ => Call::by_key(Action::WrongMethod(self.draw.one(&METHODS))),
        };
        self.push(call);
    }
}
