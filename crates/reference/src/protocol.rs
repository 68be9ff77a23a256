//! The protocols that there are reference servers for, by name.

use std::fmt;
use std::str::FromStr;

/// A protocol with a reference server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Protocol {
    /// Delegated uploads of api.video: [`Server`](crate::Server).
    #[default]
    ApiVideo,
    /// Resumable uploads over HTTP, the draft of the IETF: [`RufhServer`](crate::rufh::RufhServer).
    Rufh,
    /// Resumable uploads of Google Cloud Storage: [`GcsServer`](crate::gcs::GcsServer).
    Gcs,
    /// Multipart uploads and presigned URLs of Amazon S3: [`S3Server`](crate::s3::S3Server).
    S3,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::ApiVideo, Self::Rufh, Self::Gcs, Self::S3];

    /// Its name, as `uptake serve --protocol` takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ApiVideo => "api-video",
            Self::Rufh => "rufh",
            Self::Gcs => "gcs",
            Self::S3 => "s3",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Protocol {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("there is no reference server for it; there are: {names}")
        })
    }
}
