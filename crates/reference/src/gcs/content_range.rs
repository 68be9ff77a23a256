//! `Content-Range` of a request to a session: which bytes its content is, or a query of the status.

use super::request::number;

/// What a request to a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentRange {
    /// `bytes FIRST-LAST/TOTAL`: these bytes are sent, the last included.
    Bytes { first: u64, last: u64, total: Option<u64> },
    /// `bytes */TOTAL`: how much is stored?
    Status { total: Option<u64> },
}

/// A value that is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

impl ContentRange {
    /// Reads the value of the header.
    pub(super) fn parse(text: &str) -> Result<Self, Malformed> {
        let (range, total) =
            text.strip_prefix("bytes ").and_then(|text| text.split_once('/')).ok_or(Malformed)?;
        let total = if total == "*" { None } else { Some(number(total).ok_or(Malformed)?) };
        if range == "*" {
            return Ok(Self::Status { total });
        }
        let (first, last) = range.split_once('-').ok_or(Malformed)?;
        let (first, last) = (number(first).ok_or(Malformed)?, number(last).ok_or(Malformed)?);
        let is_within = total.is_none_or(|total| last < total) && last < u64::MAX;
        if first <= last && is_within { Ok(Self::Bytes { first, last, total }) } else { Err(Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_names_bytes_or_asks_for_the_status() {
        for (text, wanted) in [
            ("bytes 0-9/10", Ok(ContentRange::Bytes { first: 0, last: 9, total: Some(10) })),
            ("bytes 5-9/*", Ok(ContentRange::Bytes { first: 5, last: 9, total: None })),
            ("bytes */10", Ok(ContentRange::Status { total: Some(10) })),
            ("bytes */*", Ok(ContentRange::Status { total: None })),
            ("bytes 0-10/10", Err(Malformed)),
            ("bytes 9-0/10", Err(Malformed)),
            ("bytes 0-18446744073709551615/*", Err(Malformed)),
            ("bytes -9/10", Err(Malformed)),
            ("bytes 0-9", Err(Malformed)),
            ("0-9/10", Err(Malformed)),
            ("bytes +0-9/10", Err(Malformed)),
            ("", Err(Malformed)),
        ] {
            assert_eq!(ContentRange::parse(text), wanted, "{text}");
        }
    }
}
