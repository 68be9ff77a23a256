//! The distribution of a size: `5MiB`, `1MiB..10MiB`, `log-normal(5MiB, 0.8)`, or a list with weights. Those of a bandwidth
//! (`1MiB/s..10MiB/s`) and of a time (`1s..5s`) are written alike.

use super::values;
use super::weighted::Weighted;
use crate::random::RandomValue;

/// The distribution of a size, a bandwidth or a time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Distribution {
    /// Uniform between two values, both included.
    Uniform(u64, u64),
    /// Half of the values below the median, a few far above it.
    LogNormal {
        /// The median.
        median: u64,
        /// The standard deviation of the logarithm.
        sigma: f64,
    },
    /// Listed values with weights.
    Listed(Weighted<u64>),
}

/// No value is above this many medians, so that one upload in millions does not dominate the run.
const MAX_MEDIANS: f64 = 1_000.0;

/// What is distributed.
struct Quantity {
    name: &'static str,
    /// All forms in which a distribution of it is written.
    forms: &'static str,
    value: fn(&str) -> Option<u64>,
}

const SIZE: Quantity = Quantity {
    name: "size",
    forms: "5MiB, 1MiB..10MiB, log-normal(5MiB, 0.8), or a list with weights: 3*1MiB, 20MiB",
    value: |text| values::size(text).ok(),
};

const BANDWIDTH: Quantity = Quantity {
    name: "bandwidth",
    forms: "2MiB/s, 1MiB/s..10MiB/s, log-normal(5MiB/s, 0.8), or a list with weights: 3*2MiB/s, 20MiB/s",
    value: values::bandwidth,
};

/// All forms of a distributed time.
pub(super) const TIME_FORMS: &str = "2s, 500ms..5s, log-normal(2s, 0.8), or a list with weights: 3*1s, 10s";

const TIME: Quantity = Quantity { name: "duration", forms: TIME_FORMS, value: values::micros };

impl Distribution {
    /// A single value.
    pub(crate) fn fixed(value: u64) -> Self {
        Self::Listed(Weighted::only(value))
    }

    /// Reads the distribution of a size.
    pub(crate) fn of_sizes(text: &str) -> Result<Self, String> {
        Self::parse(text, &SIZE)
    }

    /// Reads the distribution of a bandwidth, in bytes a second.
    pub(crate) fn of_bandwidths(text: &str) -> Result<Self, String> {
        Self::parse(text, &BANDWIDTH)
    }

    /// Reads the distribution of a time, in microseconds.
    pub(crate) fn of_times(text: &str) -> Result<Self, String> {
        Self::parse(text, &TIME)
    }

    fn parse(text: &str, quantity: &Quantity) -> Result<Self, String> {
        let text = text.trim();
        let Quantity { name, forms, value } = quantity;
        let parsed =
            Self::of_text(text, *value).ok_or_else(|| format!("invalid {name} `{text}`: write {forms}"))?;
        match parsed {
            Self::Uniform(min, max) if min > max => {
                Err(format!("invalid range `{text}`: its start is above its end"))
            }
            parsed => Ok(parsed),
        }
    }

    fn of_text(text: &str, value: fn(&str) -> Option<u64>) -> Option<Self> {
        if let Some(inside) = text.strip_prefix("log-normal(").and_then(|rest| rest.strip_suffix(')')) {
            let (median, sigma) = inside.split_once(',')?;
            let sigma = sigma.trim().parse().ok().filter(|sigma| (0.0..=5.0).contains(sigma))?;
            return Some(Self::LogNormal { median: value(median.trim())?, sigma });
        }
        if let Some((min, max)) = text.split_once("..") {
            return Some(Self::Uniform(value(min.trim())?, value(max.trim())?));
        }
        Weighted::parse(text, |text| value(text).ok_or_else(String::new)).ok().map(Self::Listed)
    }

    /// The value for a random value.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "values are far below 2^52, and none is negative"
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
    use super::Distribution;
    use crate::random::RandomStream;
    use uptake_payload::Seed;

    fn drawn(text: &str) -> Vec<u64> {
        let distribution = Distribution::of_sizes(text).expect("a distribution");
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
            let parsed = Distribution::of_bandwidths(bandwidth);
            assert_eq!(parsed, Distribution::of_sizes(size), "{bandwidth}");
            assert!(parsed.is_ok(), "{bandwidth}");
        }
    }

    #[test]
    fn a_time_is_distributed_as_a_size_is_in_microseconds() {
        for (time, micros) in [
            ("2s", Distribution::fixed(2_000_000)),
            ("500ms..5s", Distribution::Uniform(500_000, 5_000_000)),
            ("log-normal(2s, 0.8)", Distribution::LogNormal { median: 2_000_000, sigma: 0.8 }),
        ] {
            assert_eq!(Distribution::of_times(time), Ok(micros), "{time}");
        }
        assert!(Distribution::of_times("3*1s, 10s").is_ok());
    }

    #[test]
    fn an_error_names_all_forms() {
        for text in ["fast", "0/s", "2MiB/m", "log-normal(5MiB/s)", "1MiB/s..", "1MiB/s,", "0*1MiB/s"] {
            let why = Distribution::of_bandwidths(text).expect_err(text);
            let wanted = format!(
                "invalid bandwidth `{text}`: write 2MiB/s, 1MiB/s..10MiB/s, log-normal(5MiB/s, 0.8), or a list with weights: \
                 3*2MiB/s, 20MiB/s"
            );
            assert_eq!(why, wanted);
        }
        let why = Distribution::of_bandwidths("9/s..1/s").expect_err("a range");
        assert_eq!(why, "invalid range `9/s..1/s`: its start is above its end");
        for text in ["0s", "5 apples", "2MiB"] {
            assert!(Distribution::of_times(text).expect_err(text).contains("500ms..5s"), "{text}");
        }
    }

    #[test]
    fn what_is_no_spread_is_refused() {
        for text in ["", "0", "5 apples", "9..1", "log-normal(5MiB)", "log-normal(5MiB, -1)", "1MiB,"] {
            assert!(Distribution::of_sizes(text).is_err(), "{text}");
        }
    }
}
