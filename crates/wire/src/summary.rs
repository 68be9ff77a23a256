//! What a body was, in words and without its bytes.

use std::fmt;
use std::path::PathBuf;

use bytes::Bytes;

use super::size::Rounded;
use uptake_payload::{Origin, Seed, Slice};

/// A description of a body that outlives the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum BodySummary {
    /// No body.
    #[default]
    Empty,
    /// Text short enough to be shown, and bytes that are no text.
    Bytes(Bytes),
    /// Content made from a seed.
    Seeded {
        /// The seed.
        seed: Seed,
        /// The first byte.
        from: u64,
        /// How many bytes.
        len: u64,
    },
    /// A range of a file.
    File {
        /// The file.
        path: PathBuf,
        /// The first byte.
        from: u64,
        /// How many bytes.
        len: u64,
        /// How many the file has.
        size: u64,
    },
    /// A form.
    Form {
        /// Its fields in their order.
        fields: Vec<FieldSummary>,
        /// How many bytes it has in all.
        len: u64,
    },
    /// Bytes that were written to the connection as they are, head and all.
    Raw(Bytes),
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSummary {
    /// The field's name.
    pub name: String,
    /// The file name, where one is sent.
    pub file_name: Option<String>,
    /// The part's own content type, where one is sent.
    pub content_type: Option<String>,
    /// What the part holds.
    pub content: BodySummary,
}

/// Text up to this length is shown as it is.
pub(super) const SHOWN: usize = 2048;

impl BodySummary {
    pub(super) fn of(slice: &Slice) -> BodySummary {
        match slice.content().origin() {
            Origin::Seeded(seed) => BodySummary::Seeded { seed, from: slice.from(), len: slice.len() },
            Origin::File(path) => {
                BodySummary::File { path, from: slice.from(), len: slice.len(), size: slice.content().len() }
            }
            Origin::Text(bytes) => {
                let end = slice.from().saturating_add(slice.len()).min(bytes.len() as u64);
                let range = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                let (from, end) = (range(slice.from()), range(end));
                BodySummary::Bytes(bytes.slice(from.min(end)..end))
            }
        }
    }

    /// How many bytes the body has.
    pub fn len(&self) -> u64 {
        match self {
            BodySummary::Empty => 0,
            BodySummary::Bytes(bytes) | BodySummary::Raw(bytes) => bytes.len() as u64,
            BodySummary::Seeded { len, .. }
            | BodySummary::File { len, .. }
            | BodySummary::Form { len, .. } => *len,
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text, where it is text and short.
    pub(super) fn text(bytes: &[u8]) -> Option<&str> {
        let text = std::str::from_utf8(bytes).ok()?;
        let printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
        (text.len() <= SHOWN && text.chars().all(printable)).then_some(text)
    }
}

impl fmt::Display for BodySummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BodySummary::Empty => f.write_str("no body"),
            BodySummary::Bytes(bytes) => match BodySummary::text(bytes) {
                Some(text) => f.write_str(text),
                None => write!(f, "{} of bytes", Rounded(bytes.len() as u64)),
            },
            BodySummary::Raw(bytes) => match BodySummary::text(bytes) {
                Some(text) => f.write_str(text),
                None => write!(f, "{} of raw bytes", Rounded(bytes.len() as u64)),
            },
            BodySummary::Seeded { len, .. } => write!(f, "{} of seeded content", Rounded(*len)),
            BodySummary::File { path, len, .. } => write!(f, "{} of {}", Rounded(*len), path.display()),
            BodySummary::Form { fields, .. } => {
                f.write_str("a form:")?;
                for (index, field) in fields.iter().enumerate() {
                    f.write_str(if index == 0 { " " } else { ", " })?;
                    write!(f, "{} = {}", field.name, field.content)?;
                    if let Some(name) = &field.file_name {
                        write!(f, " named {name}")?;
                    }
                }
                Ok(())
            }
        }
    }
}
