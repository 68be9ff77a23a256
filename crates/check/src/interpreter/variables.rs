//! The variables of a scenario, or of one of its parallel branches.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Names with their values. A parallel branch works on a copy, and knows which names it has written itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Variables {
    values: BTreeMap<String, Value>,
    /// The names that were set or removed since this branch began.
    written: BTreeSet<String>,
    /// The names whose values a forecast only assumes.
    assumed: BTreeSet<String>,
}

impl Variables {
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    pub(crate) fn set(&mut self, name: impl Into<String>, value: Value) {
        let name = name.into();
        self.assumed.remove(&name);
        self.written.insert(name.clone());
        self.values.insert(name, value);
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.values.remove(name);
        self.written.insert(name.to_owned());
    }

    /// Sets a value that stands in for one that only an answer could give.
    pub(crate) fn assume(&mut self, name: &str, value: Value) {
        self.set(name, value);
        self.assumed.insert(name.to_owned());
    }

    /// Whether one of `names`, or a member of it, is only assumed.
    pub(crate) fn any_assumed(&self, names: &[&str]) -> bool {
        let is_member = |name: &str, whole: &str| {
            name.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.assumed.iter().any(|whole| names.iter().any(|name| is_member(name, whole)))
    }

    /// The variables that a parallel branch begins with.
    pub(crate) fn fork(&self) -> Self {
        Self { written: BTreeSet::new(), ..self.clone() }
    }

    /// Takes over the names that a branch has written, and no other: a value that another branch has written stays.
    pub(crate) fn join(&mut self, mut branch: Self) {
        for name in branch.written {
            match branch.values.remove(&name) {
                Some(value) if branch.assumed.contains(&name) => self.assume(&name, value),
                Some(value) => self.set(name, value),
                None => self.unset(&name),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(pairs: &[(&str, i64)]) -> Variables {
        let mut variables = Variables::default();
        for (name, value) in pairs {
            variables.set(*name, json!(value));
        }
        variables
    }

    #[test]
    fn a_joined_branch_overwrites_only_the_names_that_it_wrote() {
        let mut variables = of(&[("a", 1), ("b", 1), ("c", 1)]);
        let (mut one, mut two) = (variables.fork(), variables.fork());
        one.set("a", json!(2));
        two.set("b", json!(2));
        two.unset("c");
        variables.join(one);
        variables.join(two);
        assert_eq!(variables.get("a"), Some(&json!(2)));
        assert_eq!(variables.get("b"), Some(&json!(2)));
        assert_eq!(variables.get("c"), None);
    }

    #[test]
    fn what_an_inner_branch_wrote_survives_the_outer_join() {
        let mut variables = of(&[("a", 1)]);
        let mut outer = variables.fork();
        let mut inner = outer.fork();
        inner.set("a", json!(3));
        outer.join(inner);
        variables.join(outer);
        assert_eq!(variables.get("a"), Some(&json!(3)));
    }

    #[test]
    fn a_member_of_an_assumed_value_is_assumed_too() {
        let mut variables = of(&[("tokens", 1)]);
        variables.assume("token", json!("unknown"));
        assert!(variables.any_assumed(&["token.ttl"]) && variables.any_assumed(&["x", "token"]));
        assert!(!variables.any_assumed(&["tokens"]));
    }
}
