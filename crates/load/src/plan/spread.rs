//! How a size is spread: `5MiB`, `1MiB..10MiB`, `log-normal(5MiB, 0.8)`, or a list with weights.

use super::choice::Choice;
use super::words;
use crate::draw::Draw;

/// How a size is spread.
#[derive(Debug, Clone, PartialEq)]
pub enum Spread {
    /// Evenly between two sizes, both included.
    Uniform(u64, u64),
    /// Half of them below the median, a few far above it.
    LogNormal {
        /// The median.
        median: u64,
        /// The standard deviation of the logarithm.
        sigma: f64,
    },
    /// Some sizes, each as likely as its weight says.
    Listed(Choice<u64>),
}

/// No size is drawn above this many medians: one upload in millions must not be the whole run.
const FARTHEST: f64 = 1_000.0;

impl Spread {
    /// Always this one.
    pub fn fixed(size: u64) -> Self {
        Self::Listed(Choice::only(size))
    }

    /// Reads it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(inside) = text.strip_prefix("log-normal(").and_then(|rest| rest.strip_suffix(')')) {
            let wrong = || {
                format!(
                    "`{text}` is no spread: write log-normal(MEDIAN, SIGMA), such as log-normal(5MiB, 0.8)"
                )
            };
            let (median, sigma) = inside.split_once(',').ok_or_else(wrong)?;
            let sigma =
                sigma.trim().parse().ok().filter(|sigma| (0.0..=5.0).contains(sigma)).ok_or_else(wrong)?;
            return Ok(Self::LogNormal { median: words::size(median.trim())?, sigma });
        }
        if let Some((least, most)) = text.split_once("..") {
            let (least, most) = (words::size(least.trim())?, words::size(most.trim())?);
            if least > most {
                return Err(format!("`{text}` begins above its end"));
            }
            return Ok(Self::Uniform(least, most));
        }
        Choice::parse(text, words::size).map(Self::Listed)
    }

    /// A size.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sizes are far below 2^52, and none is negative"
    )]
    pub fn draw(&self, draw: Draw) -> u64 {
        match self {
            Self::Uniform(least, most) => {
                let width = (most - least) as f64 + 1.0;
                (least + (draw.unit() * width) as u64).min(*most)
            }
            Self::LogNormal { median, sigma } => {
                let factor = (sigma * draw.normal()).exp().min(FARTHEST);
                ((*median as f64 * factor) as u64).max(1)
            }
            Self::Listed(choice) => choice.at(draw.unit()),
        }
    }

    /// The least that can be drawn.
    pub fn least(&self) -> u64 {
        match self {
            Self::Uniform(least, _) => *least,
            Self::LogNormal { .. } => 1,
            Self::Listed(choice) => choice.values().min().unwrap_or(1),
        }
    }

    /// The greatest that can be drawn.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an upper bound need not be exact"
    )]
    pub fn greatest(&self) -> u64 {
        match self {
            Self::Uniform(_, most) => *most,
            Self::LogNormal { median, .. } => (*median as f64 * FARTHEST) as u64,
            Self::Listed(choice) => choice.values().max().unwrap_or(1),
        }
    }
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
mod tests {
    use super::Spread;
    use crate::draw::Draws;
    use uptake_payload::Seed;

    fn drawn(text: &str) -> Vec<u64> {
        let spread = Spread::parse(text).expect("a spread");
        let draws = Draws::new(Seed(7), "size");
        (0..10_000).map(|index| spread.draw(draws.at(index))).collect()
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
    fn what_is_no_spread_is_refused() {
        for text in ["", "0", "5 apples", "9..1", "log-normal(5MiB)", "log-normal(5MiB, -1)", "1MiB,"] {
            assert!(Spread::parse(text).is_err(), "{text}");
        }
    }
}
