//! Who is asked: address, credentials, limits, capabilities, clock.
//!
//! A target is read from a profile, or made from a URL. It knows nothing of suites and judges nothing.

mod clock;
mod error;
mod limits;
mod profile;
mod secret;

pub use clock::{ClockControl, ClockError};
pub use error::TargetError;
pub use limits::{Limits, LimitsGiven};
pub use profile::{Capability, Target};
pub use secret::API_KEY_VARIABLE;
