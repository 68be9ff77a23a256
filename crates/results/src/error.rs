//! What can go wrong with the results of shards.

use thiserror::Error;

/// Why results could not be stored, read or put together.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ResultsError {
    /// A location of a kind that is not known.
    #[error("unknown location `{given}`: write a folder, file:///FOLDER, {known}")]
    Scheme {
        /// As given.
        given: String,
        /// The kinds that are known.
        known: &'static str,
    },
    /// A location that is not valid.
    #[error("invalid location `{given}`: {why}")]
    Invalid {
        /// As given.
        given: String,
        /// What is wrong with it.
        why: String,
    },
    /// An object store, in a build without them.
    #[error("cannot use {0}: this uptake was built without object stores (cargo feature `object-store`)")]
    NotBuilt(String),
    /// A result could not be written.
    #[error("cannot write a result to {location}: {why}")]
    Write {
        /// Where.
        location: String,
        /// What the system or the store said.
        why: String,
    },
    /// Results could not be listed or read.
    #[error("cannot read results from {location}: {why}")]
    Read {
        /// Where.
        location: String,
        /// What the system or the store said.
        why: String,
    },
    /// An object that is not a result of a shard.
    #[error("{name} in {location} is not a result of a shard: {why}")]
    Malformed {
        /// Where.
        location: String,
        /// The object.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// No result is there, and nothing says how many there should be.
    #[error("there is not a result of a shard in {0}")]
    Nothing(String),
    /// Shards without a result.
    #[error("{}", missing(.shards, *.of, .location, *.waited_seconds))]
    Missing {
        /// Where.
        location: String,
        /// Their numbers, from 1.
        shards: Vec<u64>,
        /// How many shards there are.
        of: u64,
        /// How long was waited for them.
        waited_seconds: u64,
    },
    /// A shard that came twice.
    #[error(
        "shard {shard} has two results in {location}, {one} and {other}: write each run to a location of its own, and remove the \
         result that does not count"
    )]
    Twice {
        /// Where.
        location: String,
        /// The shard.
        shard: String,
        /// One of its objects.
        one: String,
        /// The other.
        other: String,
    },
    /// Shards that do not belong to one run.
    #[error("{one} and {other} in {location} do not belong to one run: {why}")]
    Unlike {
        /// Where.
        location: String,
        /// One object.
        one: String,
        /// Another.
        other: String,
        /// What differs.
        why: String,
    },
}

impl ResultsError {
    /// Whether what was given is wrong, rather than that nothing can be said.
    pub fn is_bad_input(&self) -> bool {
        !matches!(self, Self::Write { .. } | Self::Read { .. } | Self::Missing { .. })
    }
}

/// The most shards that are named one by one.
const NAMED: usize = 20;

fn missing(shards: &[u64], of: u64, location: &str, waited_seconds: u64) -> String {
    let mut names: Vec<String> = shards.iter().take(NAMED).map(|shard| format!("{shard}/{of}")).collect();
    if shards.len() > NAMED {
        names.push(format!("{} more", shards.len() - NAMED));
    }
    let (subject, verb) = match names.as_slice() {
        [one] => (format!("shard {one}"), "has"),
        [first @ .., last] => (format!("shards {} and {last}", first.join(", ")), "have"),
        [] => ("no shard".to_owned(), "has"),
    };
    let waited = if waited_seconds > 0 { format!(" after {waited_seconds} s") } else { String::new() };
    format!("{subject} {verb} no result in {location}{waited}: nothing was merged")
}

#[cfg(test)]
mod tests {
    use super::ResultsError;

    #[test]
    fn missing_shards_are_named() {
        let text = |shards: &[u64], waited_seconds| {
            let location = "results".to_owned();
            ResultsError::Missing { location, shards: shards.to_vec(), of: 40, waited_seconds }.to_string()
        };
        assert_eq!(text(&[3], 0), "shard 3/40 has no result in results: nothing was merged");
        assert_eq!(
            text(&[1, 3, 4], 600),
            "shards 1/40, 3/40 and 4/40 have no result in results after 600 s: nothing was merged"
        );
        let many: Vec<u64> = (1..=40).collect();
        assert!(text(&many, 0).contains("20/40 and 20 more have no result"), "{}", text(&many, 0));
    }
}
