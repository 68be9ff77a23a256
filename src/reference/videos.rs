//! The videos: what callers said of them, what has arrived of them, and how they are answered.

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::clock::Moment;
use super::problem::{Problem, kind};
use super::progress::Progress;

/// What a caller said of a video.
#[derive(Debug, Clone)]
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
    /// The finished file, where files are kept.
    pub(super) file: Option<PathBuf>,
}

/// All videos.
pub(super) type Videos = HashMap<String, Video>;

impl Video {
    pub(super) fn new(id: String, details: Details, now: Moment) -> Self {
        Self { id, details, created: now, updated: now, begun_by: None, progress: None, file: None }
    }

    /// Whether every byte has arrived.
    pub(super) fn is_complete(&self) -> bool {
        self.progress.as_ref().is_some_and(Progress::is_complete)
    }

    /// As it is answered; `origin` is where its assets are.
    pub(super) fn json(&self, origin: &str) -> Value {
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
            "createdAt": self.created.atom(),
            "publishedAt": self.created.atom(),
            "updatedAt": self.updated.atom(),
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
    pub(super) fn status(&self) -> Value {
        let complete = self.is_complete();
        let mut ingest = Map::new();
        ingest.insert("status".into(), if complete { "uploaded" } else { "uploading" }.into());
        let size = self.progress.as_ref().filter(|_| complete).map(Progress::received);
        ingest.insert("filesize".into(), size.into());
        if let Some((name, received)) = self.progress.as_ref().and_then(Progress::listed) {
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
