//! Cases in which nothing is wrong.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::case::{Case, Extra, Form, Frame, Order, Segment, Step};
use super::plan::{Framing, Plan, Total, framing, plan, sized};
use super::settings::GeneratorSettings;
use super::size;

/// A token that lives long enough.
pub(super) const LONG: u64 = 3600;

/// The first segment, then the others in any order. A total that the last alone names may come early so, and a small
/// last segment is known to be the last because it names it.
pub(super) fn permutation(settings: GeneratorSettings) -> BoxedStrategy<Case> {
    plan(settings, 2..=5)
        .prop_flat_map(|plan| {
            let rest: Vec<_> = (1..plan.sizes.len()).collect();
            (Just(plan), Just(rest).prop_shuffle())
        })
        .prop_map(|(plan, rest)| {
            let order = std::iter::once(0).chain(rest);
            let steps = order.map(|at| Step::Send(plan.segment(0, at))).collect();
            Case { tokens: vec![LONG], steps }
        })
        .boxed()
}

/// One file twice, cut in two ways and sent in two orders.
pub(super) fn partition(settings: GeneratorSettings) -> BoxedStrategy<Case> {
    let min = settings.limits.min_segment;
    (sized(settings, 2..=4), framing(), framing())
        .prop_flat_map(move |(sizes, one, other)| {
            let size: u64 = sizes.iter().sum();
            let most = usize::try_from(size / min).unwrap_or(1).clamp(1, 3);
            let again = proptest::collection::vec(size::inner(settings), 0..=most);
            (Just(sizes), again, Just(one), Just(other), any::<bool>())
        })
        .prop_map(move |(sizes, cuts, one, other, turned)| {
            let size: u64 = sizes.iter().sum();
            let mut left = size;
            let mut again = Vec::new();
            for cut in cuts {
                if left > cut {
                    again.push(cut);
                    left -= cut;
                }
            }
            // What is left must be one segment, or two.
            while left > settings.limits.max_segment {
                again.push(settings.limits.max_segment);
                left -= settings.limits.max_segment;
            }
            again.push(left);
            let first = Plan { framing: one, total: Total::Named, sizes };
            let second = Plan { framing: other, total: Total::Named, sizes: again };
            let mut later = second.steps(1);
            if turned {
                later[1..].reverse();
            }
            let steps = first.steps(0).into_iter().chain(later).collect();
            Case { tokens: vec![LONG], steps }
        })
        .boxed()
}

/// A plan in order or nearly so, down to a single segment, with totals named at any time, and a plain file.
pub(super) fn completion(settings: GeneratorSettings) -> BoxedStrategy<Case> {
    let far = far(settings);
    let min = settings.limits.min_segment;
    let one = (size::last(settings), 0..3_u8).prop_map(|(length, how)| {
        let frame = match how {
            0 => Frame::None,
            1 => Frame::Bytes { from: 0, to: length - 1, total: Some(length) },
            _ => Frame::Part { number: 1, count: Some(1) },
        };
        Case { tokens: vec![LONG], steps: vec![Step::Send(Segment::new(0, frame, 0, length))] }
    });
    // The last byte first of the later ones: there are holes until the very end.
    let holes = plan(settings, 3..=4).prop_map(|mut plan| {
        if plan.total == Total::First {
            plan.total = Total::Named;
        }
        let mut steps = plan.steps(0);
        steps[1..].reverse();
        Case { tokens: vec![LONG], steps }
    });
    let whole = plan(settings, 2..=4).prop_map(|plan| Case { tokens: vec![LONG], steps: plan.steps(0) });
    let open = (sized(settings, 2..=4), framing()).prop_map(move |(mut sizes, framing)| {
        if let Some(last) = sizes.last_mut() {
            *last = (*last).max(min);
        }
        let plan = Plan { framing, total: Total::Last, sizes };
        Case { tokens: vec![0], steps: plan.steps(0) }
    });
    match far {
        Some(far) => prop_oneof![2 => one, 2 => holes, 2 => whole, 2 => open, 2 => far].boxed(),
        None => prop_oneof![2 => one, 2 => holes, 2 => whole, 2 => open].boxed(),
    }
}

/// Ranges far behind the first, where numbers of 32 bits end. It is never completed.
fn far(settings: GeneratorSettings) -> Option<BoxedStrategy<Case>> {
    let (min, total) = (settings.limits.min_segment, settings.limits.max_total);
    if total < (8 << 30) {
        return None;
    }
    let places =
        vec![(1_u64 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 32) + min, 5 << 30, total - min];
    let far = select(places).prop_map(move |from| {
        let range = |from: u64| {
            let frame = Frame::Bytes { from, to: from + min - 1, total: Some(total) };
            Step::Send(Segment::new(0, frame, from, min))
        };
        Case { tokens: vec![LONG], steps: vec![range(0), range(from)] }
    });
    Some(far.boxed())
}

/// Two uploads of one token or of two, taking turns; or the later segments of one side by side.
pub(super) fn together(settings: GeneratorSettings) -> BoxedStrategy<Case> {
    let side_by_side = (plan(settings, 3..=4), any::<bool>()).prop_map(|(mut plan, again)| {
        plan.total = Total::Named;
        let mut segments = plan.segments(0);
        let first = segments.remove(0);
        if again && segments.len() < 3 {
            segments.push(segments[0].clone());
        }
        Case { tokens: vec![LONG], steps: vec![Step::Send(first), Step::Together(segments)] }
    });
    let turns =
        (plan(settings, 2..=3), plan(settings, 2..=3), any::<bool>()).prop_map(|(one, other, two)| {
            let mut steps = Vec::new();
            let (one, other) = (one.segments(0), other.segments(1));
            let other: Vec<_> =
                other.into_iter().map(|segment| Segment { token: usize::from(two), ..segment }).collect();
            for at in 0..one.len().max(other.len()) {
                let pair: Vec<_> =
                    [&one, &other].into_iter().filter_map(|plan| plan.get(at).cloned()).collect();
                steps.push(Step::Together(pair));
            }
            Case { tokens: vec![LONG, LONG], steps }
        });
    // Somebody else's token goes on with an upload.
    let foreign = plan(settings, 2..=3).prop_map(|plan| {
        let mut steps = plan.steps(0);
        let mut strange = plan.segment(0, 1);
        strange.token = 1;
        steps.insert(1, Step::Send(strange));
        Case { tokens: vec![LONG, LONG], steps }
    });
    prop_oneof![3 => side_by_side, 2 => turns, 1 => foreign].boxed()
}

const NAMES: [&str; 10] = [
    "movie.mp4",
    "a",
    "holiday in May.mov",
    "été.mp4",
    "映画.mp4",
    "quote\"d.mp4",
    "semi;colon=1.mp4",
    "no-extension",
    "two.dots.mp4",
    "percent%20.mp4",
];
const FIELDS: [&str; 4] = ["file", "movie.mp4", "files[]", "video"];
const BOUNDARIES: [&str; 6] = [
    "uptake-boundary",
    "x",
    "----WebKitFormBoundary7MA4YWxkTrZu0gW",
    "'()+_,-./:=?",
    "with a space",
    "0123456789012345678901234567890123456789012345678901234567890123456789",
];

fn shape() -> BoxedStrategy<Form> {
    let order = select(vec![Order::IdFirst, Order::FileFirst]);
    let names = prop_oneof![1 => Just("movie.mp4"), 2 => select(NAMES.to_vec())];
    let fields = prop_oneof![1 => Just("file"), 1 => select(FIELDS.to_vec())];
    let boundaries = prop_oneof![1 => Just("uptake-boundary"), 2 => select(BOUNDARIES.to_vec())];
    let extra = prop_oneof![8 => Just(Extra::None), 1 => Just(Extra::Field), 1 => Just(Extra::IdTwice)];
    (order, fields, names, boundaries, extra)
        .prop_map(|(order, field, name, boundary, extra)| Form {
            order,
            files: 1,
            field,
            name,
            boundary,
            extra,
        })
        .boxed()
}

/// Odd forms: of a plan, of a plain file, and with no file, two, or an empty one.
pub(super) fn form(settings: GeneratorSettings) -> BoxedStrategy<Case> {
    let plan = (plan(settings, 2..=3), shape(), shape()).prop_map(|(plan, first, rest)| {
        let mut steps = plan.steps(0);
        for (at, step) in steps.iter_mut().enumerate() {
            for segment in step.segments_mut() {
                segment.form = if at == 0 { first } else { rest };
            }
        }
        Case { tokens: vec![LONG], steps }
    });
    // The greatest file and one byte more, where they are small enough to be tried often.
    let greatest = settings.limits.max_request;
    let often = greatest <= 16 * settings.limits.min_segment;
    let edge = if often { vec![greatest, greatest + 1] } else { vec![1] };
    let sizes = prop_oneof![3 => size::last(settings), 1 => select(edge)];
    let plain = (sizes, shape()).prop_map(|(length, form)| {
        let segment = Segment { form, ..Segment::new(0, Frame::None, 0, length) };
        Case { tokens: vec![LONG], steps: vec![Step::Send(segment)] }
    });
    let faulty =
        (shape(), 0..3_u8, any::<bool>(), framing()).prop_map(move |(shape, how, progressive, framing)| {
            let min = settings.limits.min_segment;
            let plan = Plan { framing, total: Total::Named, sizes: vec![min, 1] };
            let mut bad = if progressive { plan.segment(0, 1) } else { Segment::new(0, Frame::None, 0, 1) };
            bad.form = shape;
            match how {
                0 => bad.form.files = 0,
                1 => bad.form.files = 2,
                _ => bad.length = 0,
            }
            let mut steps = if progressive { plan.steps(0) } else { Vec::new() };
            steps.insert(usize::from(progressive), Step::Send(bad));
            if !progressive {
                steps.push(Step::Send(Segment::new(0, Frame::None, 0, 1)));
            }
            Case { tokens: vec![LONG], steps }
        });
    // A whole file into an upload that is complete already.
    let twice = size::last(settings).prop_map(|length| {
        let plain = Step::Send(Segment::new(0, Frame::None, 0, length));
        Case { tokens: vec![LONG], steps: vec![plain.clone(), plain] }
    });
    prop_oneof![3 => plan, 3 => plain, 3 => faulty, 1 => twice].boxed()
}

/// Either framing, as a plan of a first segment and a last of one byte.
pub(super) fn smallest(settings: GeneratorSettings, framing: Framing) -> Plan {
    Plan { framing, total: Total::Named, sizes: vec![settings.limits.min_segment, 1] }
}
