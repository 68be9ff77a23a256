//! How far the target's clock is from this machine's, by the `Date` of its responses.
//!
//! A date names a second, which the clock showed between the sending of the request and the end of the response. Each response
//! bounds the offset from both sides; a few of them, at different parts of a second, bound it well.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Method;

use super::error::LoadError;
use uptake_target::Target;
use uptake_wire::{Client, Request};

/// How far a target's clock is ahead of this machine's, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClockOffset {
    /// The middle of what is possible.
    pub seconds: f64,
    /// By how much that may be wrong.
    pub uncertainty: f64,
}

impl ClockOffset {
    /// Whether the clocks differ for certain.
    pub fn is_certain(self) -> bool {
        self.seconds.abs() > self.uncertainty
    }
}

/// The responses that are looked at, and the pause between two: together they cover the parts of a second.
const LOOKS: u32 = 6;
const PAUSE: Duration = Duration::from_millis(170);

/// Compares the clocks; `None` where the target sends no dates, or dates of several clocks.
pub async fn clock_offset(target: &Target) -> Result<Option<ClockOffset>, LoadError> {
    let client = Client::new(target.settings.clone())?;
    let mut bounds = Bounds::default();
    for look in 0..LOOKS {
        if look > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        let sent = SystemTime::now();
        let exchange = client.send(&Request::new(Method::GET, target.base_url.clone())).await;
        let received = SystemTime::now();
        let Ok(answer) = exchange.outcome else { continue };
        let date = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("date"));
        let date = date.and_then(|(_, value)| httpdate::parse_http_date(value.as_ref()).ok());
        if let Some(date) = date {
            bounds.add(seconds(date), seconds(sent), seconds(received));
        }
    }
    Ok(bounds.offset())
}

fn seconds(at: SystemTime) -> f64 {
    at.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// What the offset can be.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    least: f64,
    most: f64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { least: f64::NEG_INFINITY, most: f64::INFINITY }
    }
}

impl Bounds {
    /// A response with this date, in seconds, as all three are.
    fn add(&mut self, date: f64, sent: f64, received: f64) {
        self.least = self.least.max(date - received);
        self.most = self.most.min(date + 1.0 - sent);
    }

    fn offset(self) -> Option<ClockOffset> {
        let width = self.most - self.least;
        (width.is_finite() && width >= 0.0).then(|| ClockOffset {
            seconds: rounded(f64::midpoint(self.least, self.most)),
            uncertainty: rounded(width / 2.0),
        })
    }
}

fn rounded(seconds: f64) -> f64 {
    (seconds * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Bounds;

    proptest! {
        #[test]
        fn the_offset_lies_within_the_bounds(
            offset in -1e5_f64..1e5,
            looks in proptest::collection::vec((0.0_f64..3.0, 0.0_f64..0.3), 1..8),
        ) {
            let mut bounds = Bounds::default();
            for (sent, took) in looks {
                // The server stamps its response half-way.
                let date = (sent + took / 2.0 + offset).floor();
                bounds.add(date, sent, sent + took);
            }
            let found = bounds.offset().expect("one clock");
            prop_assert!((found.seconds - offset).abs() <= found.uncertainty + 0.002);
        }
    }

    #[test]
    fn without_a_date_or_with_dates_of_several_clocks_nothing_is_known() {
        assert_eq!(Bounds::default().offset(), None);
        let mut bounds = Bounds::default();
        bounds.add(100.0, 0.0, 0.1);
        bounds.add(500.0, 0.2, 0.3);
        assert_eq!(bounds.offset(), None);
    }
}
