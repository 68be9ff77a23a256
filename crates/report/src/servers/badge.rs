//! A badge: an image, and the JSON that badge services read (the endpoint form of shields.io).

use serde_json::json;

use crate::text::printable;
use uptake_outcome::{Level, LevelScore, ServerEntry};

/// A badge in both forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// The image, which loads nothing from elsewhere.
    pub svg: String,
    /// The JSON for badge services.
    pub json: String,
}

/// The badge of a suite against a server: the levels that the server meets, or its score on `must` rules.
pub fn badge(entry: &ServerEntry) -> Badge {
    let (message, colour) = message(entry);
    let label = printable(&entry.suite).into_owned();
    let json = json!({
        "schemaVersion": 1,
        "label": label,
        "message": message,
        "color": colour.name(),
    });
    Badge { svg: svg(&label, &message, colour), json: format!("{json:#}\n") }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colour {
    Good,
    Bad,
    Unknown,
}

impl Colour {
    /// The name that badge services know.
    fn name(self) -> &'static str {
        match self {
            Self::Good => "brightgreen",
            Self::Bad => "red",
            Self::Unknown => "lightgrey",
        }
    }

    /// Dark enough to be read under white text.
    fn fill(self) -> &'static str {
        match self {
            Self::Good => "#16703c",
            Self::Bad => "#b3202c",
            Self::Unknown => "#5b6675",
        }
    }
}

fn message(entry: &ServerEntry) -> (String, Colour) {
    let levels = entry.run.as_ref().map(uptake_outcome::Run::levels).unwrap_or_default();
    let Some(must) = levels.iter().find(|score| score.level == Level::Must) else {
        return ("not tested".to_owned(), Colour::Unknown);
    };
    if !must.is_met() {
        let colour = if must.broken > 0 { Colour::Bad } else { Colour::Unknown };
        return (format!("must {must}"), colour);
    }
    let met = levels.iter().take_while(|score| score.is_met());
    let met: Vec<String> = met.map(|score: &LevelScore| score.level.to_string()).collect();
    (format!("{} met", met.join(", ")), Colour::Good)
}

/// The usual flat form: the label on grey, the message on its colour.
fn svg(label: &str, message: &str, colour: Colour) -> String {
    let (left, right) = (width(label), width(message));
    let all = left + right;
    let (label, message) = (escaped(label), escaped(message));
    let middle = |from: usize, width: usize| from * 10 + width * 5;
    let text = |text: &str, from: usize, width: usize| {
        format!(
            "<text x=\"{}\" y=\"140\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\">{text}</text>",
            middle(from, width),
            (width - PADDING) * 10
        )
    };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{all}\" height=\"20\" role=\"img\" aria-label=\"{label}: {message}\">\n\
         <title>{label}: {message}</title>\n\
         <clipPath id=\"r\"><rect width=\"{all}\" height=\"20\" rx=\"3\"/></clipPath>\n\
         <g clip-path=\"url(#r)\"><rect width=\"{left}\" height=\"20\" fill=\"#3d4653\"/>\
         <rect x=\"{left}\" width=\"{right}\" height=\"20\" fill=\"{}\"/></g>\n\
         <g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"110\" transform=\"scale(.1)\">{}{}</g>\n\
         </svg>\n",
        colour.fill(),
        text(&label, 0, left),
        text(&message, left, right)
    )
}

/// Pixels left and right of a text.
const PADDING: usize = 12;

/// The width of a part in pixels; the text is fitted into it.
fn width(text: &str) -> usize {
    text.chars().map(|letter| if "fijlrt.,:/|' ".contains(letter) { 5 } else { 7 }).sum::<usize>() + PADDING
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::badge;
    use crate::sample;
    use uptake_outcome::{Run, ServerEntry, Verdict};

    fn entry(suite: &str, run: Option<Run>) -> ServerEntry {
        let (server, version) = ("server".to_owned(), "1".to_owned());
        ServerEntry { server, version, run, suite: suite.to_owned(), error: None }
    }

    fn message(run: Option<Run>) -> (String, String) {
        let json: serde_json::Value = serde_json::from_str(&badge(&entry("tus", run)).json).expect("JSON");
        let text = |key: &str| json[key].as_str().expect("a string").to_owned();
        (text("message"), text("color"))
    }

    fn run(verdicts: &[Verdict]) -> Run {
        let mut run = sample::green();
        let rule = run.rules[0].clone();
        let of = |(number, verdict): (usize, &Verdict)| uptake_outcome::RuleResult {
            id: format!("A-{number}"),
            level: uptake_outcome::Level::Must,
            verdict: *verdict,
            ..rule.clone()
        };
        run.rules = verdicts.iter().enumerate().map(of).collect();
        run
    }

    #[test]
    fn it_names_the_levels_that_are_met_or_the_score() {
        let met = ("must met".to_owned(), "brightgreen".to_owned());
        assert_eq!(message(Some(run(&[Verdict::Passed, Verdict::NotApplicable]))), met);
        let failed = ("must 1/2".to_owned(), "red".to_owned());
        assert_eq!(message(Some(run(&[Verdict::Passed, Verdict::Failed]))), failed);
        assert_eq!(
            message(Some(run(&[Verdict::Passed, Verdict::Waived]))),
            failed,
            "a waiver undoes nothing"
        );
        let half = ("must 1/2".to_owned(), "lightgrey".to_owned());
        assert_eq!(message(Some(run(&[Verdict::Passed, Verdict::Blocked]))), half);
        assert_eq!(message(None), ("not tested".to_owned(), "lightgrey".to_owned()));
    }

    #[test]
    fn the_image_is_well_formed_whatever_the_name() {
        let svg = badge(&entry("a<b & \"c\"\u{1b}", None)).svg;
        assert!(svg.contains("a&lt;b &amp; &quot;c&quot;") && !svg.contains('\u{1b}'), "{svg}");
        insta::assert_snapshot!(badge(&entry("tus", Some(run(&[Verdict::Passed])))).svg);
    }
}
