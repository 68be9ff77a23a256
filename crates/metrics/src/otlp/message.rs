//! The figures as one request of OTLP. Names and units are those that become the names of Prometheus when they are translated.

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Metric,
    NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum,
};
use opentelemetry_proto::tonic::resource::v1::Resource;

use crate::described::{Counted, Described, GENERATOR_BUSIEST, PHASE, UPLOADS};
use crate::figures::{Metrics, PhaseFigures};

/// What stands at every data point.
struct Points {
    labels: Vec<KeyValue>,
    start: u64,
    now: u64,
}

/// The figures now. The labels are attributes of the resource and of each data point, since not every receiver joins the two.
pub(super) fn request(metrics: &Metrics, resource: &[(String, String)]) -> ExportMetricsServiceRequest {
    let version = env!("CARGO_PKG_VERSION");
    let labels = metrics.labels().iter().map(|(name, value)| attribute(name, value));
    let points =
        Points { labels: labels.collect(), start: nanos(metrics.started()), now: nanos(SystemTime::now()) };
    let own = metrics.labels().iter().map(|(name, value)| (format!("uptake.{name}"), value.clone()));
    let own = own.chain([("service.version".to_owned(), version.to_owned())]);
    let missing = own.filter(|(name, _)| resource.iter().all(|(given, _)| given != name));
    let attributes: Vec<_> = resource.iter().cloned().chain(missing).collect();
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(Resource {
                attributes: attributes.iter().map(|(name, value)| attribute(name, value)).collect(),
                ..Resource::default()
            }),
            scope_metrics: vec![ScopeMetrics {
                scope: Some(InstrumentationScope {
                    name: "uptake".to_owned(),
                    version: version.to_owned(),
                    ..InstrumentationScope::default()
                }),
                metrics: points.metrics(metrics),
                ..ScopeMetrics::default()
            }],
            ..ResourceMetrics::default()
        }],
    }
}

impl Points {
    fn metrics(&self, metrics: &Metrics) -> Vec<Metric> {
        let figures = metrics.now();
        let count = |value: u64| Value::AsInt(i64::try_from(value).unwrap_or(i64::MAX));
        let mut all = Vec::new();
        for Described { name, help, counted, value } in figures.counters() {
            all.push(named(name, help, unit(counted), sum(vec![self.number(count(value), None)])));
        }
        let outcomes = figures.outcomes();
        let outcomes = outcomes.map(|(outcome, value)| self.number(count(value), Some(("outcome", outcome))));
        all.push(named("uploads", UPLOADS, unit(Counted::Uploads), sum(outcomes.to_vec())));
        let gauge = |value| Data::Gauge(Gauge { data_points: vec![self.number(value, None)] });
        for Described { name, help, counted, value } in figures.gauges() {
            all.push(named(name, help, unit(counted), gauge(count(value))));
        }
        let busiest = gauge(Value::AsDouble(figures.cpu));
        all.push(named("generator_busiest", GENERATOR_BUSIEST, "1", busiest));
        let phases = Data::ExponentialHistogram(ExponentialHistogram {
            data_points: figures.phases.iter().map(|phase| self.histogram(phase)).collect(),
            aggregation_temporality: AggregationTemporality::Cumulative.into(),
        });
        all.push(named("phase", PHASE, "s", phases));
        all
    }

    fn attributes(&self, own: Option<(&str, &str)>) -> Vec<KeyValue> {
        self.labels.iter().cloned().chain(own.map(|(name, value)| attribute(name, value))).collect()
    }

    fn number(&self, value: Value, own: Option<(&str, &str)>) -> NumberDataPoint {
        NumberDataPoint {
            attributes: self.attributes(own),
            start_time_unix_nano: self.start,
            time_unix_nano: self.now,
            value: Some(value),
            ..NumberDataPoint::default()
        }
    }

    fn histogram(&self, figures: &PhaseFigures) -> ExponentialHistogramDataPoint {
        let exponential = &figures.exponential;
        let (min, max) = exponential.extremes;
        ExponentialHistogramDataPoint {
            attributes: self.attributes(Some(("phase", figures.phase.word()))),
            start_time_unix_nano: self.start,
            time_unix_nano: self.now,
            count: figures.classic.count,
            sum: Some(figures.classic.sum),
            scale: exponential.scale,
            zero_count: exponential.zero,
            positive: Some(Buckets { offset: exponential.offset, bucket_counts: exponential.counts.clone() }),
            min: Some(min),
            max: Some(max),
            ..ExponentialHistogramDataPoint::default()
        }
    }
}

/// The unit of what is counted, in the code of UCUM.
fn unit(counted: Counted) -> &'static str {
    match counted {
        Counted::Uploads => "{upload}",
        Counted::Segments => "{segment}",
        Counted::Connections => "{connection}",
        Counted::Bytes => "By",
    }
}

fn named(name: &str, description: &str, unit: &str, data: Data) -> Metric {
    Metric {
        name: format!("uptake.load.{name}"),
        description: description.to_owned(),
        unit: unit.to_owned(),
        data: Some(data),
        ..Metric::default()
    }
}

fn sum(data_points: Vec<NumberDataPoint>) -> Data {
    let aggregation_temporality = AggregationTemporality::Cumulative.into();
    Data::Sum(Sum { data_points, aggregation_temporality, is_monotonic: true })
}

fn attribute(name: &str, value: &str) -> KeyValue {
    let value = any_value::Value::StringValue(value.to_owned());
    KeyValue { key: name.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
