//! The forms of a secret, each as the bytes to look for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use uptake_payload::hex;

/// An alphabet in which a secret may be written. Bytes are compared after [`Alphabet::fold`], so that one form stands for all
/// its spellings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// The bytes themselves; in a form's encoding a space may be a plus sign.
    Plain,
    /// Hexadecimal digits in either case.
    Hex,
    /// Base64, with the standard or the URL-safe signs.
    Base64,
}

impl Alphabet {
    pub(super) const ALL: [Alphabet; 3] = [Alphabet::Plain, Alphabet::Hex, Alphabet::Base64];

    pub(super) fn fold(self, byte: u8) -> u8 {
        match (self, byte) {
            (Alphabet::Plain, b' ') | (Alphabet::Base64, b'-') => b'+',
            (Alphabet::Base64, b'_') => b'/',
            (Alphabet::Hex, byte) => byte.to_ascii_lowercase(),
            (_, byte) => byte,
        }
    }
}

/// A form of a secret, folded.
pub(super) struct Form {
    pub(super) alphabet: Alphabet,
    pub(super) bytes: Vec<u8>,
    /// Whether the sign before it, and the one behind it, hold some bits of the secret too.
    pub(super) edges: Edges,
}

/// Which of the neighbouring signs hold bits of a secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Edges {
    pub(super) before: bool,
    pub(super) behind: bool,
}

/// Every form of a secret.
pub(super) fn forms(secret: &[u8]) -> Vec<Form> {
    let whole = |alphabet, bytes| Form { alphabet, bytes, edges: Edges::default() };
    let mut forms =
        vec![whole(Alphabet::Plain, secret.to_vec()), whole(Alphabet::Hex, hex(secret).into_bytes())];
    forms.extend((0..3).map(|before| core(secret, before)));
    for Form { alphabet, bytes, .. } in &mut forms {
        for byte in bytes {
            *byte = alphabet.fold(*byte);
        }
    }
    forms
}

/// The signs of base64 that depend on the secret alone, where so many bytes (modulo 3) stand before it. A sign holds
/// six bits; those at the edges that hold bits of a neighbour too are no part of the form.
fn core(secret: &[u8], before: usize) -> Form {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(secret);
    let signs = STANDARD_NO_PAD.encode(&bytes).into_bytes();
    let first = (before * 8).div_ceil(6);
    let end = bytes.len() * 8 / 6;
    let edges = Edges { before: first * 6 > before * 8, behind: end * 6 < bytes.len() * 8 };
    Form { alphabet: Alphabet::Base64, bytes: signs[first..end].to_vec(), edges }
}
