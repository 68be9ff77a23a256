//! The `Content-Range` of a segment, as the contract frames it. It is read here, and judged elsewhere.

use super::framing::Framing;

/// What a segment says of its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentRange {
    /// There is no header: the file is all there is.
    Absent,
    /// `bytes FROM-TO/TOTAL`
    Bytes(ByteRange),
    /// `part N/COUNT`
    Part(PartRange),
    /// The header says something else.
    Malformed,
}

/// A range of bytes, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ByteRange {
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// `None` while it is open (`*`).
    pub(crate) total: Option<u64>,
}

/// A numbered part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartRange {
    pub(crate) number: u64,
    /// `None` while it is open (`*`).
    pub(crate) count: Option<u64>,
}

impl ByteRange {
    /// How many bytes it names; a range that ends before it begins has none.
    pub(crate) fn len(self) -> u64 {
        self.to.checked_sub(self.from).map_or(0, |distance| distance.saturating_add(1))
    }
}

impl ContentRange {
    /// Reads the header's value. The case of the unit does not matter (RFC 9110, 14.1).
    pub(crate) fn parse(value: &str) -> Self {
        parse(value).unwrap_or(Self::Malformed)
    }

    /// How it frames the segment; `None` when it is malformed.
    pub(crate) const fn framing(self) -> Option<Framing> {
        match self {
            Self::Absent => Some(Framing::Whole),
            Self::Bytes(_) => Some(Framing::Bytes),
            Self::Part(_) => Some(Framing::Parts),
            Self::Malformed => None,
        }
    }
}

fn parse(value: &str) -> Option<ContentRange> {
    let (unit, place) = value.trim().split_once(' ')?;
    let (place, whole) = place.trim_start().split_once('/')?;
    let whole = if whole == "*" { None } else { Some(number(whole)?) };
    if unit.eq_ignore_ascii_case("bytes") {
        let (from, to) = place.split_once('-')?;
        Some(ContentRange::Bytes(ByteRange { from: number(from)?, to: number(to)?, total: whole }))
    } else if unit.eq_ignore_ascii_case("part") {
        Some(ContentRange::Part(PartRange { number: number(place)?, count: whole }))
    } else {
        None
    }
}

/// A number of digits alone. One too large to hold is not malformed but too high, so it becomes the highest.
fn number(digits: &str) -> Option<u64> {
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_framings_are_read() {
        let bytes = |from, to, total| ContentRange::Bytes(ByteRange { from, to, total });
        let part = |number, count| ContentRange::Part(PartRange { number, count });
        for (value, expected) in [
            ("bytes 0-4/5", bytes(0, 4, Some(5))),
            ("Bytes 5-9/*", bytes(5, 9, None)),
            ("bytes 9-5/0", bytes(9, 5, Some(0))),
            ("bytes 0-99999999999999999999/*", bytes(0, u64::MAX, None)),
            ("part 1/3", part(1, Some(3))),
            ("part 2/*", part(2, None)),
        ] {
            assert_eq!(ContentRange::parse(value), expected, "{value}");
        }
    }

    #[test]
    fn everything_else_is_malformed() {
        for value in [
            "",
            "bytes",
            "bytes 0-4",
            "bytes 0/4",
            "bytes -4/5",
            "bytes 0-/5",
            "bytes 0-4/",
            "bytes +0-4/5",
            "bytes 0-4/5/6",
            "bytes */5",
            "bytes 0 - 4/5",
            "bytes=0-4/5",
            "part /3",
            "part 1",
            "part 1-2/3",
            "part a/3",
            "part 1/three",
            "parts 1/3",
            "0-4/5",
            "bytes 0x0-4/5",
            "bytes 0-4/-5",
            "part -1/3",
            "part 1.5/3",
        ] {
            assert_eq!(ContentRange::parse(value), ContentRange::Malformed, "{value}");
        }
    }
}
