//! A form that has arrived completely, and what is wrong with it whatever video it belongs to.

use super::content_range::ContentRange;
use crate::form::reader::{ArrivedFile, Form};
use crate::policy::decisions::Policy;
use crate::problem::{Problem, kind};
use crate::timestamp::Timestamp;

/// A form that has arrived completely.
pub(crate) struct ReceivedForm {
    pub(crate) form: Form,
    pub(crate) range: ContentRange,
    /// When its request began.
    pub(crate) began: Timestamp,
    /// How many segments had been accepted by then.
    pub(crate) accepted_before: u64,
}

impl ReceivedForm {
    /// Its file; the faults of the form come before those of the header.
    pub(crate) fn into_file(self, policy: &Policy) -> Result<ArrivedFile, Problem> {
        if let Some(fault) = self.form.fault {
            return Err(fault);
        }
        let missing = || Problem::new(kind::NO_FILE, "The form has no file.").of("file");
        let mut file = self.form.file.ok_or_else(missing)?;
        if self.range == ContentRange::Malformed {
            let detail = "It is `bytes FROM-TO/TOTAL` or `part N/COUNT`; `*` means not known yet.";
            return Err(Problem::of_range(kind::RANGE_MALFORMED, detail));
        }
        file.length = policy.file_length(self.range, self.form.broken_off, file.length);
        Ok(file)
    }
}
