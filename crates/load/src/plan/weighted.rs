//! Values with weights: `bytes`, `bytes, parts`, `3*bytes, parts`.

use super::values;

/// Values with weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Weighted<T> {
    items: Vec<(T, u64)>,
    total: u64,
}

impl<T: Copy> Weighted<T> {
    /// A single value.
    pub(crate) fn only(value: T) -> Self {
        Self { items: vec![(value, 1)], total: 1 }
    }

    /// Reads a list of values; a weight may stand before each.
    pub(crate) fn parse(text: &str, value: impl Fn(&str) -> Result<T, String>) -> Result<Self, String> {
        let mut items = Vec::new();
        let mut total = 0_u64;
        for item in text.split(',').map(str::trim) {
            let (weight, item) = match item.split_once('*') {
                Some((weight, item)) => (values::count(weight.trim())?, item.trim()),
                None => (1, item),
            };
            total = total
                .checked_add(weight)
                .ok_or_else(|| format!("invalid weight `{weight}`: the sum of all weights is too large"))?;
            items.push((value(item)?, weight));
        }
        Ok(Self { items, total })
    }

    /// The value for `unit`, from 0 to below 1.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "weights are small, and `unit` is not negative"
    )]
    pub(crate) fn at(&self, unit: f64) -> T {
        let mut left = ((unit * self.total as f64) as u64).min(self.total - 1);
        for (value, weight) in &self.items {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        self.items[0].0
    }

    /// The values with their weights.
    pub(crate) fn items(&self) -> impl Iterator<Item = (T, u64)> {
        self.items.iter().copied()
    }

    /// The values.
    pub(crate) fn values(&self) -> impl Iterator<Item = T> {
        self.items.iter().map(|(value, _)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::Weighted;

    fn letter(text: &str) -> Result<char, String> {
        text.chars().next().ok_or_else(|| "nothing".to_owned())
    }

    #[test]
    fn each_value_is_picked_as_often_as_its_weight_says() {
        let weighted = Weighted::parse("3*a, b", letter).expect("weights");
        let picked: String = (0..8_u8).map(|eighth| weighted.at(f64::from(eighth) / 8.0)).collect();
        assert_eq!(picked, "aaaaaabb");
        assert_eq!(Weighted::only('x').at(0.999), 'x');
    }

    #[test]
    fn a_weight_of_zero_and_weights_that_overflow_are_refused() {
        assert!(Weighted::parse("0*a, b", letter).is_err());
        assert!(Weighted::parse("", letter).is_err());
        let huge = format!("{0}*a, {0}*b, {0}*c", i64::MAX);
        assert!(Weighted::parse(&huge, letter).expect_err("too large").contains("too large"));
    }
}
