//! Who is asked: address, credentials, limits, capabilities, clock, pacing.
//!
//! A target is read from a profile, or made from a URL. It knows nothing of suites and judges nothing.

mod budget;
mod clock;
mod error;
mod headers;
mod limits;
mod pacer;
mod profile;
mod secret;
mod target;

pub use budget::{Budgets, CallKind, Calls, CountedBy};
pub use clock::{ClockControl, ClockError, SeenBy};
pub use error::TargetError;
pub use limits::{Limits, LimitsGiven};
pub use pacer::{Pacer, Reservation, Signal, Turn};
pub use secret::API_KEY_VARIABLE;
pub use target::{Capability, Target};
