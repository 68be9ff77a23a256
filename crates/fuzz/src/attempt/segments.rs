//! Sends segments, one at a time or several at once, and checks their answers against the oracle.

use std::collections::btree_map::Entry;
use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::Barrier;

use super::case_run::{CaseRun, Location, Sent, content, failed};
use crate::body;
use crate::case::{Extra, Segment, VideoRef};
use crate::client::{NoResponse, Response};
use crate::describe;
use crate::mismatch::Evidence;
use crate::outcome::{Outcome, SegmentResult};
use uptake_oracle as oracle;
use uptake_oracle::{Answer, Span, Video};

impl CaseRun<'_> {
    /// Sends segments, so that all of them end at the same moment.
    pub(super) async fn together(&mut self, location: Location, segments: &[Segment]) -> Result<(), Outcome> {
        let from = self.now();
        let barrier = (segments.len() > 1).then(|| Arc::new(Barrier::new(segments.len())));
        let hold: Vec<_> = barrier.into_iter().collect();
        let sends = segments.iter().map(|segment| self.send(segment, hold.clone()));
        let response = join_all(sends).await;
        let span = Span { from, to: self.now() };
        let sent =
            response.into_iter().map(|response| Sent { response, began: span, arrived: span }).collect();
        self.take(location, segments, sent)
    }

    pub(super) async fn send(
        &self,
        segment: &Segment,
        hold: Vec<Arc<Barrier>>,
    ) -> Result<Response, NoResponse> {
        let id = match segment.link {
            VideoRef::Carried => self.videos.get(&segment.upload).map(String::as_str),
            VideoRef::Unknown => Some("vi000000000000000000000000"),
        };
        let (headers, body, delivery) =
            body::of(segment, id, &content(self.options.seed, segment.upload), hold);
        self.client.upload(&self.tokens[segment.token], headers, body, delivery).await
    }

    /// Holds the answers of segments that went out together against the oracle.
    pub(super) fn take(
        &mut self,
        location: Location,
        segments: &[Segment],
        sent: Vec<Sent>,
    ) -> Result<(), Outcome> {
        let mut exchanges = Vec::new();
        let mut found = Vec::new();
        let mut told = Vec::new();
        for (segment, Sent { response, began, arrived }) in segments.iter().zip(sent) {
            if let Err(no_response @ (NoResponse::Unreachable(_) | NoResponse::Internal(_))) = &response {
                return Err(Outcome::from(no_response));
            }
            let request = self.request(segment, began, arrived);
            let (answer, id) = self.answer(&response);
            let result = match (&response, answer.status) {
                (Err(NoResponse::BrokenOff), _) => SegmentResult::BrokenOff,
                (_, Some(status)) if status < 300 => SegmentResult::Accepted,
                (_, Some(status)) => SegmentResult::Refused(status),
                (_, None) => SegmentResult::Unanswered,
            };
            let words = match &response {
                Err(NoResponse::Unanswered(why)) => why.clone(),
                Err(_) => "broken off".to_owned(),
                Ok(_) => answer.to_string(),
            };
            self.results.push(result);
            self.transcript.push(format!("{}: {words}", describe::segment(segment)));
            if let Some(id) = id {
                found.push((segment.upload, id));
            }
            exchanges.push((request, answer));
            told.push(words);
        }
        let outcome = self.model.answered(&exchanges);
        for (upload, id) in found {
            if self.videos.values().any(|known| *known == id) {
                continue;
            }
            match self.videos.entry(upload) {
                Entry::Occupied(_) => self.unexpected_videos.push(id),
                Entry::Vacant(free) => {
                    free.insert(id);
                }
            }
        }
        outcome.map_err(|violation| {
            let location = Location { segment: Some(violation.request), ..location };
            let got = told[violation.request].clone();
            let evidence =
                if violation.joint { Evidence::Joint } else { Evidence::Answer(violation.allowed.clone()) };
            failed(location, &violation, evidence, got)
        })
    }

    pub(super) fn request(&self, segment: &Segment, began: Span, arrived: Span) -> oracle::Request {
        let link = match segment.link {
            VideoRef::Unknown => oracle::VideoRef::Nowhere,
            VideoRef::Carried if self.videos.contains_key(&segment.upload) => {
                oracle::VideoRef::Upload(segment.upload)
            }
            VideoRef::Carried => oracle::VideoRef::Begins(segment.upload),
        };
        oracle::Request {
            token: segment.token,
            link,
            range: segment.frame.header(),
            offset: segment.offset,
            files: vec![segment.length; usize::from(segment.form.files)],
            broken_off: segment.break_off.is_some(),
            odd: segment.form.extra != Extra::None,
            began,
            arrived,
        }
    }

    /// The answer as the oracle reads it, and the video that it names.
    pub(super) fn answer(&self, response: &Result<Response, NoResponse>) -> (Answer, Option<String>) {
        let Ok(Response { status, body }) = response else {
            return (Answer { status: None, slug: None, video: Video::None }, None);
        };
        let text = |name: &str| body.as_ref().and_then(|body| body.get(name)?.as_str().map(str::to_owned));
        let slug = text("type").filter(|_| *status >= 300);
        let slug = slug.and_then(|kind| kind.rsplit('/').next().map(|slug| self.client.secrets.mask(slug)));
        let id = text("videoId").filter(|_| *status < 300);
        let video = match &id {
            None => Video::None,
            Some(id) => self
                .videos
                .iter()
                .find(|(_, known)| *known == id)
                .map_or(Video::New, |(upload, _)| Video::Known(*upload)),
        };
        (Answer { status: Some(*status), slug, video }, id)
    }
}
