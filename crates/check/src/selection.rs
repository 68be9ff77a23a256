//! Which rules are asked for, and which scenarios judge them.

use std::collections::BTreeSet;

use super::interpreter::Environment;
use super::need::Need;
use uptake_outcome::{Level, ScenarioRef};
use uptake_suite::{Cost, Loaded, Rule, Scenario};
use uptake_target::Target;

/// The most bytes that a scenario sends where its cost is normal, although it is declared large.
const MOST_BYTES_OF_NORMAL: u64 = 64 << 20;

/// What to judge; an empty list chooses all.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Rules by id.
    pub rules: Vec<String>,
    /// Areas by name.
    pub areas: Vec<String>,
    /// Levels.
    pub levels: Vec<Level>,
    /// The most that a scenario may cost.
    pub cost: Cost,
    /// The scenarios of this shard; `None` where there is no other.
    pub only: Option<BTreeSet<ScenarioRef>>,
}

impl Selection {
    /// Whether a rule is asked for.
    pub fn has(&self, rule: &Rule) -> bool {
        (self.rules.is_empty() || self.rules.contains(&rule.id))
            && (self.areas.is_empty() || self.areas.contains(&rule.area))
            && (self.levels.is_empty() || self.levels.contains(&rule.level))
    }

    /// Whether a scenario belongs to another shard.
    pub(crate) fn is_elsewhere(&self, scenario: &Scenario) -> bool {
        let is_own = |own: &ScenarioRef| own.name == scenario.name && own.file == scenario.file;
        self.only.as_ref().is_some_and(|only| !only.iter().any(is_own))
    }

    /// Whether anything is left out.
    pub fn is_whole(&self) -> bool {
        self.rules.is_empty() && self.areas.is_empty() && self.levels.is_empty()
    }

    /// The names of the target's credentials that a run against `target` needs.
    pub fn secrets<'l>(&self, loaded: &'l Loaded, target: &Target) -> Vec<&'l str> {
        let can = |scenario: &&Scenario| scenario.needs.unmet(|name| target.can(name)).is_none();
        let scenarios = self.scenarios(loaded, target).into_iter().filter(can);
        let own = scenarios.flat_map(|scenario| &scenario.secrets);
        loaded.suite.needed_secrets.iter().chain(own).map(String::as_str).collect()
    }

    /// The scenarios to run: those that judge a chosen rule. Where a rule is judged by every answer and by no scenario of
    /// its own, all of them. Those that cost too much under the limits of `target` are left out.
    pub fn scenarios<'l>(&self, loaded: &'l Loaded, target: &Target) -> Vec<&'l Scenario> {
        let Loaded { suite, scenarios, .. } = loaded;
        let environment = Environment::new(suite, target);
        let chosen: Vec<&str> =
            suite.rules.iter().filter(|rule| self.has(rule)).map(|rule| rule.id.as_str()).collect();
        let own = |id: &str| scenarios.iter().any(|scenario| scenario.rules().contains(&id));
        let everywhere = |id: &str| suite.every_answer.iter().any(|everywhere| everywhere.rule == id);
        let all = chosen.iter().any(|id| everywhere(id) && !own(id));
        scenarios
            .iter()
            .filter(|scenario| !self.is_elsewhere(scenario))
            .filter(|scenario| all || scenario.rules().iter().any(|rule| chosen.contains(rule)))
            .filter(|scenario| self.cost == Cost::Large || cost(&environment, scenario) == Cost::Normal)
            .collect()
    }
}

/// What a scenario costs under the limits of the target. One that is declared large is so for the bytes that it sends under
/// the default limits: where a target has small ones, it is like any other. Combinations that pairs leave out are many,
/// whatever the limits.
fn cost(environment: &Environment<'_>, scenario: &Scenario) -> Cost {
    match scenario.cost {
        Cost::Large if scenario.is_exhaustive => Cost::Large,
        Cost::Large if Need::of(environment, scenario).bytes > MOST_BYTES_OF_NORMAL => Cost::Large,
        Cost::Large | Cost::Normal => Cost::Normal,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SUITE: &str = "
suite: sizes
areas: { x: sizes }
rules:
  - { id: X-01, area: x, level: must, text: It holds, source: [test] }
";
    const FEW: &str = "
scenario: A few bytes
steps:
  - send: { post: /, body: { size: limit.min_segment }, expect: { X-01: { status: 200 } } }
";
    const LARGEST: &str = "
scenario: The largest request
cost: large
steps:
  - send: { post: /, body: { size: limit.max_request }, expect: { X-01: { status: 200 } } }
";
    const PAIRS: &str = "
scenario: Pairs
tables:
  sizes: { one: { n: 1 }, two: { n: 2 } }
steps:
  - send ${a.name} ${b.name} ${c.name}:
      for-each: { a: sizes, b: sizes, c: sizes }
      combine: pairwise
      get: /
      expect: { X-01: { status: 200 } }
";

    /// The names of the scenarios that run by default against a target that takes requests of at most `max_request` bytes.
    fn chosen(max_request: u64, cost: Cost) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("suite.yaml"), SUITE).expect("written");
        for (name, text) in [("a.yaml", FEW), ("b.yaml", LARGEST), ("c.yaml", PAIRS)] {
            fs::write(folder.path().join(name), text).expect("written");
        }
        let loaded = uptake_suite::load_suite(folder.path(), &[]).unwrap_or_else(|error| panic!("{error:?}"));
        let mut target = Target::from_url_with_or_without_key("http://127.0.0.1:9").expect("a URL");
        target.limits.max_request = max_request;
        let selection = Selection { cost, ..Selection::default() };
        selection.scenarios(&loaded, &target).iter().map(|scenario| scenario.name.clone()).collect()
    }

    #[test]
    fn a_large_scenario_runs_by_default_where_the_limits_make_it_small() {
        assert_eq!(chosen(1 << 20, Cost::Normal), ["A few bytes", "The largest request", "Pairs"]);
        assert_eq!(chosen(200 << 20, Cost::Normal), ["A few bytes", "Pairs"]);
    }

    #[test]
    fn combinations_that_pairs_leave_out_are_large_whatever_the_limits() {
        let all = ["A few bytes", "The largest request", "Pairs", "Pairs, in every other combination"];
        assert_eq!(chosen(1, Cost::Large), all);
        assert_eq!(chosen(200 << 20, Cost::Large), all);
    }
}
