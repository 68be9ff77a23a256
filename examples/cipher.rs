//! What the ciphers of TLS cost on one core: MiB a second that are sealed in records of 16 KiB, with no connection at all. This is the
//! limit of a load over TLS: `cargo run --release --example cipher`.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a tool of the benches")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use ring::aead::{
    AES_128_GCM, AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
};

const RECORD: u16 = 16 * 1024;
const LASTS: Duration = Duration::from_secs(2);

fn main() {
    for (name, algorithm) in [
        ("AES-128-GCM", &AES_128_GCM),
        ("AES-256-GCM", &AES_256_GCM),
        ("ChaCha20-Poly1305", &CHACHA20_POLY1305),
    ] {
        println!("{name} {:.0}", rate(algorithm));
    }
}

/// In MiB a second.
fn rate(algorithm: &'static Algorithm) -> f64 {
    let key = LessSafeKey::new(UnboundKey::new(algorithm, &vec![7; algorithm.key_len()]).unwrap());
    let mut record = vec![1_u8; usize::from(RECORD)];
    let mut records = 0_u32;
    let started = Instant::now();
    while started.elapsed() < LASTS {
        for _ in 0..64 {
            let mut nonce = [0_u8; 12];
            nonce[8..].copy_from_slice(&records.to_be_bytes());
            let nonce = Nonce::assume_unique_for_key(nonce);
            let tag = key.seal_in_place_separate_tag(nonce, Aad::empty(), &mut record).unwrap();
            black_box(tag.as_ref());
            records += 1;
        }
    }
    f64::from(records) * f64::from(RECORD) / f64::from(1 << 20) / started.elapsed().as_secs_f64()
}
