//! Sizes where servers go wrong.

use proptest::prelude::*;
use proptest::sample::select;

use super::settings::GeneratorSettings;

/// Sizes of a segment that is not the last.
pub(super) fn inner(settings: GeneratorSettings) -> BoxedStrategy<u64> {
    let (min, max) = (settings.limits.min_segment, settings.limits.max_segment);
    let mut near: Vec<u64> = [min, min, min, min + 1, 2 * min - 1, 2 * min, 2 * min + 1, 3 * min]
        .into_iter()
        .filter(|size| (min..=max).contains(size))
        .collect();
    // The greatest segment is tried where it is small enough to be tried often.
    if max <= 16 * min {
        near.extend([max - 1, max]);
    }
    let power = min.next_power_of_two().saturating_mul(2);
    near.extend([power, power - 1].into_iter().filter(|size| (min..=max).contains(size)));
    let top = max.min(min.saturating_mul(3));
    prop_oneof![4 => select(near), 1 => min..=top].boxed()
}

/// Sizes of the last segment, down to one byte.
pub(super) fn last(settings: GeneratorSettings) -> BoxedStrategy<u64> {
    let min = settings.limits.min_segment;
    let near: Vec<u64> = [1, 1, 2, min - 1, min, min, min + 1, min / 2]
        .into_iter()
        .filter(|size| (1..=settings.limits.max_segment).contains(size))
        .collect();
    let top = settings.limits.max_segment.min(min.saturating_mul(2));
    prop_oneof![4 => select(near), 1 => 1..=top].boxed()
}
