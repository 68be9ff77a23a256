//! Value parsers for options of several commands: each error says what to write instead.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

use uptake_fuzz::Property;
use uptake_reference::Defect;
use uptake_yaml::{advice, parse_duration};

/// A whole number of at least 1.
pub(super) fn at_least_one(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "write a whole number of at least 1".to_owned())
}

/// A whole number of at least 1, for counts that may be large.
pub(super) fn count(text: &str) -> Result<u64, String> {
    let number = text.parse::<u64>().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "write a whole number of at least 1".to_owned())
}

/// The number that random choices are derived from.
pub(super) fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("write a whole number from 0 to {}", u64::MAX))
}

/// An address to listen on.
pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let hint = "write ADDRESS:PORT, such as 127.0.0.1:8787 or [::1]:0";
    match text.rsplit_once(':') {
        Some(("localhost", port)) if port.parse::<u16>().is_ok() => {
            Err(format!("a host name is not an address: write 127.0.0.1:{port}"))
        }
        Some((host, port)) if port.parse::<u16>().is_err() && host.parse::<IpAddr>().is_ok() => {
            Err(format!("the port is a number from 0 to 65535: {hint}"))
        }
        _ => Err(hint.to_owned()),
    }
}

/// A duration such as `24h`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    // One unit as files write it, or several of hours and below: `7d`, `1h30m`.
    let several =
        || text.parse::<jiff::SignedDuration>().ok().and_then(|length| Duration::try_from(length).ok());
    let duration = parse_duration(text).or_else(several);
    duration.ok_or_else(|| "write a duration such as 7d, 24h, 1h30m or 30s".to_owned())
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
    use super::{at_least_one, defect, duration, listen, property, seed};

    #[test]
    fn zero_is_refused_in_our_own_words() {
        for text in ["0", "-1", "many", "1.5"] {
            assert_eq!(at_least_one(text), Err("write a whole number of at least 1".to_owned()), "{text}");
        }
        assert!(at_least_one("3").is_ok());
    }

    #[test]
    fn a_seed_and_an_address_are_refused_in_our_own_words() {
        insta::assert_snapshot!(
            [
                seed("abc").expect_err("no number"),
                seed("-1").expect_err("below zero"),
                listen("foo").expect_err("no port"),
                listen("localhost:80").expect_err("a name"),
                listen("127.0.0.1:http").expect_err("no number"),
                listen("8787").expect_err("a port alone"),
            ]
            .join("\n"),
            @r"
            write a whole number from 0 to 18446744073709551615
            write a whole number from 0 to 18446744073709551615
            write ADDRESS:PORT, such as 127.0.0.1:8787 or [::1]:0
            a host name is not an address: write 127.0.0.1:80
            the port is a number from 0 to 65535: write ADDRESS:PORT, such as 127.0.0.1:8787 or [::1]:0
            write ADDRESS:PORT, such as 127.0.0.1:8787 or [::1]:0
            "
        );
        assert_eq!(seed("7"), Ok(7));
        assert!(listen("[::1]:0").is_ok());
    }

    #[test]
    fn durations_are_read_as_files_write_them_and_in_several_units() {
        let seconds = ["1d", "24h", "1h30m", "0.5s", "1 parsec", "-1s", ""]
            .map(|text| duration(text).ok().map(|length| length.as_secs_f64()));
        assert_eq!(seconds, [Some(86_400.0), Some(86_400.0), Some(5_400.0), Some(0.5), None, None, None]);
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
