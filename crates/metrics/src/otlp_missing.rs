//! A build without the feature `telemetry`: nothing can be pushed.

use std::convert::Infallible;

use crate::{Metrics, OtlpError};

/// Where figures are pushed: nowhere.
#[derive(Debug)]
pub struct OtlpReceiver(Infallible);

impl OtlpReceiver {
    /// Is refused.
    pub fn new(_url: Option<&str>, _variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, OtlpError> {
        Err(OtlpError::NotBuilt)
    }

    /// Its address.
    pub fn url(&self) -> &str {
        match self.0 {}
    }
}

/// Pushes, of which there are none.
#[derive(Debug)]
pub struct Pushing(Infallible);

impl Pushing {
    /// Cannot be called.
    #[expect(clippy::needless_pass_by_value, reason = "as with the feature")]
    pub fn start(receiver: OtlpReceiver, _metrics: Metrics) -> Result<Self, OtlpError> {
        match receiver.0 {}
    }

    /// Cannot be called.
    #[expect(clippy::unused_async, reason = "as with the feature")]
    pub async fn finish(self) -> Option<String> {
        match self.0 {}
    }
}
