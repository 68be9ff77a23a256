//! The videos: what callers said of them, what has arrived of them, and how they are answered.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::clock::Moment;
use super::defect::{Defect, Defects};
use super::ledger::{Kept, VideoRecord};
use super::problem::{Problem, kind};
use super::progress::Progress;
use super::store::{Held, Piece};
use super::terms::Terms;

/// What a caller said of a video.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Details {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) public: bool,
    pub(super) panoramic: bool,
    pub(super) mp4_support: bool,
    pub(super) tags: Vec<String>,
    pub(super) metadata: Vec<(String, String)>,
    pub(super) language: Option<String>,
    pub(super) player_id: Option<String>,
}

impl Details {
    /// A video of which only the title is known.
    pub(super) fn titled(title: String) -> Self {
        Self {
            title,
            description: String::new(),
            public: true,
            panoramic: false,
            mp4_support: true,
            tags: Vec::new(),
            metadata: Vec::new(),
            language: None,
            player_id: None,
        }
    }
}

/// One video.
#[derive(Debug)]
pub(super) struct Video {
    pub(super) id: String,
    pub(super) details: Details,
    pub(super) created: Moment,
    pub(super) updated: Moment,
    /// The upload token that began it; none for a container.
    pub(super) begun_by: Option<String>,
    pub(super) progress: Option<Progress>,
    /// When that token expires, if it does.
    pub(super) token_expires: Option<Moment>,
    /// Which of all accepted segments came last.
    pub(super) touched: u64,
    /// The finished file, where files are kept.
    pub(super) file: Option<Held>,
    /// Where its bytes are, or would be if they were kept.
    pub(super) kept: Kept,
    /// Its segments, once it is complete and they could not be put together; they will be after a restart.
    pub(super) waiting: Vec<Piece>,
}

/// All videos.
pub(super) type Videos = HashMap<String, Video>;

impl Video {
    pub(super) fn new(id: String, details: Details, now: Moment) -> Self {
        Self {
            id,
            details,
            created: now,
            updated: now,
            begun_by: None,
            token_expires: None,
            touched: 0,
            progress: None,
            file: None,
            kept: Kept::Segments,
            waiting: Vec::new(),
        }
    }

    /// A video that there was before a restart, with what had arrived of it.
    pub(super) fn recalled(id: String, record: VideoRecord, progress: Option<Progress>) -> Self {
        let VideoRecord { details, created, updated, begun_by, token_expires, touched, kept, .. } = record;
        let video = Self::new(id, details, created);
        Self { updated, begun_by, progress, token_expires, touched, kept, ..video }
    }

    /// What must be remembered of it, apart from its segments.
    pub(super) fn record(&self) -> VideoRecord {
        VideoRecord {
            details: self.details.clone(),
            created: self.created,
            updated: self.updated,
            begun_by: self.begun_by.clone(),
            token_expires: self.token_expires,
            touched: self.touched,
            framing: self.progress.as_ref().map(Progress::framing),
            total: self.progress.as_ref().and_then(Progress::total),
            kept: self.kept,
        }
    }

    /// Whether every byte has arrived.
    pub(super) fn is_complete(&self, defects: Defects) -> bool {
        self.progress.as_ref().is_some_and(|progress| progress.is_complete(defects))
    }

    /// Whether a planted defect has made it go away.
    pub(super) fn is_gone(&self, terms: &Terms, now: Moment) -> bool {
        let Some(expires) = self.token_expires.filter(|_| self.is_complete(terms.defects)) else {
            return false;
        };
        terms.has(Defect::VideosGoWithToken) && now >= expires
            || terms.has(Defect::CompletedInGraceRemoved)
                && self.updated >= expires
                && now >= expires.plus(terms.grace)
    }

    /// As it is answered; `origin` is where its assets are.
    pub(super) fn json(&self, origin: &str, defects: Defects) -> Value {
        let truth = |value: bool| {
            if defects.has(Defect::PublicAsText) { value.to_string().into() } else { Value::from(value) }
        };
        let Details { title, description, public, panoramic, mp4_support, tags, metadata, .. } =
            &self.details;
        let metadata: Vec<_> =
            metadata.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
        let mut video = json!({
            "videoId": self.id,
            "title": title,
            "description": description,
            "public": truth(*public),
            "panoramic": truth(*panoramic),
            "mp4Support": truth(*mp4_support),
            "tags": tags,
            "metadata": metadata,
            "createdAt": self.created.atom(defects),
            "publishedAt": self.created.atom(defects),
            "updatedAt": self.updated.atom(defects),
            "discarded": false,
            "discardedAt": null,
            "deletesAt": null,
            "languageOrigin": self.details.language.as_ref().map(|_| "api"),
            "source": { "uri": format!("/videos/{}/source", self.id), "type": "upload" },
            "assets": self.assets(origin, defects),
        });
        if let Some(members) = video.as_object_mut() {
            insert_known(members, "language", self.details.language.as_ref());
            insert_known(members, "playerId", self.details.player_id.as_ref());
        }
        video
    }

    fn assets(&self, origin: &str, defects: Defects) -> Value {
        let id = &self.id;
        let origin = if defects.has(Defect::AssetsRelative) { "" } else { origin };
        let player = format!("{origin}/embed/{id}");
        let embedded =
            if defects.has(Defect::IframeOfAnother) { format!("{origin}/embed/") } else { player.clone() };
        let iframe = format!(
            "<iframe src=\"{embedded}\" width=\"100%\" height=\"100%\" frameborder=\"0\" scrolling=\"no\" \
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
    pub(super) fn status(&self, terms: &Terms, now: Moment) -> Value {
        let defects = terms.defects;
        let abandoned = self.token_expires.is_some_and(|expires| now >= expires.plus(terms.grace));
        let complete = self.is_complete(defects)
            || abandoned && self.progress.is_some() && defects.has(Defect::UploadedWhenGraceEnds);
        let name = match complete {
            true if defects.has(Defect::StatusNameUnknown) => "done",
            true if !defects.has(Defect::NeverShownUploaded) => "uploaded",
            _ => "uploading",
        };
        let mut ingest = Map::new();
        ingest.insert("status".into(), name.into());
        let size = self.progress.as_ref().filter(|_| complete).map(Progress::received);
        let size = size.map(|size| if defects.has(Defect::FilesizeOffByOne) { size + 1 } else { size });
        let as_text = size.filter(|_| defects.has(Defect::FilesizeAsText)).map(|size| size.to_string());
        ingest.insert("filesize".into(), as_text.map_or_else(|| Value::from(size), Value::from));
        if let Some((name, received)) = self.progress.as_ref().and_then(|progress| progress.listed(defects)) {
            ingest.insert(name.into(), received);
        }
        json!({ "ingest": ingest, "encoding": { "playable": false, "qualities": [], "metadata": {} } })
    }
}

fn insert_known(members: &mut Map<String, Value>, name: &str, value: Option<&String>) {
    if let Some(value) = value {
        members.insert(name.into(), value.as_str().into());
    }
}

/// The answer about a video that there is not.
pub(super) fn not_found() -> Problem {
    Problem::new(kind::NOT_FOUND, "There is no such video.").of("videoId")
}
