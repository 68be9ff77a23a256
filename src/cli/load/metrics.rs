//! `--metrics`: shows the figures of a run while it goes on.

use std::net::SocketAddr;
use std::str::FromStr;

use crate::cli::error::CliError;
use crate::cli::output;
use crate::cli::parsers::listen;
use uptake_load::IntervalReport;
use uptake_metrics::{Metrics, Serving, serve};
use uptake_outcome::Shard;

/// Where figures are shown, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MetricsAddress(SocketAddr);

impl FromStr for MetricsAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some(("prometheus", address)) => listen(address).map(Self),
            _ => Err("write prometheus=ADDRESS:PORT, such as prometheus=127.0.0.1:9464".to_owned()),
        }
    }
}

/// Figures that are shown until this is dropped.
pub(super) struct Shown {
    metrics: Metrics,
    _serving: Serving,
}

/// A search for the capacity is many runs, whose figures would be one.
pub(super) fn refuse(address: Option<MetricsAddress>) -> Result<(), CliError> {
    if address.is_some() {
        return Err(CliError::Usage("--metrics cannot be used with --find-capacity".to_owned()));
    }
    Ok(())
}

/// Shows figures, if that is asked for. An address that cannot be used is known before anything is sent.
pub(super) async fn start(
    address: Option<MetricsAddress>,
    shard: Shard,
    quiet: bool,
) -> Result<Option<Shown>, CliError> {
    let Some(MetricsAddress(address)) = address else { return Ok(None) };
    let metrics = Metrics::new(&[("shard", shard.to_string())]);
    let serving = serve(address, metrics.clone()).await.map_err(|error| {
        CliError::Usage(format!(
            "--metrics: cannot listen on {address}: {error}; choose another address or port"
        ))
    })?;
    if !quiet {
        output::say(&format!("metrics at http://{}/metrics", serving.address()));
    }
    Ok(Some(Shown { metrics, _serving: serving }))
}

impl Shown {
    /// What adds each second to the figures.
    pub(super) fn recorder(&self) -> impl Fn(&IntervalReport<'_>) + Send + use<> {
        let metrics = self.metrics.clone();
        move |report| metrics.record(report.second, &|phase| report.samples.of(phase))
    }
}

#[cfg(test)]
mod tests {
    use super::MetricsAddress;

    #[test]
    fn an_address_is_that_of_prometheus() {
        assert!("prometheus=127.0.0.1:0".parse::<MetricsAddress>().is_ok());
        for (text, hint) in [
            ("127.0.0.1:9464", "write prometheus=ADDRESS:PORT"),
            ("otlp=http://host", "write prometheus=ADDRESS:PORT"),
            ("prometheus=9464", "write ADDRESS:PORT"),
        ] {
            assert!(text.parse::<MetricsAddress>().expect_err(text).contains(hint), "{text}");
        }
    }
}
