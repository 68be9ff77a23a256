//! A histogram in the buckets of Prometheus, from one of ours.

use uptake_outcome::load::Micros;

/// The upper bounds of the buckets, in microseconds: 100 us to 500 s, three for each power of ten.
const BOUNDS: [u64; 21] = [
    100,
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    20_000,
    50_000,
    100_000,
    200_000,
    500_000,
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
    20_000_000,
    50_000_000,
    100_000_000,
    200_000_000,
    500_000_000,
];

/// Counts of samples by bucket.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Classic {
    /// All samples together, in seconds.
    pub(crate) sum: f64,
    pub(crate) count: u64,
    /// The upper bound of each bucket in seconds, and the samples in it alone.
    pub(crate) buckets: Vec<(f64, u64)>,
}

impl From<&Micros> for Classic {
    #[expect(clippy::cast_precision_loss, reason = "bounds and counts are below 2^52")]
    fn from(samples: &Micros) -> Self {
        let mut counts = [0; BOUNDS.len() + 1];
        for cell in samples.iter_recorded() {
            let bucket = BOUNDS.partition_point(|bound| *bound < cell.value_iterated_to());
            counts[bucket] += cell.count_since_last_iteration();
        }
        let bounds = BOUNDS.iter().map(|bound| *bound as f64 / 1e6).chain([f64::INFINITY]);
        Self {
            sum: samples.mean() * samples.len() as f64 / 1e6,
            count: samples.len(),
            buckets: bounds.zip(counts).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use uptake_outcome::load::empty;

    use super::Classic;

    #[test]
    fn each_sample_is_in_one_bucket() {
        let mut samples = empty();
        for micros in [1, 100, 101, 3_000, 600_000_000] {
            samples.record(micros).expect("in range");
        }
        let classic = Classic::from(&samples);
        let full: Vec<(f64, u64)> = classic.buckets.iter().copied().filter(|(_, count)| *count > 0).collect();
        assert_eq!(full, [(0.0001, 2), (0.0002, 1), (0.005, 1), (f64::INFINITY, 1)]);
        assert_eq!(classic.count, 5);
        assert!((classic.sum - 600.003_202).abs() < 0.5, "{}", classic.sum);
    }
}
