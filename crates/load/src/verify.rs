//! Whether what a server says it received is what was sent.

use std::time::Duration;

use serde::Deserialize;

use super::job::Job;

/// How long one waits between two looks.
pub(super) const RESTS: [Duration; 6] = [
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

/// Whether a video's status says that all bytes of the job have arrived. What says nothing is no yes.
pub(super) fn is_whole(body: &[u8], job: &Job) -> bool {
    let Ok(Status { ingest }) = serde_json::from_slice::<Status>(body) else { return false };
    if ingest.status.as_deref().is_none_or(|status| status == "uploading") {
        return false;
    }
    let told = [
        ingest.filesize.map(|size| size == job.size),
        ingest.received_bytes.filter(|ranges| !ranges.is_empty()).map(|ranges| covered(ranges) == job.size),
        ingest.received_parts.filter(|parts| !parts.parts.is_empty()).map(|parts| has_all(parts, job.count)),
    ];
    told.contains(&Some(true)) && !told.contains(&Some(false))
}

fn has_all(mut parts: Parts, count: u64) -> bool {
    parts.parts.sort_unstable();
    parts.parts.dedup();
    parts.parts.iter().copied().eq(1..=count)
}

/// How many bytes ranges cover, overlaps once.
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
    use crate::job::Jobs;
    use crate::plan::{Choice, Fates, Order, Shape, Spread};
    use uptake_payload::{Framing, Seed, Total};

    fn job() -> Job {
        let shape = Shape {
            size: Spread::fixed(25),
            segment: Spread::fixed(10),
            framing: Choice::only(Framing::Bytes),
            total: Choice::only(Total::Named),
            order: Order::InTurn,
            parallel: 1,
            files: Vec::new(),
        };
        Jobs::new(shape, Fates::default(), Vec::new(), Seed(1)).job(0)
    }

    fn whole(ingest: &str) -> bool {
        is_whole(format!("{{\"ingest\":{ingest}}}").as_bytes(), &job())
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
            assert_eq!(whole(ingest), expected, "{ingest}");
        }
        assert!(!is_whole(b"not JSON", &job()));
    }
}
