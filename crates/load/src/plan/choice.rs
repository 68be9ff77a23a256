//! One of several, each as likely as its weight says: `bytes`, `bytes, parts`, `3*bytes, parts`.

/// Values with weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice<T> {
    of: Vec<(T, u64)>,
    total: u64,
}

impl<T: Copy> Choice<T> {
    /// This one alone.
    pub fn only(value: T) -> Self {
        Self { of: vec![(value, 1)], total: 1 }
    }

    /// Reads values, each with a weight before it where it has one.
    pub fn parse(text: &str, one: impl Fn(&str) -> Result<T, String>) -> Result<Self, String> {
        let mut of = Vec::new();
        for item in text.split(',').map(str::trim) {
            let (weight, value) = match item.split_once('*') {
                Some((weight, value)) => (super::words::count(weight.trim())?, value.trim()),
                None => (1, item),
            };
            of.push((one(value)?, weight));
        }
        let total = of.iter().map(|(_, weight)| weight).sum();
        Ok(Self { of, total })
    }

    /// The value at `draw`, which lies from 0 up to, and without, 1.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "weights are small, and a draw is not negative"
    )]
    pub fn at(&self, draw: f64) -> T {
        let mut left = ((draw * self.total as f64) as u64).min(self.total - 1);
        for (value, weight) in &self.of {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        self.of[0].0
    }

    /// The values.
    pub fn values(&self) -> impl Iterator<Item = T> {
        self.of.iter().map(|(value, _)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::Choice;

    fn letter(text: &str) -> Result<char, String> {
        text.chars().next().ok_or_else(|| "nothing".to_owned())
    }

    #[test]
    fn each_is_as_likely_as_its_weight_says() {
        let choice = Choice::parse("3*a, b", letter).expect("a choice");
        let drawn: String = (0..8_u8).map(|eighth| choice.at(f64::from(eighth) / 8.0)).collect();
        assert_eq!(drawn, "aaaaaabb");
        assert_eq!(Choice::only('x').at(0.999), 'x');
    }

    #[test]
    fn a_weight_of_nothing_is_refused() {
        assert!(Choice::parse("0*a, b", letter).is_err());
        assert!(Choice::parse("", letter).is_err());
    }
}
