//! Ranges of bytes: one at most.

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// All of it: no range, several, or what is none.
    Whole,
    /// From this byte to that one, both included.
    Range(u64, u64),
    /// There is no such byte.
    Unsatisfiable,
}

/// Reads `Range` for content of this size.
pub(crate) fn asked(header: Option<&str>, size: u64) -> Asked {
    let Some((first, last)) = header.and_then(|text| text.strip_prefix("bytes=")?.split_once('-')) else {
        return Asked::Whole;
    };
    let number =
        |text: &str| text.parse::<u64>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    match (number(first), number(last)) {
        (Some(first), None) if last.is_empty() && first < size => Asked::Range(first, size - 1),
        (Some(first), Some(last)) if first <= last && first < size => Asked::Range(first, last.min(size - 1)),
        (None, Some(count)) if first.is_empty() && count > 0 && size > 0 => {
            Asked::Range(size.saturating_sub(count), size - 1)
        }
        (Some(_), None) if last.is_empty() => Asked::Unsatisfiable,
        (Some(first), Some(last)) if first <= last => Asked::Unsatisfiable,
        (None, Some(_)) if first.is_empty() => Asked::Unsatisfiable,
        _ => Asked::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, asked};

    #[test]
    fn a_range_is_cut_at_the_end() {
        for (header, wanted) in [
            ("bytes=2-3", Asked::Range(2, 3)),
            ("bytes=2-", Asked::Range(2, 9)),
            ("bytes=2-99", Asked::Range(2, 9)),
            ("bytes=-3", Asked::Range(7, 9)),
            ("bytes=-30", Asked::Range(0, 9)),
            ("bytes=10-", Asked::Unsatisfiable),
            ("bytes=10-12", Asked::Unsatisfiable),
            ("bytes=-0", Asked::Unsatisfiable),
            ("bytes=3-2", Asked::Whole),
            ("bytes=0-1,3-4", Asked::Whole),
            ("lines=1-2", Asked::Whole),
        ] {
            assert_eq!(asked(Some(header), 10), wanted, "{header}");
        }
        assert_eq!(asked(None, 10), Asked::Whole);
    }
}
