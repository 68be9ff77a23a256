//! The object that a shard writes: its result with a manifest.
//!
//! ```json
//! { "format": 1, "kind": "load", "shard": 2, "of": 4, "plan": "sha256:9f86…", "uptake": "0.1.0", "result": { … } }
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use uptake_outcome::Shard;

/// The version of the form of a [`ShardResult`].
pub const SHARD_FORMAT: u32 = 1;

/// What a shard measured or tested, and what it was part of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShardResult {
    /// The version of this form.
    pub format: u32,
    /// The command.
    pub kind: Kind,
    /// The number of the shard, from 1.
    pub shard: u64,
    /// How many shards there are.
    pub of: u64,
    /// A digest of what all shards together do; the same for all of them.
    pub plan: String,
    /// The version of uptake.
    pub uptake: String,
    /// When the shard was to start, and when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<StartRecord>,
    /// Conditions that hold for all shards together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fail_if: Vec<String>,
    /// Files that belong to the result, by name: the scenarios of counterexamples.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// The result, in the form of the command's JSON report.
    pub result: Value,
}

/// A digest of what all shards of a run do, from a text that says so.
pub fn digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let hex: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{}", hex.concat())
}

/// Which command made a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `uptake load`.
    Load,
    /// `uptake check`.
    Check,
    /// `uptake fuzz`.
    Fuzz,
}

/// When a shard was to start, and when it did. Clocks of machines differ: offsets are those of the target's clock, and add to times
/// of this machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StartRecord {
    /// When it was to start, in UTC.
    pub planned: String,
    /// By how many seconds it started late.
    pub late_seconds: f64,
    /// How far the target's clock is ahead of this machine's, in seconds, where its responses told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_seconds: Option<f64>,
    /// By how many seconds that may be wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty_seconds: Option<f64>,
}

impl ShardResult {
    /// Which shard it is of.
    pub fn shard(&self) -> Option<Shard> {
        Shard::new(self.shard, self.of)
    }

    /// Reads what a shard wrote; what is wrong with it is told in words.
    pub fn read(text: &str) -> Result<Self, String> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| format!("it is not complete JSON ({error})"))?;
        let number = |key: &str| value.get(key).and_then(Value::as_u64);
        match number("format") {
            Some(format) if format == u64::from(SHARD_FORMAT) => {}
            Some(format) => {
                return Err(format!("its format is {format}, and this uptake reads {SHARD_FORMAT}"));
            }
            None => return Err("it has no manifest; `uptake load --results` writes one".to_owned()),
        }
        let result: Self =
            serde_json::from_value(value).map_err(|error| format!("its manifest is broken ({error})"))?;
        if result.shard().is_none() {
            return Err(format!("there is no shard {}/{}", result.shard, result.of));
        }
        Ok(result)
    }

    /// As JSON with a line end.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string(self).expect("plain data whose keys are strings");
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shard_wrote_is_read_again() {
        let written = ShardResult {
            format: SHARD_FORMAT,
            kind: Kind::Fuzz,
            shard: 2,
            of: 3,
            plan: "sha256:0".to_owned(),
            uptake: "0.1.0".to_owned(),
            start: Some(StartRecord {
                planned: "2026-01-01T00:00:00Z".to_owned(),
                late_seconds: 0.25,
                offset_seconds: None,
                uncertainty_seconds: None,
            }),
            fail_if: vec!["errors > 0".to_owned()],
            files: [("a.yaml".to_owned(), "scenario: a".to_owned())].into(),
            result: serde_json::json!({ "b": 1.5, "a": 2 }),
        };
        assert_eq!(ShardResult::read(&written.text()), Ok(written));
    }

    #[test]
    fn what_is_none_is_explained() {
        for (text, hint) in [
            ("{", "not complete JSON"),
            ("{}", "it has no manifest"),
            (r#"{"format": 9}"#, "its format is 9"),
            (r#"{"format": 1}"#, "its manifest is broken"),
            (
                r#"{"format":1,"kind":"load","shard":5,"of":4,"plan":"","uptake":"","result":{}}"#,
                "no shard 5/4",
            ),
        ] {
            let why = ShardResult::read(text).expect_err(text);
            assert!(why.contains(hint), "{text}: {why}");
        }
    }
}
