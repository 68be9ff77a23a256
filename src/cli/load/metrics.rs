//! `--metrics`: shows the figures of a run while it runs.

use std::net::SocketAddr;
use std::str::FromStr;

use crate::cli::error::CliError;
use crate::cli::output;
use crate::cli::parsers::listen;
use uptake_load::IntervalReport;
use uptake_metrics::{Metrics, OtlpReceiver, Pushing, Serving, serve};
use uptake_outcome::Shard;

/// Where figures are shown, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MetricsDestination {
    /// An address at which Prometheus asks.
    Prometheus(SocketAddr),
    /// The URL of a receiver of OTLP; without one, the variables of OpenTelemetry say it.
    Otlp(Option<String>),
}

impl FromStr for MetricsDestination {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some(("prometheus", address)) => listen(address).map(Self::Prometheus),
            Some(("otlp", url)) if !url.is_empty() => Ok(Self::Otlp(Some(url.to_owned()))),
            None if text == "otlp" => Ok(Self::Otlp(None)),
            _ => {
                Err("write prometheus=ADDRESS:PORT, such as prometheus=127.0.0.1:9464, or otlp=URL, such as \
                      otlp=http://localhost:4318"
                    .to_owned())
            }
        }
    }
}

/// Figures that are shown until this is dropped.
pub(super) struct Shown {
    metrics: Metrics,
    _serving: Vec<Serving>,
    pushing: Vec<Pushing>,
}

/// A search for the capacity is many runs, whose figures would be one.
pub(super) fn refuse(destinations: &[MetricsDestination]) -> Result<(), CliError> {
    if destinations.is_empty() {
        return Ok(());
    }
    Err(CliError::Usage("--metrics cannot be used with --find-capacity".to_owned()))
}

/// Shows figures, if that is asked for. What cannot be used is known before anything is sent.
pub(super) async fn start(
    destinations: &[MetricsDestination],
    shard: Shard,
    quiet: bool,
) -> Result<Option<Shown>, CliError> {
    if destinations.is_empty() {
        return Ok(None);
    }
    let metrics = Metrics::new(&[("shard", shard.to_string())]);
    let (mut serving, mut pushing) = (Vec::new(), Vec::new());
    for destination in destinations {
        let place = match destination {
            MetricsDestination::Prometheus(address) => {
                let served = serve(*address, metrics.clone()).await.map_err(|error| {
                    CliError::Usage(format!(
                        "--metrics: cannot listen on {address}: {error}; choose another address or port"
                    ))
                })?;
                let place = format!("metrics at http://{}/metrics", served.address());
                serving.push(served);
                place
            }
            MetricsDestination::Otlp(url) => {
                let usage = |error: uptake_metrics::OtlpError| CliError::Usage(error.to_string());
                let variable = |name: &str| std::env::var(name).ok();
                let receiver = OtlpReceiver::new(url.as_deref(), &variable).map_err(usage)?;
                let place = format!("metrics are pushed to {}", receiver.url());
                pushing.push(Pushing::start(receiver, metrics.clone()).map_err(usage)?);
                place
            }
        };
        if !quiet {
            output::say(&place);
        }
    }
    Ok(Some(Shown { metrics, _serving: serving, pushing }))
}

impl Shown {
    /// What adds each second to the figures.
    pub(super) fn recorder(&self) -> impl Fn(&IntervalReport<'_>) + Send + use<> {
        let metrics = self.metrics.clone();
        move |report| metrics.record(report.second, &|phase| report.samples.of(phase))
    }

    /// Pushes the figures of the whole run, within a few seconds. Gives what a reader of the report should know.
    pub(super) async fn finish(self) -> Vec<String> {
        let mut warnings = Vec::new();
        for pushing in self.pushing {
            warnings.extend(pushing.finish().await);
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::MetricsDestination;

    #[test]
    fn a_destination_is_an_address_or_a_receiver() {
        for text in ["prometheus=127.0.0.1:0", "otlp=http://localhost:4318", "otlp"] {
            assert!(text.parse::<MetricsDestination>().is_ok(), "{text}");
        }
        for (text, hint) in [
            ("127.0.0.1:9464", "write prometheus=ADDRESS:PORT"),
            ("otlp=", "or otlp=URL"),
            ("prometheus", "write prometheus=ADDRESS:PORT"),
            ("prometheus=9464", "write ADDRESS:PORT"),
        ] {
            assert!(text.parse::<MetricsDestination>().expect_err(text).contains(hint), "{text}");
        }
    }
}
