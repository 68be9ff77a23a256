//! How long something is waited for that may lag a little behind the last segment.

use std::time::Duration;

/// The waits between two requests that ask for it.
pub(super) const POLL_DELAYS: [Duration; 6] = [
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::ZERO,
];
