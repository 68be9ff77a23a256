//! The figures for Prometheus: in its text format, and in protobuf, which has native histograms.

use std::borrow::Cow;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, NativeHistogram, NativeHistogramBuckets, NoLabelSet, prometheus_text,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::{Registry, Unit};

use crate::described::{Counted, Described, GENERATOR_BUSIEST, PHASE, UPLOADS};
use crate::figures::Metrics;

/// What Prometheus reads.
#[derive(Debug)]
pub(crate) struct Exposition(Registry);

#[derive(Debug)]
struct Collected(Metrics);

impl Exposition {
    /// Of these figures, as they are when it is read.
    pub(crate) fn new(metrics: Metrics) -> Self {
        let labels = metrics.labels().iter();
        let labels = labels.map(|(name, value)| (Cow::Borrowed(*name), Cow::Owned(value.clone())));
        let mut registry = Registry::with_prefix_and_labels("uptake_load", labels);
        registry.register_collector(Box::new(Collected(metrics)));
        Self(registry)
    }

    /// The text format of Prometheus, version 0.0.4, which has classic histograms only.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // A text takes all that is written.
        let _ = prometheus_text::encode(&mut text, &self.0);
        text
    }

    /// Delimited messages `io.prometheus.client.MetricFamily`, whose histograms are classic and native.
    #[cfg(feature = "telemetry")]
    pub(crate) fn protobuf(&self) -> Vec<u8> {
        prometheus_client::encoding::prometheus_protobuf::encode_to_vec(&self.0).unwrap_or_default()
    }
}

/// No figure refers to a trace.
const NO_EXEMPLAR: Option<&Exemplar<NoLabelSet, u64>> = None;

impl Collector for Collected {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let figures = self.0.now();
        for Described { name, help, counted, value } in figures.counters() {
            let unit = (counted == Counted::Bytes).then_some(&Unit::Bytes);
            let name = name.replace('.', "_");
            let mut metric = encoder.encode_descriptor(&name, help, unit, MetricType::Counter)?;
            metric.encode_counter(&value, NO_EXEMPLAR)?;
        }
        let mut uploads = encoder.encode_descriptor("uploads", UPLOADS, None, MetricType::Counter)?;
        for (outcome, value) in figures.outcomes() {
            uploads.encode_family(&[("outcome", outcome)])?.encode_counter(&value, NO_EXEMPLAR)?;
        }
        for Described { name, help, value, .. } in figures.gauges() {
            let name = name.replace('.', "_");
            let mut metric = encoder.encode_descriptor(&name, help, None, MetricType::Gauge)?;
            metric.encode_gauge(&value)?;
        }
        let name = "generator_busiest_ratio";
        let mut busiest = encoder.encode_descriptor(name, GENERATOR_BUSIEST, None, MetricType::Gauge)?;
        busiest.encode_gauge(&figures.cpu)?;
        let mut phases =
            encoder.encode_descriptor("phase", PHASE, Some(&Unit::Seconds), MetricType::Histogram)?;
        for figures in &figures.phases {
            let labels = [("phase", figures.phase.word())];
            let (classic, exponential) = (&figures.classic, &figures.exponential);
            let deltas = exponential.deltas();
            let native = NativeHistogram {
                schema: exponential.scale,
                zero_threshold: 0.0,
                zero_count: exponential.zero,
                negative: NativeHistogramBuckets { spans: &[], deltas: &[] },
                positive: NativeHistogramBuckets { spans: &exponential.spans(), deltas: &deltas },
                created: None,
            };
            let mut metric = phases.encode_family(&labels)?;
            metric.encode_histogram_with_native::<NoLabelSet>(
                classic.sum,
                classic.count,
                &classic.buckets,
                None,
                native,
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use uptake_outcome::load::{Phase, Second, empty};

    use super::{Exposition, Metrics};

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
        let text = Exposition::new(metrics).text();
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
