//! Checks the status that a target shows of an upload, and the digest of what it stores.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::Value as Json;

use super::case_run::{CaseRun, Location, content};
use crate::client::Response;
use crate::mismatch::{Evidence, Mismatch};
use crate::outcome::Outcome;
use uptake_oracle::{ObservedStatus, Span};
use uptake_payload::{Algorithm, hex};

impl CaseRun<'_> {
    pub(super) async fn check_status(
        &mut self,
        location: Location,
        uploads: &[usize],
    ) -> Result<(), Outcome> {
        if !self.client.target.can("status") {
            return Ok(());
        }
        let mut seen = Vec::new();
        for upload in uploads {
            let Some(id) = self.videos.get(upload).cloned() else { continue };
            if seen.contains(upload) {
                continue;
            }
            seen.push(*upload);
            let until = Instant::now() + self.options.status_timeout;
            loop {
                let from = self.now();
                let response = self.client.manage(Method::GET, &format!("/videos/{id}/status"), None).await;
                let look = read(&response.map_err(|no_response| Outcome::from(&no_response))?);
                let outcome = self.model.observed(*upload, Span { from, to: self.now() }, &look);
                let Err((rule, wanted)) = outcome else { break };
                if Instant::now() < until {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
                self.transcript.push(format!("the status of upload {upload}: {look}"));
                return Err(Outcome::Failed(Box::new(Mismatch {
                    step: location.step,
                    segment: location.segment,
                    rule: rule.to_owned(),
                    expected: wanted.to_string(),
                    got: look.to_string(),
                    evidence: Evidence::Status { upload: *upload, wanted },
                })));
            }
        }
        Ok(())
    }

    /// Checks the digest of what a target stores of a complete upload, where it shows one.
    pub(super) async fn check_digest(&mut self, location: Location, upload: usize) -> Result<(), Outcome> {
        let (Some(stored), Some(id)) = (&self.client.target.stored, self.videos.get(&upload)) else {
            return Ok(());
        };
        let Some(pieces) = self.model.bytes(upload).filter(|_| !self.checksummed.contains(&upload)) else {
            return Ok(());
        };
        self.checksummed.push(upload);
        // Only a file that is what was uploaded, from its first byte on, has a sum that a scenario can name.
        let ends = pieces.iter().scan(0, |end, (offset, length)| {
            let begins = *end;
            *end = offset + length;
            Some((begins, *offset))
        });
        if ends.into_iter().any(|(end, offset)| end != offset) {
            return Ok(());
        }
        let url = format!("{}/{id}", stored.as_str().trim_end_matches('/'));
        let url = url
            .parse()
            .map_err(|_| Outcome::Inconclusive("the `stored` address of the target is invalid".to_owned()))?;
        let response = self.client.get(url).await.map_err(|no_response| Outcome::from(&no_response))?;
        let shown = response.body.as_ref().and_then(|body| body.get("sha256")?.as_str().map(str::to_owned));
        let Some(shown) = shown else { return Ok(()) };
        let content = content(self.options.seed, upload);
        let mut bytes = Vec::new();
        for (offset, length) in pieces {
            let at = bytes.len();
            bytes.resize(at + usize::try_from(length).unwrap_or(0), 0);
            content
                .read_at(offset, &mut bytes[at..])
                .map_err(|error| Outcome::Inconclusive(error.to_string()))?;
        }
        let wanted = hex(&Algorithm::Sha256.of(&bytes));
        if shown.eq_ignore_ascii_case(&wanted) {
            return Ok(());
        }
        self.transcript.push(format!("what is stored: sha256 {shown}; what was sent: sha256 {wanted}"));
        let size = bytes.len() as u64;
        Err(Outcome::Failed(Box::new(Mismatch {
            step: location.step,
            segment: None,
            rule: "UPLOAD-11".to_owned(),
            expected: format!("the {size} bytes that were sent"),
            got: "other bytes".to_owned(),
            evidence: Evidence::Stored { upload, size },
        })))
    }
}

fn read(response: &Response) -> ObservedStatus {
    let ingest = response.body.as_ref().and_then(|body| body.get("ingest"));
    let member = |name: &str| ingest.and_then(|ingest| ingest.get(name)).filter(|value| !value.is_null());
    let ranges = member("receivedBytes").and_then(Json::as_array).map(|ranges| {
        let end = |range: &Json, name: &str| range.get(name).and_then(Json::as_u64).unwrap_or(u64::MAX);
        let mut ranges: Vec<_> = ranges.iter().map(|range| (end(range, "from"), end(range, "to"))).collect();
        ranges.sort_unstable();
        ranges
    });
    let parts = member("receivedParts").and_then(|parts| {
        let numbers = parts.get("parts")?.as_array()?;
        let numbers = numbers.iter().map(|number| number.as_u64().unwrap_or(u64::MAX)).collect();
        Some((numbers, parts.get("total").and_then(Json::as_u64)))
    });
    ObservedStatus {
        status: response.status,
        ingest: member("status").and_then(Json::as_str).map(str::to_owned),
        filesize: member("filesize").and_then(Json::as_u64),
        ranges,
        parts,
    }
}
