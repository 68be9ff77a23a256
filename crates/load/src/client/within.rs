//! A time limit for one step of sending.

use std::io;
use std::time::Duration;

use super::exchange::ExchangeError;
use super::transport::broken;
use crate::failure::ErrorClass;

/// Runs a step of sending. A step that makes no progress within `limit` fails.
pub(super) async fn within<T>(
    limit: Duration,
    step: impl Future<Output = io::Result<T>>,
) -> Result<T, ExchangeError> {
    match tokio::time::timeout(limit, step).await {
        Ok(done) => done.map_err(|error| broken(&error)),
        Err(_) => Err(ExchangeError::Failed(ErrorClass::Timeout)),
    }
}
