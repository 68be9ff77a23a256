//! The headers that a profile adds to every request: what a gateway asks for.

use super::secret::Source;
use uptake_yaml::{Node, Reader, Value};

/// Headers with their values.
type Plain = Vec<(String, String)>;
/// Headers whose values are elsewhere.
type Elsewhere = Vec<(String, Source)>;

/// What uptake writes itself: another value would break the framing or the route of every request.
const OWN: [&str; 6] =
    ["host", "content-length", "transfer-encoding", "connection", "expect", "proxy-authorization"];

/// Reads `headers`: a text as it is, or `{ env: NAME }` or `{ file: PATH }` for one that nobody should see.
pub(super) fn read(reader: &Reader, node: &Node) -> Option<(Plain, Elsewhere)> {
    let (mut plain, mut elsewhere) = (Vec::new(), Vec::new());
    for (key, value) in reader.entries(node, "headers")? {
        let name = key.text.as_str();
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(token) {
            let help = "write a header's name such as X-Forwarded-For";
            return reader.problem(key.at, format!("`{name}` cannot be a header's name"), help);
        }
        if OWN.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            let message = format!("uptake sets the header {name} itself, request by request");
            return reader.problem(key.at, message, "remove this line");
        }
        if matches!(value.value, Value::Map(_)) {
            elsewhere.push((key.text.clone(), Source::read(reader, value, "a header")?));
            continue;
        }
        let text = reader.scalar(value, "a header")?;
        if text.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            return reader.problem(
                value.at,
                format!("the header {name} would hold a line break"),
                "write one line",
            );
        }
        plain.push((key.text.clone(), text));
    }
    Some((plain, elsewhere))
}
