//! Does a segment fit where it says that it belongs? The faults of its form and of its place.

use super::fault::{self, Fault};
use super::range::Range;
use super::state::{ContractLimits, Piece, Progress, Request};

/// The faults of the form, whatever it belongs to.
pub(super) fn form(request: &Request, limits: &ContractLimits) -> Vec<Fault> {
    let range = request.range.as_deref().map(Range::read);
    let mut faults = Vec::new();
    match request.files.as_slice() {
        [] => faults.push(fault::NO_FILE),
        [0] => faults.push(fault::EMPTY),
        [_] => {}
        _ => faults.push(fault::TWO_FILES),
    }
    if request.files.iter().any(|length| *length > limits.max_request) {
        // A range that is too large has a rule of its own.
        let by_bytes = matches!(range, Some(Range::Bytes { .. }));
        faults.push(if by_bytes { fault::BYTES_TOO_LARGE } else { fault::TOO_LARGE });
    }
    if range == Some(Range::Malformed) {
        faults.push(fault::MALFORMED);
    }
    faults
}

/// The faults of the place, behind what has arrived already.
pub(super) fn place(request: &Request, progress: Option<&Progress>, limits: &ContractLimits) -> Vec<Fault> {
    let length = request.files.first().copied().unwrap_or(0);
    match request.range.as_deref().map(Range::read) {
        None => match progress {
            None => Vec::new(),
            Some(progress) if progress.is_complete() => vec![fault::COMPLETE],
            Some(_) => vec![fault::UNDER_WAY],
        },
        Some(Range::Malformed) => Vec::new(),
        Some(Range::Bytes { from, to, total }) => {
            let range = ByteRange { from, to, total, length: length.into() };
            bytes(&range, progress, limits)
        }
        Some(Range::Part { number, count }) => part(number, count, length, progress, limits),
    }
}

/// The state behind a segment that was accepted.
pub(super) fn with(request: &Request, progress: Option<Progress>) -> Progress {
    let piece = Piece { offset: request.offset, length: request.files.first().copied().unwrap_or(0) };
    match (request.range.as_deref().map(Range::read), progress) {
        (Some(Range::Bytes { from, to, total }), Some(Progress::Bytes { total: known, mut ranges })) => {
            ranges.insert(from, (to, piece));
            Progress::Bytes { total: known.or(total), ranges }
        }
        (Some(Range::Bytes { from, to, total }), _) => {
            Progress::Bytes { total, ranges: [(from, (to, piece))].into() }
        }
        (Some(Range::Part { number, count }), Some(Progress::Parts { count: known, mut parts })) => {
            parts.insert(number, piece);
            Progress::Parts { count: known.or(count), parts }
        }
        (Some(Range::Part { number, count }), _) => {
            Progress::Parts { count, parts: [(number, piece)].into() }
        }
        (None | Some(Range::Malformed), _) => Progress::Whole(piece),
    }
}

struct ByteRange {
    from: u128,
    to: u128,
    total: Option<u128>,
    length: u128,
}

fn bytes(range: &ByteRange, progress: Option<&Progress>, limits: &ContractLimits) -> Vec<Fault> {
    let ByteRange { from, to, total, length } = *range;
    let (known, ranges) = match progress {
        Some(progress) if progress.is_complete() => return vec![fault::BYTES_COMPLETE],
        Some(Progress::Parts { .. }) => return vec![fault::PART_BEGUN],
        Some(Progress::Bytes { total, ranges }) => (*total, Some(ranges)),
        Some(Progress::Whole(_)) | None => (None, None),
    };
    let mut faults = Vec::new();
    let mut hold = |broken: bool, fault: Fault| {
        if broken {
            faults.push(fault);
        }
    };
    let (min, max) = (u128::from(limits.min_segment), u128::from(limits.max_segment));
    let highest = u128::from(limits.max_total);
    let effective = total.or(known);
    let named = (to + 1).saturating_sub(from);
    hold(from > to, fault::BYTES_REVERSED);
    hold(total == Some(0), fault::BYTES_TOTAL_ZERO);
    hold(total.is_some_and(|total| total > highest), fault::BYTES_TOTAL_TOO_HIGH);
    hold(to >= highest, fault::BYTES_BEYOND_ALLOWED);
    hold(effective.is_some_and(|total| to >= total), fault::BYTES_BEYOND_TOTAL);
    hold(named > max || length > u128::from(limits.max_request), fault::BYTES_TOO_LARGE);
    hold(named < min && effective != Some(to + 1), fault::BYTES_TOO_SMALL);
    hold(named != length, fault::BYTES_MISMATCH);
    let differs = matches!((known, total), (Some(known), Some(total)) if known != total);
    hold(differs, fault::BYTES_OTHER_TOTAL);
    if let Some(ranges) = ranges {
        let low = known.is_none() && total.is_some_and(|total| ranges.values().any(|(to, _)| *to >= total));
        hold(low, fault::BYTES_TOTAL_TOO_LOW);
        hold(ranges.iter().any(|(first, (last, _))| from <= *last && *first <= to), fault::BYTES_OVERLAP);
    }
    faults
}

fn part(
    number: u128,
    count: Option<u128>,
    length: u64,
    progress: Option<&Progress>,
    limits: &ContractLimits,
) -> Vec<Fault> {
    let (known, parts) = match progress {
        Some(Progress::Bytes { .. }) if progress.is_some_and(Progress::is_complete) => {
            return vec![fault::BYTES_COMPLETE, fault::BYTES_BEGUN];
        }
        Some(progress) if progress.is_complete() => return vec![fault::PART_COMPLETE],
        Some(Progress::Bytes { .. }) => return vec![fault::BYTES_BEGUN],
        Some(Progress::Parts { count, parts }) => (*count, Some(parts)),
        Some(Progress::Whole(_)) | None => (None, None),
    };
    let mut faults = Vec::new();
    let mut hold = |broken: bool, fault: Fault| {
        if broken {
            faults.push(fault);
        }
    };
    let most = u128::from(limits.max_parts);
    let effective = count.or(known);
    hold(number == 0, fault::PART_ZERO);
    hold(count == Some(0), fault::PART_COUNT_ZERO);
    hold(count.is_some_and(|count| count > most), fault::PART_COUNT_TOO_HIGH);
    hold(number > most, fault::PART_BEYOND_ALLOWED);
    hold(effective.is_some_and(|count| number > count), fault::PART_BEYOND_COUNT);
    hold(length > limits.max_segment, fault::TOO_LARGE);
    hold(length < limits.min_segment && effective != Some(number), fault::PART_TOO_SMALL);
    let differs = matches!((known, count), (Some(known), Some(count)) if known != count);
    hold(differs, fault::PART_OTHER_COUNT);
    if let Some(parts) = parts {
        let low = known.is_none() && count.is_some_and(|count| parts.keys().any(|number| *number > count));
        hold(low, fault::PART_COUNT_TOO_LOW);
        hold(parts.contains_key(&number), fault::PART_REPEATED);
    }
    faults
}
