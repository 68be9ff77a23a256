//! What an answer says has been received of an upload.

use serde_json::Value as Json;

use crate::subject::number;
use uptake_oracle::upload::{PlacedBy, Report};
use uptake_suite::protocol::Received;

/// What values of an answer say; those that are not there say nothing.
pub(super) fn report(values: &[(Received, Json)], label: PlacedBy) -> Report {
    let mut report = Report::default();
    for (kind, value) in values {
        match (kind, label) {
            (Received::Bytes | Received::Size, _) => {
                report.bytes = number(value).and_then(|bytes| u64::try_from(bytes).ok()).or(report.bytes);
            }
            (Received::LastByte, _) => {
                report.bytes = number(value).and_then(|last| u64::try_from(last + 1).ok()).or(report.bytes);
            }
            (Received::Ranges, PlacedBy::Offset) => report.bytes = sum(value).or(report.bytes),
            (Received::Parts, PlacedBy::Number) => report.segments = numbers(value),
            // An upload has no ranges where its segments are numbered, and the other way round.
            (Received::Ranges, PlacedBy::Number) | (Received::Parts, PlacedBy::Offset) => {}
        }
    }
    report
}

/// The bytes of a list of ranges with both ends.
fn sum(value: &Json) -> Option<u64> {
    let length = |range: &Json| {
        let (from, to) = (number(range.get("from")?)?, number(range.get("to")?)?);
        u64::try_from(to - from + 1).ok()
    };
    value.as_array()?.iter().map(length).sum()
}

fn numbers(value: &Json) -> Option<Vec<u64>> {
    let one = |value: &Json| number(value).and_then(|number| u64::try_from(number).ok());
    let mut numbers = value.as_array()?.iter().map(one).collect::<Option<Vec<_>>>()?;
    numbers.sort_unstable();
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_way_to_say_what_was_received_is_read() {
        let read = |kind, value, label| report(&[(kind, value)], label);
        let bytes = |bytes| Report { bytes: Some(bytes), ..Report::default() };
        assert_eq!(read(Received::Bytes, json!(7), PlacedBy::Offset), bytes(7));
        assert_eq!(read(Received::Bytes, json!("7"), PlacedBy::Offset), bytes(7));
        assert_eq!(read(Received::LastByte, json!(-1), PlacedBy::Offset), bytes(0));
        let ranges = json!([{"from": 0, "to": 3}, {"from": 8, "to": 8}]);
        assert_eq!(read(Received::Ranges, ranges.clone(), PlacedBy::Offset), bytes(5));
        assert_eq!(read(Received::Ranges, ranges, PlacedBy::Number), Report::default());
        let parts = Report { segments: Some(vec![1, 3]), ..Report::default() };
        assert_eq!(read(Received::Parts, json!([3, "1"]), PlacedBy::Number), parts);
        assert_eq!(read(Received::Bytes, json!(null), PlacedBy::Offset), Report::default());
    }
}
