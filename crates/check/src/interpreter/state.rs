//! The state of a scenario as plain data: its variables, where each branch stands, what was found, and what to undo.
//!
//! A state can be written down wherever the scenario waits for real time. Only what is under way on a connection cannot, and
//! a scenario is never suspended while something is.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::address::Block;
use super::answer::Done;
use super::barrier::BarrierId;
use super::contents::Recipe;
use super::findings::{Findings, ScenarioResult};
use super::stop::{Stop, Suspension};
use super::variables::Variables;
use uptake_payload::{ChunkPlan, Seed};

/// A scenario under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ScenarioState {
    pub(crate) shared: Shared,
    /// The scenario itself; parallel branches grow out of it.
    pub(crate) trunk: Branch,
    pub(crate) clean_up: CleanUp,
}

/// What all branches have in common.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Shared {
    pub(crate) seed: Seed,
    /// The named contents, which no step changes.
    pub(crate) contents: BTreeMap<String, Recipe>,
    pub(crate) uploads: BTreeMap<String, UploadState>,
    /// How many unique texts have been drawn.
    pub(crate) drawn: Cell<u64>,
    /// What answers said was made so far, in all branches together.
    pub(crate) made: BTreeSet<Made>,
    /// How many `parallel` steps have begun.
    pub(crate) parallels: u64,
}

/// An upload under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct UploadState {
    pub(crate) plan: ChunkPlan,
    pub(crate) content: Recipe,
    pub(crate) file_name: String,
    /// The form fields that the first answer gave to later segments.
    pub(crate) carried: Vec<(String, String)>,
}

impl UploadState {
    /// Whether an answer has said which upload later segments belong to.
    pub(crate) fn is_begun(&self) -> bool {
        !self.carried.is_empty()
    }
}

/// A sequence of steps under way: the scenario, or a branch of `parallel`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Branch {
    pub(crate) variables: Variables,
    /// The blocks of steps that it is in, the innermost last.
    pub(crate) stack: Vec<Frame>,
    pub(crate) waiting: Waiting,
    pub(crate) findings: Findings,
    /// What it has to undo, the latest last.
    pub(crate) undo: Vec<Undo>,
    /// The barriers that are still ahead, in the order in which its steps name them.
    pub(crate) barriers: Vec<BarrierId>,
    /// Whether it has any barriers at all.
    pub(crate) has_barriers: bool,
    /// Whether it ended before it came to all of its barriers.
    pub(crate) missed_barriers: bool,
}

/// A place in a block of steps.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Frame {
    pub(crate) block: Block,
    pub(crate) at: usize,
    /// The step that ends the block, which is not run.
    pub(crate) end: usize,
    /// The round of the `repeat` at `at`.
    pub(crate) round: u32,
}

/// What a branch waits for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Waiting {
    /// It has not begun.
    #[default]
    Begin,
    /// For answers.
    #[serde(skip)]
    Answers(Box<InFlight>),
    /// For the end of a pause.
    Pause(AfterPause),
    /// For time to pass on the target's clock, or in real time; suspended where that takes longer than the run.
    Time(Option<Suspension>),
    /// For the other branches.
    Barrier,
    /// For its own branches.
    Branches(Vec<Branch>),
    /// For nothing: it has ended.
    Ended(Option<Stop>),
}

/// What follows a pause.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AfterPause {
    /// The next step.
    NextStep,
    /// The next round of `repeat`.
    NextRound,
    /// The same request again.
    SameRequest(Tries),
}

/// How long a request is still repeated, in the time of the driver.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Tries {
    pub(crate) deadline: Option<std::time::Duration>,
    /// The pause before the next try.
    pub(crate) pause: std::time::Duration,
}

/// Requests under way.
#[derive(Debug, Clone)]
pub(crate) struct InFlight {
    pub(crate) purpose: Purpose,
    /// How many have not ended.
    pub(crate) pending: usize,
    /// The answers, in the order in which the requests were sent.
    pub(crate) dones: BTreeMap<usize, Done>,
    /// Whether one was given up because the run was stopped.
    pub(crate) interrupted: bool,
}

/// What requests are sent for.
#[derive(Debug, Clone)]
pub(crate) enum Purpose {
    /// A `request` step.
    Request(Tries),
    /// Segments of an `upload` step: those still ahead, and the answers so far.
    Segments { ahead: Vec<u32>, dones: Vec<Done> },
    /// A `raw` step.
    Raw,
    /// A request of the clean-up.
    Undo(Undoing),
}

/// What a request of the clean-up undoes.
#[derive(Debug, Clone)]
pub(crate) enum Undoing {
    /// What an answer said was made.
    Made(Made),
    /// What a step did.
    Step { block: Block, at: usize },
}

/// Something that an answer said was made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Made {
    /// The resource, by the suite's name.
    pub(crate) resource: String,
    pub(crate) id: String,
}

/// What is undone at the end.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Undo {
    /// A resource is removed.
    Remove(Made),
    /// The `finally` of a step runs, with the variables that the step left behind.
    Steps { block: Block, variables: Variables },
}

impl Undo {
    /// Whether it removes what was made.
    pub(crate) fn removes(&self, made: &Made) -> bool {
        matches!(self, Self::Remove(known) if known == made)
    }
}

/// How far the clean-up has come.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct CleanUp {
    pub(crate) begun: bool,
    pub(crate) finished: bool,
    /// What is still to be undone, the latest last.
    pub(crate) undo: Vec<Undo>,
    /// The `finally` under way, and how many of its steps are still to run; the last step runs first.
    pub(crate) block: Option<(Block, usize)>,
    /// The variables at the scenario's end.
    pub(crate) variables: Variables,
    /// Where a step of it runs as any other does: how many obstacles there were before. Those that come are leftovers, and
    /// no causes.
    pub(crate) obstacles_before: Option<usize>,
}

impl Branch {
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.waiting, Waiting::Ended(_))
    }

    /// Why it stopped before its last step, where it did.
    pub(crate) fn stopped(&self) -> Option<&Stop> {
        match &self.waiting {
            Waiting::Ended(stop) => stop.as_ref(),
            _ => None,
        }
    }

    /// Notes what is to be undone, once.
    pub(crate) fn add_undo(&mut self, undo: Undo) {
        if !matches!(&undo, Undo::Remove(made) if self.undo.iter().any(|known| known.removes(made))) {
            self.undo.push(undo);
        }
    }
}

impl ScenarioState {
    /// A scenario that has not begun.
    pub(crate) fn new(seed: Seed) -> Self {
        let shared = Shared {
            seed,
            contents: BTreeMap::new(),
            uploads: BTreeMap::new(),
            drawn: Cell::new(0),
            made: BTreeSet::new(),
            parallels: 0,
        };
        Self { shared, trunk: Branch::default(), clean_up: CleanUp::default() }
    }

    /// Where it waits, when that takes longer than the run.
    pub(crate) fn suspension(&self) -> Option<&Suspension> {
        match &self.trunk.waiting {
            Waiting::Time(suspension) => suspension.as_ref(),
            _ => None,
        }
    }

    /// What it came to.
    pub(crate) fn into_result(self) -> ScenarioResult {
        self.trunk.findings.into()
    }
}
