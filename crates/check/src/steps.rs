//! Runs steps.

use std::time::Duration;

use futures_util::future::join_all;

use super::build::Builder;
use super::lane::Lane;
use super::scope::Names;
use super::stop::{Obstacle, Stop};
use super::trial::{Trial, Undo, lock};
use uptake_outcome::CauseKind;
use uptake_suite::step::{Action, Pause, Raw, Repeat, Request, Step};
use uptake_wire::{RawBytes, Then};

type Flow = Result<(), Stop>;

/// The pauses between the tries of a request that is asked `within` a time: short at first, since most servers are
/// ready at once.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl<'r> Trial<'r> {
    /// Runs steps in turn; what stands behind the one that stops is left, with the reason.
    pub(super) async fn steps(&self, steps: &'r [Step], names: &mut Names, lane: &mut Lane) -> Flow {
        for (at, step) in steps.iter().enumerate() {
            if let Err(stop) = Box::pin(self.step(step, names, lane)).await {
                steps[at + 1..].iter().for_each(|behind| self.leave(behind, &stop));
                return Err(stop);
            }
        }
        Ok(())
    }

    async fn step(&self, step: &'r Step, names: &mut Names, lane: &mut Lane) -> Flow {
        if !self.world.halt.is_on() {
            return Err(Stop::Interrupted);
        }
        if let Some(why) = self.missing(&step.needs) {
            *lock(&self.left_out) = Some(why.clone());
            self.leave(step, &Stop::NotApplicable(why));
            return Ok(());
        }
        if let Some(condition) = &step.only_if {
            match condition.holds(names) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => return Err(self.give_up(step, self.evaluation(error, &step.place))),
            }
        }
        match &step.action {
            Action::Request(request) => self.request(step, request, names, lane).await?,
            Action::Upload(upload) => self.upload(step, upload, names, lane).await?,
            Action::Raw(raw) => self.raw(step, raw, names).await?,
            Action::Repeat(repeat) => self.repeat(step, repeat, names, lane).await?,
            Action::Parallel(branches) => self.parallel(branches, names).await?,
            Action::Advance(expr) => self.advance(step, expr, names).await?,
            Action::Wait(Pause::Fixed(pause)) => self.rest(*pause).await?,
            Action::Wait(Pause::Seconds(expr)) => match expr.integer(names) {
                Ok(seconds) => self.rest(Duration::from_secs(u64::try_from(seconds).unwrap_or(0))).await?,
                Err(error) => return Err(self.give_up(step, self.evaluation(error, &step.place))),
            },
            Action::Set(values) => {
                for (name, expr) in values {
                    match expr.eval(names) {
                        Ok(value) => names.set(name, value),
                        Err(error) => return Err(self.give_up(step, self.evaluation(error, &step.place))),
                    }
                }
            }
            Action::Meet(name) => {
                if let Some(barrier) = lane.take(name) {
                    barrier.wait().await;
                }
            }
            Action::Check => {}
        }
        self.after(step, names)
    }

    /// What follows the action itself.
    pub(super) fn after(&self, step: &'r Step, names: &mut Names) -> Flow {
        if !matches!(step.action, Action::Request(_) | Action::Upload(_) | Action::Raw(_)) {
            self.conclude(step, &[], names)?;
        }
        if !step.finally.is_empty() {
            lock(&self.undo).push(Undo::Steps(&step.finally, Box::new(names.clone())));
        }
        Ok(())
    }

    /// Leaves the step's own expectations, and stops.
    pub(super) fn give_up(&self, step: &Step, stop: Stop) -> Stop {
        self.leave(step, &stop);
        stop
    }

    pub(super) fn builder<'b>(&'b self, step: &Step, names: &'b Names) -> Builder<'b> {
        Builder { world: self.world, names, seed: self.seed.derive(&step.name) }
    }

    async fn request(&self, step: &'r Step, request: &Request, names: &mut Names, lane: &mut Lane) -> Flow {
        let label = format!("{} {}", request.method, request.path.written());
        let deadline =
            step.within.map(|within| tokio::time::Instant::now() + within.min(self.world.patience));
        let mut pause = FIRST_PAUSE;
        loop {
            let built = self.builder(step, names).request(request, lane);
            let built = match built {
                Ok(built) => built,
                Err(error) => return Err(self.give_up(step, self.evaluation(error, &step.place))),
            };
            let Some(done) = self.exchange(label.clone(), built).await else {
                return Err(Stop::Interrupted);
            };
            let done = [done];
            let over = deadline.is_none_or(|deadline| tokio::time::Instant::now() + pause > deadline);
            if over || self.would_hold(step, &done, names) {
                self.judge_everywhere(step, &done, names);
                return self.conclude(step, &done, names);
            }
            self.rest(pause).await?;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn raw(&self, step: &'r Step, raw: &Raw, names: &mut Names) -> Flow {
        let bytes = match raw.send.text(names) {
            Ok(text) => text.into_bytes(),
            Err(error) => return Err(self.give_up(step, self.evaluation(error, &step.place))),
        };
        let raw = RawBytes { bytes, then: if raw.half_close { Then::HalfClose } else { Then::KeepOpen } };
        let Some(done) = self.exchange_raw("raw bytes".to_owned(), raw).await else {
            return Err(Stop::Interrupted);
        };
        self.conclude(step, &[done], names)
    }

    async fn repeat(&self, step: &'r Step, repeat: &'r Repeat, names: &mut Names, lane: &mut Lane) -> Flow {
        for round in 1..=repeat.limit {
            if let Err(stop) = self.steps(&repeat.steps, names, lane).await {
                self.leave_own(step, &stop);
                return Err(stop);
            }
            match repeat.until.holds(names) {
                Ok(true) => return Ok(()),
                Ok(false) if round < repeat.limit => self.rest(repeat.every).await?,
                Ok(false) => {}
                Err(error) => {
                    let stop = self.evaluation(error, &step.place);
                    self.leave_own(step, &stop);
                    return Err(stop);
                }
            }
        }
        let stop = self.stop(Obstacle {
            kind: CauseKind::Precondition,
            text: format!("`{}` had not come to its end after {} rounds", step.name, repeat.limit),
            place: step.place.clone(),
            exchange: None,
        });
        self.leave_own(step, &stop);
        Err(stop)
    }

    async fn parallel(&self, branches: &'r [Vec<Step>], names: &mut Names) -> Flow {
        let lanes = Lane::of(branches);
        let runs = branches.iter().zip(lanes).map(|(steps, mut lane)| {
            let (trial, mut names) = (self.branch(), names.clone());
            async move {
                let meets = !lane.is_open();
                let flow = trial.steps(steps, &mut names, &mut lane).await;
                let misses = !lane.is_open();
                lane.leave().await;
                (flow, names, trial, (meets, misses))
            }
        });
        let runs = join_all(runs).await;
        // Whoever waited for a branch that stopped on its way was let go before its time.
        let missing =
            runs.iter().find_map(|(flow, _, _, (_, misses))| flow.as_ref().err().filter(|_| *misses));
        let missing = missing.cloned();
        let mut flow = Ok(());
        for (ended, branch, trial, (meets, _)) in runs {
            names.merge(branch);
            if let (Some(stop), true, true) = (&missing, meets, ended.is_ok()) {
                trial.void(stop);
            }
            self.join(trial);
            if flow.is_ok() {
                flow = ended;
            }
        }
        flow
    }

    pub(super) async fn rest(&self, pause: Duration) -> Flow {
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(()),
            () = self.world.halt.wait() => Err(Stop::Interrupted),
        }
    }
}
