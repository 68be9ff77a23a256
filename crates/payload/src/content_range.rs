//! The value of a Content-Range request header, as it is written.

use std::fmt;

/// A Content-Range in one of the two framings of a progressive upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentRange {
    /// `bytes FROM-TO/TOTAL`, both ends included; without a total, `bytes FROM-TO/*`.
    Bytes {
        /// The first byte.
        from: u64,
        /// The last byte.
        to: u64,
        /// The file's size, where it is named.
        total: Option<u64>,
    },
    /// `part NUMBER/COUNT`; without a count, `part NUMBER/*`.
    Part {
        /// The part's place, from 1.
        number: u64,
        /// How many parts there are, where that is named.
        count: Option<u64>,
    },
}

impl fmt::Display for ContentRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = match self {
            ContentRange::Bytes { from, to, total } => {
                write!(f, "bytes {from}-{to}/")?;
                total
            }
            ContentRange::Part { number, count } => {
                write!(f, "part {number}/")?;
                count
            }
        };
        match whole {
            Some(whole) => write!(f, "{whole}"),
            None => f.write_str("*"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ContentRange::{Bytes, Part};

    #[test]
    fn both_framings_are_written_with_and_without_their_whole() {
        for (range, text) in [
            (Bytes { from: 0, to: 9, total: Some(10) }, "bytes 0-9/10"),
            (Bytes { from: 10, to: 10, total: None }, "bytes 10-10/*"),
            (Part { number: 1, count: Some(3) }, "part 1/3"),
            (Part { number: 2, count: None }, "part 2/*"),
        ] {
            assert_eq!(range.to_string(), text);
        }
    }
}
