//! The distribution of a size: `5MiB`, `1MiB..10MiB`, `log-normal(5MiB, 0.8)`, or a list with weights. That of a bandwidth is
//! written alike: `1MiB/s..10MiB/s`.

use super::values;
use super::weighted::Weighted;
use crate::random::RandomValue;

/// The distribution of a size.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SizeDistribution {
    /// Uniform between two sizes, both included.
    Uniform(u64, u64),
    /// Half of the sizes below the median, a few far above it.
    LogNormal {
        /// The median.
        median: u64,
        /// The standard deviation of the logarithm.
        sigma: f64,
    },
    /// Listed sizes with weights.
    Listed(Weighted<u64>),
}

/// No size is above this many medians, so that one upload in millions does not dominate the run.
const MAX_MEDIANS: f64 = 1_000.0;

impl SizeDistribution {
    /// A single size.
    pub(crate) fn fixed(size: u64) -> Self {
        Self::Listed(Weighted::only(size))
    }

    /// Reads the distribution of a size.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Self::parse_of(text, values::size, "log-normal(5MiB, 0.8)")
    }

    /// Reads the distribution of a bandwidth, in bytes a second.
    pub(crate) fn parse_bandwidth(text: &str) -> Result<Self, String> {
        Self::parse_of(text, values::bandwidth, "log-normal(5MiB/s, 0.8)")
    }

    fn parse_of(
        text: &str,
        value: impl Fn(&str) -> Result<u64, String>,
        example: &str,
    ) -> Result<Self, String> {
        let text = text.trim();
        if let Some(inside) = text.strip_prefix("log-normal(").and_then(|rest| rest.strip_suffix(')')) {
            let wrong = || {
                format!("invalid distribution `{text}`: write log-normal(MEDIAN, SIGMA), such as {example}")
            };
            let (median, sigma) = inside.split_once(',').ok_or_else(wrong)?;
            let sigma =
                sigma.trim().parse().ok().filter(|sigma| (0.0..=5.0).contains(sigma)).ok_or_else(wrong)?;
            return Ok(Self::LogNormal { median: value(median.trim())?, sigma });
        }
        if let Some((min, max)) = text.split_once("..") {
            let (min, max) = (value(min.trim())?, value(max.trim())?);
            if min > max {
                return Err(format!("invalid range `{text}`: its start is above its end"));
            }
            return Ok(Self::Uniform(min, max));
        }
        Weighted::parse(text, value).map(Self::Listed)
    }

    /// The size for a random value.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sizes are far below 2^52, and none is negative"
    )]
    pub(crate) fn pick(&self, value: RandomValue) -> u64 {
        match self {
            Self::Uniform(min, max) => {
                let width = (max - min) as f64 + 1.0;
                (min + (value.unit() * width) as u64).min(*max)
            }
            Self::LogNormal { median, sigma } => {
                let factor = (sigma * value.normal()).exp().min(MAX_MEDIANS);
                ((*median as f64 * factor) as u64).max(1)
            }
            Self::Listed(weighted) => weighted.at(value.unit()),
        }
    }
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
mod tests {
    use super::SizeDistribution;
    use crate::random::RandomStream;
    use uptake_payload::Seed;

    fn drawn(text: &str) -> Vec<u64> {
        let distribution = SizeDistribution::parse(text).expect("a distribution");
        let random = RandomStream::new(Seed(7), "size");
        (0..10_000).map(|index| distribution.pick(random.at(index))).collect()
    }

    #[test]
    fn a_fixed_size_is_always_the_same() {
        assert!(drawn("64KiB").iter().all(|size| *size == 65_536));
    }

    #[test]
    fn uniform_sizes_reach_from_end_to_end_and_no_farther() {
        let sizes = drawn("10..19");
        for size in 10..=19 {
            let count = sizes.iter().filter(|drawn| **drawn == size).count();
            assert!((850..1150).contains(&count), "{size} came {count} times");
        }
        assert!(sizes.iter().all(|size| (10..=19).contains(size)));
    }

    #[test]
    fn log_normal_sizes_have_their_median_and_their_spread() {
        let mut sizes = drawn("log-normal(1000000, 0.5)");
        sizes.sort_unstable();
        let (median, upper) = (sizes[5_000] as f64, sizes[8_413] as f64);
        assert!((median / 1e6 - 1.0).abs() < 0.03, "{median}");
        assert!((upper / median - 0.5_f64.exp()).abs() < 0.05, "one sigma above: {}", upper / median);
    }

    #[test]
    fn listed_sizes_keep_their_weights() {
        let small = drawn("3*1MiB, 20MiB").iter().filter(|size| **size == 1 << 20).count();
        assert!((7_300..7_700).contains(&small), "{small}");
    }

    #[test]
    fn a_bandwidth_is_distributed_as_a_size_is() {
        for (bandwidth, size) in [
            ("2MiB/s", "2MiB"),
            ("1MiB/s..10MiB/s", "1MiB..10MiB"),
            ("log-normal(5MiB/s, 0.8)", "log-normal(5MiB, 0.8)"),
            ("5*2MiB/s, 3*10MiB/s, 2*100MiB/s", "5*2MiB, 3*10MiB, 2*100MiB"),
        ] {
            let parsed = SizeDistribution::parse_bandwidth(bandwidth);
            assert_eq!(parsed, SizeDistribution::parse(size), "{bandwidth}");
            assert!(parsed.is_ok(), "{bandwidth}");
        }
        for text in ["0/s", "2MiB/m", "9/s..1/s", "log-normal(5MiB/s)", "1MiB/s,"] {
            assert!(SizeDistribution::parse_bandwidth(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_spread_is_refused() {
        for text in ["", "0", "5 apples", "9..1", "log-normal(5MiB)", "log-normal(5MiB, -1)", "1MiB,"] {
            assert!(SizeDistribution::parse(text).is_err(), "{text}");
        }
    }
}
