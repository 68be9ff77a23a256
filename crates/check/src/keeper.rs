//! Keeps a run folder up to date while a run goes on: what waits, what has ended, what was made.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::passing::Suspension;
use super::run::{Plan, mask_value};
use super::saved::{Before, Memory, Private, Saved, SavedResult, SavedScenario, SavedStanding, fingerprint};
use super::trial;
use super::world::World;
use uptake_keep::{FORMAT, Journal, KeepError, RunFolder, SealKey};
use uptake_outcome::CapabilityFinding;
use uptake_suite::Scenario;

/// Where a run is written down.
#[derive(Debug)]
pub struct Keep {
    /// The folder.
    pub folder: RunFolder,
    /// What secrets are sealed with.
    pub key: SealKey,
    /// What was made.
    pub journal: Journal,
    /// What the command line said.
    pub command: Value,
}

/// How far each scenario has come.
#[derive(Debug)]
pub(super) struct Keeper<'k> {
    keep: &'k Keep,
    frame: Frame,
    inner: Mutex<Inner>,
}

/// What does not change.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) suite: String,
    pub(super) target: (String, String),
    pub(super) seed: u64,
    pub(super) selection: super::saved::SavedSelection,
    pub(super) started_at: String,
    pub(super) before: Before,
}

#[derive(Debug)]
struct Inner {
    /// Masked already, so that writing costs little.
    scenarios: Vec<Value>,
    memories: std::collections::BTreeMap<usize, Memory>,
    written: Option<Instant>,
}

/// Endings are written so often; a suspension, and what goes on, at once.
const OFTEN: Duration = Duration::from_secs(1);

impl<'k> Keeper<'k> {
    pub(super) fn new(keep: &'k Keep, frame: Frame, chosen: &[&Scenario]) -> Self {
        let scenarios = chosen
            .iter()
            .map(|scenario| {
                let standing = SavedStanding::Pending;
                let SavedScenario { name, file, fingerprint, standing } = SavedScenario {
                    name: scenario.name.clone(),
                    file: scenario.file.clone(),
                    fingerprint: fingerprint(scenario),
                    standing,
                };
                serde_json::to_value(SavedScenario { name, file, fingerprint, standing })
                    .expect("it is plain data")
            })
            .collect();
        let inner = Inner { scenarios, memories: std::collections::BTreeMap::new(), written: None };
        Self { keep, frame, inner: Mutex::new(inner) }
    }

    /// What the target can do, for the processes to come.
    pub(super) fn detected(&mut self, capabilities: &[CapabilityFinding]) {
        self.frame.before.capabilities = capabilities.to_vec();
    }

    fn set(&self, world: &World<'_>, at: usize, standing: &SavedStanding) {
        let mut value = serde_json::to_value(standing).expect("it is plain data");
        mask_value(&mut value, &world.secrets);
        self.inner.lock().expect("no holder of this lock panics").scenarios[at]["standing"] = value;
    }

    /// What was known of a scenario before this process began.
    pub(super) fn known(
        &self,
        world: &World<'_>,
        at: usize,
        standing: &SavedStanding,
        memory: Option<Memory>,
    ) {
        self.set(world, at, standing);
        if let Some(memory) = memory {
            self.inner.lock().expect("no holder of this lock panics").memories.insert(at, memory);
        }
    }

    /// A scenario goes on: should the process end now, it would have to begin anew.
    pub(super) fn begun(&self, world: &World<'_>, at: usize) -> Result<(), KeepError> {
        self.set(world, at, &SavedStanding::Pending);
        self.inner.lock().expect("no holder of this lock panics").memories.remove(&at);
        self.write(world, Some(Duration::ZERO))
    }

    /// A scenario has come to its end.
    pub(super) fn ended(
        &self,
        world: &World<'_>,
        at: usize,
        result: &trial::Result,
    ) -> Result<(), KeepError> {
        self.set(world, at, &SavedStanding::Ended { result: Box::new(SavedResult::from(result)) });
        self.write(world, None)
    }

    /// A scenario waits.
    pub(super) fn suspended(
        &self,
        world: &World<'_>,
        at: usize,
        result: &trial::Result,
        (since, memory): (Suspension, Memory),
    ) -> Result<(), KeepError> {
        let result = Box::new(SavedResult::from(result));
        self.set(world, at, &SavedStanding::Suspended { since, result });
        self.inner.lock().expect("no holder of this lock panics").memories.insert(at, memory);
        self.write(world, Some(Duration::ZERO))
    }

    /// Writes the state, once something waits. `after` says how long ago the last time has to be.
    fn write(&self, world: &World<'_>, after: Option<Duration>) -> Result<(), KeepError> {
        let mut inner = self.inner.lock().expect("no holder of this lock panics");
        if inner.memories.is_empty() && inner.written.is_none() {
            return Ok(());
        }
        if inner.written.is_some_and(|written| written.elapsed() < after.unwrap_or(OFTEN)) {
            return Ok(());
        }
        let (clear, private) = self.state(world, &mut inner);
        self.keep.folder.write(&self.keep.key, &clear, &private)?;
        inner.written = Some(Instant::now());
        Ok(())
    }

    fn state(&self, world: &World<'_>, inner: &mut Inner) -> (Value, Vec<u8>) {
        let Frame { suite, target, seed, selection, started_at, before } = &self.frame;
        let saved = Saved {
            format: FORMAT,
            uptake: env!("CARGO_PKG_VERSION").to_owned(),
            suite: suite.clone(),
            target: target.clone(),
            command: self.keep.command.clone(),
            seed: *seed,
            selection: selection.clone(),
            started_at: started_at.clone(),
            before: world.counted(before),
            scenarios: Vec::new(),
        };
        let mut clear = serde_json::to_value(saved).expect("it is plain data");
        mask_value(&mut clear["before"], &world.secrets);
        clear["scenarios"] = inner.scenarios.clone().into();
        let private =
            Private { secrets: world.secrets.all(), scenarios: std::mem::take(&mut inner.memories) };
        let bytes = serde_json::to_vec(&private).expect("it is plain data");
        inner.memories = private.scenarios;
        (clear, bytes)
    }

    /// The run is over: the state is written once more where something waits, and goes where nothing does.
    pub(super) fn close(&self, world: &World<'_>) -> Result<(), KeepError> {
        let inner = self.inner.lock().expect("no holder of this lock panics");
        let waits = !inner.memories.is_empty();
        // What the end of a run that goes on has cut short goes on, too.
        let pending = inner.scenarios.iter().any(|scenario| scenario["standing"]["is"] == "pending");
        drop(inner);
        if waits || (pending && self.keep.folder.has_state()) {
            self.write(world, Some(Duration::ZERO))
        } else {
            self.keep.folder.forget_state()
        }
    }

    /// Whether somebody needs the folder still.
    pub(super) fn is_needed(&self) -> bool {
        self.keep.folder.has_state() || !self.keep.journal.left().is_empty()
    }

    pub(super) fn journal(&self) -> &Journal {
        &self.keep.journal
    }

    pub(super) fn folder(&self) -> String {
        self.keep.folder.path().display().to_string()
    }
}

impl Frame {
    pub(super) fn new(world: &World<'_>, plan: &Plan, started_at: &str, before: Before) -> Self {
        Self {
            suite: world.suite.name.clone(),
            target: (world.target.name.clone(), world.target.base_url.to_string()),
            seed: plan.seed,
            selection: (&plan.selection).into(),
            started_at: started_at.to_owned(),
            before,
        }
    }
}
