//! The keys of recorded traffic: `from`, `from-columns`, `from-path` and `speed`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::offered_load::{OfferedLoad, Stage, WorkUnit};
use super::resolve::Resolver;
use crate::trace::{self, Columns, Trace, TraceOptions};
use uptake_payload::Seed;

/// How much faster or slower than it was recorded.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.001..=1_000.0;

impl Resolver<'_> {
    /// The recorded traffic, if the plan has some.
    pub(super) fn trace(&mut self, seed: Seed) -> Option<Arc<Trace>> {
        let columns = self.read("from-columns", Columns::parse);
        let speed = self.read("speed", speed).unwrap_or(1.0);
        let path = self.raw.text("from-path").map(str::to_owned);
        if self.raw.get("from").is_none() {
            for key in ["from-columns", "from-path", "speed"] {
                self.refuse(key, "it belongs to recorded traffic: give --from too");
            }
            return None;
        }
        for (key, why) in [
            ("rate", "recorded traffic has a rate of its own: scale it by --speed"),
            ("stages", "recorded traffic has a rate of its own: scale it by --speed"),
            ("uploaders", "recorded uploads arrive as they were recorded, and not when an uploader is free"),
            ("arrivals", "recorded uploads arrive as they were recorded"),
            ("warm-up", "recorded uploads are all measured"),
            ("find-capacity", "recorded traffic has one rate: search with --rate or --uploaders"),
        ] {
            self.refuse(key, why);
        }
        let options = TraceOptions { columns: columns.unwrap_or_default(), path, speed, seed };
        let trace = self.read("from", |text| trace::read(Path::new(text), &options).map(Arc::new))?;
        if trace.has_sizes() {
            for key in ["size", "file"] {
                self.refuse(key, "the recording has sizes");
            }
        }
        Some(trace)
    }
}

impl OfferedLoad {
    /// Recorded uploads for so long; `None` has no end.
    pub(super) fn recorded(trace: &Arc<Trace>, name: &str, length: Option<Duration>) -> Self {
        let file = Path::new(name).file_name().unwrap_or_default().to_string_lossy();
        let speed = trace.speed();
        Self {
            stages: vec![Stage { from: 0.0, to: 0.0, length }],
            unit: WorkUnit::Uploads,
            written: format!("{file} at speed {speed}"),
            trace: Some(Arc::clone(trace)),
        }
    }
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed| SPEEDS.contains(speed));
    speed.ok_or_else(|| {
        format!("invalid speed `{text}`: write a number from 0.001 to 1000, such as 2 for twice as fast")
    })
}
