//! What scenarios are written with: texts in quotes, and numbers by the target's limits, so that a scenario says the same
//! of a target with other ones.

use serde_json::Value as Json;

use super::case::Frame;
use super::describe;
use uptake_target::Limits;

/// A text in double quotes: a JSON text is a YAML text, too.
pub(super) fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

/// The letter of an upload in the names of variables.
pub(super) fn letter(upload: usize) -> char {
    describe::upload(upload).to_ascii_lowercase()
}

/// Numbers as expressions of the target's limits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers(pub(super) Limits);

impl Numbers {
    /// A Content-Range; none where there is no such header.
    pub(super) fn range(self, frame: &Frame) -> Option<String> {
        let one = |number: u64| {
            let text = self.number(number);
            if text.chars().all(|sign| sign.is_ascii_digit()) { text } else { format!("${{{text}}}") }
        };
        let open = |number: Option<u64>| number.map_or_else(|| "*".to_owned(), one);
        let text = match frame {
            Frame::None => return None,
            Frame::Malformed(text) => (*text).to_owned(),
            Frame::Bytes { from, to, total } => {
                format!("bytes {}-{}/{}", one(*from), one(*to), open(*total))
            }
            Frame::Part { number, count } => {
                let most = self.0.max_parts;
                let one = |number: u64| match number.checked_sub(most) {
                    Some(0) => "${limit.max_parts}".to_owned(),
                    Some(more) if more < 16 => format!("${{limit.max_parts + {more}}}"),
                    _ => number.to_string(),
                };
                format!("part {}/{}", one(*number), count.map_or_else(|| "*".to_owned(), one))
            }
        };
        Some(quoted(&text))
    }

    /// A number of bytes, by the target's limits where it lies near one.
    pub(super) fn number(self, number: u64) -> String {
        const NEAR: u64 = 16;
        let Limits { min_segment: m, max_segment, max_total, .. } = self.0;
        let by = |name: &str, place: u64| {
            if number >= place {
                let more = number - place;
                (more <= NEAR).then(|| if more == 0 { name.to_owned() } else { format!("{name} + {more}") })
            } else {
                let less = place - number;
                (less <= NEAR).then(|| format!("{name} - {less}"))
            }
        };
        if number <= NEAR || m <= 4 * NEAR {
            return number.to_string();
        }
        let times = |count: u64| {
            let name = if count == 1 { "m".to_owned() } else { format!("{count} * m") };
            by(&name, count * m)
        };
        (1..=4)
            .find_map(times)
            .or_else(|| by("limit.max_segment", max_segment))
            .or_else(|| by("limit.max_total", max_total))
            .or_else(|| by("limit.max_total - m", max_total.saturating_sub(m)))
            .or_else(|| (5..=64).find_map(times))
            .or_else(|| (number * 2 == m).then(|| "m / 2".to_owned()))
            .unwrap_or_else(|| number.to_string())
    }
}
