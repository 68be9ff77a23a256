//! Plans with a faulty segment in them, which must be refused and change nothing.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::case::{Case, Frame, Segment, Step, VideoRef};
use super::plan::{Framing, Plan, Total, framing, sized};
use super::settings::GeneratorSettings;
use super::valid::LONG;

/// The ways in which a segment is made wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Shorter,
    Longer,
    ByteTooSmall,
    FarTooSmall,
    TooLarge,
    Repeated,
    OverlapBefore,
    OverlapAll,
    OtherTotal,
    BeyondTotal,
    TotalZero,
    TotalTooHigh,
    BeyondAllowed,
    Reversed,
    TotalTooLow,
    Malformed,
    OtherFraming,
    NoFraming,
    BrokenOff,
    NumberZero,
    AfterCompletion,
    Unknown,
}

/// The ways that make sense in either framing.
const BOTH: [Way; 17] = [
    Way::ByteTooSmall,
    Way::ByteTooSmall,
    Way::FarTooSmall,
    Way::TooLarge,
    Way::Repeated,
    Way::OtherTotal,
    Way::BeyondTotal,
    Way::TotalZero,
    Way::TotalTooHigh,
    Way::BeyondAllowed,
    Way::TotalTooLow,
    Way::Malformed,
    Way::OtherFraming,
    Way::NoFraming,
    Way::BrokenOff,
    Way::AfterCompletion,
    Way::Unknown,
];
const BYTES: [Way; 5] = [Way::Shorter, Way::Longer, Way::OverlapBefore, Way::OverlapAll, Way::Reversed];

/// A way, in a framing in which it makes sense.
fn ways() -> BoxedStrategy<(Way, Framing)> {
    let of = |ways: &[Way], framing| ways.iter().map(|way| (*way, framing)).collect::<Vec<_>>();
    let all = [
        of(&BOTH, Framing::Bytes),
        of(&BYTES, Framing::Bytes),
        of(&BOTH, Framing::Parts),
        vec![(Way::NumberZero, Framing::Parts)],
    ];
    select(all.concat()).boxed()
}

const MALFORMED: [&str; 14] = [
    "bytes",
    "bytes 0-4",
    "bytes 0/4",
    "bytes -4/5",
    "bytes 0-/5",
    "bytes 0-4/",
    "bytes=0-4/5",
    "bytes 0-4/5/6",
    "bytes a-b/c",
    "part 1",
    "part /3",
    "part a/3",
    "part 1-2/3",
    "parts 1/3",
];

/// One faulty segment, before a plan, in it, or behind it.
pub(super) fn refusal(settings: GeneratorSettings) -> BoxedStrategy<Case> {
    let rest = (sized(settings, 2..=4), any::<bool>(), 0..4_usize, any::<u64>(), select(MALFORMED.to_vec()));
    (ways(), rest)
        .prop_map(move |((way, framing), (sizes, open, at, drawn, malformed))| {
            let total = if open { Total::Last } else { Total::Named };
            let plan = Plan { framing, total, sizes };
            build(settings, way, plan, Draw { at, drawn, malformed })
        })
        .boxed()
}

/// What else was drawn.
#[derive(Debug, Clone, Copy)]
struct Draw {
    at: usize,
    drawn: u64,
    malformed: &'static str,
}

/// A segment that is sent again, as it was or cut short before: broken off, side by side, behind completion.
pub(super) fn retry(settings: GeneratorSettings) -> BoxedStrategy<Case> {
    (sized(settings, 2..=3), framing(), 0..4_u8, 0..3_usize, any::<u64>())
        .prop_map(|(sizes, framing, how, at, drawn)| {
            let plan = Plan { framing, total: Total::Named, sizes };
            let at = at.min(plan.sizes.len() - 1);
            let segment = plan.segment(0, at);
            let mut steps = plan.steps(0);
            match how {
                0 => steps.insert(at + 1, Step::Send(segment)),
                1 => steps.push(Step::Send(segment)),
                2 if at > 0 => {
                    steps[at] = Step::Together(vec![segment.clone(), segment]);
                }
                _ => {
                    let cut = drawn % segment.length;
                    steps.insert(at, Step::Send(Segment { break_off: Some(cut), ..segment }));
                }
            }
            Case { tokens: vec![LONG], steps }
        })
        .boxed()
}

fn build(settings: GeneratorSettings, way: Way, mut plan: Plan, draw: Draw) -> Case {
    let limits = settings.limits;
    let min = limits.min_segment;
    let last = plan.sizes.len() - 1;
    // The place of the faulty one: it stands before the plan's segment of the same place.
    let mut at = draw.at.min(last);
    let mut order: Vec<usize> = (0..=last).collect();
    match way {
        Way::OtherTotal => {
            plan.total = Total::Named;
            at = at.max(1);
            // A part that is not the last needs its size, whatever total it claims.
            plan.sizes[last] = plan.sizes[last].max(min);
        }
        Way::BeyondTotal => {
            plan.total = Total::Named;
            at = last;
            plan.sizes[last] = plan.sizes[last].clamp(min, limits.max_segment - 1);
        }
        Way::OverlapBefore | Way::OverlapAll | Way::Repeated | Way::NoFraming | Way::OtherFraming => {
            at = at.max(1);
        }
        // Such a total, or such a place, must not clash with one that was named before: then that would be the fault.
        Way::TotalZero | Way::TotalTooHigh | Way::TooLarge if draw.drawn.is_multiple_of(2) => at = 0,
        Way::TotalZero | Way::TotalTooHigh | Way::TooLarge | Way::BeyondAllowed => plan.total = Total::Last,
        // Nor must it reach beyond the end.
        Way::ByteTooSmall | Way::FarTooSmall => at = at.min(last - 1),
        Way::Shorter => {
            // One byte less is still a file.
            plan.sizes[last] = plan.sizes[last].max(2);
        }
        Way::TotalTooLow => {
            // The third comes before the second, which then names a total below it.
            plan.total = Total::Last;
            while plan.sizes.len() < 4 {
                plan.sizes.insert(0, min);
            }
            order = (0..plan.sizes.len()).collect();
            order.swap(1, 2);
            at = 2;
        }
        _ => {}
    }
    let last = plan.sizes.len() - 1;
    let good = plan.segment(0, order[at]);
    let bad = spoil(settings, way, &plan, good, draw);
    let mut steps: Vec<Step> = order.iter().map(|at| Step::Send(plan.segment(0, *at))).collect();
    let place = if way == Way::AfterCompletion { last + 1 } else { at };
    if let Some(bad) = bad {
        steps.insert(place, Step::Send(bad));
    }
    Case { tokens: vec![LONG], steps }
}

/// The good segment, made wrong; nothing where that makes no sense in this framing.
#[expect(clippy::too_many_lines, reason = "a table: one arm for each way and framing")]
fn spoil(settings: GeneratorSettings, way: Way, plan: &Plan, good: Segment, draw: Draw) -> Option<Segment> {
    let limits = settings.limits;
    let min = limits.min_segment;
    let with = |frame: Frame| Segment { frame, ..good.clone() };
    let sized = |frame: Frame, length: u64| Segment { frame, length, ..good.clone() };
    let bad = match (way, &good.frame) {
        (Way::Shorter, Frame::Bytes { .. }) => Segment { length: good.length - 1, ..good },
        (Way::Longer, Frame::Bytes { .. }) => {
            let more = if draw.drawn.is_multiple_of(2) { 1 } else { min };
            Segment { length: (good.length + more).min(limits.max_segment.max(good.length + 1)), ..good }
        }
        (Way::ByteTooSmall | Way::FarTooSmall, frame) => {
            let length = match way {
                Way::ByteTooSmall => min - 1,
                _ if draw.drawn.is_multiple_of(2) => 1,
                _ => (min / 2).max(1),
            };
            // It must not pass for the last.
            match *frame {
                Frame::Bytes { from, .. } => {
                    let total = if plan.total == Total::Named { Some(plan.size() + min) } else { None };
                    let total = if draw.at == 0 { total } else { plan_total(plan, from + length) };
                    sized(Frame::Bytes { from, to: from + length - 1, total }, length)
                }
                Frame::Part { number, count } => {
                    let count = count.filter(|count| *count != number);
                    sized(Frame::Part { number, count }, length)
                }
                _ => return None,
            }
        }
        (Way::TooLarge, frame) if limits.max_segment <= 64 * min => {
            let length = limits.max_segment + 1;
            match *frame {
                Frame::Bytes { from, .. } => {
                    let total = (plan.total == Total::Named).then(|| plan.size().max(from + length + 1));
                    sized(Frame::Bytes { from, to: from + length - 1, total }, length)
                }
                _ => sized(frame.clone(), length),
            }
        }
        (Way::Repeated, Frame::Bytes { .. } | Frame::Part { .. }) => plan.segment(0, 0),
        (Way::OverlapBefore, &Frame::Bytes { from, to, total }) => {
            // One byte of the range before it, and as much more as there is room for.
            let short = draw.drawn.is_multiple_of(2) && to > from && to - from >= min;
            let to = if short { to - 1 } else { to };
            let frame = Frame::Bytes { from: from - 1, to, total: total.filter(|_| !short).or(total) };
            Segment { frame, offset: from - 1, length: to - from + 2, ..good }
        }
        (Way::OverlapAll, &Frame::Bytes { to, total, .. }) => {
            let from = draw.drawn % min;
            let to = to.min(from + limits.max_segment - 1);
            Segment { frame: Frame::Bytes { from, to, total }, offset: from, length: to - from + 1, ..good }
        }
        (Way::OtherTotal, &Frame::Bytes { from, to, total: Some(total) }) => {
            let other = match draw.drawn % 3 {
                0 if to + 1 < total => total - 1,
                1 => total + min,
                _ => total + 1,
            };
            with(Frame::Bytes { from, to, total: Some(other) })
        }
        (Way::OtherTotal, &Frame::Part { number, count: Some(count) }) => {
            with(Frame::Part { number, count: Some(count + 1) })
        }
        (Way::BeyondTotal, &Frame::Bytes { from, to, total }) => {
            sized(Frame::Bytes { from, to: to + 1, total }, good.length + 1)
        }
        (Way::BeyondTotal, &Frame::Part { count: Some(count), .. }) => {
            let count = if draw.drawn.is_multiple_of(2) { Some(count) } else { None };
            sized(Frame::Part { number: plan.whole() + 1, count }, good.length)
        }
        (Way::TotalZero, &Frame::Bytes { from, to, .. }) => with(Frame::Bytes { from, to, total: Some(0) }),
        (Way::TotalZero, &Frame::Part { number, .. }) => {
            sized(Frame::Part { number, count: Some(0) }, good.length.max(min))
        }
        (Way::TotalTooHigh, &Frame::Bytes { from, to, .. }) => {
            let above = [1, 2, min, limits.max_total][usize::try_from(draw.drawn % 4).unwrap_or(0)];
            let length = good.length.max(min);
            let to = to.max(from + length - 1);
            sized(Frame::Bytes { from, to, total: Some(limits.max_total + above) }, length)
        }
        (Way::TotalTooHigh, &Frame::Part { number, .. }) => {
            sized(Frame::Part { number, count: Some(limits.max_parts + 1) }, good.length.max(min))
        }
        (Way::BeyondAllowed, Frame::Bytes { .. }) => {
            let from = limits.max_total - min + 1 + draw.drawn % min;
            sized(Frame::Bytes { from, to: from + min - 1, total: None }, min)
        }
        (Way::BeyondAllowed, Frame::Part { .. }) => {
            sized(Frame::Part { number: limits.max_parts + 1, count: None }, min)
        }
        (Way::Reversed, &Frame::Bytes { from, to, total }) if to > from => {
            with(Frame::Bytes { from: to, to: from, total })
        }
        (Way::TotalTooLow, &Frame::Bytes { from, to, .. }) => {
            let total = to + 1;
            with(Frame::Bytes { from, to, total: Some(total) })
        }
        (Way::TotalTooLow, &Frame::Part { number, .. }) => with(Frame::Part { number, count: Some(number) }),
        (Way::Malformed, _) => with(Frame::Malformed(draw.malformed)),
        (Way::OtherFraming, &Frame::Part { .. }) => {
            let (from, length) = (good.offset, good.length.max(min));
            sized(Frame::Bytes { from, to: from + length - 1, total: Some(plan.size() + min) }, length)
        }
        (Way::OtherFraming, &Frame::Bytes { .. }) => {
            sized(Frame::Part { number: 2, count: Some(4) }, good.length.max(min))
        }
        (Way::NoFraming, _) => with(Frame::None),
        (Way::BrokenOff, _) => Segment { break_off: Some(draw.drawn % good.length), ..good },
        (Way::NumberZero, Frame::Part { .. }) => {
            sized(Frame::Part { number: 0, count: None }, good.length.max(min))
        }
        (Way::AfterCompletion, _) => match draw.drawn % 3 {
            0 => with(Frame::None),
            1 => plan.segment(0, 0),
            _ => {
                let (from, length) = (plan.size(), min);
                match good.frame {
                    Frame::Bytes { .. } => {
                        sized(Frame::Bytes { from, to: from + length - 1, total: None }, length)
                    }
                    _ => sized(Frame::Part { number: plan.whole() + 1, count: None }, length),
                }
            }
        },
        (Way::Unknown, _) => Segment { link: VideoRef::Unknown, ..good },
        _ => return None,
    };
    Some(bad)
}

/// The plan's own total where it was named, and where a range that ends there is not the last.
fn plan_total(plan: &Plan, end: u64) -> Option<u64> {
    let named = plan.total == Total::Named && plan.framing == Framing::Bytes;
    named.then(|| plan.size()).filter(|size| *size != end)
}
