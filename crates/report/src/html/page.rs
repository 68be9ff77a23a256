//! What all pages share: the frame, the style, the script, and small parts such as tiles and bars.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::figures::micros;
use crate::text::printable;
use uptake_outcome::{Exit, Verdict};

const STYLE: &str = include_str!("../../templates/page.css");
const SCRIPT: &str = include_str!("../../templates/page.js");

/// The frame of a page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) title: String,
    pub(super) kind: &'static str,
    pub(super) heading: String,
    pub(super) subject: String,
    pub(super) tone: &'static str,
    pub(super) word: String,
    pub(super) sentence: String,
    pub(super) footer: String,
    pub(super) policy: String,
}

impl Page {
    /// A page with a result: `sentence` begins with a word in capitals and a colon.
    pub(super) fn new(kind: &'static str, heading: &str, exit: Exit, sentence: &str) -> Self {
        let (word, rest) = sentence.split_once(": ").unwrap_or(("RESULT", sentence));
        Self {
            title: format!("{word}: {}", shown(heading)),
            kind,
            heading: shown(heading),
            subject: String::new(),
            tone: tone_of(exit),
            word: word.to_owned(),
            sentence: shown(rest),
            footer: String::new(),
            policy: policy(),
        }
    }

    pub(super) fn about(mut self, subject: &str) -> Self {
        self.subject = shown(subject);
        self
    }

    pub(super) fn made_by(mut self, uptake: &str, started_at: &str) -> Self {
        self.footer = shown(&format!("uptake {uptake}, run started {started_at}"));
        self
    }

    /// The style sheet.
    #[expect(clippy::unused_self, reason = "templates call methods of their values")]
    pub(super) fn style(&self) -> &'static str {
        STYLE
    }

    /// The script.
    #[expect(clippy::unused_self, reason = "templates call methods of their values")]
    pub(super) fn script(&self) -> &'static str {
        SCRIPT
    }
}

/// Nothing may be loaded, and only the page's own script may run.
fn policy() -> String {
    let sum = STANDARD.encode(Sha256::digest(SCRIPT));
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{sum}'; base-uri 'none'; form-action 'none'"
    )
}

/// The class of an exit code.
fn tone_of(exit: Exit) -> &'static str {
    match exit {
        Exit::Success => "good",
        Exit::Failed | Exit::BadInput => "bad",
        Exit::CouldNotTest | Exit::NothingTested | Exit::Interrupted => "doubt",
        Exit::Suspended => "quiet",
    }
}

/// The class of a verdict.
pub(super) fn tone_of_verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "good",
        Verdict::Failed => "bad",
        Verdict::Tolerated | Verdict::Waived | Verdict::Blocked | Verdict::Inconclusive => "doubt",
        Verdict::Suspended | Verdict::NotApplicable | Verdict::NotCovered => "quiet",
    }
}

/// A text with control characters spelt out. The template escapes what means something in HTML.
pub(super) fn shown(text: &str) -> String {
    printable(text).trim_end().to_owned()
}

/// A time in the unit in which it reads well.
pub(super) fn time(number: u64) -> String {
    spelt(&micros(number))
}

/// A figure with the sign for microseconds, which not every terminal has.
pub(super) fn spelt(figure: &str) -> String {
    figure.replace(" us", " \u{b5}s")
}

/// The text of a figure.
pub(super) struct TileText(String);

impl From<String> for TileText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<usize> for TileText {
    fn from(number: usize) -> Self {
        Self(number.to_string())
    }
}

impl From<u64> for TileText {
    fn from(number: u64) -> Self {
        Self(number.to_string())
    }
}

/// A figure that stands out.
#[derive(Debug)]
pub(super) struct Tile {
    pub(super) label: &'static str,
    pub(super) value: String,
    pub(super) unit: String,
    pub(super) tone: &'static str,
}

impl Tile {
    pub(super) fn new(label: &'static str, value: impl Into<TileText>) -> Self {
        Self { label, value: value.into().0, unit: String::new(), tone: "" }
    }

    /// In a colour, where `applies`.
    pub(super) fn toned(mut self, tone: &'static str, applies: bool) -> Self {
        self.tone = if applies { tone } else { "" };
        self
    }

    pub(super) fn unit(mut self, unit: String) -> Self {
        self.unit = unit;
        self
    }
}

/// A part of a bar, as long as its count.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) tone: &'static str,
    pub(super) count: usize,
}

/// Lines under a title, such as warnings.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) tone: &'static str,
    pub(super) title: &'static str,
    pub(super) lines: Vec<String>,
}

impl Note {
    /// A note, where there is something to say.
    pub(super) fn some(tone: &'static str, title: &'static str, lines: &[String]) -> Option<Self> {
        let lines: Vec<String> = lines.iter().map(|line| shown(line)).collect();
        (!lines.is_empty()).then_some(Self { tone, title, lines })
    }
}

/// A label and a text.
pub(super) type Fact = (&'static str, String);

/// A fact, where its text is not empty.
pub(super) fn fact(label: &'static str, text: &str) -> Option<Fact> {
    (!text.trim().is_empty()).then(|| (label, shown(text)))
}

/// A choice of a filter.
#[derive(Debug)]
pub(super) struct Chip {
    pub(super) word: &'static str,
    pub(super) tone: &'static str,
    pub(super) count: usize,
}

/// What a filter by text looks through.
pub(super) fn searchable(texts: &[&str]) -> String {
    shown(&texts.join(" ")).to_lowercase()
}

/// Values in the order in which they first occur.
pub(super) fn distinct<'v>(values: impl Iterator<Item = &'v str>) -> Vec<&'v str> {
    let mut found: Vec<&str> = Vec::new();
    for value in values {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}
