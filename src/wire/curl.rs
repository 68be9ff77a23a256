//! A request as a curl command that repeats it.

use super::{Secrets, Sent};

/// The command that repeats a request, for a POSIX shell, with its secrets masked.
pub fn curl(sent: &Sent, secrets: &Secrets) -> String {
    let method = sent.method.as_ref().map_or("", http::Method::as_str);
    secrets.mask(&format!("curl -X {method} '{}'", sent.url))
}
