//! What all scenarios of a run share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::halt::Halt;
use crate::payload::Seed;
use crate::suite::Suite;
use crate::target::Target;
use crate::wire::{Client, Secrets};

/// The suite, the target and the means to ask it.
pub(super) struct World<'r> {
    pub(super) suite: &'r Suite,
    pub(super) target: &'r Target,
    pub(super) client: Client,
    pub(super) secrets: Secrets,
    pub(super) seed: Seed,
    pub(super) patience: Duration,
    pub(super) halt: Halt,
    pub(super) requests: AtomicU64,
    pub(super) bytes_sent: AtomicU64,
}

impl World<'_> {
    /// The values that every expression may use.
    pub(super) fn given(&self) -> BTreeMap<String, Value> {
        let limits = self.target.limits;
        let base = self.target.base_url.as_str().trim_end_matches('/');
        let mut given: BTreeMap<String, Value> = [
            ("limit.min_segment", limits.min_segment),
            ("limit.max_segment", limits.max_segment),
            ("limit.max_request", limits.max_request),
            ("limit.max_total", limits.max_total),
            ("limit.max_parts", limits.max_parts),
            ("grace", self.target.grace.as_secs()),
            ("margin", self.target.margin.as_secs()),
        ]
        .into_iter()
        .map(|(name, number)| (name.to_owned(), number.into()))
        .collect();
        given.insert("origin".to_owned(), self.target.base_url.origin().ascii_serialization().into());
        given.insert("base_url".to_owned(), base.into());
        let stored = self.target.stored.as_ref().map(|url| url.as_str().trim_end_matches('/'));
        given.insert("stored".to_owned(), stored.unwrap_or_default().into());
        for (name, value) in &self.target.credentials {
            given.insert(format!("credential.{}", name.replace('-', "_")), value.as_str().into());
        }
        given
    }

    pub(super) fn count(&self, bytes: u64) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.bytes_sent.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Taints the members of an answer that the suite calls secret, before anything is said of it.
    pub(super) fn taint(&self, body: &Value) {
        match body {
            Value::Object(members) => {
                for (name, value) in members {
                    match value {
                        Value::String(text) if self.suite.secrets.contains(name) => {
                            self.secrets.taint(name, text);
                        }
                        other => self.taint(other),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.taint(item)),
            _ => {}
        }
    }
}
