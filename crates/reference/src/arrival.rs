//! A segment that has arrived completely, and what is wrong with it whatever it belongs to.

use super::clock::Moment;
use super::defect::Defect;
use super::form::{ArrivedFile, Form};
use super::problem::{Problem, kind};
use super::range::ContentRange;
use super::terms::Terms;

/// A segment that has arrived completely.
pub(super) struct Arrival {
    pub(super) form: Form,
    /// The value of its `Content-Range`, if it had one.
    pub(super) range: Option<String>,
    /// When its request began.
    pub(super) began: Moment,
    /// How many segments had been accepted by then.
    pub(super) accepted_before: u64,
}

/// What its header says.
enum Place {
    /// Nothing: the file is all there is.
    Whole,
    Named(ContentRange),
    Malformed,
}

impl Arrival {
    /// Whether it is framed by bytes, as far as can be told before it is judged.
    pub(super) fn is_by_bytes(&self) -> bool {
        matches!(self.place(), Place::Named(ContentRange::Bytes(_)))
    }

    /// Whether it is framed by parts.
    pub(super) fn is_by_parts(&self) -> bool {
        matches!(self.place(), Place::Named(ContentRange::Part(_)))
    }

    /// Its file and its place; the faults of the form come before those of the header.
    pub(super) fn judge(mut self, terms: &Terms) -> Result<(ArrivedFile, Option<ContentRange>), Problem> {
        let broken_off_counts = match self.range {
            Some(_) => terms.has(Defect::BrokenOffRangeCounts),
            None => terms.has(Defect::BrokenOffUploadFinishes),
        };
        let counts_all_the_same = self.form.broken_off && broken_off_counts && self.form.file.is_some();
        if let Some(fault) = self.form.fault.take().filter(|_| !counts_all_the_same) {
            return Err(fault);
        }
        let place = self.place();
        let missing = || Problem::new(kind::NO_FILE, "The form has no file.").of("file");
        let mut file = self.form.file.ok_or_else(missing)?;
        let range = match place {
            Place::Malformed if terms.has(Defect::MalformedRangeIgnored) => None,
            Place::Malformed => {
                let detail =
                    "It is `bytes FROM-TO/TOTAL` or `part N/COUNT`; `*` stands for what is not known yet.";
                return Err(Problem::new(kind::RANGE_MALFORMED, detail).of("Content-Range"));
            }
            Place::Whole => None,
            Place::Named(range) => Some(range),
        };
        if let Some(ContentRange::Bytes(named)) = range
            && counts_all_the_same
        {
            file.length = named.len();
        }
        Ok((file, range))
    }

    fn place(&self) -> Place {
        let Some(value) = &self.range else { return Place::Whole };
        ContentRange::parse(value).map_or(Place::Malformed, Place::Named)
    }
}
