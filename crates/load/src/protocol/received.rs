//! Whether what a server says it has received is what was sent.

use serde_json::Value;

use uptake_suite::protocol::Received;
use uptake_suite::save::Save;
use uptake_suite::saved::Response;

/// Whether a response confirms that all of an upload has arrived: something in it does, and nothing contradicts.
pub(crate) fn is_complete(
    received: &[(Received, Save)],
    response: &dyn Response,
    (size, segments): (u64, u64),
) -> bool {
    let mut is_confirmed = false;
    for (kind, save) in received {
        let Some(value) = save.read(response).ok().filter(says_something) else { continue };
        let is_all = match kind {
            Received::Bytes | Received::Size => value.as_u64() == Some(size),
            Received::LastByte => position(&value) == Some(size),
            Received::Ranges => covered(&value) == Some(size),
            Received::Parts => has_all(&value, segments),
        };
        if !is_all {
            return false;
        }
        is_confirmed = true;
    }
    is_confirmed
}

/// How many bytes from the beginning a response says have been received.
pub(crate) fn received_bytes(received: &[(Received, Save)], response: &dyn Response) -> Option<u64> {
    received.iter().find_map(|(kind, save)| {
        let value = save.read(response).ok()?;
        match kind {
            Received::Bytes => value.as_u64(),
            Received::LastByte => position(&value),
            _ => None,
        }
    })
}

/// How many bytes there are up to the one at this position.
fn position(last: &Value) -> Option<u64> {
    u64::try_from(last.as_i64()?.checked_add(1)?).ok()
}

/// Nothing is said by `null` and by an empty list.
fn says_something(value: &Value) -> bool {
    !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty())
}

fn has_all(parts: &Value, count: u64) -> bool {
    let Some(parts) = parts.as_array() else { return false };
    let numbers: Option<Vec<u64>> = parts.iter().map(Value::as_u64).collect();
    let Some(mut numbers) = numbers else { return false };
    numbers.sort_unstable();
    numbers.dedup();
    numbers.into_iter().eq(1..=count)
}

/// How many bytes the ranges cover, without counting overlaps twice.
fn covered(ranges: &Value) -> Option<u64> {
    let position = |range: &Value, name: &str| range.get(name).and_then(Value::as_u64);
    let read = |range: &Value| Some((position(range, "from")?, position(range, "to")?));
    let mut ranges: Vec<(u64, u64)> = ranges.as_array()?.iter().map(read).collect::<Option<_>>()?;
    ranges.sort_unstable();
    let (mut sum, mut reached) = (0_u64, 0);
    for (from, to) in ranges {
        let end = to.saturating_add(1);
        sum = sum.saturating_add(end.saturating_sub(from.max(reached)));
        reached = reached.max(end);
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::time::Duration;

    use super::*;
    use uptake_suite::save::{HeaderType, JsonPath, SaveFrom};

    /// A response with a JSON body and one header.
    struct Fixed(Value, &'static str);

    impl Response for Fixed {
        fn status(&self) -> u16 {
            200
        }

        fn header(&self, _: &str) -> Option<&str> {
            Some(self.1).filter(|value| !value.is_empty())
        }

        fn body(&self) -> &[u8] {
            &[]
        }

        fn json(&self) -> Option<Cow<'_, Value>> {
            Some(Cow::Borrowed(&self.0))
        }

        fn url(&self) -> &'static str {
            ""
        }

        fn resolve(&self, reference: &str) -> Result<String, String> {
            Ok(reference.to_owned())
        }

        fn took(&self) -> Duration {
            Duration::ZERO
        }
    }

    fn json(name: &str) -> Save {
        Save::plain(name, SaveFrom::Json(JsonPath::parse(&format!("$.{name}")).expect("a path")))
    }

    fn complete(body: &str) -> bool {
        let received = [
            (Received::Size, json("size")),
            (Received::Ranges, json("ranges")),
            (Received::Parts, json("parts")),
        ];
        let body = serde_json::from_str(body).expect("JSON");
        is_complete(&received, &Fixed(body, ""), (25, 3))
    }

    #[test]
    fn what_was_received_must_be_what_was_sent() {
        for (body, expected) in [
            (r#"{"size":25}"#, true),
            (r#"{"size":24}"#, false),
            (r#"{"ranges":[{"from":0,"to":9},{"from":10,"to":24}]}"#, true),
            (r#"{"ranges":[{"from":0,"to":9},{"from":5,"to":24}]}"#, true),
            (r#"{"ranges":[{"from":0,"to":9},{"from":11,"to":24}]}"#, false),
            (r#"{"ranges":[{"from":0}]}"#, false),
            (r#"{"ranges":[{"from":0,"to":18446744073709551615}]}"#, false),
            (r#"{"parts":[3,1,2]}"#, true),
            (r#"{"parts":[1,2]}"#, false),
            (r#"{"parts":["1",2,3]}"#, false),
            (r#"{"size":25,"parts":[1,2]}"#, false),
            (r#"{"size":25,"ranges":[],"parts":null}"#, true),
            ("{}", false),
        ] {
            assert_eq!(complete(body), expected, "{body}");
        }
    }

    #[test]
    fn a_position_is_that_of_the_last_byte() {
        let save = Save { kind: HeaderType::Int, ..Save::plain("at", SaveFrom::Header("At".to_owned())) };
        for (kind, text, bytes, is_all) in [
            (Received::Bytes, "25", Some(25), true),
            (Received::Bytes, "24", Some(24), false),
            (Received::LastByte, "24", Some(25), true),
            (Received::LastByte, "-1", Some(0), false),
            (Received::Bytes, "-1", None, false),
            (Received::LastByte, "9223372036854775807", None, false),
            (Received::Bytes, "", None, false),
        ] {
            let (received, response) = ([(kind, save.clone())], Fixed(Value::Null, text));
            assert_eq!(received_bytes(&received, &response), bytes, "{kind:?} {text}");
            assert_eq!(is_complete(&received, &response, (25, 3)), is_all, "{kind:?} {text}");
        }
    }
}
