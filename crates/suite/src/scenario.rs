//! A scenario: named steps that show one thing.

use super::expr::Expr;
use super::needs::Needs;
use super::request::Source;
use super::step::Step;
use super::upload::UploadPlan;
use uptake_outcome::Place;

/// One scenario file.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What it shows, in plain words.
    pub name: String,
    /// The file, as a user would name it.
    pub file: String,
    /// Where its first line stands.
    pub place: Place,
    /// The targets that it is about, by their capabilities.
    pub needs: Needs,
    /// The target's secrets that its steps use.
    pub secrets: Vec<String>,
    /// What it costs.
    pub cost: Cost,
    /// Whether it is large for the number of its combinations: those that `combine: pairwise` leaves out.
    pub is_exhaustive: bool,
    /// Whether others may run beside it.
    pub isolation: Isolation,
    /// Named values, in order.
    pub lets: Vec<(String, Expr)>,
    /// Named byte streams.
    pub contents: Vec<(String, Source)>,
    /// Named chunk plans.
    pub uploads: Vec<(String, UploadPlan)>,
    /// What it does.
    pub steps: Vec<Step>,
    /// What it does at the end, whatever happened.
    pub finally: Vec<Step>,
}

/// How much a scenario sends under the default limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Cost {
    /// A few segments.
    #[default]
    Normal,
    /// Hundreds of MiB.
    Large,
}

/// Whether other scenarios may run side by side with this one. A scenario that moves the target's clock always runs alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Isolation {
    /// They may.
    #[default]
    Shared,
    /// It counts what others would make, or spends what they need: nothing runs beside it.
    Alone,
}

impl Scenario {
    /// A scenario without steps, for what is sent on behalf of none.
    pub fn nobodys(name: &str, file: &str) -> Self {
        Self {
            name: name.to_owned(),
            file: file.to_owned(),
            place: Place { file: file.to_owned(), line: 1, column: 1 },
            needs: Needs::default(),
            secrets: Vec::new(),
            cost: Cost::Normal,
            is_exhaustive: false,
            isolation: Isolation::Shared,
            lets: Vec::new(),
            contents: Vec::new(),
            uploads: Vec::new(),
            steps: Vec::new(),
            finally: Vec::new(),
        }
    }

    /// Whether one of its steps turns the target's clock.
    pub fn moves_clock(&self) -> bool {
        self.steps.iter().any(Step::moves_clock)
    }

    /// Whether it names this very status as one that it wants.
    pub fn wants_status(&self, status: u16) -> bool {
        self.steps.iter().any(|step| step.wants_status(status))
    }

    /// The ids of the rules that its own expectations judge, each once, in order.
    pub fn rules(&self) -> Vec<&str> {
        let mut rules = Vec::new();
        for step in &self.steps {
            step.collect_rules(&mut rules);
        }
        rules
    }
}
