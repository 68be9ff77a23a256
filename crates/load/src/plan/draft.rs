//! What was said: texts under their keys, each with where it stands, so that a mistake is told with its place.

use uptake_yaml::Span;

/// The keys of a plan, which are the names of the flags.
pub const KEYS: [&str; 31] = [
    "target",
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
    "bandwidth",
    "file",
    "verify",
    "seed",
    "fail-if",
    "abort-on",
    "allow-saturated",
    "http2",
    "address",
    "threads",
    "linger",
];

/// Keys that may stand several times; of all others the last counts.
const REPEATABLE: [&str; 4] = ["fail-if", "abort-on", "address", "file"];

/// What was said so far.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// What the plan is called.
    pub name: Option<String>,
    said: Vec<Said>,
}

/// One thing that was said.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) key: &'static str,
    pub(super) text: String,
    /// Where it stands in the plan; nowhere where it is a flag.
    pub(super) at: Option<Span>,
}

impl Draft {
    /// Says something by a flag, which overrules the plan.
    pub fn flag(&mut self, key: &'static str, text: impl Into<String>) {
        self.overrule(key);
        self.say(key, text.into(), None);
    }

    /// Says something several times by a flag.
    pub fn flags<T: ToString>(&mut self, key: &'static str, texts: &[T]) {
        if !texts.is_empty() {
            self.overrule(key);
        }
        for text in texts {
            self.say(key, text.to_string(), None);
        }
    }

    /// A flag takes the place of what the plan says; and of two ways to say how much is offered, the flag's is meant.
    fn overrule(&mut self, key: &'static str) {
        let against: &[&str] = match key {
            "rate" => &["rate", "stages", "uploaders", "think"],
            "stages" => &["rate", "stages", "uploaders", "think", "duration", "uploads"],
            "uploaders" => &["uploaders", "rate", "stages", "arrivals", "max-in-flight"],
            "size" => &["size", "file"],
            "file" => &["file", "size"],
            _ => &[],
        };
        self.said.retain(|said| said.at.is_none() || (said.key != key && !against.contains(&said.key)));
    }

    pub(super) fn say(&mut self, key: &'static str, text: String, at: Option<Span>) {
        debug_assert!(KEYS.contains(&key), "{key} is a key");
        if !REPEATABLE.contains(&key) {
            self.said.retain(|said| said.key != key);
        }
        self.said.push(Said { key, text, at });
    }

    pub(super) fn get(&self, key: &str) -> Option<&Said> {
        self.said.iter().rev().find(|said| said.key == key)
    }

    pub(super) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Said> {
        self.said.iter().filter(move |said| said.key == key)
    }

    /// What stands under a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key).map(|said| said.text.as_str())
    }
}
