//! The model's own reading of Content-Range.

/// What a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Range {
    /// `bytes FROM-TO/TOTAL`, both ends included; no total while it is open.
    Bytes { from: u128, to: u128, total: Option<u128> },
    /// `part N/COUNT`.
    Part { number: u128, count: Option<u128> },
    /// Neither.
    Malformed,
}

impl Range {
    /// Reads a header.
    pub(super) fn read(text: &str) -> Self {
        Self::bytes(text).or_else(|| Self::part(text)).unwrap_or(Self::Malformed)
    }

    fn bytes(text: &str) -> Option<Self> {
        let (ends, total) = text.strip_prefix("bytes ")?.split_once('/')?;
        let (from, to) = ends.split_once('-')?;
        Some(Self::Bytes { from: digits(from)?, to: digits(to)?, total: open(total)? })
    }

    fn part(text: &str) -> Option<Self> {
        let (number, count) = text.strip_prefix("part ")?.split_once('/')?;
        Some(Self::Part { number: digits(number)?, count: open(count)? })
    }
}

fn open(text: &str) -> Option<Option<u128>> {
    if text == "*" { Some(None) } else { digits(text).map(Some) }
}

fn digits(text: &str) -> Option<u128> {
    let number = !text.is_empty() && text.len() <= 30 && text.chars().all(|sign| sign.is_ascii_digit());
    if number { text.parse().ok() } else { None }
}
