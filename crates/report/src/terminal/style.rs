//! Colour and width, and which tone a verdict has.

use uptake_outcome::{Exit, Verdict};

/// How a page may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    colour: Colour,
    width: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colour {
    Plain,
    Ansi,
}

impl Style {
    const NARROWEST: usize = 60;

    /// Text alone, `width` characters wide.
    pub fn plain(width: usize) -> Self {
        Self { colour: Colour::Plain, width: width.max(Self::NARROWEST) }
    }

    /// Text coloured with ANSI escapes, `width` characters wide.
    pub fn coloured(width: usize) -> Self {
        Self { colour: Colour::Ansi, ..Self::plain(width) }
    }

    pub(super) fn width(self) -> usize {
        self.width
    }

    /// What switches the tone on and off again, where there is colour.
    pub(super) fn escapes(self, tone: Tone) -> Option<(String, String)> {
        match (self.colour, tone.code()) {
            (Colour::Ansi, Some(code)) => Some((format!("\u{1b}[{code}m"), "\u{1b}[0m".to_owned())),
            _ => None,
        }
    }

    pub(super) fn paint(self, tone: Tone, text: &str) -> String {
        match self.escapes(tone) {
            Some((on, off)) => format!("{on}{text}{off}"),
            None => text.to_owned(),
        }
    }

    pub(super) fn paint_strong(self, tone: Tone, text: &str) -> String {
        match self.colour {
            Colour::Plain => text.to_owned(),
            Colour::Ansi => {
                let code = tone.code().map(|code| format!(";{code}")).unwrap_or_default();
                format!("\u{1b}[1{code}m{text}\u{1b}[0m")
            }
        }
    }
}

/// What a colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Good,
    Bad,
    Doubt,
    Warning,
    Quiet,
}

impl Tone {
    fn code(self) -> Option<u8> {
        match self {
            Self::Plain => None,
            Self::Good => Some(32),
            Self::Bad => Some(31),
            Self::Doubt => Some(35),
            Self::Warning => Some(33),
            Self::Quiet => Some(2),
        }
    }
}

pub(super) fn tone_of(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Passed => Tone::Good,
        Verdict::Failed => Tone::Bad,
        Verdict::Blocked | Verdict::Inconclusive => Tone::Doubt,
        Verdict::Tolerated | Verdict::Waived | Verdict::Suspended => Tone::Warning,
        Verdict::NotApplicable | Verdict::NotCovered => Tone::Quiet,
    }
}

pub(super) fn tone_of_exit(exit: Exit) -> Tone {
    match exit {
        Exit::Success => Tone::Good,
        Exit::Failed | Exit::BadInput => Tone::Bad,
        Exit::CouldNotTest | Exit::NothingTested => Tone::Doubt,
        Exit::Suspended | Exit::Interrupted => Tone::Warning,
    }
}
