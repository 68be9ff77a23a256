//! Running digests of what was received, and the fields that name them (RFC 9530).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{Context, SHA256, SHA512};

use super::fields::{Integer, integer, members};

/// The algorithms, by the keys that fields use.
const ALGORITHMS: [&str; 2] = ["sha-256", "sha-512"];

/// Digests of the bytes so far.
#[derive(Clone)]
pub(super) struct Digests([Context; 2]);

impl Digests {
    pub(super) fn new() -> Self {
        Self([Context::new(&SHA256), Context::new(&SHA512)])
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.iter_mut().for_each(|context| context.update(bytes));
    }

    /// Whether every digest of an algorithm that is known is that of the bytes.
    pub(super) fn agree_with(&self, field: &str) -> bool {
        members(field).all(|(key, value)| self.of(key).is_none_or(|own| own == value))
    }

    /// The field's value for the algorithm that is wanted most, of those that are known.
    pub(super) fn wanted(&self, wants: &str) -> Option<String> {
        let rated = members(wants).filter_map(|(key, value)| match integer(value) {
            Integer::Valid(rating @ 1..) => Some((rating, key)),
            _ => None,
        });
        let known = rated.filter(|(_, key)| ALGORITHMS.contains(key));
        let (_, key) = known.max_by_key(|(rating, _)| *rating)?;
        Some(format!("{key}={}", self.of(key)?))
    }

    fn of(&self, key: &str) -> Option<String> {
        let at = ALGORITHMS.iter().position(|known| *known == key)?;
        let digest = self.0[at].clone().finish();
        Some(format!(":{}:", STANDARD.encode(digest.as_ref())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";

    #[test]
    fn what_is_known_must_agree_and_what_is_not_known_does_not_count() {
        let mut digests = Digests::new();
        assert!(digests.agree_with(EMPTY));
        assert!(digests.agree_with("md5=:AAAA:"));
        digests.update(b"x");
        assert!(!digests.agree_with(EMPTY));
    }

    #[test]
    fn the_digest_that_is_wanted_most_is_told() {
        let digests = Digests::new();
        assert_eq!(digests.wanted("sha-512=3, sha-256=10, md5=10").as_deref(), Some(EMPTY));
        assert_eq!(digests.wanted("sha-256=0, md5=1"), None);
    }
}
