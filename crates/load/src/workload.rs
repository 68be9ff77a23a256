//! What upload number `k` consists of: its size, its segments, its outcome. All follows from the number and the seed.

use std::time::Duration;

use super::client::BLOCK;
use super::plan::{Order, Outcome, OutcomeShares, ThinkTime, UploadShape};
use super::protocol::Numbers;
use super::random::RandomStream;
use uptake_payload::{Framing, Seed, Total};

/// One upload, before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UploadSpec {
    pub(super) number: u64,
    /// The size of the file.
    pub(super) size: u64,
    /// The size of all segments but the last.
    pub(super) segment_size: u64,
    /// The number of segments.
    pub(super) segments: u64,
    pub(super) framing: Framing,
    pub(super) total: Total,
    pub(super) outcome: Outcome,
    /// The segment, from 1, in whose middle an abandoned or resumed upload is interrupted.
    pub(super) interrupted_at: u64,
    /// The index of the content that is sent.
    pub(super) content: usize,
    /// Where in the content the file begins.
    pub(super) offset: u64,
}

/// A segment of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SegmentSpec {
    /// Where it begins in the file.
    pub(super) from: u64,
    pub(super) len: u64,
}

/// One time that a segment is sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt {
    /// The number of its upload.
    pub(super) upload: u64,
    /// The number of the segment.
    pub(super) segment: u64,
    /// How often it was resumed before.
    pub(super) resumed: u64,
}

impl Attempt {
    /// A number for it that no other attempt of the run has, as far as uploads have fewer than 2^16 segments.
    fn index(self) -> u64 {
        let segment = self.upload.wrapping_mul(1 << 16).wrapping_add(self.segment);
        segment.wrapping_mul(MAX_RESUMPTIONS + 1).wrapping_add(self.resumed)
    }
}

/// A segment is resumed so often at most. After that its upload is given up.
pub(super) const MAX_RESUMPTIONS: u64 = 5;

/// The uploads of a plan.
#[derive(Debug, Clone)]
pub(super) struct Workload {
    shape: UploadShape,
    outcomes: OutcomeShares,
    /// The sizes of the real files; empty means seeded content.
    file_sizes: Vec<u64>,
    random: RandomStreams,
}

/// One stream for each random choice, so that a change of one leaves the others as they were.
#[derive(Debug, Clone)]
struct RandomStreams {
    size: RandomStream,
    segment: RandomStream,
    framing: RandomStream,
    total: RandomStream,
    order: RandomStream,
    outcome: RandomStream,
    interruption: RandomStream,
    offset: RandomStream,
    think: RandomStream,
    verified: RandomStream,
    bandwidth: RandomStream,
    drop: RandomStream,
    pause: RandomStream,
    pause_length: RandomStream,
}

/// Files begin at page boundaries of the block, from which the kernel sends fastest.
pub(super) const PAGE: u64 = 4_096;

impl Workload {
    pub(super) fn new(shape: UploadShape, outcomes: OutcomeShares, file_sizes: Vec<u64>, seed: Seed) -> Self {
        let stream = |label| RandomStream::new(seed, label);
        let random = RandomStreams {
            size: stream("size"),
            segment: stream("segment"),
            framing: stream("framing"),
            total: stream("total"),
            order: stream("order"),
            outcome: stream("outcome"),
            interruption: stream("interruption"),
            offset: stream("offset"),
            think: stream("think"),
            verified: stream("verified"),
            bandwidth: stream("bandwidth"),
            drop: stream("drop"),
            pause: stream("pause"),
            pause_length: stream("pause-length"),
        };
        Self { shape, outcomes, file_sizes, random }
    }

    /// The upload with this number.
    pub(super) fn upload(&self, number: u64) -> UploadSpec {
        let (content, size, offset) = if self.file_sizes.is_empty() {
            let size = match &self.shape.recorded {
                Some(trace) => trace.size(number),
                None => self.shape.size.pick(self.random.size.at(number)),
            };
            (0, size, self.random.offset.at(number).below(BLOCK / PAGE) * PAGE)
        } else {
            let index = usize::try_from(number % self.file_sizes.len() as u64).unwrap_or(0);
            (index, self.file_sizes[index], 0)
        };
        let framing = self.shape.framing.at(self.random.framing.at(number).unit());
        let segment_size = match framing {
            Framing::None => size,
            _ => self.segment_size(number),
        };
        let segments = size.div_ceil(segment_size.max(1)).max(1);
        UploadSpec {
            number,
            size,
            segment_size,
            segments,
            framing,
            total: self.shape.total.at(self.random.total.at(number).unit()),
            outcome: self.outcomes.pick(self.random.outcome.at(number)),
            interrupted_at: 1 + self.random.interruption.at(number).below(segments),
            content,
            offset,
        }
    }

    /// Rounded down to what the suite has sizes be multiples of.
    fn segment_size(&self, number: u64) -> u64 {
        let size = self.shape.segment.pick(self.random.segment.at(number));
        (size - size % self.shape.multiple).max(self.shape.multiple)
    }

    /// The numbers of an upload's segments, in sending order.
    pub(super) fn order(&self, upload: &UploadSpec) -> Vec<u64> {
        let mut numbers: Vec<u64> = (1..=upload.segments).collect();
        if self.shape.order == Order::Shuffled {
            // Fisher-Yates shuffle, with random values that belong to this upload.
            for last in (1..numbers.len()).rev() {
                let value =
                    self.random.order.at(upload.number.wrapping_mul(1 << 20).wrapping_add(last as u64));
                let other = usize::try_from(value.below(last as u64 + 1)).unwrap_or(0);
                numbers.swap(last, other);
            }
        }
        numbers
    }

    /// Whether segments are sent from the first to the last, one at a time.
    pub(super) fn is_sequential(&self) -> bool {
        self.shape.order == Order::InTurn && self.shape.parallel == 1
    }

    /// How many segments after the first are sent at once.
    pub(super) fn parallel(&self) -> usize {
        self.shape.parallel
    }

    /// Whether an upload is among the share that is verified.
    pub(super) fn is_verified(&self, share: f64, number: u64) -> bool {
        self.random.verified.at(number).unit() < share
    }

    /// The bandwidth of the client that sends an upload, in bytes a second.
    pub(super) fn bandwidth(&self, number: u64) -> Option<u64> {
        Some(self.shape.bandwidth.as_ref()?.pick(self.random.bandwidth.at(number)))
    }

    /// Whether the client of an upload is paced.
    pub(super) fn is_paced(&self) -> bool {
        self.shape.bandwidth.is_some() || self.shape.pauses.is_some()
    }

    /// After how many of `length` bytes the connection is lost; `None` if it is not.
    pub(super) fn drop_at(&self, attempt: Attempt, length: u64) -> Option<u64> {
        let value = self.random.drop.at(attempt.index());
        (length > 0 && value.unit() < self.outcomes.dropped).then(|| value.second_below(length))
    }

    /// After how many of `length` bytes the client pauses, and for how long; `None` if it does not.
    pub(super) fn pause_at(&self, attempt: Attempt, length: u64) -> Option<(u64, Duration)> {
        let pauses = self.shape.pauses.as_ref()?;
        let value = self.random.pause.at(attempt.index());
        (length > 0 && value.unit() < pauses.share).then(|| {
            let micros = pauses.lengths.pick(self.random.pause_length.at(attempt.index()));
            (value.second_below(length), Duration::from_micros(micros))
        })
    }

    /// How long the uploader waits after an upload.
    pub(super) fn think(&self, think: ThinkTime, number: u64) -> Duration {
        think.pick(self.random.think.at(number))
    }
}

impl UploadSpec {
    /// A segment, by its number from 1.
    pub(super) fn segment(&self, number: u64) -> SegmentSpec {
        let from = (number - 1) * self.segment_size;
        let len = self.segment_size.min(self.size - from);
        SegmentSpec { from, len }
    }

    /// The numbers of the upload as a whole.
    pub(super) fn numbers(&self) -> Numbers {
        Numbers { total: self.size, count: self.segments, ..Numbers::default() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::{Distribution, Pauses, Weighted};

    fn workload(size: Distribution, segment: u64, order: Order) -> Workload {
        let shape = UploadShape {
            size,
            segment: Distribution::fixed(segment),
            framing: Weighted::only(Framing::Bytes),
            total: Weighted::only(Total::Named),
            order,
            parallel: 1,
            bandwidth: None,
            pauses: None,
            multiple: 1,
            recorded: None,
            files: Vec::new(),
        };
        Workload::new(shape, OutcomeShares::default(), Vec::new(), Seed(5))
    }

    proptest! {
        #[test]
        fn the_segments_of_an_upload_cover_its_file_exactly_once(
            size in 1_u64..10_000_000,
            segment in 1_u64..1_000_000,
            number: u32,
        ) {
            let segment = segment.max(size / 50 + 1);
            let workload = workload(Distribution::fixed(size), segment, Order::Shuffled);
            let upload = workload.upload(number.into());
            let mut order = workload.order(&upload);
            order.sort_unstable();
            let mut at = 0;
            for number in order {
                let segment_spec = upload.segment(number);
                prop_assert_eq!(segment_spec.from, at);
                prop_assert!(segment_spec.len > 0);
                at += segment_spec.len;
            }
            prop_assert_eq!(at, size);
            prop_assert!((1..=upload.segments).contains(&upload.interrupted_at));
        }
    }

    #[test]
    fn orders_are_shuffled_differently_for_each_upload_and_alike_for_each_seed() {
        let workload = workload(Distribution::fixed(20), 1, Order::Shuffled);
        let order = |number| workload.order(&workload.upload(number));
        assert_ne!(order(0), order(1));
        assert_ne!(order(0), (1..=20).collect::<Vec<_>>());
        assert_eq!(order(7), order(7));
    }

    #[test]
    fn connections_are_lost_anywhere_in_a_segment_as_often_as_asked_and_alike_for_each_seed() {
        let mut workload = workload(Distribution::fixed(20), 1, Order::InTurn);
        workload.outcomes.dropped = 0.25;
        let drops = || -> Vec<Option<u64>> {
            let attempts = (0..10_000).map(|number| Attempt {
                upload: number / 100,
                segment: 1 + number / 2 % 50,
                resumed: number % 2,
            });
            attempts.map(|attempt| workload.drop_at(attempt, 10)).collect()
        };
        let dropped = drops();
        assert!(dropped.iter().flatten().count().abs_diff(2_500) < 150);
        for byte in 0..10 {
            let count = dropped.iter().flatten().filter(|at| **at == byte).count();
            assert!((190..310).contains(&count), "byte {byte} came {count} times");
        }
        assert_eq!(drops(), dropped);
        let attempt = Attempt { upload: 0, segment: 1, resumed: 0 };
        workload.outcomes.dropped = 1.0;
        assert_eq!(workload.drop_at(attempt, 0), None, "an empty segment has no middle");
    }

    #[test]
    fn pauses_have_the_lengths_and_the_share_of_the_plan() {
        let mut workload = workload(Distribution::fixed(20), 1, Order::InTurn);
        let attempt = |upload| Attempt { upload, segment: 1, resumed: 0 };
        assert_eq!(workload.pause_at(attempt(0), 10), None);
        workload.shape.pauses = Some(Pauses::parse("1s..2s:50%").expect("pauses"));
        let pauses: Vec<_> = (0..1_000).filter_map(|number| workload.pause_at(attempt(number), 10)).collect();
        assert!(pauses.len().abs_diff(500) < 60, "{}", pauses.len());
        let lengths = Duration::from_secs(1)..=Duration::from_secs(2);
        assert!(pauses.iter().all(|(at, length)| *at < 10 && lengths.contains(length)));
    }

    #[test]
    fn shares_of_outcomes_are_kept() {
        let mut workload = workload(Distribution::fixed(20), 1, Order::InTurn);
        workload.outcomes = OutcomeShares { abandoned: 0.1, resumed: 0.2, dropped: 0.0 };
        let outcomes: Vec<_> = (0..10_000).map(|number| workload.upload(number).outcome).collect();
        let count = |outcome| outcomes.iter().filter(|drawn| **drawn == outcome).count();
        assert!(count(Outcome::Abandoned).abs_diff(1_000) < 100);
        assert!(count(Outcome::Resumed).abs_diff(2_000) < 130);
    }
}
