//! The seed from which everything that looks random is drawn.

use serde::{Deserialize, Serialize};

/// A seed. One seed makes the same content, in the same order, forever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Seed(pub u64);

impl Seed {
    /// The seed of a part of the whole, named by `label`.
    ///
    /// The function is spelled out here (FNV-1a, then the finaliser of splitmix64) and not taken from the standard
    /// library, whose hashers may change between releases: reports of old runs must stay repeatable.
    #[must_use]
    pub fn derive(self, label: &str) -> Seed {
        const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0000_0100_0000_01b3;
        let hash = label.bytes().fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
        Seed(finish(finish(self.0.wrapping_add(GOLDEN)) ^ hash))
    }

    /// Fills `buffer` with the bytes that stand at `offset` in the endless stream of this seed.
    ///
    /// Word `i` of the stream depends on the seed and `i` alone, so any range is made without what stands before it.
    pub fn fill(self, offset: u64, buffer: &mut [u8]) {
        let start = finish(self.0);
        let word =
            |index: u64| finish(start.wrapping_add(index.wrapping_add(1).wrapping_mul(GOLDEN))).to_le_bytes();
        let mut index = offset / WORD;
        let skip = usize::try_from(offset % WORD).expect("less than a word's length");
        let mut rest = buffer;
        if skip != 0 {
            let bytes = word(index);
            let head = rest.len().min(bytes.len() - skip);
            let (first, tail) = rest.split_at_mut(head);
            first.copy_from_slice(&bytes[skip..skip + head]);
            rest = tail;
            index += 1;
        }
        // Eight words at a time, so that the compiler can keep several multiplications under way.
        let mut blocks = rest.chunks_exact_mut(8 * 8);
        for block in &mut blocks {
            for (lane, out) in (0u64..).zip(block.chunks_exact_mut(8)) {
                out.copy_from_slice(&word(index + lane));
            }
            index += 8;
        }
        for out in blocks.into_remainder().chunks_mut(8) {
            out.copy_from_slice(&word(index)[..out.len()]);
            index += 1;
        }
    }
}

const WORD: u64 = 8;
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finaliser of splitmix64: every bit of the input sways every bit of the output.
fn finish(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Seed;

    #[test]
    fn what_a_seed_makes_is_the_same_forever() {
        assert_eq!(Seed(0).derive("").0, 0xaebe_53f8_5cdc_3c4c);
        assert_eq!(Seed(42).derive("upload").0, 0xad14_7383_c3eb_1bf0);
        let mut bytes = [0; 12];
        Seed(42).fill(0, &mut bytes);
        assert_eq!(bytes, [105, 56, 6, 10, 19, 63, 155, 152, 215, 222, 112, 37]);
    }

    #[test]
    fn labels_and_seeds_that_differ_lead_to_seeds_that_differ() {
        let seeds =
            [Seed(1).derive("a"), Seed(1).derive("b"), Seed(2).derive("a"), Seed(1).derive(""), Seed(1)];
        for (index, seed) in seeds.iter().enumerate() {
            assert!(!seeds[..index].contains(seed), "{seed:?} comes twice");
        }
    }

    #[test]
    fn no_byte_value_is_rare() {
        let mut bytes = vec![0; 256 * 1024];
        Seed(3).fill(0, &mut bytes);
        let mut counts = [0_u32; 256];
        for byte in bytes {
            counts[usize::from(byte)] += 1;
        }
        assert!(counts.iter().all(|count| (800..1250).contains(count)), "{counts:?}");
    }

    proptest! {
        #[test]
        fn any_cut_reads_the_same_as_the_whole(
            seed: u64,
            offset in prop_oneof![0..100_u64, (u64::MAX / 16)..(u64::MAX / 8)],
            cuts in proptest::collection::vec(0..200_usize, 0..8),
        ) {
            let len = cuts.iter().sum();
            let mut whole = vec![0; len];
            Seed(seed).fill(offset, &mut whole);
            let (mut at, mut joined) = (offset, Vec::new());
            for cut in cuts {
                let mut piece = vec![0; cut];
                Seed(seed).fill(at, &mut piece);
                joined.extend(piece);
                at += cut as u64;
            }
            prop_assert_eq!(joined, whole);
        }
    }
}
