//! Where ids and tokens come from: one generator, seeded when runs are to be repeated.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};

use crate::timestamp::Timestamp;

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Makes up ids and tokens.
pub(crate) struct IdGenerator {
    random: StdRng,
}

impl IdGenerator {
    /// `starts` tells how often ids were made up for the same memory before: none of them comes again.
    pub(crate) fn new(seed: Option<u64>, starts: u64) -> Self {
        let seed = seed.map(|seed| seed.wrapping_add(starts.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        Self { random: seed.map_or_else(rand::make_rng, StdRng::seed_from_u64) }
    }

    /// An upload token, of the vendor's shape.
    pub(crate) fn upload_token(&mut self) -> String {
        self.word("to", 24)
    }

    /// A video's id, of the vendor's shape.
    pub(crate) fn video(&mut self) -> String {
        self.word("vi", 22)
    }

    /// A refresh token; nothing can be read from it.
    pub(crate) fn refresh_token(&mut self) -> String {
        self.word("def50200", 64)
    }

    /// An access token of the shape of a JWT. It is looked up, never trusted for what it says, so the last part is
    /// random and signs nothing.
    pub(crate) fn access_token(&mut self, issued: Timestamp, expires: Timestamp) -> String {
        let id = self.word("", 24);
        let claims = format!(
            r#"{{"jti":"{id}","iat":{},"exp":{}}}"#,
            issued.millis().div_euclid(1000),
            expires.millis().div_euclid(1000)
        );
        let mut signature = [0; 32];
        self.random.fill_bytes(&mut signature);
        [br#"{"typ":"JWT","alg":"HS256"}"#.as_slice(), claims.as_bytes(), &signature]
            .map(|part| URL_SAFE_NO_PAD.encode(part))
            .join(".")
    }

    fn word(&mut self, prefix: &str, length: usize) -> String {
        let letters = (0..length).map(|_| char::from(ALPHABET[self.random.random_range(0..ALPHABET.len())]));
        prefix.chars().chain(letters).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_ids_again() {
        let (mut one, mut two) = (IdGenerator::new(Some(7), 0), IdGenerator::new(Some(7), 0));
        assert_eq!(one.upload_token(), two.upload_token());
        assert_ne!(one.video(), one.video());
        assert_ne!(IdGenerator::new(None, 0).upload_token(), IdGenerator::new(None, 0).upload_token());
        assert_ne!(IdGenerator::new(Some(7), 0).upload_token(), IdGenerator::new(Some(7), 1).upload_token());
    }

    #[test]
    fn an_access_token_has_three_parts_and_an_upload_token_the_vendors_shape() {
        let mut ids = IdGenerator::new(Some(1), 0);
        let now = Timestamp::from_millis(1_600_000_000_000);
        assert_eq!(ids.access_token(now, now.plus_seconds(3600)).split('.').count(), 3);
        let token = ids.upload_token();
        assert!(
            token.starts_with("to") && token.len() == 26 && token.chars().all(|c| c.is_ascii_alphanumeric())
        );
    }
}
