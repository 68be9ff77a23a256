//! The videos: what clients said of them, what has arrived of them, and how they are answered.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::details::Details;
use crate::database::record::{Kept, VideoRecord};
use crate::policy::decisions::Policy;
use crate::policy::facts::VideoFacts;
use crate::settings::Settings;
use crate::store::{Held, Piece};
use crate::timestamp::Timestamp;
use crate::upload::progress::Progress;

/// One video.
#[derive(Debug)]
pub(crate) struct Video {
    pub(crate) id: String,
    pub(crate) details: Details,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    /// The upload token that began it; none for a container.
    pub(crate) begun_by: Option<String>,
    pub(crate) progress: Option<Progress>,
    /// When that token expires, if it does.
    pub(crate) token_expires: Option<Timestamp>,
    /// Which of all accepted segments came last.
    pub(crate) last_segment: u64,
    /// The finished file, where files are kept.
    pub(crate) file: Option<Held>,
    /// Where its bytes are, or would be if they were kept.
    pub(crate) kept: Kept,
    /// Its segments, once it is complete and they could not be put together; they will be after a restart.
    pub(crate) waiting: Vec<Piece>,
}

/// All videos.
pub(crate) type Videos = HashMap<String, Video>;

impl Video {
    pub(crate) fn new(id: String, details: Details, now: Timestamp) -> Self {
        Self {
            id,
            details,
            created: now,
            updated: now,
            begun_by: None,
            token_expires: None,
            last_segment: 0,
            progress: None,
            file: None,
            kept: Kept::Segments,
            waiting: Vec::new(),
        }
    }

    /// A video that existed before a restart, with what had arrived of it.
    pub(crate) fn restored(id: String, record: VideoRecord, progress: Option<Progress>) -> Self {
        let VideoRecord { details, created, updated, begun_by, token_expires, touched, kept, .. } = record;
        let video = Self::new(id, details, created);
        Self { updated, begun_by, progress, token_expires, last_segment: touched, kept, ..video }
    }

    /// What is recorded of it, apart from its segments.
    pub(crate) fn record(&self) -> VideoRecord {
        VideoRecord {
            details: self.details.clone(),
            created: self.created,
            updated: self.updated,
            begun_by: self.begun_by.clone(),
            token_expires: self.token_expires,
            touched: self.last_segment,
            framing: self.progress.as_ref().map(Progress::framing),
            total: self.progress.as_ref().and_then(Progress::total),
            kept: self.kept,
        }
    }

    /// Whether every byte has arrived.
    pub(crate) fn is_complete(&self, policy: &Policy) -> bool {
        self.progress.as_ref().is_some_and(|progress| progress.is_complete(policy))
    }

    /// What decisions may depend on.
    pub(crate) fn facts(&self, settings: &Settings) -> VideoFacts<'_> {
        VideoFacts {
            id: &self.id,
            begun_by: self.begun_by.as_deref(),
            created: self.created,
            updated: self.updated,
            token_expires: self.token_expires,
            grace_seconds: i64::try_from(settings.grace.as_secs()).unwrap_or(i64::MAX),
            framing: self.progress.as_ref().map(Progress::framing),
            received: self.progress.as_ref().map_or(0, Progress::received),
            complete: self.is_complete(&settings.policy),
        }
    }

    /// As it is answered; `origin` is where its assets are.
    pub(crate) fn json(&self, origin: &str, settings: &Settings) -> Value {
        let date_time = |time: Timestamp| settings.policy.date_time(time, time.atom());
        let Details { title, description, public, panoramic, mp4_support, tags, metadata, .. } =
            &self.details;
        let metadata: Vec<_> =
            metadata.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
        let mut video = json!({
            "videoId": self.id,
            "title": title,
            "description": description,
            "public": public,
            "panoramic": panoramic,
            "mp4Support": mp4_support,
            "tags": tags,
            "metadata": metadata,
            "createdAt": date_time(self.created),
            "publishedAt": date_time(self.created),
            "updatedAt": date_time(self.updated),
            "discarded": false,
            "discardedAt": null,
            "deletesAt": null,
            "languageOrigin": self.details.language.as_ref().map(|_| "api"),
            "source": { "uri": format!("/videos/{}/source", self.id), "type": "upload" },
            "assets": self.assets(origin),
        });
        if let Some(members) = video.as_object_mut() {
            insert_known(members, "language", self.details.language.as_ref());
            insert_known(members, "playerId", self.details.player_id.as_ref());
        }
        settings.policy.video_shown(&self.facts(settings), &mut video);
        video
    }

    fn assets(&self, origin: &str) -> Value {
        let id = &self.id;
        let player = format!("{origin}/embed/{id}");
        let iframe = format!(
            "<iframe src=\"{player}\" width=\"100%\" height=\"100%\" frameborder=\"0\" scrolling=\"no\" \
             allowfullscreen=\"true\"></iframe>"
        );
        let mut assets = json!({
            "iframe": iframe,
            "player": player,
            "hls": format!("{origin}/vod/{id}/hls/manifest.m3u8"),
            "thumbnail": format!("{origin}/vod/{id}/thumbnail.jpg"),
        });
        if self.details.mp4_support {
            assets["mp4"] = format!("{origin}/vod/{id}/mp4/source.mp4").into();
        }
        assets
    }

    /// How far it is.
    pub(crate) fn status(&self, settings: &Settings, now: Timestamp) -> Value {
        let facts = self.facts(settings);
        let mut ingest = Map::new();
        ingest.insert("status".into(), if facts.complete { "uploaded" } else { "uploading" }.into());
        ingest.insert("filesize".into(), facts.complete.then_some(facts.received).into());
        if let Some((name, received)) = self.progress.as_ref().and_then(Progress::listed) {
            ingest.insert(name.into(), received);
        }
        let mut status =
            json!({ "ingest": ingest, "encoding": { "playable": false, "qualities": [], "metadata": {} } });
        settings.policy.status_shown(&facts, now, &mut status);
        status
    }
}

fn insert_known(members: &mut Map<String, Value>, name: &str, value: Option<&String>) {
    if let Some(value) = value {
        members.insert(name.into(), value.as_str().into());
    }
}
