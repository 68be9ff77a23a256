//! Calls that are under way at once, chosen so that they are about the same things.

use super::plan::{Plan, PlannedVideo};
use crate::contract::case::{Action, Call, ContractStep, JsonBody, TokenName};
use uptake_oracle::contract::{ListQuery, TtlGiven};

impl Plan {
    /// Two or three callers that begin at once.
    pub(super) fn at_once(&mut self) {
        let callers = match self.draw.below(9) {
            0 => self.same_segment_twice(),
            1 => self.two_segments(),
            2 => self.deletion_and_upload(),
            3 => self.twice(Self::deletion),
            4 => self.creations_and_a_list(),
            5 => self.two_files_into_a_container(),
            6 => self.refreshed_twice(),
            7 => self.video_deleted_amid_an_upload(),
            _ => self.deletion_and_list(),
        };
        if callers.len() > 1 {
            self.steps.push(ContractStep::AtOnce(callers));
        }
    }

    /// A token that is good, created where there is none.
    fn good_token(&mut self) -> usize {
        let good: Vec<usize> = (0..self.tokens.len()).filter(|at| self.is_active(*at)).collect();
        if !good.is_empty() && self.draw.percent(80) {
            return self.draw.one(&good);
        }
        self.tokens.push(super::plan::PlannedToken { ttl: 3600, created: self.now, deleted: false });
        let saves = self.tokens.len() - 1;
        self.push(Call::by_key(Action::CreateToken { saves, ttl: TtlGiven::Seconds(3600) }));
        saves
    }

    /// An upload that has begun and has segments left.
    fn open_upload(&mut self) -> usize {
        let open = (0..self.videos.len()).rev().find(|at| {
            let video = &self.videos[*at];
            !video.left.is_empty() && !video.sent.is_empty() && video.token.is_some() && !video.deleted
        });
        if let Some(open) = open {
            return open;
        }
        let token = self.good_token();
        let video = self.videos.len();
        let mut left = self.cut(video);
        while left.len() < 3 {
            left = self.cut(video);
        }
        let first = left.remove(0);
        self.push(Call::open(Action::Upload { token: TokenName::Nth(token), segment: first.clone() }));
        let planned = PlannedVideo { token: Some(token), left, sent: vec![first], deleted: false };
        self.videos.push(planned);
        video
    }

    fn next_segment(&mut self, video: usize) -> Call {
        let segment = self.videos[video].left.remove(0);
        self.videos[video].sent.push(segment.clone());
        let token = TokenName::Nth(self.videos[video].token.unwrap_or(0));
        Call::open(Action::Upload { token, segment })
    }

    fn same_segment_twice(&mut self) -> Vec<Vec<Call>> {
        let video = self.open_upload();
        let call = self.next_segment(video);
        let status = Call::by_key(Action::ShowStatus(video));
        vec![vec![call.clone(), status], vec![call]]
    }

    fn two_segments(&mut self) -> Vec<Vec<Call>> {
        let video = self.open_upload();
        let mut callers = vec![vec![self.next_segment(video)]];
        if !self.videos[video].left.is_empty() {
            callers.push(vec![self.next_segment(video)]);
        }
        if self.draw.percent(50) {
            callers.push(vec![Call::by_key(Action::ShowStatus(video))]);
        }
        callers
    }

    fn deletion(&mut self) -> Call {
        let token = self.good_token();
        self.tokens[token].deleted = true;
        Call::by_key(Action::DeleteToken(TokenName::Nth(token)))
    }

    fn twice(&mut self, call: fn(&mut Self) -> Call) -> Vec<Vec<Call>> {
        let call = call(self);
        vec![vec![call.clone()], vec![call]]
    }

    fn deletion_and_upload(&mut self) -> Vec<Vec<Call>> {
        let video = self.open_upload();
        let token = self.videos[video].token.unwrap_or(0);
        let deletion = Call::by_key(Action::DeleteToken(TokenName::Nth(token)));
        self.tokens[token].deleted = true;
        let begun = self.videos.len();
        let whole = self.whole(begun);
        self.videos.push(PlannedVideo { token: Some(token), ..PlannedVideo::default() });
        let begin = Call::open(Action::Upload { token: TokenName::Nth(token), segment: whole });
        let show = Call::by_key(Action::ShowToken(TokenName::Nth(token)));
        vec![vec![deletion, show], vec![self.next_segment(video)], vec![begin]]
    }

    fn creations_and_a_list(&mut self) -> Vec<Vec<Call>> {
        let mut callers = Vec::new();
        for _ in 0..2 {
            let ttl = TtlGiven::Seconds(self.draw.one(&[600, 3600]));
            let saves = self.tokens.len();
            self.created(&ttl);
            callers.push(vec![Call::by_key(Action::CreateToken { saves, ttl })]);
        }
        callers.push(vec![Call::by_key(Action::List(ListQuery::default()))]);
        callers
    }

    fn two_files_into_a_container(&mut self) -> Vec<Vec<Call>> {
        let saves = self.videos.len();
        self.push(Call::by_key(Action::CreateVideo { saves, body: JsonBody::Right }));
        self.videos.push(PlannedVideo::default());
        let file = self.whole(saves);
        let call = Call::by_key(Action::Source(file));
        vec![vec![call.clone(), Call::by_key(Action::ShowStatus(saves))], vec![call]]
    }

    fn refreshed_twice(&mut self) -> Vec<Vec<Call>> {
        let of = self.access.len();
        self.push(Call::open(Action::Exchange { saves: of, body: JsonBody::Right }));
        self.access.extend([self.now, self.now, self.now]);
        let refresh = |saves| vec![Call::open(Action::Refresh { of, saves, body: JsonBody::Right })];
        vec![refresh(of + 1), refresh(of + 2)]
    }

    fn video_deleted_amid_an_upload(&mut self) -> Vec<Vec<Call>> {
        let video = self.open_upload();
        let segment = self.next_segment(video);
        self.videos[video].deleted = true;
        let deletion = Call::by_key(Action::DeleteVideo(video));
        let show = Call::by_key(Action::ShowVideo(video));
        vec![vec![segment], vec![deletion, show]]
    }

    fn deletion_and_list(&mut self) -> Vec<Vec<Call>> {
        let deletion = self.deletion();
        vec![vec![deletion], vec![Call::by_key(Action::List(ListQuery::default()))]]
    }

    /// A segment whose last byte waits until something else has happened.
    pub(super) fn during(&mut self) {
        let (held, video) = if self.draw.percent(50) {
            let video = self.open_upload();
            (self.next_segment(video), video)
        } else {
            let token = self.good_token();
            let video = self.videos.len();
            let segment = self.whole(video);
            self.videos.push(PlannedVideo { token: Some(token), ..PlannedVideo::default() });
            (Call::open(Action::Upload { token: TokenName::Nth(token), segment }), video)
        };
        let token = self.videos[video].token.unwrap_or(0);
        let mut calls = Vec::new();
        let mut advance = 0;
        match self.draw.below(4) {
            0 if self.settings.clock && self.tokens[token].ttl > 0 => {
                let expiry = self.tokens[token].created + self.tokens[token].ttl;
                let margin = 2 * self.settings.margin + 1;
                advance = (expiry + margin).saturating_sub(self.now).min(200_000);
            }
            1 => {
                calls.push(Call::by_key(Action::DeleteVideo(video)));
                if let Some(video) = self.videos.get_mut(video) {
                    video.deleted = true;
                }
            }
            2 => calls.push(Call::by_key(Action::ShowStatus(video))),
            _ => {
                calls.push(Call::by_key(Action::DeleteToken(TokenName::Nth(token))));
                self.tokens[token].deleted = true;
            }
        }
        self.now += advance;
        self.steps.push(ContractStep::During { held, calls, advance });
    }
}
