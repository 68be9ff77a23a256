//! A part of a run that several processes share: which of the numbered things are its own, and how much of a total.

use std::fmt;
use std::str::FromStr;

/// One of several equal parts of a run. Its text form is `2/4`: the second of four.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shard {
    /// From 0.
    index: u64,
    /// At least 1.
    of: u64,
}

impl Shard {
    /// The whole run as one part.
    pub const WHOLE: Self = Self { index: 0, of: 1 };

    /// The part with this number, from 1; `None` unless the number is one of 1 to `of`.
    pub fn new(number: u64, of: u64) -> Option<Self> {
        (1..=of).contains(&number).then(|| Self { index: number - 1, of })
    }

    /// Its number, from 1.
    pub fn number(self) -> u64 {
        self.index + 1
    }

    /// How many parts there are.
    pub fn of(self) -> u64 {
        self.of
    }

    /// Whether there is no other part.
    pub fn is_whole(self) -> bool {
        self.of == 1
    }

    /// Whether the thing with this number, from 0, is in this part.
    pub fn has(self, number: u64) -> bool {
        number % self.of == self.index
    }

    /// The number of the `k`-th thing in this part, both from 0.
    pub fn nth(self, k: u64) -> u64 {
        k.saturating_mul(self.of).saturating_add(self.index)
    }

    /// How many of the numbers from 0 to below `end` are in this part.
    pub fn count_below(self, end: u64) -> u64 {
        end / self.of + u64::from(self.index < end % self.of)
    }

    /// Its share of a total. The shares of all parts add up to the total; the first parts take the remainder.
    pub fn share(self, total: u64) -> u64 {
        self.count_below(total)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number(), self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(number, of)| {
            let whole = |text: &str| text.trim().parse::<u64>().ok();
            Some((whole(number)?, whole(of)?))
        });
        match numbers {
            None => Err(format!("invalid shard `{text}`: write NUMBER/COUNT, for example 1/4")),
            Some((number, of)) => Self::new(number, of).ok_or_else(|| {
                format!(
                    "invalid shard `{text}`: shards are numbered from 1 to their count, 1/{0} to {0}/{0}",
                    of.max(1)
                )
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Shard;

    fn all(of: u64) -> impl Iterator<Item = Shard> {
        (1..=of).map(move |number| Shard::new(number, of).expect("a number of 1 to the count"))
    }

    proptest! {
        #[test]
        fn every_number_is_in_exactly_one_part(of in 1_u64..200, number: u64) {
            prop_assert_eq!(all(of).filter(|shard| shard.has(number)).count(), 1);
        }

        #[test]
        fn the_shares_add_up_to_the_total_and_differ_by_at_most_one(of in 1_u64..200, total in 0_u64..1_000_000) {
            let shares: Vec<u64> = all(of).map(|shard| shard.share(total)).collect();
            prop_assert_eq!(shares.iter().sum::<u64>(), total);
            let (least, most) = (shares.iter().min().copied(), shares.iter().max().copied());
            prop_assert!(most.unwrap_or(0) - least.unwrap_or(0) <= 1);
        }

        #[test]
        fn the_things_of_a_part_are_counted_as_they_are_numbered(of in 1_u64..50, end in 0_u64..2_000) {
            for shard in all(of) {
                let own: Vec<u64> = (0..end).map(|k| shard.nth(k)).take_while(|number| *number < end).collect();
                prop_assert_eq!(own.len() as u64, shard.count_below(end));
                prop_assert!(own.iter().all(|number| shard.has(*number)));
            }
        }

        #[test]
        fn the_text_form_is_read_back(of in 1_u64..1_000, at in any::<prop::sample::Index>()) {
            let shard = Shard::new(1 + at.index(usize::try_from(of).expect("small")) as u64, of).expect("in range");
            prop_assert_eq!(shard.to_string().parse(), Ok(shard));
        }
    }

    #[test]
    fn what_is_no_shard_is_explained() {
        for (text, hint) in [
            ("4", "write NUMBER/COUNT"),
            ("a/4", "write NUMBER/COUNT"),
            ("-1/4", "write NUMBER/COUNT"),
            ("0/4", "numbered from 1 to their count, 1/4 to 4/4"),
            ("5/4", "numbered from 1 to their count"),
            ("1/0", "numbered from 1"),
        ] {
            let why = text.parse::<Shard>().expect_err(text);
            assert!(why.contains(hint), "{text}: {why}");
        }
    }
}
