//! Value parsers for options of several commands: each error says what to write instead.

use std::num::NonZeroUsize;
use std::time::Duration;

use uptake_fuzz::Property;
use uptake_reference::Defect;
use uptake_yaml::advice;

/// A whole number of at least 1.
pub(super) fn at_least_one(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "write a whole number of at least 1".to_owned())
}

/// A whole number of at least 1, for counts that may be large.
pub(super) fn count(text: &str) -> Result<u64, String> {
    let number = text.parse::<u64>().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "write a whole number of at least 1".to_owned())
}

/// A duration such as `24h`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let duration =
        text.parse::<jiff::SignedDuration>().ok().and_then(|length| Duration::try_from(length).ok());
    duration.ok_or_else(|| "write a duration such as 24h, 90m or 30s".to_owned())
}

/// A defect by its name.
pub(super) fn defect(name: &str) -> Result<Defect, String> {
    let known = Defect::all();
    known.iter().copied().find(|defect| defect.name() == name).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|defect| defect.name()).collect();
        unknown("defect", name, &names, "`uptake serve --list-defects` lists all defects")
    })
}

/// A property by its name.
pub(super) fn property(name: &str) -> Result<Property, String> {
    let names: Vec<&str> = Property::ALL.iter().map(|property| property.name()).collect();
    Property::ALL
        .into_iter()
        .find(|property| property.name() == name)
        .ok_or_else(|| unknown("property", name, &names, &format!("properties: {}", names.join(", "))))
}

/// Says that there is no such name, with the nearest one, or else with where to find all of them.
pub(super) fn unknown(kind: &str, name: &str, known: &[&str], list: &str) -> String {
    let advice = advice(name, known);
    let suggestion =
        if advice.starts_with("did you mean") { format!("{advice} {list}") } else { list.to_owned() };
    format!("unknown {kind} `{name}`; {suggestion}")
}

#[cfg(test)]
mod tests {
    use super::{at_least_one, defect, property};

    #[test]
    fn zero_is_refused_in_our_own_words() {
        for text in ["0", "-1", "many", "1.5"] {
            assert_eq!(at_least_one(text), Err("write a whole number of at least 1".to_owned()), "{text}");
        }
        assert!(at_least_one("3").is_ok());
    }

    #[test]
    fn a_misspelt_name_is_suggested() {
        let error = defect("ttl-in-miliseconds").expect_err("misspelt");
        assert!(error.contains("did you mean `ttl-in-milliseconds`?"), "{error}");
        assert!(error.contains("uptake serve --list-defects"), "{error}");
        let error = property("refusals").expect_err("misspelt");
        assert!(error.contains("did you mean `refusal`?"), "{error}");
        assert!(!defect("zzz").expect_err("unknown").contains("did you mean"));
    }
}
