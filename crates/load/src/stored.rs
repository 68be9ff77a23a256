//! Whether what a target says it has stored is what was sent: by the SHA-256 that it shows, or by the file itself.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::answer::Unmeasured;
use super::client::Content;
use super::error::LoadError;
use super::failure::{ErrorClass, Failure, Step};
use super::poll::POLL_DELAYS;
use super::prepare::wire_request;
use super::protocol::{RequestTemplate, Values};
use super::unique;
use super::workload::UploadSpec;
use uptake_suite::protocol::Shows;
use uptake_target::Target;
use uptake_wire::{Client, Settings};

/// What shows the files of finished uploads.
pub(super) struct StoredFiles {
    settings: Settings,
    client: Client,
    base: url::Url,
}

impl StoredFiles {
    pub(super) fn of(target: &Target) -> Result<Self, LoadError> {
        let settings = target.settings.clone();
        Ok(Self { client: Client::new(settings.clone())?, settings, base: target.base_url.clone() })
    }

    /// Compares what is stored of an upload with what was sent.
    pub(super) async fn compare(
        &self,
        (request, shows): (&RequestTemplate, &Shows),
        values: &Values<'_>,
        (content, upload): (&Arc<Content>, UploadSpec),
    ) -> Result<(), Failure> {
        let stored = match shows {
            Shows::Sha256(_) => self.sha256(&self.client, (request, shows), values).await?,
            Shows::Content => {
                // A file may be larger than other responses, but not larger than what was sent.
                let mut settings = self.settings.clone();
                settings.limits.body = settings.limits.body.max(upload.size);
                let client = Client::new(settings).map_err(|_| failure(ErrorClass::Connect))?;
                self.sha256(&client, (request, shows), values).await?
            }
        };
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
    async fn sha256(
        &self,
        client: &Client,
        (template, shows): (&RequestTemplate, &Shows),
        values: &Values<'_>,
    ) -> Result<String, Failure> {
        let request = wire_request(template, values, &self.base);
        let request = request.ok_or(failure(ErrorClass::Missing))?;
        for delay in POLL_DELAYS {
            let exchange = client.send(&request).await;
            let answer = exchange.outcome.as_ref().map_err(|_| failure(ErrorClass::Closed))?;
            if !template.accepted.has(answer.status) {
                return Err(failure(ErrorClass::Status(answer.status)));
            }
            let save = match shows {
                Shows::Content => return Ok(format!("{:x}", Sha256::digest(&answer.body))),
                Shows::Sha256(save) => save,
            };
            let response = Unmeasured { answer, url: &request.url, took: exchange.took };
            match save.read(&response).ok().as_ref().and_then(serde_json::Value::as_str) {
                Some(sum) => return Ok(sum.to_owned()),
                None => tokio::time::sleep(delay).await,
            }
        }
        Err(failure(ErrorClass::Verify))
    }
}

fn failure(class: ErrorClass) -> Failure {
    Failure { step: Step::Stored, class }
}
