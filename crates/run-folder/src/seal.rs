//! Seals what is secret: ChaCha20-Poly1305 with a key derived (HKDF-SHA256) from a secret that the user has anyway.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

/// Where a key is taken from instead of the target's credentials.
pub const KEY_VARIABLE: &str = "UPTAKE_RUN_KEY";

const SALT: usize = 32;
const CHECK: usize = 16;

/// What a key is derived from.
#[derive(Clone)]
pub struct SealKey(Vec<u8>);

/// A key for one file, made of a [`SealKey`] and the file's own salt.
pub(super) struct FileKey {
    key: LessSafeKey,
    check: [u8; CHECK],
}

/// What a file says of its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lock {
    salt: String,
    /// Tells a wrong key from a damaged file; it gives nothing of the key away.
    check: String,
}

/// Something sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sealed {
    nonce: String,
    text: String,
}

struct CheckLength;

impl KeyType for CheckLength {
    fn len(&self) -> usize {
        CHECK
    }
}

impl SealKey {
    /// A key from the secrets of a target, or from the environment where that gives one; `None` where neither does.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Option<Self> {
        if let Some(value) = std::env::var(KEY_VARIABLE).ok().filter(|value| !value.trim().is_empty()) {
            return Some(Self(value.trim().as_bytes().to_vec()));
        }
        let mut material = Vec::new();
        for secret in secrets {
            material.extend_from_slice(&(secret.len() as u64).to_be_bytes());
            material.extend_from_slice(secret.as_bytes());
        }
        (!material.is_empty()).then_some(Self(material))
    }

    /// A key that a run folder keeps itself, from the text of its file.
    pub(super) fn from_text(text: &str) -> Self {
        Self(text.trim().as_bytes().to_vec())
    }

    /// The text of such a key: 256 bits at random.
    pub(super) fn new_text() -> String {
        STANDARD.encode(random::<32>())
    }

    /// A new key for a file, and what the file has to say of it.
    pub(super) fn fresh(&self) -> (FileKey, Lock) {
        let salt: [u8; SALT] = random();
        let key = self.with_salt(&salt);
        let lock = Lock { salt: STANDARD.encode(salt), check: STANDARD.encode(key.check) };
        (key, lock)
    }

    /// The key of a file; `None` where it is another one's.
    pub(super) fn open(&self, lock: &Lock) -> Result<Option<FileKey>, String> {
        let salt = STANDARD.decode(&lock.salt).map_err(|error| format!("its salt: {error}"))?;
        let check = STANDARD.decode(&lock.check).map_err(|error| format!("its check: {error}"))?;
        if salt.len() != SALT || check.len() != CHECK {
            return Err("what it says of its key has the wrong length".to_owned());
        }
        let key = self.with_salt(&salt);
        Ok((key.check.as_slice() == check).then_some(key))
    }

    fn with_salt(&self, salt: &[u8]) -> FileKey {
        let secret = Salt::new(HKDF_SHA256, salt).extract(&self.0);
        let okm =
            secret.expand(&[b"uptake run folder, key"], &CHACHA20_POLY1305).expect("a key is short enough");
        let key = LessSafeKey::new(UnboundKey::from(okm));
        let mut check = [0; CHECK];
        let okm =
            secret.expand(&[b"uptake run folder, check"], CheckLength).expect("a check is short enough");
        okm.fill(&mut check).expect("it has the length that was asked for");
        FileKey { key, check }
    }
}

impl FileKey {
    /// Seals `plain`; it opens again beside the same `context` only.
    pub(super) fn seal(&self, context: &[u8], plain: &[u8]) -> Sealed {
        let nonce: [u8; NONCE_LEN] = random();
        let mut text = plain.to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut text)
            .expect("it is shorter than what can be sealed at once");
        Sealed { nonce: STANDARD.encode(nonce), text: STANDARD.encode(text) }
    }

    /// What was sealed; `None` where it, or its context, was changed.
    pub(super) fn unseal(&self, context: &[u8], sealed: &Sealed) -> Option<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = STANDARD.decode(&sealed.nonce).ok()?.try_into().ok()?;
        let mut text = STANDARD.decode(&sealed.text).ok()?;
        let nonce = Nonce::assume_unique_for_key(nonce);
        let plain = self.key.open_in_place(nonce, Aad::from(context), &mut text).ok()?;
        Some(plain.to_vec())
    }
}

/// Tells nothing of the key.
impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey")
    }
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKey")
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the system has random numbers");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_secret_and_context_only() {
        let ours = SealKey(b"ours".to_vec());
        let (key, lock) = ours.fresh();
        let sealed = key.seal(b"context", b"a token");
        assert!(!format!("{sealed:?}").contains("token"));
        let again = ours.open(&lock).expect("it is whole").expect("it is ours");
        assert_eq!(again.unseal(b"context", &sealed).as_deref(), Some(b"a token".as_slice()));
        assert_eq!(again.unseal(b"another", &sealed), None);
        assert!(SealKey(b"theirs".to_vec()).open(&lock).expect("it is whole").is_none());
        assert!(ours.open(&Lock { salt: "!".to_owned(), ..lock }).is_err());
    }

    #[test]
    fn without_a_secret_there_is_no_key() {
        assert!(SealKey::new([]).is_none());
        assert!(SealKey::new(["secret"]).is_some());
    }
}
