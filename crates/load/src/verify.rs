//! Whether what a server reports as received is what was sent.

use std::time::Duration;

use serde::Deserialize;

use super::workload::UploadSpec;

/// The waits between two status calls.
pub(super) const POLL_DELAYS: [Duration; 6] = [
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::ZERO,
];

#[derive(Deserialize)]
struct Status {
    ingest: Ingest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ingest {
    status: Option<String>,
    filesize: Option<u64>,
    received_bytes: Option<Vec<Received>>,
    received_parts: Option<Parts>,
}

#[derive(Deserialize)]
struct Received {
    from: u64,
    to: u64,
}

#[derive(Deserialize)]
struct Parts {
    parts: Vec<u64>,
}

/// Whether a video's status confirms that all bytes of the upload have arrived. A status that reports no size confirms nothing.
pub(super) fn is_complete(body: &[u8], upload: &UploadSpec) -> bool {
    let Ok(Status { ingest }) = serde_json::from_slice::<Status>(body) else { return false };
    if ingest.status.as_deref().is_none_or(|status| status == "uploading") {
        return false;
    }
    let confirmed = [
        ingest.filesize.map(|size| size == upload.size),
        ingest
            .received_bytes
            .filter(|ranges| !ranges.is_empty())
            .map(|ranges| covered(ranges) == upload.size),
        ingest
            .received_parts
            .filter(|parts| !parts.parts.is_empty())
            .map(|parts| has_all(parts, upload.segments)),
    ];
    confirmed.contains(&Some(true)) && !confirmed.contains(&Some(false))
}

fn has_all(mut parts: Parts, count: u64) -> bool {
    parts.parts.sort_unstable();
    parts.parts.dedup();
    parts.parts.iter().copied().eq(1..=count)
}

/// How many bytes the ranges cover, without counting overlaps twice.
fn covered(mut ranges: Vec<Received>) -> u64 {
    ranges.sort_unstable_by_key(|range| range.from);
    let (mut sum, mut reached) = (0, 0);
    for Received { from, to } in ranges {
        let end = to.saturating_add(1);
        sum += end.saturating_sub(from.max(reached));
        reached = reached.max(end);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Order, OutcomeShares, SizeDistribution, UploadShape, Weighted};
    use crate::workload::Workload;
    use uptake_payload::{Framing, Seed, Total};

    fn upload() -> UploadSpec {
        let shape = UploadShape {
            size: SizeDistribution::fixed(25),
            segment: SizeDistribution::fixed(10),
            framing: Weighted::only(Framing::Bytes),
            total: Weighted::only(Total::Named),
            order: Order::InTurn,
            parallel: 1,
            files: Vec::new(),
        };
        Workload::new(shape, OutcomeShares::default(), Vec::new(), Seed(1)).upload(0)
    }

    fn complete(ingest: &str) -> bool {
        is_complete(format!("{{\"ingest\":{ingest}}}").as_bytes(), &upload())
    }

    #[test]
    fn received_bytes_and_parts_must_be_those_that_were_sent() {
        for (ingest, expected) in [
            (r#"{"status":"uploaded","filesize":25}"#, true),
            (r#"{"status":"uploaded","filesize":24}"#, false),
            (r#"{"status":"uploading","filesize":25}"#, false),
            (r#"{"status":"ingesting","receivedBytes":[{"from":0,"to":9},{"from":10,"to":24}]}"#, true),
            (r#"{"status":"uploaded","receivedBytes":[{"from":0,"to":9},{"from":5,"to":24}]}"#, true),
            (r#"{"status":"uploaded","receivedBytes":[{"from":0,"to":9},{"from":11,"to":24}]}"#, false),
            (r#"{"status":"uploaded","receivedParts":{"parts":[3,1,2]}}"#, true),
            (r#"{"status":"uploaded","receivedParts":{"parts":[1,2]}}"#, false),
            (r#"{"status":"uploaded","filesize":25,"receivedParts":{"parts":[1,2]}}"#, false),
            (r#"{"status":"uploaded"}"#, false),
        ] {
            assert_eq!(complete(ingest), expected, "{ingest}");
        }
        assert!(!is_complete(b"not JSON", &upload()));
    }
}
