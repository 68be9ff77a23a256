//! What an answer says of calls to come: how many are left, and when to call again.
//!
//! `Retry-After` is a number of seconds or an HTTP-date (RFC 9110, section 10.2.3). Some servers send the second of an epoch.

use std::time::Duration;

use jiff::Timestamp;

use uptake_target::Signal;
use uptake_wire::Answer;

/// The status of a call past the rate limit.
const TOO_MANY: u16 = 429;

/// Numbers from here on are seconds since 1970, and no wait: it would be one of thirty years.
const EPOCHS: u64 = 1_000_000_000;

/// What the answer says of calls to come.
pub(crate) fn signal(answer: &Answer, now: Timestamp) -> Option<Signal> {
    let wait = |name: &str| wait(answer.header(name)?, now);
    let pause = wait("X-RateLimit-Retry-After").or_else(|| wait("Retry-After"));
    let remaining = answer.header("X-RateLimit-Remaining").and_then(|text| text.trim().parse::<u32>().ok());
    match (remaining, pause) {
        (Some(remaining), Some(ends_in)) => Some(Signal { remaining, ends_in }),
        (None, Some(ends_in)) if answer.status == TOO_MANY => Some(Signal { remaining: 0, ends_in }),
        _ => None,
    }
}

/// How long to wait.
fn wait(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let until = |seconds: u64| seconds.saturating_sub(u64::try_from(now.as_second()).unwrap_or(0));
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = match text.parse::<u64>() {
        // A number of more than 64 bits still asks for a wait, and no run waits that long.
        Err(_) if is_number => u64::MAX,
        Ok(number) if number >= EPOCHS => until(number),
        Ok(number) => number,
        Err(_) => {
            let date = httpdate::parse_http_date(text).ok()?;
            until(date.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs())
        }
    };
    // A whole number of seconds may have been rounded down.
    Some(Duration::from_secs(seconds).saturating_add(Duration::from_millis(50)))
}

/// Whether the value of a `Retry-After` says how long to wait.
pub(crate) fn is_readable(text: &str) -> bool {
    wait(text, Timestamp::UNIX_EPOCH).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_as_seconds_as_an_epoch_and_as_a_date() {
        let now = Timestamp::from_second(1_767_225_600).expect("it is a time");
        let read = |text: &str| wait(text, now).map(|wait| wait.as_secs());
        for (text, seconds) in [
            ("0", Some(0)),
            (" 30 ", Some(30)),
            ("86400", Some(86_400)),
            ("1767225660", Some(60)),
            ("1767225000", Some(0)),
            ("Thu, 01 Jan 2026 00:01:00 GMT", Some(60)),
            ("Wed, 31 Dec 2025 00:01:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("99999999999999999999", Some(u64::MAX)),
        ] {
            assert_eq!(read(text), seconds, "{text}");
            assert_eq!(is_readable(text), seconds.is_some(), "{text}");
        }
    }
}
