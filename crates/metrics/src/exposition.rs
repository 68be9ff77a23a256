//! What was measured so far, and its text for Prometheus.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet, prometheus_text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::{Registry, Unit};

use crate::histogram::Classic;
use uptake_outcome::load::{Micros, Phase, Second};

/// What was measured so far. Clones show the same.
#[derive(Debug, Clone)]
pub struct Metrics {
    so_far: Arc<SoFar>,
    registry: Arc<Registry>,
}

#[derive(Debug, Default)]
struct SoFar(Mutex<Figures>);

/// Sums since the beginning, and the state at the end of the last second.
#[derive(Debug, Default, Clone)]
struct Figures {
    started: u64,
    completed: u64,
    failed: u64,
    segments: u64,
    goodput_bytes: u64,
    sent_bytes: u64,
    in_flight: u64,
    connections: u64,
    cpu: f64,
    phases: Vec<(Phase, Classic)>,
}

impl Metrics {
    /// Nothing was measured yet. The labels stand at every figure.
    pub fn new(labels: &[(&'static str, String)]) -> Self {
        let labels = labels.iter().map(|(name, value)| (Cow::Borrowed(*name), Cow::Owned(value.clone())));
        let mut registry = Registry::with_prefix_and_labels("uptake_load", labels);
        let so_far = Arc::new(SoFar::default());
        registry.register_collector(Box::new(Arc::clone(&so_far)));
        Self { so_far, registry: Arc::new(registry) }
    }

    /// Adds a second. `samples` gives all samples of a phase since the beginning.
    pub fn record<'s>(&self, second: &Second, samples: &dyn Fn(Phase) -> &'s Micros) {
        // Outside the lock, which a scrape may hold.
        let present = Phase::ALL.into_iter().map(|phase| (phase, samples(phase)));
        let phases = present.filter(|(_, samples)| !samples.is_empty());
        let phases: Vec<(Phase, Classic)> = phases.map(|(phase, samples)| (phase, samples.into())).collect();
        let mut figures = self.so_far.0.lock().unwrap_or_else(PoisonError::into_inner);
        figures.started += second.started;
        figures.completed += second.uploads;
        figures.failed += second.errors;
        figures.segments += second.segments;
        figures.goodput_bytes += second.goodput_bytes;
        figures.sent_bytes += second.bytes_sent;
        figures.in_flight = second.in_flight;
        figures.connections = second.connections;
        figures.cpu = second.cpu;
        figures.phases = phases;
    }

    /// The text format of Prometheus, version 0.0.4.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // A text takes all that is written.
        let _ = prometheus_text::encode(&mut text, &self.registry);
        text
    }
}

/// No figure refers to a trace.
const NO_EXEMPLAR: Option<&Exemplar<NoLabelSet, u64>> = None;

impl Collector for SoFar {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let figures = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let counters: [(&str, &str, Option<&Unit>, u64); 4] = [
            ("uploads_started", "Uploads started", None, figures.started),
            ("segments", "Segments acknowledged", None, figures.segments),
            ("goodput", "Acknowledged bytes of files", Some(&Unit::Bytes), figures.goodput_bytes),
            ("sent", "Bytes written to connections", Some(&Unit::Bytes), figures.sent_bytes),
        ];
        for (name, help, unit, value) in counters {
            let mut metric = encoder.encode_descriptor(name, help, unit, MetricType::Counter)?;
            metric.encode_counter(&value, NO_EXEMPLAR)?;
        }
        let mut uploads = encoder.encode_descriptor(
            "uploads",
            "Uploads that ended, by outcome",
            None,
            MetricType::Counter,
        )?;
        for (outcome, value) in [("completed", figures.completed), ("failed", figures.failed)] {
            uploads.encode_family(&[("outcome", outcome)])?.encode_counter(&value, NO_EXEMPLAR)?;
        }
        let gauges: [(&str, &str, u64); 2] = [
            ("uploads_in_flight", "Uploads in progress", figures.in_flight),
            ("connections", "Open connections", figures.connections),
        ];
        for (name, help, value) in gauges {
            let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            metric.encode_gauge(&value)?;
        }
        let help = "Processor time of the load generator's busiest thread, as a share of the last second";
        let mut busiest =
            encoder.encode_descriptor("generator_busiest_ratio", help, None, MetricType::Gauge)?;
        busiest.encode_gauge(&figures.cpu)?;
        let help = "Duration of each phase; upload is the response time, lag the delay of the load generator";
        let mut phases =
            encoder.encode_descriptor("phase", help, Some(&Unit::Seconds), MetricType::Histogram)?;
        for (phase, classic) in &figures.phases {
            let labels = [("phase", phase.word())];
            let mut metric = phases.encode_family(&labels)?;
            metric.encode_histogram::<NoLabelSet>(classic.sum, classic.count, &classic.buckets, None)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use uptake_outcome::load::{Phase, Second, empty};

    use super::Metrics;

    #[test]
    fn the_text_adds_up_seconds_and_has_the_labels_everywhere() {
        let metrics = Metrics::new(&[("shard", "2/4".to_owned()), ("plan", "a \"plan\"".to_owned())]);
        let mut upload = empty();
        upload.record(1_500).expect("in range");
        upload.record(40_000).expect("in range");
        let none = empty();
        for second in 0..2 {
            let second = Second {
                second,
                started: 3,
                uploads: 1,
                errors: 2,
                segments: 4,
                goodput_bytes: 500,
                bytes_sent: 600,
                connections: 7,
                in_flight: 8,
                cpu: 0.25,
                ..Second::default()
            };
            metrics.record(&second, &|phase| if phase == Phase::Upload { &upload } else { &none });
        }
        let text = metrics.text();
        let figures = text.lines().filter(|line| !line.starts_with('#'));
        assert!(figures.clone().count() > 30 && figures.clone().all(|line| line.contains("shard=\"2/4\"")));
        // Of the buckets, those at which the count changes.
        let shown = text.lines().filter(|line| {
            !line.contains("_bucket")
                || ["0.001\"", "0.002\"", "0.05\"", "+Inf"].iter().any(|le| line.contains(le))
        });
        insta::assert_snapshot!(shown.collect::<Vec<_>>().join("\n"));
    }
}
