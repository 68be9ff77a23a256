//! Pauses within a segment, as phones make them that sleep: `3s`, or `500ms..5s:10%`.

use super::distribution::{Distribution, TIME_FORMS};
use super::values;

/// How often and how long clients pause within a segment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pauses {
    /// Their lengths, in microseconds.
    pub lengths: Distribution,
    /// The share of segments that pause.
    pub share: f64,
}

impl Pauses {
    /// Reads lengths, and behind a colon the share of segments; without one, all.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (lengths, share) = match text.rsplit_once(':') {
            Some((lengths, share)) => (lengths, values::share(share.trim())),
            None => (text, Ok(1.0)),
        };
        match (Distribution::of_times(lengths), share) {
            (Ok(lengths), Ok(share)) => Ok(Self { lengths, share }),
            (Err(why), _) if why.starts_with("invalid range") => Err(why),
            _ => Err(format!(
                "invalid pause `{text}`: write {TIME_FORMS}; a share of the segments may follow: 2s:10%"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_has_a_length_and_maybe_a_share() {
        let parsed = |text: &str| Pauses::parse(text).map(|pauses| pauses.share);
        assert_eq!(parsed("3s"), Ok(1.0));
        assert_eq!(parsed("500ms..5s:10%"), Ok(0.1));
        assert_eq!(parsed("log-normal(2s, 0.8) : 0.5%"), Ok(0.005));
        assert_eq!(parsed("3*1s, 10s:50%"), Ok(0.5));
    }

    #[test]
    fn an_error_names_all_forms() {
        for text in ["often", "0s", "5s..", ":10%", "3:10%", "2s:0.1", "2s:110%", "2s:"] {
            let why = Pauses::parse(text).expect_err(text);
            for form in ["2s", "500ms..5s", "log-normal(2s, 0.8)", "3*1s, 10s", "2s:10%"] {
                assert!(why.contains(form), "{why}");
            }
        }
        let why = Pauses::parse("9s..1s:10%").expect_err("a range");
        assert_eq!(why, "invalid range `9s..1s`: its start is above its end");
    }
}
