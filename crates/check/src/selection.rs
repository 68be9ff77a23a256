//! Which rules are asked for, and which scenarios judge them.

use uptake_outcome::Level;
use uptake_suite::{Cost, Loaded, Rule, Scenario, Suite};
use uptake_target::Target;

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
}

impl Selection {
    /// Whether a rule is asked for.
    pub fn has(&self, rule: &Rule) -> bool {
        (self.rules.is_empty() || self.rules.contains(&rule.id))
            && (self.areas.is_empty() || self.areas.contains(&rule.area))
            && (self.levels.is_empty() || self.levels.contains(&rule.level))
    }

    /// Whether anything is left out.
    pub fn is_whole(&self) -> bool {
        self.rules.is_empty() && self.areas.is_empty() && self.levels.is_empty()
    }

    /// The names of the target's credentials that a run against `target` needs.
    pub fn secrets<'l>(&self, loaded: &'l Loaded, target: &Target) -> Vec<&'l str> {
        let can = |scenario: &&Scenario| scenario.needs.iter().all(|need| target.can(need));
        let scenarios = self.scenarios(&loaded.suite, &loaded.scenarios).into_iter().filter(can);
        let own = scenarios.flat_map(|scenario| &scenario.secrets);
        loaded.suite.needed_secrets.iter().chain(own).map(String::as_str).collect()
    }

    /// The scenarios to run: those that judge a chosen rule. Where a rule is judged by every answer and by no scenario of
    /// its own, all of them.
    pub(crate) fn scenarios<'s>(&self, suite: &Suite, scenarios: &'s [Scenario]) -> Vec<&'s Scenario> {
        let chosen: Vec<&str> =
            suite.rules.iter().filter(|rule| self.has(rule)).map(|rule| rule.id.as_str()).collect();
        let own = |id: &str| scenarios.iter().any(|scenario| scenario.rules().contains(&id));
        let everywhere = |id: &str| suite.every_answer.iter().any(|everywhere| everywhere.rule == id);
        let all = chosen.iter().any(|id| everywhere(id) && !own(id));
        scenarios
            .iter()
            .filter(|scenario| scenario.cost <= self.cost)
            .filter(|scenario| all || scenario.rules().iter().any(|rule| chosen.contains(rule)))
            .collect()
    }
}
