//! What a client says of a video, as plain data.

use serde::{Deserialize, Serialize};

/// What a client said of a video.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Details {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) public: bool,
    pub(crate) panoramic: bool,
    pub(crate) mp4_support: bool,
    pub(crate) tags: Vec<String>,
    pub(crate) metadata: Vec<(String, String)>,
    pub(crate) language: Option<String>,
    pub(crate) player_id: Option<String>,
}

impl Details {
    /// A video of which only the title is known.
    pub(crate) fn titled(title: String) -> Self {
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
