//! One scenario against the target: its steps in turn, and what they found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

use super::estimate::Estimate;
use super::passing::Suspension;
use super::saved::{Memory, SavedResult};
use super::scope::{Contents, Names};
use super::sending::Pass;
use super::stop::{Obstacle, Stop};
use super::uploads::UploadState;
use super::world::World;
use uptake_outcome::{CauseKind, Finding, Leftover, Place, Verdict};
use uptake_payload::Seed;
use uptake_suite::expr::EvalError;
use uptake_suite::step::Step;
use uptake_suite::{Resource, Scenario};
use uptake_wire::Fault;

/// A finding, the rule it speaks of, and what stood in its way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) rule: String,
    pub(super) finding: Finding,
    pub(super) obstacle: Option<Obstacle>,
    /// Whether it is the one record of a rule that every answer is held against, and that held.
    pub(super) is_everywhere: bool,
}

/// Something an answer said has been made.
#[derive(Debug, Clone)]
pub(super) struct Made<'r> {
    pub(super) resource: &'r Resource,
    pub(super) id: String,
}

/// What is undone at the end.
#[derive(Debug)]
pub(super) enum Undo<'r> {
    Remove(Made<'r>),
    Steps(&'r [Step], Box<Names>),
}

impl Undo<'_> {
    /// Whether it removes what was made.
    pub(super) fn removes(&self, made: &Made<'_>) -> bool {
        matches!(self, Self::Remove(known) if known.resource.name == made.resource.name && known.id == made.id)
    }
}

/// A scenario under way.
pub(super) struct Trial<'r> {
    pub(super) world: &'r World<'r>,
    pub(super) scenario: &'r Scenario,
    pub(super) seed: Seed,
    pub(super) uploads: Arc<Mutex<BTreeMap<String, UploadState>>>,
    pub(super) undo: Mutex<Vec<Undo<'r>>>,
    pub(super) found: Mutex<Vec<Found>>,
    pub(super) leftovers: Mutex<Vec<Leftover>>,
    /// What a step that was left out would have saved is not there for a good reason.
    pub(super) left_out: Mutex<Option<String>>,
    /// Obstacles that are no step's: preconditions without a rule behind them.
    pub(super) obstacles: Mutex<Vec<Obstacle>>,
    pub(super) everywhere: Mutex<BTreeSet<String>>,
    /// What it may send, and how.
    pub(super) pass: Pass<'r>,
    /// The first request that the network lost, and that could not be sent again.
    pub(super) lost: Mutex<Option<(String, Fault)>>,
}

/// What a scenario came to.
#[derive(Debug, Default)]
pub(super) struct Result {
    pub(super) found: Vec<Found>,
    pub(super) obstacles: Vec<Obstacle>,
    pub(super) leftovers: Vec<Leftover>,
}

/// A scenario that has come to its end, or to where it waits.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) result: Result,
    pub(super) suspended: Option<(Suspension, Memory)>,
    /// What the network lost of it: whether the server got it nobody knows.
    pub(super) lost: Option<(String, Fault)>,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no holder of this lock panics")
}

impl<'r> Trial<'r> {
    pub(super) fn new(world: &'r World<'r>, scenario: &'r Scenario, pass: Pass<'r>) -> Self {
        Self {
            world,
            scenario,
            // By what it shows and not by its path, so that a copy elsewhere sends the same bytes.
            seed: world.seed.derive(&scenario.name),
            uploads: Arc::default(),
            undo: Mutex::default(),
            found: Mutex::default(),
            leftovers: Mutex::default(),
            left_out: Mutex::default(),
            obstacles: Mutex::default(),
            everywhere: Mutex::default(),
            pass,
            lost: Mutex::default(),
        }
    }

    /// The same scenario once more: its contents are the same, its unique texts are others.
    pub(super) fn again(mut self, attempt: usize) -> Self {
        self.seed = self.seed.derive(&format!("attempt {attempt}"));
        self
    }

    /// Runs it to its end, clean-up included, or to where it is suspended.
    pub(super) async fn run(self) -> Ended {
        let missing = self.missing(&self.scenario.needs).or_else(|| self.takes_too_long());
        if let Some(why) = missing {
            let stop = Stop::NotApplicable(why);
            self.scenario.steps.iter().for_each(|step| self.leave(step, &stop));
            return self.ended();
        }
        match self.names() {
            Ok(names) => {
                let steps = &self.scenario.steps;
                self.go_on(steps, names).await
            }
            Err(error) => {
                let stop = self.evaluation(error, &self.scenario.place);
                self.scenario.steps.iter().for_each(|step| self.leave(step, &stop));
                self.ended()
            }
        }
    }

    /// Goes on where it was suspended. Whoever stops the run while it waits still has not lost the time.
    pub(super) async fn resume(
        mut self,
        at: usize,
        (since, memory): (Suspension, Memory),
        so_far: SavedResult,
    ) -> Ended {
        let scenario = self.scenario;
        let here =
            |step: &Step| (step.place.line, step.place.column) == (since.place.line, since.place.column);
        let place = scenario.steps.iter().position(here);
        let recalled = match self.recall(memory.clone(), so_far) {
            Ok(names) => place
                .map(|place| (place, names))
                .ok_or_else(|| format!("there is no step at {}", since.place)),
            Err(error) => Err(error.to_string()),
        };
        let (place, mut names) = match recalled {
            Ok(recalled) => recalled,
            Err(why) => {
                self.world.halt.harness_failed(why);
                return Ended { suspended: Some((since, memory)), ..self.ended() };
            }
        };
        let (step, behind) = (&scenario.steps[place], &scenario.steps[place + 1..]);
        let waited = self.wait_until(step, &since).await;
        if matches!(waited, Err(Stop::Interrupted)) {
            return Ended { suspended: Some((since, memory)), ..self.ended() };
        }
        self.world.heed(self.world.keeper.as_ref().map(|keeper| keeper.begun(self.world, at)));
        match waited.and_then(|()| self.after(step, &mut names)) {
            Ok(()) => self.go_on(behind, names).await,
            Err(stop) => {
                for step in behind {
                    self.leave(step, &stop);
                }
                self.clean_up(names).await;
                self.ended()
            }
        }
    }

    async fn go_on(self, steps: &'r [Step], mut names: Names) -> Ended {
        let mut lane = super::lane::Lane::default();
        if let Err(Stop::Suspended(since)) = self.steps(steps, &mut names, &mut lane).await {
            let memory = self.memory(&names);
            return Ended { suspended: Some((*since, memory)), ..self.ended() };
        }
        self.clean_up(names).await;
        self.ended()
    }

    fn ended(self) -> Ended {
        let result = Result {
            found: self.found.into_inner().expect("no holder of this lock panics"),
            obstacles: self.obstacles.into_inner().expect("no holder of this lock panics"),
            leftovers: self.leftovers.into_inner().expect("no holder of this lock panics"),
        };
        let lost = self.lost.into_inner().expect("no holder of this lock panics");
        Ended { result, suspended: None, lost }
    }

    /// Why it is not even begun, where it would have to wait longer than anybody is ready to.
    fn takes_too_long(&self) -> Option<String> {
        let waits = self.world.waits.filter(|_| self.world.target.clock.is_none())?;
        Estimate::whole(self.world, self.scenario).takes_too_long(waits)
    }

    /// The first capability of `needs` that the target lacks, in words.
    pub(super) fn missing(&self, needs: &[String]) -> Option<String> {
        self.world.lacking(needs)
    }

    pub(super) fn names(&self) -> std::result::Result<Names, EvalError> {
        let mut names = Names::new(self.world.given(), self.seed);
        for (name, expr) in &self.scenario.lets {
            let value = expr.eval(&names)?;
            names.set(name, value);
        }
        let mut contents = Contents::new();
        for (name, source) in &self.scenario.contents {
            let builder = super::build::Builder { world: self.world, names: &names, seed: self.seed };
            contents.insert(name.clone(), builder.content(source, name)?);
        }
        Ok(names.with_contents(contents))
    }

    /// Records that `step`, and what is inside it, could not be judged.
    pub(super) fn leave(&self, step: &Step, stop: &Stop) {
        self.leave_own(step, stop);
        step.inner().for_each(|inner| self.leave(inner, stop));
    }

    /// The same, without what is inside it.
    pub(super) fn leave_own(&self, step: &Step, stop: &Stop) {
        let Some(verdict) = stop.verdict() else { return };
        for expectation in &step.expect {
            let Some(rule) = &expectation.rule else { continue };
            let expected = super::judge::describe(&expectation.wants, self.world.suite.rule(rule));
            self.find(rule, verdict, step, &expectation.place, (expected, stop.words()), stop);
        }
    }

    fn find(
        &self,
        rule: &str,
        verdict: Verdict,
        step: &Step,
        place: &Place,
        words: (String, String),
        stop: &Stop,
    ) {
        let (expected, observed) = words;
        let finding = Finding {
            verdict,
            scenario: self.scenario.name.clone(),
            step: step.name.clone(),
            place: place.clone(),
            expected,
            observed,
            exchange: None,
            cause: None,
        };
        let obstacle = stop.obstacle().cloned();
        lock(&self.found).push(Found { rule: rule.to_owned(), finding, obstacle, is_everywhere: false });
    }

    /// Something stands in the way of all that follows.
    pub(super) fn stop(&self, obstacle: Obstacle) -> Stop {
        lock(&self.obstacles).push(obstacle.clone());
        Stop::Cause(Box::new(obstacle))
    }

    /// What an expression that comes to nothing means for the scenario.
    pub(super) fn evaluation(&self, error: EvalError, place: &Place) -> Stop {
        match error {
            EvalError::Harness(why) => {
                self.world.halt.harness_failed(format!("{place}: {why}"));
                Stop::Interrupted
            }
            EvalError::Undefined(_) if lock(&self.left_out).is_some() => {
                Stop::NotApplicable(lock(&self.left_out).clone().unwrap_or_default())
            }
            other => self.stop(Obstacle {
                kind: CauseKind::Precondition,
                text: other.to_string(),
                place: place.clone(),
                exchange: None,
            }),
        }
    }
}
