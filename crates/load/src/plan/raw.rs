//! A plan as text: values under their keys, each with its position, so that a mistake is reported where it stands.

use uptake_yaml::Span;

/// The keys of a plan, which are also the names of the flags.
pub const KEYS: [&str; 40] = [
    "target",
    "suite",
    "rate",
    "stages",
    "arrivals",
    "max-in-flight",
    "uploaders",
    "think",
    "duration",
    "uploads",
    "warm-up",
    "size",
    "segment",
    "framing",
    "total",
    "order",
    "parallel-segments",
    "token",
    "ttl",
    "abandoned",
    "resumed",
    "drop",
    "bandwidth",
    "pause",
    "file",
    "verify",
    "seed",
    "fail-if",
    "abort-on",
    "allow-early",
    "allow-saturated",
    "http2",
    "address",
    "threads",
    "linger",
    "find-capacity",
    "from",
    "from-columns",
    "from-path",
    "speed",
];

/// The keys of recorded traffic.
const RECORDED: [&str; 4] = ["from", "from-columns", "from-path", "speed"];

/// Keys that may be given several times; of all others the last one wins.
const REPEATABLE: [&str; 4] = ["fail-if", "abort-on", "address", "file"];

/// A plan as text.
#[derive(Debug, Clone, Default)]
pub struct RawPlan {
    /// Its name.
    pub name: Option<String>,
    values: Vec<RawValue>,
}

/// A value as it was written.
#[derive(Debug, Clone)]
pub(super) struct RawValue {
    pub(super) key: &'static str,
    pub(super) text: String,
    /// Its position in the plan file; `None` for a flag.
    pub(super) at: Option<Span>,
}

impl RawPlan {
    /// Sets a value by a flag, which overrides the plan file.
    pub fn set_flag(&mut self, key: &'static str, text: impl Into<String>) {
        self.discard_overridden(key);
        self.push(key, text.into(), None);
    }

    /// Sets the values of a flag that may be repeated.
    pub fn set_flags<T: ToString>(&mut self, key: &'static str, texts: &[T]) {
        if !texts.is_empty() {
            self.discard_overridden(key);
        }
        for text in texts {
            self.push(key, text.to_string(), None);
        }
    }

    /// Removes what a flag overrides: the same key, and keys that would contradict it.
    fn discard_overridden(&mut self, key: &'static str) {
        let against: &[&[&str]] = match key {
            "rate" => &[&["rate", "stages", "uploaders", "think"], &RECORDED],
            "stages" => &[&["rate", "stages", "uploaders", "think", "duration", "uploads"], &RECORDED],
            "uploaders" => &[&["uploaders", "rate", "stages", "arrivals", "max-in-flight"], &RECORDED],
            "from" => &[&["rate", "stages", "uploaders", "think", "arrivals", "from-columns", "from-path"]],
            "size" | "file" => &[&["size", "file"]],
            _ => &[],
        };
        let is_discarded = |known| known == key || against.iter().any(|keys| keys.contains(&known));
        self.values.retain(|value| value.at.is_none() || !is_discarded(value.key));
    }

    pub(super) fn push(&mut self, key: &'static str, text: String, at: Option<Span>) {
        debug_assert!(KEYS.contains(&key), "{key} is a key");
        if !REPEATABLE.contains(&key) {
            self.values.retain(|value| value.key != key);
        }
        self.values.push(RawValue { key, text, at });
    }

    pub(super) fn get(&self, key: &str) -> Option<&RawValue> {
        self.values.iter().rev().find(|value| value.key == key)
    }

    pub(super) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a RawValue> {
        self.values.iter().filter(move |value| value.key == key)
    }

    /// The text under a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key).map(|value| value.text.as_str())
    }
}
