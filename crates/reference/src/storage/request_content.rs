//! The content of a request as it arrives, within limits of time and size.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout, timeout_at};

/// How long a client may send nothing.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long all of the content may take.
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// The most bytes of a refused request that are still read, and for how long: who sends all before reading the answer gets it.
const DRAINED: usize = 64 << 20;
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// Why content could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentError {
    /// It ended before its length, or did not arrive in time.
    BrokenOff,
    /// It has more bytes than are read.
    TooLong,
}

/// The content of a request.
pub(crate) struct RequestContent {
    body: Incoming,
    deadline: Instant,
}

impl RequestContent {
    pub(crate) fn new(body: Incoming) -> Self {
        Self { body, deadline: Instant::now() + LONGEST }
    }

    /// The next bytes; none at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, ContentError> {
        loop {
            let patience = self.deadline.min(Instant::now() + PATIENCE);
            match timeout_at(patience, self.body.frame()).await {
                Ok(Some(Ok(frame))) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Ok(Some(bytes));
                    }
                }
                Ok(None) => return Ok(None),
                Ok(Some(Err(_))) | Err(_) => return Err(ContentError::BrokenOff),
            }
        }
    }

    /// Reads content of at most so many bytes into memory.
    pub(crate) async fn read(&mut self, longest: usize) -> Result<Vec<u8>, ContentError> {
        let mut all = BytesMut::new();
        while let Some(bytes) = self.next().await? {
            if all.len() + bytes.len() > longest {
                return Err(ContentError::TooLong);
            }
            all.extend_from_slice(&bytes);
        }
        Ok(all.into())
    }

    /// Reads what is left of a request that has been refused, within bounds.
    pub(crate) async fn drain(&mut self) {
        let drained = async {
            let mut left = DRAINED;
            while let Ok(Some(bytes)) = self.next().await {
                left = left.saturating_sub(bytes.len());
                if left == 0 {
                    return;
                }
            }
        };
        drop(timeout(DRAIN_TIME, drained).await);
    }
}
