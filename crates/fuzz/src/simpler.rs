//! Makes a counterexample small enough for a person: fewest segments first, then the plainest forms, then the roundest
//! sizes. It is pure: which of the smaller cases still fails is asked elsewhere.

use std::collections::BTreeSet;

use super::case::{Case, Event, Extra, Form, Frame, Order, Segment, Step};

/// How far a case is from the simplest, in the order in which that matters.
type Weight = (usize, usize, usize, u64, u64);

/// The cases that are simpler than this one, which failed in its step `last`; the boldest first.
pub(super) fn simpler(case: &Case, last: usize, min_segment: u64) -> Vec<Case> {
    let mut all = Vec::new();
    // What stands behind the fault plays no part in it.
    if last + 1 < case.steps.len() {
        all.push(Case { steps: case.steps[..=last].to_vec(), ..case.clone() });
    }
    all.extend(without_steps(case));
    all.extend(without_pieces(case));
    all.extend(one_by_one(case));
    all.extend(plainer(case));
    all.extend(rounder(case, min_segment));
    let now = weight(case, min_segment);
    all.retain(|other| weight(other, min_segment) < now);
    let mut seen = Vec::new();
    all.retain(|other| {
        let new = !seen.contains(other);
        if new {
            seen.push(other.clone());
        }
        new
    });
    all
}

fn weight(case: &Case, min_segment: u64) -> Weight {
    let oddities = |segment: &Segment| super::describe::oddities(segment).len();
    let together = |step: &Step| usize::from(step.segments().len() > 1 || matches!(step, Step::During(..)));
    let odd: usize = case.segments().map(oddities).sum::<usize>()
        + case.steps.iter().map(together).sum::<usize>()
        + case.segments().map(|segment| segment.upload + segment.token).sum::<usize>();
    let cuts: Vec<u64> = cuts(case).into_iter().collect();
    let gaps = cuts.windows(2).map(|pair| roundness(pair[1] - pair[0], min_segment)).sum();
    let numbers: u64 = case.segments().map(|segment| number(&segment.frame)).fold(0, u64::saturating_add);
    let break_offs: u64 = case.segments().filter_map(|segment| segment.break_off).sum();
    (
        case.segments().count(),
        case.steps.len() + case.tokens.len(),
        odd,
        gaps,
        case.bytes().saturating_add(numbers).saturating_add(break_offs),
    )
}

fn number(frame: &Frame) -> u64 {
    match frame {
        Frame::Part { number, count } => number.saturating_add(count.unwrap_or(0)),
        _ => 0,
    }
}

/// How little a size says to a reader: the least segment is the plainest.
fn roundness(size: u64, min: u64) -> u64 {
    if size == min || size == 1 {
        0
    } else if size == 2 * min {
        1
    } else if size.is_multiple_of(min) {
        2
    } else if size == min - 1 || size == min + 1 || size == 2 {
        3
    } else {
        10
    }
}

/// Without one step, without a half of them, without one of those that go out together, without a token that nobody uses.
fn without_steps(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    let count = case.steps.len();
    if count > 3 {
        all.push(Case { steps: case.steps[..count / 2].to_vec(), ..case.clone() });
    }
    for at in (0..count).rev() {
        let mut smaller = case.clone();
        smaller.steps.remove(at);
        if !smaller.steps.is_empty() {
            all.push(merged(smaller));
        }
    }
    for (at, step) in case.steps.iter().enumerate() {
        let Step::Together(segments) = step else { continue };
        for one in 0..segments.len() {
            let mut fewer = segments.clone();
            fewer.remove(one);
            let step = if fewer.len() == 1 { Step::Send(fewer.remove(0)) } else { Step::Together(fewer) };
            let mut smaller = case.clone();
            smaller.steps[at] = step;
            all.push(smaller);
        }
    }
    all.extend(without_token(case));
    all
}

fn without_token(case: &Case) -> Option<Case> {
    let last = case.tokens.len().checked_sub(1).filter(|last| *last > 0)?;
    let by_segment = case.segments().any(|segment| segment.token == last);
    let by_event = case.steps.iter().filter_map(Step::event).any(|event| match event {
        Event::Delete(at) | Event::Show(at) | Event::List(at) => at == last,
        Event::Advance(_) => false,
    });
    if by_segment || by_event {
        return None;
    }
    let mut smaller = case.clone();
    smaller.tokens.pop();
    Some(smaller)
}

/// Two moves of the clock in a row are one.
fn merged(mut case: Case) -> Case {
    let mut steps: Vec<Step> = Vec::new();
    for step in case.steps {
        match (steps.last_mut(), &step) {
            (Some(Step::Event(Event::Advance(before))), Step::Event(Event::Advance(more))) => *before += more,
            _ => steps.push(step),
        }
    }
    case.steps = steps;
    case
}

/// Without a run of bytes, and without a part: what stands behind moves up.
fn without_pieces(case: &Case) -> Vec<Case> {
    let cuts: Vec<u64> = cuts(case).into_iter().collect();
    let mut all: Vec<Case> =
        cuts.windows(2).filter_map(|pair| emptied(resized(case, pair[0], pair[1], 0)?, case)).collect();
    let numbers: BTreeSet<u64> = case
        .segments()
        .filter_map(|segment| match segment.frame {
            Frame::Part { number, .. } => Some(number),
            _ => None,
        })
        .collect();
    for gone in numbers {
        let mut smaller = case.clone();
        smaller.steps.retain(|step| {
            !matches!(step, Step::Send(Segment { frame: Frame::Part { number, .. }, .. }) if *number == gone)
        });
        for segment in smaller.steps.iter_mut().flat_map(Step::segments_mut) {
            if let Frame::Part { number, count } = &mut segment.frame {
                if *number > gone {
                    *number -= 1;
                }
                *count = count.map(|count| count.saturating_sub(1).max(1));
            }
        }
        if !smaller.steps.is_empty() {
            all.push(smaller);
        }
    }
    all
}

/// Without the segments that have become empty.
fn emptied(mut smaller: Case, before: &Case) -> Option<Case> {
    let was_empty = before.segments().any(|segment| segment.length == 0);
    smaller.steps.retain(|step| match step {
        Step::Send(segment) => segment.length > 0 || was_empty,
        _ => true,
    });
    (!smaller.steps.is_empty() && (was_empty || smaller.segments().all(|segment| segment.length > 0)))
        .then_some(smaller)
}

/// What goes out side by side, one after the other; what happens while a segment is on the wire, before it.
fn one_by_one(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    for (at, step) in case.steps.iter().enumerate() {
        let apart: Vec<Step> = match step {
            Step::Together(segments) => segments.iter().cloned().map(Step::Send).collect(),
            Step::During(segment, event) => vec![Step::Event(*event), Step::Send(segment.clone())],
            Step::Send(_) | Step::Event(_) => continue,
        };
        let mut other = case.clone();
        other.steps.splice(at..=at, apart);
        all.push(other);
    }
    all
}

/// With plainer forms, names and numbers.
fn plainer(case: &Case) -> Vec<Case> {
    let changes: [fn(&mut Segment); 10] = [
        |segment| segment.form = Form { files: segment.form.files, ..Form::PLAIN },
        |segment| segment.form.order = Order::IdFirst,
        |segment| segment.form.name = Form::PLAIN.name,
        |segment| segment.form.field = Form::PLAIN.field,
        |segment| segment.form.boundary = Form::PLAIN.boundary,
        |segment| segment.form.extra = Extra::None,
        |segment| segment.form.files = Form::PLAIN.files,
        |segment| segment.break_off = None,
        |segment| segment.break_off = segment.break_off.map(|_| 0),
        |segment| segment.token = 0,
    ];
    let mut all = Vec::new();
    for change in changes {
        let mut every = case.clone();
        every.steps.iter_mut().flat_map(Step::segments_mut).for_each(change);
        all.push(every);
        for at in 0..case.segments().count() {
            let mut one = case.clone();
            if let Some(segment) = one.steps.iter_mut().flat_map(Step::segments_mut).nth(at) {
                change(segment);
            }
            all.push(one);
        }
    }
    // Uploads are lettered from the first on.
    let used: BTreeSet<usize> = case.segments().map(|segment| segment.upload).collect();
    let mut lettered = case.clone();
    for segment in lettered.steps.iter_mut().flat_map(Step::segments_mut) {
        segment.upload = used.iter().position(|upload| *upload == segment.upload).unwrap_or(segment.upload);
    }
    all.push(lettered);
    all
}

/// With rounder sizes: a run of bytes gets another length, and what stands behind it moves.
fn rounder(case: &Case, min: u64) -> Vec<Case> {
    let cuts: Vec<u64> = cuts(case).into_iter().collect();
    let mut all = Vec::new();
    for pair in cuts.windows(2) {
        for size in [min, 1, 2 * min, min - 1, min + 1] {
            all.extend(resized(case, pair[0], pair[1], size));
        }
    }
    all
}

/// All places at which something begins or ends, 0 included.
fn cuts(case: &Case) -> BTreeSet<u64> {
    let mut cuts = BTreeSet::from([0]);
    for segment in case.segments() {
        cuts.extend([segment.offset, segment.offset.saturating_add(segment.length)]);
        if let Frame::Bytes { from, to, total } = segment.frame {
            cuts.extend([from, to.saturating_add(1)]);
            cuts.extend(total);
        }
    }
    cuts
}

/// The bytes between two neighbouring places become `size` bytes; all that lies behind moves.
fn resized(case: &Case, from: u64, to: u64, size: u64) -> Option<Case> {
    if to - from == size {
        return None;
    }
    let moved = |place: u64| if place >= to { place - (to - from) + size } else { place };
    let mut other = case.clone();
    for segment in other.steps.iter_mut().flat_map(Step::segments_mut) {
        let end = moved(segment.offset + segment.length);
        segment.offset = moved(segment.offset);
        segment.length = end.checked_sub(segment.offset)?;
        if let Some(after) = segment.break_off {
            segment.break_off = Some(after.min(segment.length.saturating_sub(1)));
        }
        if let Frame::Bytes { from, to, total } = &mut segment.frame {
            *from = moved(*from);
            *to = moved(to.saturating_add(1)).checked_sub(1)?;
            *total = total.map(moved);
        }
    }
    Some(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIN: u64 = 1024;

    fn range(from: u64, to: u64, total: u64) -> Step {
        let frame = Frame::Bytes { from, to, total: Some(total) };
        Step::Send(Segment::new(0, frame, from, to - from + 1))
    }

    /// What is left of a case when everything is left out that `fails` does not need.
    fn least(mut case: Case, fails: impl Fn(&Case) -> bool) -> Case {
        while let Some(next) = simpler(&case, case.steps.len(), MIN).into_iter().find(|case| fails(case)) {
            case = next;
        }
        case
    }

    #[test]
    fn only_the_segments_that_matter_are_left_and_their_sizes_are_round() {
        let case = Case {
            tokens: vec![60, 60],
            steps: vec![range(0, 1999, 7777), range(2000, 4999, 7777), range(5000, 7776, 7777)],
        };
        // It fails where a segment begins behind the first byte.
        let fails = |case: &Case| case.segments().any(|segment| segment.offset > 0);
        let least = least(case, fails);
        assert_eq!(least.tokens, [60]);
        assert_eq!(least.segments().count(), 1, "{least:?}");
        let segment = least.segments().next().expect("one");
        assert!([1, MIN].contains(&segment.offset) && [1, MIN].contains(&segment.length), "{segment:?}");
    }

    #[test]
    fn two_moves_of_the_clock_become_one_when_what_stood_between_them_goes() {
        let advance = |seconds| Step::Event(Event::Advance(seconds));
        let case = Case {
            tokens: vec![60],
            steps: vec![advance(10), range(0, 1023, 1024), advance(20), range(0, 1023, 1024)],
        };
        let fails = |case: &Case| {
            let passed: u64 = case
                .steps
                .iter()
                .map(|step| if let Step::Event(Event::Advance(seconds)) = step { *seconds } else { 0 })
                .sum();
            passed == 30 && matches!(case.steps.last(), Some(Step::Send(_)))
        };
        let least = least(case, fails);
        assert_eq!(least.steps.iter().filter(|step| matches!(step, Step::Event(_))).count(), 1);
        assert_eq!(least.segments().count(), 1);
    }

    #[test]
    fn nothing_that_is_offered_is_as_heavy_as_before() {
        let case = Case { tokens: vec![60], steps: vec![range(0, 1999, 5000), range(2000, 4999, 5000)] };
        let now = weight(&case, MIN);
        for other in simpler(&case, case.steps.len(), MIN) {
            assert!(weight(&other, MIN) < now, "{other:?}");
        }
    }
}
