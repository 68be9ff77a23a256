//! Undoes what a scenario made, last in first out, whatever happened. A clean-up that fails is told as a leftover; it
//! never fails a rule.

use serde_json::Value;

use super::build::Builder;
use super::lane::Lane;
use super::scope::Names;
use super::sending::Sort;
use super::trial::{Made, Trial, Undo, lock};
use uptake_outcome::{ExchangeRecord, Leftover};
use uptake_suite::step::{Action, Body, Envelope, Request, Step};

impl<'r> Trial<'r> {
    /// Runs the scenario's `finally`, then undoes what its steps did. The run may be stopping: that does not stop this.
    pub(super) async fn clean_up(&self, names: Names) {
        let mut undo = std::mem::take(&mut *lock(&self.undo));
        if !self.scenario.finally.is_empty() {
            undo.push(Undo::Steps(&self.scenario.finally, Box::new(names.clone())));
        }
        while let Some(next) = undo.pop() {
            match next {
                Undo::Remove(made) => self.remove(&made, &names).await,
                Undo::Steps(steps, mut names) => {
                    for step in steps.iter().rev() {
                        self.undo_step(step, &mut names).await;
                    }
                }
            }
            // What the clean-up itself made goes next.
            undo.append(&mut lock(&self.undo));
        }
    }

    pub(super) async fn remove(&self, made: &Made<'r>, names: &Names) {
        let (method, path) = &made.resource.remove;
        let what = format!("{} {}", made.resource.name, made.id);
        let request = Request {
            method: method.clone(),
            path: path.clone(),
            envelope: Envelope { auth: made.resource.auth.clone(), ..Envelope::default() },
            body: Body::Empty,
        };
        let names = names.and("id", Value::String(made.id.clone()));
        let built = Builder { world: self.world, names: &names, seed: self.seed }
            .request(&request, &mut Lane::default());
        let request = match built {
            Ok(request) => request,
            Err(error) => return self.leftover(what, error.to_string(), None),
        };
        if self.world.halt.is_target_gone() {
            return self.leftover(what, "the target is out of reach".to_owned(), None);
        }
        let exchange = self.world.send(&request, &self.pass, Sort::removal(&what)).await;
        match &exchange.outcome {
            Ok(answer) if made.resource.gone.has(answer.status) => self.world.journal_gone(made),
            Ok(answer) => {
                let why = format!("its removal was answered {}", answer.status);
                self.leftover(what, why, Some(self.record(&exchange)));
            }
            Err(fault) => self.leftover(what, fault.to_string(), Some(self.record(&exchange))),
        }
    }

    /// A step of `finally`: only requests make sense there, and only preconditions.
    async fn undo_step(&self, step: &'r Step, names: &mut Names) {
        if self.missing(&step.needs).is_some() {
            return;
        }
        if matches!(step.action, Action::Advance(_)) && self.world.target.clock.is_none() {
            // Nobody waits for the end of a clean-up.
            return;
        }
        let Action::Request(request) = &step.action else {
            let mut lane = Lane::default();
            // Its obstacles are leftovers, not causes.
            let before = lock(&self.obstacles).len();
            let _ = self.steps(std::slice::from_ref(step), names, &mut lane).await;
            let obstacles: Vec<_> = lock(&self.obstacles).drain(before..).collect();
            for obstacle in obstacles {
                self.leftover(step.name.clone(), obstacle.text, obstacle.exchange);
            }
            return;
        };
        if self.world.halt.is_target_gone() {
            return self.leftover(step.name.clone(), "the target is out of reach".to_owned(), None);
        }
        let built = self.builder(step, names).request(request, &mut Lane::default());
        let request = match built {
            Ok(request) => request,
            // What was never made needs no undoing.
            Err(uptake_suite::expr::EvalError::Undefined(_)) => return,
            Err(error) => return self.leftover(step.name.clone(), error.to_string(), None),
        };
        let exchange = self.world.send(&request, &self.pass, Sort::removal(&step.name)).await;
        match &exchange.outcome {
            Ok(answer) => {
                let wanted = step.expect.iter().find_map(|expectation| expectation.wants.status.as_ref());
                let fine = wanted.map_or(answer.status < 400, |wanted| wanted.has(answer.status));
                if !fine {
                    let why = format!("it was answered {}", answer.status);
                    self.leftover(step.name.clone(), why, Some(self.record(&exchange)));
                }
            }
            Err(fault) => self.leftover(step.name.clone(), fault.to_string(), Some(self.record(&exchange))),
        }
    }

    pub(super) fn leftover(&self, what: String, why: String, exchange: Option<ExchangeRecord>) {
        let scenario = self.scenario.name.clone();
        lock(&self.leftovers).push(Leftover { scenario, what, why, exchange });
    }
}
