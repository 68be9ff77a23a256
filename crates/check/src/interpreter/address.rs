//! Where a list of steps is written in a scenario, as plain data.

use serde::{Deserialize, Serialize};

use uptake_suite::Scenario;
use uptake_suite::step::{Action, Step};

/// The address of a list of steps: where to begin, and which steps to enter from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Block {
    root: Root,
    path: Vec<Enter>,
}

/// The outermost list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Root {
    Steps,
    Finally,
}

/// The list inside a step, by the step's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Enter {
    Repeat(usize),
    Branch(usize, usize),
    Finally(usize),
}

impl Block {
    /// The scenario's steps.
    pub(crate) fn steps() -> Self {
        Self { root: Root::Steps, path: Vec::new() }
    }

    /// The scenario's own `finally`.
    pub(crate) fn finally() -> Self {
        Self { root: Root::Finally, path: Vec::new() }
    }

    /// The steps that the `repeat` at `step` repeats.
    pub(crate) fn repeated_by(&self, step: usize) -> Self {
        self.enter(Enter::Repeat(step))
    }

    /// A branch of the `parallel` at `step`.
    pub(crate) fn branch_of(&self, step: usize, branch: usize) -> Self {
        self.enter(Enter::Branch(step, branch))
    }

    /// The `finally` of the step at `step`.
    pub(crate) fn finally_of(&self, step: usize) -> Self {
        self.enter(Enter::Finally(step))
    }

    fn enter(&self, next: Enter) -> Self {
        let mut block = self.clone();
        block.path.push(next);
        block
    }

    /// Whether these are the scenario's own steps, with nothing around them.
    pub(crate) fn is_top(&self) -> bool {
        self.root == Root::Steps && self.path.is_empty()
    }

    /// The steps themselves; none where the scenario has no such place.
    pub(crate) fn resolve<'s>(&self, scenario: &'s Scenario) -> &'s [Step] {
        let mut steps = match self.root {
            Root::Steps => scenario.steps.as_slice(),
            Root::Finally => scenario.finally.as_slice(),
        };
        for enter in &self.path {
            steps = inside(steps, *enter).unwrap_or_default();
        }
        steps
    }
}

fn inside(steps: &[Step], enter: Enter) -> Option<&[Step]> {
    match enter {
        Enter::Finally(step) => Some(steps.get(step)?.finally.as_slice()),
        Enter::Repeat(step) => match &steps.get(step)?.action {
            Action::Repeat(repeat) => Some(repeat.steps.as_slice()),
            _ => None,
        },
        Enter::Branch(step, branch) => match &steps.get(step)?.action {
            Action::Parallel(branches) => branches.get(branch).map(Vec::as_slice),
            _ => None,
        },
    }
}
