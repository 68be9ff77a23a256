//! What a person must fix in a file, with its place.

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, SourceCode};

use super::node::{SourceFile, Span};
use uptake_outcome::Place;

/// One mistake in a file: what, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    message: String,
    help: Option<String>,
    file: Arc<SourceFile>,
    at: Span,
}

impl Problem {
    /// Says what is wrong, and where.
    pub fn new(file: &Arc<SourceFile>, at: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, file: Arc::clone(file), at }
    }

    /// Says what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
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
        let label = LabeledSpan::new(Some("here".to_owned()), self.at.offset, self.at.len.max(1));
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
        let inner = self.text.as_str().read_span(span, lines_before, lines_after)?;
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
