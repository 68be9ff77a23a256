//! Tokens that expire or are deleted between any two segments.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::case::{Case, Event, Frame, Segment, Step};
use super::plan::{Plan, framing, plan};
use super::settings::GeneratorSettings;
use super::size;
use super::valid::{self, LONG};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// Lives of tokens.
const LIVES: [u64; 4] = [60, 600, 2 * HOUR, 2 * HOUR];

/// Where on its token's way a segment comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Point {
    Fresh,
    Half,
    BeforeExpiry,
    AfterExpiry,
    InGrace,
    LateInGrace,
    SoonAfterGrace,
    LongAfterGrace,
}

impl Point {
    /// Seconds since the token was made. The margin is kept twice: once for the target's clock, once for ours.
    fn seconds(self, settings: GeneratorSettings, ttl: u64) -> u64 {
        let (grace, margin) = (settings.grace, 2 * settings.margin + 1);
        match self {
            Self::Fresh => 0,
            Self::Half => ttl / 2,
            Self::BeforeExpiry => ttl.saturating_sub(margin + 5),
            Self::AfterExpiry => ttl + margin,
            Self::InGrace => ttl + grace / 2,
            Self::LateInGrace => ttl + grace - grace / 48,
            Self::SoonAfterGrace => ttl + grace + grace / 48,
            Self::LongAfterGrace => ttl + grace + 3 * DAY,
        }
    }
}

const POINTS: [Point; 8] = [
    Point::Fresh,
    Point::Half,
    Point::BeforeExpiry,
    Point::AfterExpiry,
    Point::InGrace,
    Point::LateInGrace,
    Point::SoonAfterGrace,
    Point::LongAfterGrace,
];

/// Steps at points of time, with the clock's moves between them.
struct Line {
    now: u64,
    steps: Vec<Step>,
}

impl Line {
    fn new() -> Self {
        Self { now: 0, steps: Vec::new() }
    }

    fn to(&mut self, instant: u64) {
        if instant > self.now {
            self.steps.push(Step::Event(Event::Advance(instant - self.now)));
            self.now = instant;
        }
    }
}

/// Uploads of tokens that expire.
pub(super) fn time(settings: GeneratorSettings) -> BoxedStrategy<Case> {
    if !settings.clock {
        // Nothing can be said of hours that do not pass.
        return valid::permutation(settings);
    }
    prop_oneof![
        6 => under_way(settings),
        2 => on_the_way(settings),
        2 => refused_first(settings),
        2 => unexpiring(settings),
        2 => begins(settings),
        2 => foreign(settings),
        3 => finished(settings),
    ]
    .boxed()
}

/// A plan whose segments come at points of time that never go back; then another upload is tried.
fn under_way(settings: GeneratorSettings) -> BoxedStrategy<Case> {
    (plan(settings, 2..=4), select(LIVES.to_vec()))
        .prop_flat_map(|(plan, ttl)| {
            let later = proptest::collection::vec(select(POINTS.to_vec()), plan.sizes.len() - 1);
            let order: Vec<_> = (1..plan.sizes.len()).collect();
            (Just(plan), Just(ttl), 0..3_usize, later, Just(order).prop_shuffle(), 0..5_u8)
        })
        .prop_map(move |(plan, ttl, first, mut later, order, end)| {
            later.sort_unstable();
            let mut line = Line::new();
            line.to(POINTS[first].seconds(settings, ttl));
            line.steps.push(Step::Send(plan.segment(0, 0)));
            for (point, at) in later.iter().zip(order) {
                line.to(point.seconds(settings, ttl));
                line.steps.push(Step::Send(plan.segment(0, at)));
            }
            match end {
                0 => line.steps.push(Step::Event(Event::List(0))),
                1 => line.steps.push(Step::Send(plan.segment(1, 0))),
                2 => line.steps.push(Step::Send(Segment::new(1, Frame::None, 0, 1))),
                3 => line.to(Point::LongAfterGrace.seconds(settings, ttl)),
                _ => {}
            }
            Case { tokens: vec![ttl], steps: line.steps }
        })
        .boxed()
}

/// The token expires while its first segment is on the wire.
fn on_the_way(settings: GeneratorSettings) -> BoxedStrategy<Case> {
    (plan(settings, 2..=3), select(LIVES.to_vec()), 0..3_u8, any::<bool>())
        .prop_map(move |(plan, ttl, first, plain)| {
            let segment =
                if plain { Segment::new(0, Frame::None, 0, plan.sizes[0]) } else { plan.segment(0, 0) };
            let jump = match first {
                0 => Point::AfterExpiry,
                1 => Point::InGrace,
                _ => Point::Half,
            };
            let during = Event::Advance(jump.seconds(settings, ttl));
            Case { tokens: vec![ttl], steps: vec![Step::During(segment, during)] }
        })
        .boxed()
}

/// A first segment that is refused does not count.
fn refused_first(settings: GeneratorSettings) -> BoxedStrategy<Case> {
    (plan(settings, 2..=3), select(LIVES.to_vec()), any::<bool>())
        .prop_map(move |(plan, ttl, late)| {
            let good = plan.segment(0, 0);
            let mut bad = good.clone();
            bad.frame = Frame::Malformed("bytes 0-");
            let mut line = Line::new();
            line.steps.push(Step::Send(bad));
            line.to(if late { Point::LateInGrace } else { Point::AfterExpiry }.seconds(settings, ttl));
            line.steps.push(Step::Send(good));
            Case { tokens: vec![ttl], steps: line.steps }
        })
        .boxed()
}

/// A token without ttl.
fn unexpiring(settings: GeneratorSettings) -> BoxedStrategy<Case> {
    let jumps = vec![0, HOUR, DAY + HOUR, 8 * DAY, 31 * DAY, 366 * DAY];
    (plan(settings, 2..=3), proptest::collection::vec(select(jumps), 1..=2))
        .prop_map(|(plan, jumps)| {
            let mut steps = Vec::new();
            for at in 0..plan.sizes.len() {
                // The first jump comes before the first segment, so that it is the token that is old.
                if let Some(jump) = jumps.get(at).filter(|jump| **jump > 0) {
                    steps.push(Step::Event(Event::Advance(*jump)));
                }
                steps.push(Step::Send(plan.segment(0, at)));
            }
            Case { tokens: vec![0], steps }
        })
        .boxed()
}

/// Uploads are begun at several points of one token's life.
fn begins(settings: GeneratorSettings) -> BoxedStrategy<Case> {
    let points = proptest::collection::vec(select(POINTS.to_vec()), 2..=3);
    (points, select(LIVES.to_vec()), framing(), any::<bool>(), any::<bool>())
        .prop_map(move |(mut points, ttl, framing, plain, list)| {
            points.sort_unstable();
            let plan = valid::smallest(settings, framing);
            let mut line = Line::new();
            for (upload, point) in points.iter().enumerate() {
                line.to(point.seconds(settings, ttl));
                let segment =
                    if plain { Segment::new(upload, Frame::None, 0, 1) } else { plan.segment(upload, 0) };
                line.steps.push(Step::Send(segment));
                if list {
                    line.steps.push(Step::Event(Event::List(0)));
                }
            }
            Case { tokens: vec![ttl], steps: line.steps }
        })
        .boxed()
}

/// Two tokens, and one goes on with what the other began.
fn foreign(settings: GeneratorSettings) -> BoxedStrategy<Case> {
    (framing(), select(LIVES.to_vec()), select(vec![Point::Half, Point::AfterExpiry, Point::InGrace]))
        .prop_map(move |(framing, ttl, point)| {
            let plan = valid::smallest(settings, framing);
            let of = |token: usize, upload: usize, at: usize| {
                Step::Send(Segment { token, ..plan.segment(upload, at) })
            };
            let mut line = Line::new();
            line.steps.extend([of(0, 0, 0), of(1, 1, 0)]);
            line.to(point.seconds(settings, ttl));
            line.steps.extend([of(0, 1, 1), of(1, 1, 1), of(0, 0, 1)]);
            Case { tokens: vec![ttl, ttl], steps: line.steps }
        })
        .boxed()
}

/// A video that is finished stays, and so does what it was.
fn finished(settings: GeneratorSettings) -> BoxedStrategy<Case> {
    let points = vec![
        Point::AfterExpiry,
        Point::InGrace,
        Point::SoonAfterGrace,
        Point::LongAfterGrace,
        Point::LongAfterGrace,
    ];
    (plan(settings, 2..=3), select(LIVES.to_vec()), select(points), any::<bool>(), any::<bool>())
        .prop_map(move |(plan, ttl, point, late, list)| {
            let mut line = Line::new();
            let last = plan.sizes.len() - 1;
            for at in 0..=last {
                // What was begun in time may be finished in grace.
                if late && at == last {
                    line.to(Point::AfterExpiry.seconds(settings, ttl));
                }
                line.steps.push(Step::Send(plan.segment(0, at)));
            }
            line.to(point.seconds(settings, ttl));
            if list {
                line.steps.push(Step::Event(Event::List(0)));
            }
            Case { tokens: vec![ttl], steps: line.steps }
        })
        .boxed()
}

/// Tokens that are deleted between any two segments, or while one is on the wire.
pub(super) fn revocation(settings: GeneratorSettings) -> BoxedStrategy<Case> {
    let lives = vec![0, LONG, 2 * HOUR];
    let between = (plan(settings, 1..=3), select(lives.clone()), 0..4_usize, 0..6_u8, any::<bool>())
        .prop_map(move |(plan, ttl, at, what, late)| {
            let at = at.min(plan.sizes.len());
            let mut steps = plan.steps(0);
            let mut events = vec![Step::Event(Event::Delete(0))];
            if late && ttl > 0 && at > 0 && settings.clock {
                let jump = Point::AfterExpiry.seconds(settings, ttl);
                events.insert(0, Step::Event(Event::Advance(jump)));
            }
            match what {
                0 => events.push(Step::Event(Event::Show(0))),
                1 => events.push(Step::Event(Event::List(0))),
                2 => events.push(Step::Event(Event::Delete(0))),
                3 => events.push(Step::Send(Segment { token: 1, ..plan.segment(1, 0) })),
                _ => {}
            }
            let rest = steps.split_off(at);
            steps.extend(events);
            steps.extend(rest);
            // More than one, since a replica in two may not have heard of it.
            for upload in 2..6 {
                steps.push(Step::Send(Segment::new(upload, Frame::None, 0, 1)));
            }
            Case { tokens: vec![ttl, LONG], steps }
        });
    let on_the_way = (size::last(settings), select(lives), framing(), any::<bool>()).prop_map(
        move |(length, ttl, framing, plain)| {
            let plan: Plan = valid::smallest(settings, framing);
            let segment = if plain { Segment::new(0, Frame::None, 0, length) } else { plan.segment(0, 0) };
            Case { tokens: vec![ttl], steps: vec![Step::During(segment, Event::Delete(0))] }
        },
    );
    prop_oneof![6 => between, 1 => on_the_way].boxed()
}
