//! Histograms of microseconds, and their text form: `HdrHistogram`'s V2 encoding, compressed, in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2DeflateSerializer};
use thiserror::Error;

/// A histogram of microseconds with three significant digits.
pub type Micros = Histogram<u64>;

/// What is above is clipped to this, and counted as clipped: one hour.
pub const HIGHEST_MICROS: u64 = 3_600_000_000;

/// A text that is no histogram.
#[derive(Debug, Error)]
#[error("this is not a histogram: {0}")]
pub struct HistogramError(String);

/// A histogram without samples. All that are made here add to each other exactly.
pub fn empty() -> Micros {
    Histogram::new_with_bounds(1, HIGHEST_MICROS, 3).expect("the bounds and the digits are valid")
}

/// The text form.
pub fn encode(histogram: &Micros) -> String {
    let mut bytes = Vec::new();
    V2DeflateSerializer::new().serialize(histogram, &mut bytes).expect("a histogram fits into memory");
    STANDARD.encode(bytes)
}

/// Reads the text form.
pub fn decode(text: &str) -> Result<Micros, HistogramError> {
    let bytes = STANDARD.decode(text).map_err(|error| HistogramError(error.to_string()))?;
    let read: Micros = Deserializer::new()
        .deserialize(&mut bytes.as_slice())
        .map_err(|error| HistogramError(error.to_string()))?;
    // Through one of our own, so that whatever was read merges with the others.
    let mut histogram = empty();
    histogram.add(&read).map_err(|error| HistogramError(error.to_string()))?;
    Ok(histogram)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{decode, empty, encode};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_was_encoded_is_read_value_for_value(
            samples in proptest::collection::vec(1_u64..10_000_000_000, 0..200),
        ) {
            let mut histogram = empty();
            for sample in samples {
                histogram.saturating_record(sample);
            }
            prop_assert_eq!(decode(&encode(&histogram)).expect("a histogram"), histogram);
        }

        #[test]
        fn four_merged_equal_the_histogram_of_all_samples_value_for_value(
            runs in proptest::collection::vec(proptest::collection::vec(1_u64..4_000_000_000, 0..300), 4),
        ) {
            let mut all = empty();
            let mut merged = empty();
            for run in &runs {
                let mut one = empty();
                for sample in run {
                    one.saturating_record(*sample);
                    all.saturating_record(*sample);
                }
                merged.add(decode(&encode(&one)).expect("a histogram")).expect("of the same kind");
            }
            let cells = |histogram: &super::Micros| -> Vec<(u64, u64)> {
                histogram
                    .iter_recorded()
                    .map(|cell| (cell.value_iterated_to(), cell.count_at_value()))
                    .collect()
            };
            prop_assert_eq!(cells(&merged), cells(&all));
            prop_assert_eq!((merged.min(), merged.max(), merged.len()), (all.min(), all.max(), all.len()));
        }
    }

    #[test]
    fn what_is_no_histogram_is_refused() {
        assert!(decode("&&&").is_err());
        assert!(decode("AAAA").is_err());
    }
}
