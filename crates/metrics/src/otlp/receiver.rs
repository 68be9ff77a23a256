//! Where figures are pushed: from the command line, and from the variables of OpenTelemetry
//! (<https://opentelemetry.io/docs/specs/otel/protocol/exporter/>).

use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::OtlpError;

/// Where OpenTelemetry's collector listens unless it is told otherwise.
const DEFAULT: &str = "http://localhost:4318";
const PATH: &str = "/v1/metrics";
/// How often figures are pushed; a load run is short beside the minute of OpenTelemetry's SDKs.
const INTERVAL: Duration = Duration::from_secs(10);
/// How long a push may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A receiver of OTLP, and how it is used.
#[derive(Debug)]
pub struct OtlpReceiver {
    pub(super) url: Url,
    /// Marked as sensitive: no output shows the values.
    pub(super) headers: HeaderMap,
    /// What the figures are of.
    pub(super) resource: Vec<(String, String)>,
    pub(super) interval: Duration,
    pub(super) timeout: Duration,
    pub(super) authorities: Option<PathBuf>,
}

/// Gives the value of an environment variable.
type Variable<'v> = &'v dyn Fn(&str) -> Option<String>;

impl OtlpReceiver {
    /// The receiver at a URL, or, without one, at that of the variables, else on this machine.
    pub fn new(url: Option<&str>, variable: Variable<'_>) -> Result<Self, OtlpError> {
        // An empty variable is as one that is not set.
        let variable = |name: &'static str| variable(name).filter(|value| !value.trim().is_empty());
        let first =
            |names: [&'static str; 2]| names.into_iter().find_map(|name| Some((name, variable(name)?)));
        let protocol = first(["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"]);
        if let Some((name, protocol)) = protocol.filter(|(_, protocol)| protocol.trim() != "http/protobuf") {
            let reason = format!("figures are sent as http/protobuf, not {protocol:?}; unset it");
            return Err(OtlpError::Setting { name, reason });
        }
        let url = match (
            url,
            variable("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"),
            variable("OTEL_EXPORTER_OTLP_ENDPOINT"),
        ) {
            (Some(base), ..) => address("--metrics otlp", base, true)?,
            (None, Some(whole), _) => address("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", &whole, false)?,
            (None, None, Some(base)) => address("OTEL_EXPORTER_OTLP_ENDPOINT", &base, true)?,
            (None, None, None) => address("--metrics otlp", DEFAULT, true)?,
        };
        let mut headers = HeaderMap::new();
        // Those for metrics come last and win.
        for name in ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS"] {
            for (at, (key, value)) in pairs(name, variable(name))?.into_iter().enumerate() {
                let wrong = || entry(name, at, "is not a header");
                let key = HeaderName::try_from(key).map_err(|_| wrong())?;
                let mut value = HeaderValue::try_from(value).map_err(|_| wrong())?;
                value.set_sensitive(true);
                headers.insert(key, value);
            }
        }
        Ok(Self {
            url,
            headers,
            resource: resource(&variable)?,
            interval: millis("OTEL_METRIC_EXPORT_INTERVAL", &variable)?.unwrap_or(INTERVAL),
            timeout: match millis("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", &variable)? {
                Some(timeout) => timeout,
                None => millis("OTEL_EXPORTER_OTLP_TIMEOUT", &variable)?.unwrap_or(TIMEOUT),
            },
            authorities: first(["OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"])
                .map(|(_, path)| path.into()),
        })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }
}

/// A URL. The path of metrics is added to a base.
fn address(name: &'static str, text: &str, is_base: bool) -> Result<Url, OtlpError> {
    let wrong = |reason: &str| OtlpError::Setting { name, reason: reason.to_owned() };
    let mut url = Url::parse(text.trim()).map_err(|_| wrong("write a URL such as http://localhost:4318"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(wrong("write a URL with http:// or https://, such as http://localhost:4318"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "a URL with a user name or a password; write credentials into OTEL_EXPORTER_OTLP_HEADERS",
        ));
    }
    if is_base && !url.path().ends_with(PATH) {
        let path = format!("{}{PATH}", url.path().trim_end_matches('/'));
        url.set_path(&path);
    }
    Ok(url)
}

/// The entries `NAME=VALUE` of a variable, with percent encoding undone.
fn pairs(name: &'static str, text: Option<String>) -> Result<Vec<(String, String)>, OtlpError> {
    let text = text.unwrap_or_default();
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let pair = |(at, text): (usize, &str)| {
        let (key, value) = text.split_once('=').filter(|(key, _)| !key.trim().is_empty())?;
        let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
        Some((at, key.trim().to_owned(), value.into_owned()))
    };
    let read = |(at, text)| match pair((at, text)) {
        Some((_, key, value)) => Ok((key, value)),
        None => Err(entry(name, at, "is not NAME=VALUE")),
    };
    entries.enumerate().map(read).collect()
}

/// An entry that cannot be used. Its text may be a secret.
fn entry(name: &'static str, at: usize, what: &str) -> OtlpError {
    let reason =
        format!("entry {} {what}; write NAME=VALUE,NAME=VALUE, with percent encoding in values", at + 1);
    OtlpError::Setting { name, reason }
}

/// What the figures are of: `OTEL_SERVICE_NAME` wins over the attributes.
fn resource(variable: &dyn Fn(&'static str) -> Option<String>) -> Result<Vec<(String, String)>, OtlpError> {
    const NAME: &str = "service.name";
    let given = pairs("OTEL_RESOURCE_ATTRIBUTES", variable("OTEL_RESOURCE_ATTRIBUTES"))?;
    let named = given.iter().find(|(key, _)| key == NAME).map(|(_, value)| value.clone());
    let service = variable("OTEL_SERVICE_NAME").or(named).unwrap_or_else(|| "uptake".to_owned());
    let others = given.into_iter().filter(|(key, _)| key != NAME);
    Ok(std::iter::once((NAME.to_owned(), service)).chain(others).collect())
}

/// A number of milliseconds, at least one.
fn millis(
    name: &'static str,
    variable: &dyn Fn(&'static str) -> Option<String>,
) -> Result<Option<Duration>, OtlpError> {
    let read = |text: String| match text.trim().parse() {
        Ok(0) | Err(_) => Err(OtlpError::Setting {
            name,
            reason: format!("{text:?} is not a number of milliseconds above 0"),
        }),
        // An hour is as good as never.
        Ok(millis) => Ok(Duration::from_millis(millis).min(Duration::from_secs(3600))),
    };
    variable(name).map(read).transpose()
}

#[cfg(test)]
mod tests {
    use super::OtlpReceiver;

    fn receiver(url: Option<&str>, variables: &[(&str, &str)]) -> Result<OtlpReceiver, String> {
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        OtlpReceiver::new(url, &variable).map_err(|error| error.to_string())
    }

    #[test]
    fn the_option_wins_over_the_variables() {
        let whole = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://metrics/own");
        let base = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://base:1/otlp/");
        for (url, variables, expected) in [
            (None, &[][..], "http://localhost:4318/v1/metrics"),
            (None, &[base], "http://base:1/otlp/v1/metrics"),
            (None, &[base, whole], "http://metrics/own"),
            (Some("https://here"), &[base, whole], "https://here/v1/metrics"),
            (Some("http://here/v1/metrics"), &[], "http://here/v1/metrics"),
        ] {
            assert_eq!(receiver(url, variables).expect("usable").url(), expected);
        }
    }

    #[test]
    fn headers_and_attributes_are_decoded_and_headers_are_never_shown() {
        let receiver = receiver(
            None,
            &[
                ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20c2VjcmV0, x-scope = a"),
                ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "x-scope=b"),
                ("OTEL_RESOURCE_ATTRIBUTES", "service.name=other,run=a%2Cb"),
                ("OTEL_SERVICE_NAME", "nightly"),
            ],
        )
        .expect("usable");
        assert_eq!(receiver.headers["authorization"], "Basic c2VjcmV0");
        assert_eq!(receiver.headers["x-scope"], "b");
        assert!(!format!("{receiver:?}").contains("c2VjcmV0"));
        let resource: Vec<_> = receiver.resource.iter().map(|(key, value)| (&**key, &**value)).collect();
        assert_eq!(resource, [("service.name", "nightly"), ("run", "a,b")]);
    }

    #[test]
    fn what_cannot_be_followed_is_named_without_its_secret() {
        for (url, variables, hint) in [
            (Some("localhost:4318"), &[][..], "--metrics otlp: write a URL"),
            (Some("http://me:secret@host"), &[], "write credentials into OTEL_EXPORTER_OTLP_HEADERS"),
            (
                None,
                &[("OTEL_EXPORTER_OTLP_HEADERS", "a=b,secret")],
                "OTEL_EXPORTER_OTLP_HEADERS: entry 2 is not",
            ),
            (
                None,
                &[("OTEL_EXPORTER_OTLP_HEADERS", "a=secret%0Ax")],
                "OTEL_EXPORTER_OTLP_HEADERS: entry 1 is not",
            ),
            (None, &[("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")], "sent as http/protobuf, not \"grpc\""),
            (None, &[("OTEL_METRIC_EXPORT_INTERVAL", "0")], "OTEL_METRIC_EXPORT_INTERVAL: \"0\" is not"),
        ] {
            let error = receiver(url, variables).expect_err("it cannot be used");
            assert!(error.contains(hint) && !error.contains("secret"), "{error}");
        }
    }
}
