//! What a scenario sent and received, how long it took, and the lines of its file that reports show.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::finding::{ExchangeRecord, Place};

/// A scenario that ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioRecord {
    /// The name of the scenario.
    pub scenario: String,
    /// Its file.
    pub file: String,
    /// How long it ran in this process, in seconds.
    pub took_seconds: f64,
    /// Its exchanges in the order in which they ended, where a rule failed in it or a HAR file was asked for. Attempts that were
    /// repeated are left out, and clean-up is, unless a HAR file was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<SentExchange>,
    /// A shell script that repeats the exchanges, where a rule failed: tokens are read from the responses when it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
}

/// An exchange of a scenario, with secrets masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SentExchange {
    /// What the scenario calls it.
    pub label: String,
    /// When it began, in UTC.
    pub started_at: String,
    /// The request headers, in order.
    pub headers: Vec<(String, String)>,
    /// The request body where it is short text, or what it holds.
    pub body: String,
    /// The size of the request body in bytes.
    pub body_bytes: u64,
    /// The request, its response and its duration.
    pub exchange: ExchangeRecord,
}

/// Lines of a scenario file around the place of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Excerpt {
    /// The place.
    pub place: Place,
    /// The number of the first line, from 1.
    pub first_line: u32,
    /// The lines.
    pub lines: Vec<String>,
}

impl Excerpt {
    /// The lines of `text` around `place`; nothing where the file has no such line.
    pub fn of(text: &str, place: &Place) -> Option<Self> {
        const BEFORE: u32 = 5;
        const AFTER: u32 = 3;
        let first_line = place.line.saturating_sub(BEFORE).max(1);
        let lines: Vec<String> = (1..)
            .zip(text.lines())
            .filter(|(number, _)| (first_line..=place.line.saturating_add(AFTER)).contains(number))
            .map(|(_, line)| line.to_owned())
            .collect();
        let marked: u32 = place.line.checked_sub(first_line)?;
        let has_line = u32::try_from(lines.len()).is_ok_and(|count| count > marked);
        has_line.then(|| Self { place: place.clone(), first_line, lines })
    }
}

#[cfg(test)]
mod tests {
    use super::Excerpt;
    use crate::Place;

    fn excerpt(line: u32) -> Option<(u32, Vec<String>)> {
        let lines: Vec<String> = (1..=12).map(|number| format!("line {number}")).collect();
        let place = Place { file: "a.yaml".to_owned(), line, column: 1 };
        Excerpt::of(&lines.join("\n"), &place).map(|excerpt| (excerpt.first_line, excerpt.lines))
    }

    #[test]
    fn the_line_stands_among_those_around_it() {
        let (first, lines) = excerpt(8).expect("there is such a line");
        assert_eq!((first, lines.len()), (3, 9));
        assert_eq!(lines[5], "line 8");
    }

    #[test]
    fn the_first_and_the_last_line_have_fewer_around_them() {
        assert_eq!(excerpt(1).map(|(first, lines)| (first, lines.len())), Some((1, 4)));
        assert_eq!(excerpt(12).map(|(first, lines)| (first, lines.len())), Some((7, 6)));
    }

    #[test]
    fn a_line_that_is_not_there_has_no_excerpt() {
        assert_eq!((excerpt(0), excerpt(13)), (None, None));
    }
}
