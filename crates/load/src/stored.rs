//! Whether what a target says it has stored is what was sent: by the SHA-256 that the profile's `stored` place shows.

use std::sync::Arc;

use http::Method;
use serde::Deserialize;
use url::Url;

use super::client::Content;
use super::error::LoadError;
use super::failure::{ErrorClass, Failure, Step};
use super::unique;
use super::verify::POLL_DELAYS;
use super::workload::UploadSpec;
use uptake_target::Target;
use uptake_wire::{Client, Request};

/// The place where a target shows the digests of finished uploads.
pub(super) struct StoredDigests {
    client: Client,
    place: String,
}

/// What it shows of an upload.
#[derive(Deserialize)]
struct Stored {
    complete: Option<bool>,
    sha256: Option<String>,
}

impl StoredDigests {
    /// The place that the profile names.
    pub(super) fn of(target: &Target) -> Result<Self, LoadError> {
        let Some(place) = &target.stored else {
            return Err(LoadError::Flag(
                "--verify digest needs a target profile with `stored`, the URL that shows the digests of finished uploads"
                    .to_owned(),
            ));
        };
        let place = place.as_str().trim_end_matches('/').to_owned();
        Ok(Self { client: Client::new(target.settings.clone())?, place })
    }

    /// Compares what is stored of a video with what was sent.
    pub(super) async fn compare(
        &self,
        content: &Arc<Content>,
        upload: UploadSpec,
        video: &str,
    ) -> Result<(), Failure> {
        let stored = self.sha256(video).await?;
        let content = Arc::clone(content);
        // Other uploads of this thread go on meanwhile.
        let sent = tokio::task::spawn_blocking(move || unique::sha256(&content, &upload)).await;
        match sent {
            Ok(Ok(sent)) if sent.eq_ignore_ascii_case(&stored) => Ok(()),
            Ok(Ok(_)) => Err(failure(ErrorClass::Digest)),
            _ => Err(failure(ErrorClass::File)),
        }
    }

    /// The digest of what is stored. It may lag a little behind the last segment.
    async fn sha256(&self, video: &str) -> Result<String, Failure> {
        let url = format!("{}/{}", self.place, super::api::encoded(video));
        let url = Url::parse(&url).map_err(|_| failure(ErrorClass::Protocol))?;
        for delay in POLL_DELAYS {
            let exchange = self.client.send(&Request::new(Method::GET, url.clone())).await;
            let answer = exchange.outcome.map_err(|_| failure(ErrorClass::Closed))?;
            if answer.status != 200 {
                return Err(failure(ErrorClass::Status(answer.status)));
            }
            let stored: Stored =
                serde_json::from_slice(&answer.body).map_err(|_| failure(ErrorClass::Protocol))?;
            match stored.sha256 {
                Some(sum) => return Ok(sum),
                None if stored.complete == Some(true) => return Err(failure(ErrorClass::Protocol)),
                None => tokio::time::sleep(delay).await,
            }
        }
        Err(failure(ErrorClass::Verify))
    }
}

fn failure(class: ErrorClass) -> Failure {
    Failure { step: Step::Stored, class }
}
