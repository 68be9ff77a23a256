//! The figures with their names and descriptions, which are the same in every format.

use crate::figures::Figures;

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    Uploads,
    Segments,
    Connections,
    Bytes,
}

/// A figure.
pub(crate) struct Described {
    /// Its name in OTLP, after `uptake.load.`; Prometheus has `_` for a dot.
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) counted: Counted,
    pub(crate) value: u64,
}

/// Of the counter `uploads`, whose label is the outcome.
pub(crate) const UPLOADS: &str = "Uploads that ended, by outcome";
/// Of the gauge of the load generator's own load.
pub(crate) const GENERATOR_BUSIEST: &str =
    "Processor time of the load generator's busiest thread, as a share of the last second";
/// Of the histograms, whose label is the phase.
pub(crate) const PHASE: &str = "Duration of each phase; upload is the response time, paced the wait for the client, lag the delay of the load generator";

impl Figures {
    /// Sums since the beginning.
    pub(crate) fn counters(&self) -> [Described; 4] {
        [
            ("uploads.started", "Uploads started", Counted::Uploads, self.started),
            ("segments", "Segments acknowledged", Counted::Segments, self.segments),
            ("goodput", "Acknowledged bytes of files", Counted::Bytes, self.goodput_bytes),
            ("sent", "Bytes written to connections", Counted::Bytes, self.sent_bytes),
        ]
        .map(described)
    }

    /// Uploads that ended, by outcome.
    pub(crate) fn outcomes(&self) -> [(&'static str, u64); 2] {
        [("completed", self.completed), ("failed", self.failed)]
    }

    /// The state at the end of the last second.
    pub(crate) fn gauges(&self) -> [Described; 2] {
        [
            ("uploads.in_flight", "Uploads in progress", Counted::Uploads, self.in_flight),
            ("connections", "Open connections", Counted::Connections, self.connections),
        ]
        .map(described)
    }
}

fn described((name, help, counted, value): (&'static str, &'static str, Counted, u64)) -> Described {
    Described { name, help, counted, value }
}
