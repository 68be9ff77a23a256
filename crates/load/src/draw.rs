//! What looks random, drawn by number: the same seed gives upload `k` the same size, on whatever thread it runs.

use uptake_payload::Seed;

/// A stream of draws, each of which is had by its number alone.
#[derive(Debug, Clone, Copy)]
pub struct Draws(Seed);

/// One draw.
#[derive(Debug, Clone, Copy)]
pub struct Draw {
    seed: Seed,
    index: u64,
}

impl Draws {
    /// The stream that is named by `label`.
    pub fn new(seed: Seed, label: &str) -> Self {
        Self(seed.derive(label))
    }

    /// The draw of this number.
    pub fn at(self, index: u64) -> Draw {
        Draw { seed: self.0, index }
    }
}

impl Draw {
    /// 64 bits. The second word is a second draw of the same number.
    fn word(self, which: u64) -> u64 {
        let mut bytes = [0; 8];
        self.seed.fill((self.index.wrapping_mul(2) + which).wrapping_mul(8), &mut bytes);
        u64::from_le_bytes(bytes)
    }

    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    fn fraction(self, which: u64) -> f64 {
        (self.word(which) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From 0 up to, and without, 1.
    pub fn unit(self) -> f64 {
        self.fraction(0)
    }

    /// Exponentially distributed, with mean 1.
    pub fn exponential(self) -> f64 {
        -(1.0 - self.unit()).ln()
    }

    /// Normally distributed, with mean 0 and deviation 1 (Box and Muller).
    pub fn normal(self) -> f64 {
        let radius = (2.0 * self.exponential()).sqrt();
        radius * (std::f64::consts::TAU * self.fraction(1)).cos()
    }

    /// A number below `limit`, which is not 0.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "limits are far below 2^52"
    )]
    pub fn below(self, limit: u64) -> u64 {
        ((self.unit() * limit as f64) as u64).min(limit - 1)
    }
}
