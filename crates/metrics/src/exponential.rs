//! A histogram in exponential buckets, from one of ours: those of OTLP's exponential histograms and of Prometheus' native histograms.
//!
//! The two differ in the number of a bucket alone: bucket `i` of OTLP at scale `s` has the values above `base^i` and at most
//! `base^(i+1)`, where `base` is `2^(2^-s)` (<https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram>);
//! Prometheus calls it `i + 1` (<https://prometheus.io/docs/specs/native_histograms/#schema>).

use uptake_outcome::load::Micros;

/// The finest scale: a bucket is 1.1 % wide, and a cell of our histograms at most 0.1 %.
const FINEST: i32 = 6;

/// The most buckets, as of OpenTelemetry's SDKs. Samples further apart get a coarser scale.
const MOST: i32 = 160;

/// Counts of samples by bucket.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Exponential {
    /// Each power of two has `2^scale` buckets.
    pub(crate) scale: i32,
    /// Samples of no duration.
    pub(crate) zero: u64,
    /// The number of the first bucket, as OTLP counts.
    pub(crate) offset: i32,
    /// The samples in each bucket alone.
    pub(crate) counts: Vec<u64>,
    /// The shortest and the longest, in seconds.
    pub(crate) extremes: (f64, f64),
}

impl From<&Micros> for Exponential {
    fn from(samples: &Micros) -> Self {
        // The highest value of a cell, which the percentiles of the report name too.
        let cells =
            samples.iter_recorded().map(|cell| (cell.value_iterated_to(), cell.count_since_last_iteration()));
        let (zeros, cells): (Vec<_>, Vec<_>) = cells.partition(|(micros, _)| *micros == 0);
        let cells: Vec<(i32, u64)> =
            cells.into_iter().map(|(micros, count)| (finest(micros), count)).collect();
        let (first, last) = match (cells.first(), cells.last()) {
            (Some((first, _)), Some((last, _))) => (*first, *last),
            _ => (0, -1),
        };
        // Two neighbours become one bucket for each step to a coarser scale.
        let coarser = (0..31).find(|by| (last >> by) - (first >> by) < MOST).unwrap_or(31);
        let offset = first >> coarser;
        let length = usize::try_from((last >> coarser) - offset + 1).unwrap_or(0);
        let mut counts = vec![0; length];
        for (index, count) in cells {
            let at = usize::try_from((index >> coarser) - offset).expect("cells come in order");
            counts[at] += count;
        }
        Self {
            scale: FINEST - coarser,
            zero: zeros.iter().map(|(_, count)| count).sum(),
            offset,
            counts,
            extremes: (seconds(samples.min()), seconds(samples.max())),
        }
    }
}

impl Exponential {
    /// One span of Prometheus, empty buckets included.
    pub(crate) fn spans(&self) -> Vec<(i32, u32)> {
        let length = u32::try_from(self.counts.len()).expect("buckets are few");
        if length == 0 { Vec::new() } else { vec![(self.offset + 1, length)] }
    }

    /// The difference of each bucket from the one before.
    pub(crate) fn deltas(&self) -> Vec<i64> {
        let counts = || self.counts.iter().map(|count| count.cast_signed());
        counts().zip(std::iter::once(0).chain(counts())).map(|(count, before)| count - before).collect()
    }
}

/// The bucket of a value at the finest scale.
#[expect(clippy::cast_possible_truncation, reason = "a logarithm of 64 bits is small")]
fn finest(micros: u64) -> i32 {
    (seconds(micros).log2() * f64::from(1 << FINEST)).ceil() as i32 - 1
}

#[expect(clippy::cast_precision_loss, reason = "an hour is below 2^52 microseconds")]
fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uptake_outcome::load::{HIGHEST_MICROS, empty};

    use super::{Exponential, MOST, finest, seconds};

    /// The bounds of a bucket, in seconds.
    fn bounds(scale: i32, index: i32) -> (f64, f64) {
        let bound = |index: i32| (f64::from(index) * (-f64::from(scale)).exp2()).exp2();
        (bound(index), bound(index + 1))
    }

    #[test]
    fn a_power_of_two_is_the_upper_bound_of_its_bucket() {
        assert_eq!([finest(500_000), finest(500_001)], [-65, -64]);
        assert_eq!([finest(1_000_000), finest(1_000_001)], [-1, 0]);
        assert_eq!([finest(4_000_000), finest(4_000_001)], [127, 128]);
    }

    #[test]
    fn samples_of_no_duration_have_a_bucket_of_their_own() {
        let mut samples = empty();
        samples.record_n(0, 3).expect("in range");
        let only_zeros = Exponential::from(&samples);
        assert_eq!((only_zeros.zero, only_zeros.counts.len(), only_zeros.spans().len()), (3, 0, 0));
        samples.record(1_000).expect("in range");
        let exponential = Exponential::from(&samples);
        assert_eq!(
            (exponential.zero, exponential.offset, &*exponential.counts),
            (3, finest(1_000), &[1][..])
        );
    }

    #[test]
    fn a_stream_of_samples_never_gets_a_finer_scale() {
        let mut samples = empty();
        let mut scale = i32::MAX;
        for power in 0..32 {
            samples.record(HIGHEST_MICROS >> power).expect("in range");
            let exponential = Exponential::from(&samples);
            assert!(exponential.scale <= scale);
            scale = exponential.scale;
        }
        assert_eq!(scale, 2);
    }

    /// Durations of all magnitudes.
    fn durations() -> impl Strategy<Value = Vec<u64>> {
        let one = (0_u32..32, 0_u64..=u64::MAX).prop_map(|(bits, any)| any % (2_u64 << bits));
        prop::collection::vec(one.prop_map(|micros| micros.min(HIGHEST_MICROS)), 1..400)
    }

    proptest! {
        #[test]
        fn counts_are_exact_and_each_sample_is_in_its_bucket(mut durations in durations()) {
            let mut samples = empty();
            for micros in &durations {
                samples.record(*micros).expect("in range");
            }
            durations.sort_unstable();
            let exponential = Exponential::from(&samples);
            prop_assert!(exponential.counts.len() <= usize::try_from(MOST).expect("small"));
            prop_assert_eq!(exponential.zero + exponential.counts.iter().sum::<u64>(), durations.len() as u64);
            // Buckets and sorted samples in step. A sample may be a cell of our histogram (0.1 %) below its bucket.
            let zeros = durations.iter().take_while(|micros| **micros == 0).count();
            prop_assert_eq!(exponential.zero, zeros as u64);
            let mut left = durations[zeros..].iter();
            for (at, count) in exponential.counts.iter().enumerate() {
                let (lower, upper) = bounds(exponential.scale, exponential.offset + i32::try_from(at).expect("small"));
                for _ in 0..*count {
                    let seconds = seconds(*left.next().expect("as many samples as counts"));
                    prop_assert!(seconds > lower * 0.998_9 && seconds <= upper * (1.0 + 1e-12), "{} in {}..{}", seconds, lower, upper);
                }
            }
            // The deltas and the span of Prometheus say the same.
            let mut count = 0;
            let summed: Vec<u64> = exponential.deltas().iter().map(|delta| { count += delta; count.cast_unsigned() }).collect();
            prop_assert_eq!(&summed, &exponential.counts);
            // Prometheus' bucket `i` ends at `base^i`.
            for (first, length) in exponential.spans() {
                prop_assert_eq!(length as usize, summed.len());
                let (lower, upper) = (bounds(exponential.scale, first - 1).0, bounds(exponential.scale, first).0);
                let shortest = seconds(durations[zeros]);
                prop_assert!(shortest > lower * 0.998_9 && shortest <= upper * (1.0 + 1e-12));
            }
        }
    }
}
