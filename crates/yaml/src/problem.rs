//! What a person must fix in a file, with its place.

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, SourceCode};

use super::node::{SourceFile, Span};
use uptake_outcome::{Mistake, MistakeCode, Place};

/// One mistake in a file: what, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    message: String,
    help: Option<String>,
    code: MistakeCode,
    file: Arc<SourceFile>,
    at: Span,
}

impl Problem {
    /// Says what is wrong, and where.
    pub fn new(file: &Arc<SourceFile>, at: Span, message: impl Into<String>) -> Self {
        let message = short(&message.into(), LONGEST_MESSAGE);
        Self { message, help: None, code: MistakeCode::InvalidValue, file: Arc::clone(file), at }
    }

    /// Says what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(short(&help.into(), LONGEST_HELP));
        self
    }

    /// Says of what kind it is; without this it is an invalid value.
    #[must_use]
    pub(super) fn of_kind(self, code: MistakeCode) -> Self {
        Self { code, ..self }
    }

    /// The mistake as reports show it.
    pub fn to_mistake(&self) -> Mistake {
        Mistake {
            code: self.code,
            message: self.message.clone(),
            help: self.help.clone(),
            place: self.place(),
        }
    }

    /// Whether another says the same of the same place.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        self.message == other.message && self.at == other.at && self.file.name == other.file.name
    }

    /// Where it is.
    pub fn place(&self) -> Place {
        self.file.place(self.at)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&*self.file)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new(Some("here".to_owned()), self.at.offset, self.at.len.clamp(1, BEHIND));
        Some(Box::new(std::iter::once(label)))
    }
}

impl SourceCode for SourceFile {
    fn read_span<'a>(
        &'a self,
        span: &miette::SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        let mut inner = self.text.as_str().read_span(span, lines_before, lines_after)?;
        let near = neighbourhood(&self.text, span.offset());
        // Without lines around it, miette asks for the place alone.
        if lines_before + lines_after > 0 && longest_line(inner.data()) > LONGEST_LINE {
            let near = miette::SourceSpan::new(near.start.into(), near.len());
            inner = self.text.as_str().read_span(&near, 0, 0)?;
        }
        Ok(Box::new(miette::MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            *inner.span(),
            inner.line(),
            inner.column(),
            inner.line_count(),
        )))
    }
}

/// A line that is longer is shown around the mistake alone.
const LONGEST_LINE: usize = 300;
/// So much is shown of such a line, before the mistake and from its beginning.
const BEFORE: usize = 60;
const BEHIND: usize = 120;
/// What is quoted in a message or a help may be long; nobody reads all of it.
const LONGEST_MESSAGE: usize = 400;
const LONGEST_HELP: usize = 2_000;

fn longest_line(data: &[u8]) -> usize {
    data.split(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap_or(0)
}

/// What stands in the same line near to a place.
fn neighbourhood(text: &str, offset: usize) -> std::ops::Range<usize> {
    let within = |at: usize| (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let offset = within(offset.min(text.len()));
    let line_start = text[..offset].rfind('\n').map_or(0, |end| end + 1);
    let line_end = text[offset..].find('\n').map_or(text.len(), |end| offset + end);
    let start = within(offset.saturating_sub(BEFORE)).max(line_start);
    // What is marked must be part of what is shown, be it a line's end.
    start..within((offset + BEHIND).min(text.len())).min(line_end).max(within((offset + 1).min(text.len())))
}

/// A text that may be cut.
fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// All mistakes found in one go; never empty.
#[derive(Debug, Clone)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// `Ok` with `value` where nothing was found.
    pub fn or<T>(found: Vec<Problem>, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if found.is_empty() => Ok(value),
            _ => Err(Self(found)),
        }
    }

    /// The mistakes, in the order of files and lines.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl FromIterator<Problem> for Problems {
    fn from_iter<I: IntoIterator<Item = Problem>>(problems: I) -> Self {
        Self(problems.into_iter().collect())
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => write!(f, "{}", self.0[0]),
            more => {
                write!(f, "{more} mistakes, the first: {}", self.0.first().map_or("", |first| &first.message))
            }
        }
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use miette::{GraphicalReportHandler, GraphicalTheme};

    use super::*;
    use crate::parse;

    fn shown(problem: &Problem) -> String {
        let mut text = String::new();
        GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
            .with_width(100)
            .render_report(&mut text, problem)
            .expect("writing to a String cannot fail");
        text
    }

    #[test]
    fn of_a_long_line_the_neighbourhood_of_the_mistake_is_shown() {
        let long = "x".repeat(300_000);
        for text in [
            format!("a: 1\nb: {{ c: \"{long}\", d: ] }}\ne: 2\n"),
            format!("a: ] {long}\n"),
            format!("a: \"{long}\" ]"),
            format!("{}é: ] {long}", "é".repeat(500)),
        ] {
            let file = SourceFile::new("a.yaml", text);
            let problem = parse(&file).expect_err("a bracket that closes nothing");
            let shown = shown(&problem);
            assert!(shown.len() < 2_000, "{} bytes", shown.len());
            assert!(shown.contains(']') && shown.contains("here"), "{shown}");
        }
    }

    #[test]
    fn what_a_message_quotes_is_cut() {
        let file = SourceFile::new("a.yaml", "a");
        let long = "é".repeat(10_000);
        let problem = Problem::new(&file, Span::default(), format!("`{long}` is no word")).with_help(long);
        assert!(shown(&problem).len() < 8_000);
    }
}
