//! Numbers with units: sizes in bytes, durations in seconds.

use std::time::Duration;

const UNITS: [(&str, i64); 12] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("B", 1),
    ("s", 1),
    ("m", 60),
    ("h", 3_600),
    ("d", 86_400),
];

/// A whole number: `60`, `5MiB` in bytes, `24h` in seconds. `None` where it is none, or overflows.
pub fn parse_integer(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '-' && c != '_').unwrap_or(text.len());
    let number: i64 = text[..digits].replace('_', "").parse().ok()?;
    let unit = text[digits..].trim_start();
    if unit.is_empty() {
        return Some(number);
    }
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number.checked_mul(*factor)
}

/// A duration: `500ms`, `2s`, `1.5s`, `5m`, `24h`, `7d`. A number alone is not one: its unit would be a guess.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let number: f64 = text[..digits].parse().ok()?;
    let seconds = match text[digits..].trim_start() {
        "ms" => number / 1_000.0,
        "s" => number,
        "m" => number * 60.0,
        "h" => number * 3_600.0,
        "d" => number * 86_400.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

/// A number of bytes: `64KiB`, `5MiB`, `1000`. Units of time are none of bytes.
pub fn parse_size(text: &str) -> Option<u64> {
    let unit =
        text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_' || c.is_whitespace()).trim_end();
    if matches!(unit, "s" | "m" | "h" | "d") {
        return None;
    }
    parse_integer(text).and_then(|number| u64::try_from(number).ok())
}

/// A share of one: `10%`, `0.1%`. A number alone is not one, but for `0`: whether `10` means 10 % or 1000 % would be a guess.
/// The error says what is wrong, and how to write it.
pub fn parse_share(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let number = |digits: &str| {
        // No sign, no exponent, neither `inf` nor `nan`.
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        digits.parse::<f64>().ok().filter(|number| is_plain && number.is_finite())
    };
    if let Some(percent) = text.strip_suffix('%').map(str::trim).and_then(number) {
        return Ok(percent / 100.0);
    }
    match number(text) {
        Some(0.0) => Ok(0.0),
        Some(share) if share < 1.0 => {
            Err(format!("invalid share `{text}`: write {}%", (share * 100.0 * 1e6).round() / 1e6))
        }
        Some(_) => Err(format!("invalid share `{text}`: write {text}%")),
        None => Err(format!("invalid share `{text}`: write 10% or 0.1%")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_needs_its_unit() {
        for (text, share) in [("10%", 0.1), ("0.1 %", 0.001), ("0", 0.0), ("250%", 2.5)] {
            assert_eq!(parse_share(text), Ok(share), "{text}");
        }
        for (text, hint) in [
            ("10", "write 10%"),
            ("1", "write 1%"),
            ("0.05", "write 5%"),
            ("", "write 10% or 0.1%"),
            ("-5%", "write 10% or 0.1%"),
            ("nan%", "write 10% or 0.1%"),
            ("1e3%", "write 10% or 0.1%"),
            ("%", "write 10% or 0.1%"),
        ] {
            assert!(parse_share(text).expect_err(text).ends_with(hint), "{text}");
        }
    }

    #[test]
    fn a_size_has_no_unit_of_time() {
        assert_eq!(parse_size("5MiB"), Some(5 << 20));
        assert_eq!(parse_size("1_000"), Some(1_000));
        for text in ["5m", "5 s", "-1", "5 apples", ""] {
            assert_eq!(parse_size(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_are_bytes_and_durations_seconds() {
        for (text, number) in
            [("0", 0), ("-1", -1), ("5MiB", 5_242_880), ("1 KiB", 1024), ("24h", 86_400), ("52_428", 52_428)]
        {
            assert_eq!(parse_integer(text), Some(number), "{text}");
        }
        for text in ["", "MiB", "5 apples", "1.5MiB", "9999999999GiB", "5mib"] {
            assert_eq!(parse_integer(text), None, "{text}");
        }
    }

    #[test]
    fn a_duration_has_a_unit() {
        assert_eq!(parse_duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse_duration("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(parse_duration("7d"), Some(Duration::from_secs(604_800)));
        for text in ["", "5", "s", "5 parsecs", "-1s", "1e99d", "99999999999999999999999d"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
