//! The values that names have while a scenario runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use uptake_payload::{Algorithm, Content, Seed};
use uptake_suite::expr::{Digests, EvalError, Scope};

/// The named contents of a scenario, which no step changes.
pub(super) type Contents = BTreeMap<String, Content>;

/// Names and their values. Branches that run side by side have a copy each.
#[derive(Debug, Clone)]
pub(super) struct Names {
    values: BTreeMap<String, Value>,
    contents: Arc<Contents>,
    /// Where unique texts come from: the scenario's own seed, so that a run can be repeated to the letter.
    seed: Seed,
    /// How many of them there were, in all branches together.
    uniques: Arc<AtomicU64>,
    /// By how many seconds the target's clock is ahead.
    ahead: i64,
}

impl Names {
    pub(super) fn new(values: BTreeMap<String, Value>, seed: Seed) -> Self {
        Self { values, contents: Arc::default(), seed, uniques: Arc::default(), ahead: 0 }
    }

    pub(super) fn with_contents(mut self, contents: Contents) -> Self {
        self.contents = Arc::new(contents);
        self
    }

    /// The same names with these values, as they were when so many unique texts had been drawn.
    pub(super) fn with(mut self, values: BTreeMap<String, Value>, uniques: u64) -> Self {
        self.values.extend(values);
        self.uniques.store(uniques, Ordering::Relaxed);
        self
    }

    /// The values that are not given from outside.
    pub(super) fn beside(&self, given: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
        let own = |(name, value): &(&String, &Value)| given.get(*name) != Some(*value);
        self.values.iter().filter(own).map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// How many unique texts have been drawn.
    pub(super) fn uniques(&self) -> u64 {
        self.uniques.load(Ordering::Relaxed)
    }

    /// The same names, for a target whose clock is so many seconds ahead.
    pub(super) fn ahead(&self, seconds: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "no clock is ages away")]
        let ahead = seconds.round() as i64;
        Self { ahead, ..self.clone() }
    }

    pub(super) fn contents(&self) -> &Contents {
        &self.contents
    }

    pub(super) fn set(&mut self, name: impl Into<String>, value: Value) {
        self.values.insert(name.into(), value);
    }

    pub(super) fn unset(&mut self, name: &str) {
        self.values.remove(name);
    }

    /// Takes over what a branch has set.
    pub(super) fn merge(&mut self, branch: Self) {
        self.values.extend(branch.values);
    }

    /// The same names and one more, for a moment.
    pub(super) fn and(&self, name: &str, value: Value) -> Self {
        let mut names = self.clone();
        names.set(name, value);
        names
    }
}

impl Scope for Names {
    fn now(&self) -> i64 {
        jiff::Timestamp::now().as_second().saturating_add(self.ahead)
    }

    fn value(&self, name: &str) -> Option<Value> {
        self.values.get(name).cloned()
    }

    fn digests(&self) -> &dyn Digests {
        self
    }

    fn unique_text(&self) -> String {
        let call = self.uniques.fetch_add(1, Ordering::Relaxed);
        format!("{:016x}", self.seed.derive(&format!("unique text {call}")).0)
    }
}

impl Digests for Names {
    fn digest(&self, algorithm: &str, content: &str) -> Result<Vec<u8>, EvalError> {
        let known: Algorithm =
            algorithm.parse().map_err(|_| EvalError::Type(format!("there is no digest `{algorithm}`")))?;
        let stream = self.contents.get(content).ok_or_else(|| EvalError::Undefined(content.to_owned()))?;
        stream.whole().digest(known).map_err(|error| EvalError::Harness(error.to_string()))
    }
}
