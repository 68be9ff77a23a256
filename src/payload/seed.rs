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
        Seed(finish(self.0.wrapping_add(GOLDEN)) ^ hash).mixed()
    }

    fn mixed(self) -> Seed {
        Seed(finish(self.0))
    }

    /// Fills `buffer` with the bytes that stand at `offset` in the endless stream of this seed.
    ///
    /// Word `i` of the stream depends on the seed and `i` alone, so any range is made without what stands before it.
    pub(crate) fn fill(self, offset: u64, buffer: &mut [u8]) {
        let start = self.mixed().0;
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
