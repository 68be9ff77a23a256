//! Several conditions that must all hold: `upload.p99 < 2s and errors < 0.1%`.

use std::fmt;
use std::str::FromStr;

use super::condition::Threshold;
use super::figures::Figures;
use uptake_outcome::load::Phase;

/// Conditions that must all hold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Conjunction {
    conditions: Vec<Threshold>,
    written: String,
}

impl FromStr for Conjunction {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let parts = words.split(|word| *word == "and").map(|part| part.join(" "));
        let conditions = parts.map(|part| part.parse()).collect::<Result<_, String>>();
        let conditions = conditions.map_err(|why| {
            if why.starts_with("invalid condition") {
                format!(
                    "invalid condition `{text}`: write upload.p99 < 2s, or upload.p99 < 2s and errors < 0.1%"
                )
            } else {
                why
            }
        })?;
        Ok(Self { conditions, written: words.join(" ") })
    }
}

impl Conjunction {
    /// Whether all hold. A condition on a figure that was not measured does not.
    pub(crate) fn holds(&self, figures: &impl Figures) -> bool {
        self.conditions.iter().all(|condition| condition.holds(figures))
    }

    /// Each figure with its value.
    pub(crate) fn values(&self, figures: &impl Figures) -> Vec<String> {
        self.conditions.iter().map(|condition| condition.value(figures)).collect()
    }

    /// The phases whose samples are needed.
    pub(crate) fn phases(&self) -> impl Iterator<Item = Phase> {
        self.conditions.iter().filter_map(Threshold::phase)
    }

    /// The longest time that a condition allows, in microseconds.
    pub(crate) fn longest(&self) -> Option<f64> {
        self.conditions.iter().filter_map(Threshold::longest).max_by(f64::total_cmp)
    }
}

impl fmt::Display for Conjunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::Conjunction;
    use crate::threshold::{Counts, Figures};
    use uptake_outcome::load::{Micros, Phase};

    struct Failing(u64);

    impl Figures for Failing {
        fn samples(&self, _phase: Phase) -> Option<&Micros> {
            None
        }

        fn counts(&self) -> Counts {
            Counts { uploads: 1_000 - self.0, errors: self.0, seconds: 10.0, ..Counts::default() }
        }
    }

    fn holds(text: &str, errors: u64) -> bool {
        text.parse::<Conjunction>().expect(text).holds(&Failing(errors))
    }

    #[test]
    fn all_conditions_must_hold() {
        assert!(holds("errors < 0.5%", 4));
        assert!(holds("errors < 0.5%  and rate > 50/s", 4));
        assert!(!holds("errors < 0.5% and rate > 500/s", 4));
        assert!(!holds("errors < 0.5% and rate > 50/s", 5));
        assert!(!holds("upload.p99 < 2s", 0), "it was not measured");
    }

    #[test]
    fn an_invalid_part_is_explained() {
        for (text, hint) in [
            ("upload.p99 < 2s and", "write upload.p99 < 2s, or upload.p99 < 2s and errors < 0.1%"),
            ("upload.p99 < 2s or errors < 1%", "write 500us, 20ms or 2s"),
            ("uplod.p99 < 2s and errors < 1%", "did you mean `upload.p99`?"),
        ] {
            let why = text.parse::<Conjunction>().expect_err(text);
            assert!(why.contains(hint), "{text}: {why}");
        }
    }

    #[test]
    fn the_longest_allowed_time_is_known() {
        let longest = |text: &str| text.parse::<Conjunction>().expect(text).longest();
        assert_eq!(longest("upload.p50 < 100ms and upload.p99 < 2s"), Some(2e6));
        assert_eq!(longest("errors < 1%"), None);
    }
}
