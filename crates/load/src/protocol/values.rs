//! The values that requests of an upload use: numbers of the segment, and what earlier responses gave.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use uptake_suite::expr::{Digests, EvalError, Piece, Scope};

/// Values of earlier responses, by slot.
pub(crate) type Saved = Vec<Option<Value>>;

/// The numbers of a segment and its upload.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Numbers {
    pub(crate) from: u64,
    pub(crate) length: u64,
    pub(crate) number: u64,
    pub(crate) total: u64,
    pub(crate) count: u64,
}

/// A number of a segment or its upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    From,
    To,
    Length,
    Ordinal,
    Total,
    Count,
}

impl Number {
    /// The number that this name stands for in a suite.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "from" => Self::From,
            "to" => Self::To,
            "length" => Self::Length,
            "number" => Self::Ordinal,
            "total" => Self::Total,
            "count" => Self::Count,
            _ => return None,
        })
    }
}

impl Numbers {
    /// One of them. The last byte of an empty segment lies before its first.
    pub(super) fn of(&self, number: Number) -> i64 {
        let number = match number {
            Number::From => self.from,
            Number::To => (self.from + self.length).wrapping_sub(1),
            Number::Length => self.length,
            Number::Ordinal => self.number,
            Number::Total => self.total,
            Number::Count => self.count,
        };
        // No file has 2^63 bytes; -1 is what 0 - 1 wraps to.
        number.cast_signed()
    }
}

/// What is known before the run, and under which slot each saved value is kept.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(super) given: BTreeMap<String, Value>,
    pub(super) slots: Vec<String>,
}

impl Known {
    /// How many slots there are.
    pub(crate) fn count(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn slot(&self, name: &str) -> Option<usize> {
        self.slots.iter().position(|slot| slot == name)
    }
}

/// All values that a request may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Values<'v> {
    pub(crate) known: &'v Arc<Known>,
    pub(crate) numbers: Numbers,
    pub(crate) saved: &'v [Option<Value>],
    /// The accepted segments, for the request that completes the upload.
    pub(crate) parts: Option<&'v Value>,
    /// The status of a response that is judged.
    pub(crate) status: Option<u16>,
}

impl Scope for Values<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        if let Some(slot) = self.known.slot(name) {
            return self.saved.get(slot).cloned().flatten();
        }
        match name {
            "parts" => self.parts.cloned(),
            "answer.status" => self.status.map(Value::from),
            _ => match Number::named(name) {
                Some(number) => Some(self.numbers.of(number).into()),
                None => self.known.given.get(name).cloned(),
            },
        }
    }

    fn digests(&self) -> &dyn Digests {
        self
    }

    fn unique_text(&self) -> String {
        use std::sync::atomic::{AtomicU64, Ordering};
        static DRAWN: AtomicU64 = AtomicU64::new(0);
        let drawn = DRAWN.fetch_add(1, Ordering::Relaxed);
        let now = jiff::Timestamp::now().as_nanosecond();
        format!("{now:x}{drawn:x}")
    }
}

impl Digests for Values<'_> {
    fn digest(&self, _: &str, piece: Piece<'_>) -> Result<Vec<u8>, EvalError> {
        Err(EvalError::Harness(format!("load computes no digest of `{}`", piece.content)))
    }
}

/// The same values and one more.
pub(super) struct Extended<'v> {
    pub(super) values: &'v Values<'v>,
    pub(super) name: &'v str,
    pub(super) value: Value,
}

impl Scope for Extended<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        if name == self.name { Some(self.value.clone()) } else { self.values.value(name) }
    }

    fn digests(&self) -> &dyn Digests {
        self.values
    }

    fn unique_text(&self) -> String {
        self.values.unique_text()
    }
}

#[cfg(test)]
mod tests {
    use super::{Number, Numbers};

    #[test]
    fn the_last_byte_of_an_empty_segment_lies_before_its_first() {
        let last = |from, length| Numbers { from, length, ..Numbers::default() }.of(Number::To);
        assert_eq!((last(0, 0), last(0, 1), last(7, 0), last(7, 3)), (-1, 0, 6, 9));
    }
}
