//! Random values by index: the same seed gives upload `k` the same size, whichever thread sends it.

use uptake_payload::Seed;

/// A stream of random values; each can be computed from its index alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RandomStream(Seed);

/// One random value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RandomValue {
    seed: Seed,
    index: u64,
}

impl RandomStream {
    /// The stream with this name.
    pub(crate) fn new(seed: Seed, label: &str) -> Self {
        Self(seed.derive(label))
    }

    /// The value with this index.
    pub(crate) fn at(self, index: u64) -> RandomValue {
        RandomValue { seed: self.0, index }
    }
}

impl RandomValue {
    /// 64 bits. Each value has several independent words.
    fn word(self, which: u64) -> u64 {
        let mut bytes = [0; 8];
        self.seed.fill((self.index.wrapping_mul(2) + which).wrapping_mul(8), &mut bytes);
        u64::from_le_bytes(bytes)
    }

    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    fn fraction(self, which: u64) -> f64 {
        (self.word(which) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform, from 0 to below 1.
    pub(crate) fn unit(self) -> f64 {
        self.fraction(0)
    }

    /// Exponential, with mean 1.
    pub(crate) fn exponential(self) -> f64 {
        -(1.0 - self.unit()).ln()
    }

    /// Normal, with mean 0 and standard deviation 1 (Box-Muller transform).
    pub(crate) fn normal(self) -> f64 {
        let radius = (2.0 * self.exponential()).sqrt();
        radius * (std::f64::consts::TAU * self.fraction(1)).cos()
    }

    /// Uniform integer below `limit`, which must not be 0.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "limits are far below 2^52"
    )]
    pub(crate) fn below(self, limit: u64) -> u64 {
        ((self.unit() * limit as f64) as u64).min(limit - 1)
    }

    /// The same, independent of [`RandomValue::unit`].
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "limits are far below 2^52"
    )]
    pub(crate) fn second_below(self, limit: u64) -> u64 {
        ((self.fraction(1) * limit as f64) as u64).min(limit - 1)
    }
}
