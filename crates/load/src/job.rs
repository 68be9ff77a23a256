//! What upload number `k` is: its size, its segments, its fate. The number and the seed say it all.

use super::draw::Draws;
use super::plan::{Fate, Fates, Order, Shape, Think};
use uptake_payload::{ContentRange, Framing, Seed, Total};

/// One upload, before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Job {
    /// Its number.
    pub(super) number: u64,
    /// The file's size.
    pub(super) size: u64,
    /// The size of all its segments but the last.
    pub(super) segment: u64,
    /// How many segments there are.
    pub(super) count: u64,
    pub(super) framing: Framing,
    total: Total,
    pub(super) fate: Fate,
    /// The segment in whose middle it is broken off, where it is; from 1.
    pub(super) broken_at: u64,
    /// Which of the contents it sends.
    pub(super) content: usize,
    /// Where in the content the file begins.
    pub(super) from: u64,
}

/// A segment of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// Where it begins in the file.
    pub(super) from: u64,
    pub(super) len: u64,
    pub(super) range: Option<ContentRange>,
}

/// Makes jobs.
#[derive(Debug, Clone)]
pub(super) struct Jobs {
    shape: Shape,
    fates: Fates,
    /// The sizes of the real files; none means seeded content.
    files: Vec<u64>,
    sizes: Draws,
    segments: Draws,
    framings: Draws,
    totals: Draws,
    orders: Draws,
    fate: Draws,
    breaks: Draws,
    places: Draws,
    thinks: Draws,
}

/// Files begin at the pages of the block, which the kernel sends fastest.
const PAGE: u64 = 4_096;

impl Jobs {
    pub(super) fn new(shape: Shape, fates: Fates, files: Vec<u64>, seed: Seed) -> Self {
        let draws = |label| Draws::new(seed, label);
        Self {
            shape,
            fates,
            files,
            sizes: draws("size"),
            segments: draws("segment"),
            framings: draws("framing"),
            totals: draws("total"),
            orders: draws("order"),
            fate: draws("fate"),
            breaks: draws("break"),
            places: draws("place"),
            thinks: draws("think"),
        }
    }

    /// The job of this number.
    pub(super) fn job(&self, number: u64) -> Job {
        let (content, size, from) = if self.files.is_empty() {
            let size = self.shape.size.draw(self.sizes.at(number));
            let pages = super::wire::BLOCK / PAGE;
            (0, size, self.places.at(number).below(pages) * PAGE)
        } else {
            let index = usize::try_from(number % self.files.len() as u64).unwrap_or(0);
            (index, self.files[index], 0)
        };
        let framing = self.shape.framing.at(self.framings.at(number).unit());
        let segment = match framing {
            Framing::None => size,
            _ => self.shape.segment.draw(self.segments.at(number)),
        };
        let count = size.div_ceil(segment.max(1)).max(1);
        Job {
            number,
            size,
            segment,
            count,
            framing,
            total: self.shape.total.at(self.totals.at(number).unit()),
            fate: self.fates.draw(self.fate.at(number)),
            broken_at: 1 + self.breaks.at(number).below(count),
            content,
            from,
        }
    }

    /// The numbers of a job's segments in the order in which they are sent.
    pub(super) fn order(&self, job: &Job) -> Vec<u64> {
        let mut numbers: Vec<u64> = (1..=job.count).collect();
        if self.shape.order == Order::Shuffled {
            // Fisher and Yates, with draws that belong to this upload.
            for last in (1..numbers.len()).rev() {
                let draw = self.orders.at(job.number.wrapping_mul(1 << 20).wrapping_add(last as u64));
                let other = usize::try_from(draw.below(last as u64 + 1)).unwrap_or(0);
                numbers.swap(last, other);
            }
        }
        numbers
    }

    /// Whether segments are sent from the first to the last, one at a time.
    pub(super) fn are_in_turn(&self) -> bool {
        self.shape.order == Order::InTurn && self.shape.parallel == 1
    }

    /// How many segments after the first are sent at once.
    pub(super) fn parallel(&self) -> usize {
        self.shape.parallel
    }

    /// How long its uploader rests after it.
    pub(super) fn rest(&self, think: Think, number: u64) -> std::time::Duration {
        think.draw(self.thinks.at(number))
    }
}

impl Job {
    /// A segment, by its number from 1.
    pub(super) fn part(&self, number: u64) -> Part {
        let from = (number - 1) * self.segment;
        let len = self.segment.min(self.size - from);
        let named = |truth| match self.total {
            Total::Named | Total::Claimed(_) => Some(truth),
            Total::Open => None,
            Total::OpenUntilLast => (number == self.count).then_some(truth),
        };
        let range = match self.framing {
            Framing::None => None,
            // A file without bytes has no range of them.
            Framing::Bytes if len == 0 => None,
            Framing::Bytes => Some(ContentRange::Bytes { from, to: from + len - 1, total: named(self.size) }),
            Framing::Parts => Some(ContentRange::Part { number, count: named(self.count) }),
        };
        Part { from, len, range }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::{Choice, Spread};

    fn jobs(size: Spread, segment: u64, order: Order) -> Jobs {
        let shape = Shape {
            size,
            segment: Spread::fixed(segment),
            framing: Choice::only(Framing::Bytes),
            total: Choice::only(Total::Named),
            order,
            parallel: 1,
            files: Vec::new(),
        };
        Jobs::new(shape, Fates::default(), Vec::new(), Seed(5))
    }

    proptest! {
        #[test]
        fn the_segments_of_a_job_cover_its_file_exactly_once(
            size in 1_u64..10_000_000,
            segment in 1_u64..1_000_000,
            number: u32,
        ) {
            let segment = segment.max(size / 50 + 1);
            let jobs = jobs(Spread::fixed(size), segment, Order::Shuffled);
            let job = jobs.job(number.into());
            let mut order = jobs.order(&job);
            order.sort_unstable();
            let mut at = 0;
            for number in order {
                let part = job.part(number);
                prop_assert_eq!(part.from, at);
                let expected = ContentRange::Bytes { from: at, to: at + part.len - 1, total: Some(size) };
                prop_assert_eq!(part.range, Some(expected));
                at += part.len;
            }
            prop_assert_eq!(at, size);
            prop_assert!((1..=job.count).contains(&job.broken_at));
        }
    }

    #[test]
    fn orders_are_shuffled_differently_for_each_upload_and_alike_for_each_seed() {
        let jobs = jobs(Spread::fixed(20), 1, Order::Shuffled);
        let order = |number| jobs.order(&jobs.job(number));
        assert_ne!(order(0), order(1));
        assert_ne!(order(0), (1..=20).collect::<Vec<_>>());
        assert_eq!(order(7), order(7));
    }

    #[test]
    fn shares_of_fates_are_kept() {
        let mut jobs = jobs(Spread::fixed(20), 1, Order::InTurn);
        jobs.fates = Fates { abandoned: 0.1, resumed: 0.2 };
        let fates: Vec<_> = (0..10_000).map(|number| jobs.job(number).fate).collect();
        let count = |fate| fates.iter().filter(|drawn| **drawn == fate).count();
        assert!(count(Fate::Abandoned).abs_diff(1_000) < 100);
        assert!(count(Fate::Resumed).abs_diff(2_000) < 130);
    }
}
