//! `--fail-if-worse`: by how much figures may be worse.

use uptake_outcome::load::{Tolerance, comparable_figures};
use uptake_yaml::{advice, parse_share};

/// Reads `10%`, or `upload.p99 10%`.
pub(super) fn parse_tolerance(text: &str) -> Result<Tolerance, String> {
    let text = text.trim();
    let Some((figure, share)) = text.split_once(char::is_whitespace).filter(|(_, share)| share.trim() != "%")
    else {
        return Ok(Tolerance { figure: None, allowed: parse_share(text)? });
    };
    let known = comparable_figures();
    if !known.iter().any(|name| name == figure) {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        return Err(format!("unknown figure `{figure}`: {}", advice(figure, &known)));
    }
    Ok(Tolerance { figure: Some(figure.to_owned()), allowed: parse_share(share)? })
}

#[cfg(test)]
mod tests {
    use super::{Tolerance, parse_tolerance};

    #[test]
    fn a_tolerance_is_a_share_with_or_without_a_figure() {
        let all = Tolerance { figure: None, allowed: 0.1 };
        assert_eq!(parse_tolerance("10%"), Ok(all.clone()));
        assert_eq!(parse_tolerance("10 %"), Ok(all));
        let one = Tolerance { figure: Some("upload.p99".to_owned()), allowed: 0.1 };
        assert_eq!(parse_tolerance("upload.p99 10%"), Ok(one));
    }

    #[test]
    fn a_share_without_a_unit_and_an_unknown_figure_are_refused() {
        for (text, hint) in [
            ("10", "write 10%"),
            ("0.1", "write 10%"),
            ("upload.p99 10", "write 10%"),
            ("uplod.p99 10%", "did you mean `upload.p99`?"),
            ("upload.p99", "invalid share `upload.p99`"),
        ] {
            assert!(parse_tolerance(text).expect_err(text).contains(hint), "{text}");
        }
    }
}
