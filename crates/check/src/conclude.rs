//! Holds what a step's exchanges came to against what it expects, and keeps what it saves.

use std::collections::BTreeMap;

use serde_json::Value;

use super::exchange::Done;
use super::judge::{Judged, Mismatch, Seen, describe, judge};
use super::saving::saved;
use super::scope::Names;
use super::sending::{Manners, TOO_MANY, is_loss};
use super::stop::{Obstacle, Stop};
use super::trial::{Found, Trial, lock};
use uptake_outcome::{CauseKind, Finding, Level, Verdict};
use uptake_suite::expect::{Expectation, Wants};
use uptake_suite::expr::EvalError;
use uptake_suite::step::Step;
use uptake_wire::Fault;

/// The name that expectations know the status by.
const ANSWER_STATUS: &str = "answer.status";

/// What one expectation found, and by which exchange.
struct Held<'d> {
    verdict: Verdict,
    words: (String, String),
    done: Option<&'d Done>,
}

/// What an expectation found that may ask for the time.
enum Timely<'d> {
    /// The time does not matter, or is known well enough.
    Held(Held<'d>),
    /// It is not.
    Unsure(Box<Obstacle>),
}

impl<'r> Trial<'r> {
    /// Judges a step that has been carried out: saves first, so that its expectations can use them.
    pub(super) fn conclude(&self, step: &'r Step, dones: &[Done], names: &mut Names) -> Result<(), Stop> {
        if let Some((done, fault)) = dones.iter().find_map(|done| Some((done, done.fault()?))) {
            return self.unanswered(step, done, fault);
        }
        if let Some(done) = dones.iter().find(|done| self.is_too_early(done)) {
            return Err(self.too_early(step, done));
        }
        let missing = self.save(step, dones, names);
        for expectation in step.expect.iter().filter(|expectation| expectation.rule.is_none()) {
            let held = match self.hold(expectation, dones, names, &missing) {
                Ok(held) => held,
                Err(error) => return Err(self.give_up_own(step, self.evaluation(error, &expectation.place))),
            };
            if held.verdict == Verdict::Failed {
                let what = held.done.map_or_else(|| step.name.clone(), |done| done.label.clone());
                let (expected, observed) = held.words;
                let stop = self.stop(Obstacle {
                    kind: CauseKind::Precondition,
                    text: format!("{what}: expected {expected}, got {observed}"),
                    place: expectation.place.clone(),
                    exchange: held.done.map(|done| self.record(&done.exchange)),
                });
                return Err(self.give_up_own(step, stop));
            }
        }
        for expectation in &step.expect {
            let Some(rule) = &expectation.rule else { continue };
            match self.hold_in_time(expectation, dones, names, &missing) {
                Ok(Timely::Held(held)) => self.found(rule, step, expectation, held),
                Ok(Timely::Unsure(obstacle)) => {
                    let words =
                        (describe(&expectation.wants, self.world.suite.rule(rule)), obstacle.text.clone());
                    let held = Held { verdict: Verdict::Inconclusive, words, done: dones.first() };
                    self.push(rule, step, expectation, held, Some(*obstacle));
                }
                Err(error) => {
                    let stop = self.evaluation(error, &expectation.place);
                    self.leave_own(step, &stop);
                    return Err(stop);
                }
            }
        }
        match missing.into_iter().next() {
            None => Ok(()),
            Some((_, why)) => Err(self.stop(Obstacle {
                kind: CauseKind::Precondition,
                text: match dones.first() {
                    Some(done) => format!("{} was answered {}: {why}", done.label, done.brief()),
                    None => why,
                },
                place: step.place.clone(),
                exchange: dones.first().map(|done| self.record(&done.exchange)),
            })),
        }
    }

    fn give_up_own(&self, step: &Step, stop: Stop) -> Stop {
        self.leave_own(step, &stop);
        stop
    }

    /// No answer came: the network's fault, the harness's own, or what the scenario wanted.
    fn unanswered(&self, step: &'r Step, done: &Done, fault: &Fault) -> Result<(), Stop> {
        match fault {
            Fault::BrokenOff { .. } => return Ok(()),
            Fault::Harness(_) => return Err(Stop::Interrupted),
            _ => {}
        }
        if is_loss(fault) {
            lock(&self.lost).get_or_insert_with(|| (done.label.clone(), fault.clone()));
        }
        let obstacle = Obstacle {
            kind: CauseKind::Network,
            text: format!("{}: {fault}", done.label),
            place: step.place.clone(),
            exchange: Some(self.record(&done.exchange)),
        };
        let stop = self.stop(obstacle.clone());
        for expectation in &step.expect {
            let Some(rule) = &expectation.rule else { continue };
            let expected = describe(&expectation.wants, self.world.suite.rule(rule));
            let verdict = if expectation.wants.answered { Verdict::Failed } else { Verdict::Inconclusive };
            let held = Held { verdict, words: (expected, fault.to_string()), done: Some(done) };
            let obstacle = (verdict == Verdict::Inconclusive).then(|| obstacle.clone());
            self.push(rule, step, expectation, held, obstacle);
        }
        Err(stop)
    }

    /// Whether a call was refused for the number of calls alone, and its scenario is about something else.
    fn is_too_early(&self, done: &Done) -> bool {
        self.pass.manners == Manners::Keeps && done.answer().is_some_and(|answer| answer.status == TOO_MANY)
    }

    /// The target would not listen: that says nothing of the rules.
    fn too_early(&self, step: &Step, done: &Done) -> Stop {
        let stop = self.stop(Obstacle {
            kind: CauseKind::RateLimit,
            text: format!("{} was answered {} again and again", done.label, done.brief()),
            place: step.place.clone(),
            exchange: Some(self.record(&done.exchange)),
        });
        self.give_up_own(step, stop)
    }

    /// Keeps what the step saves of the first answer; gives what was not there, by name.
    fn save(&self, step: &Step, dones: &[Done], names: &mut Names) -> BTreeMap<String, String> {
        let mut missing = BTreeMap::new();
        let Some(done) = dones.first() else { return missing };
        for save in &step.save {
            match saved(&save.from, done) {
                Ok(value) => {
                    if save.secret
                        && let Some(text) = value.as_str()
                    {
                        self.world.secrets.taint(&save.name, text);
                    }
                    names.set(&save.name, value);
                }
                Err(why) => {
                    names.unset(&save.name);
                    missing.insert(save.name.clone(), why);
                }
            }
        }
        missing
    }

    /// The same as [`hold`](Self::hold), with the target's time where the expectation asks for it: at both ends of what is
    /// known of that.
    fn hold_in_time<'d>(
        &self,
        expectation: &Expectation,
        dones: &'d [Done],
        names: &Names,
        missing: &BTreeMap<String, String>,
    ) -> Result<Timely<'d>, EvalError> {
        if !expectation.wants.that.iter().any(|(expr, _)| expr.asks_the_time()) {
            return self.hold(expectation, dones, names, missing).map(Timely::Held);
        }
        let ahead = self.world.watch.ahead();
        let unsure = self.world.watch.reading().map_or(0.0, |reading| reading.uncertainty_seconds);
        let early = self.hold(expectation, dones, &names.ahead(ahead - unsure), missing)?;
        let late = self.hold(expectation, dones, &names.ahead(ahead + unsure), missing)?;
        if early.verdict == late.verdict {
            return self.hold(expectation, dones, &names.ahead(ahead), missing).map(Timely::Held);
        }
        let text =
            format!("the target's clock is known to {unsure:.1} s only, and that decides whether it holds");
        lock(&self.obstacles).push(Obstacle {
            kind: CauseKind::Time,
            text: text.clone(),
            place: expectation.place.clone(),
            exchange: None,
        });
        Ok(Timely::Unsure(Box::new(Obstacle {
            kind: CauseKind::Time,
            text,
            place: expectation.place.clone(),
            exchange: None,
        })))
    }

    /// Holds all exchanges of a step against one expectation; the first that does not fit decides.
    fn hold<'d>(
        &self,
        expectation: &Expectation,
        dones: &'d [Done],
        names: &Names,
        missing: &BTreeMap<String, String>,
    ) -> Result<Held<'d>, EvalError> {
        let rule = expectation.rule.as_deref().and_then(|id| self.world.suite.rule(id));
        let expected = describe(&expectation.wants, rule);
        let mut warning = None;
        for done in dones {
            match self.judge_one(&expectation.wants, rule, Some(done), names, missing)? {
                Judged::Holds => {}
                Judged::Tolerated(misses) => warning = Some((misses, done)),
                Judged::Fails(misses) => {
                    let tolerated = match &expectation.tolerates {
                        Some(wants) => {
                            self.judge_one(wants, rule, Some(done), names, missing)? == Judged::Holds
                        }
                        None => false,
                    };
                    if !tolerated {
                        return Ok(Held { verdict: Verdict::Failed, words: join(misses), done: Some(done) });
                    }
                    warning = Some((misses, done));
                }
            }
        }
        if dones.is_empty()
            && let Judged::Fails(misses) = self.judge_one(&expectation.wants, rule, None, names, missing)?
        {
            return Ok(Held { verdict: Verdict::Failed, words: join(misses), done: None });
        }
        Ok(if let Some((misses, done)) = warning {
            Held { verdict: Verdict::Tolerated, words: join(misses), done: Some(done) }
        } else {
            let observed = dones.last().map_or_else(|| "as expected".to_owned(), Done::brief);
            Held { verdict: Verdict::Passed, words: (expected, observed), done: None }
        })
    }

    fn judge_one(
        &self,
        wants: &Wants,
        rule: Option<&uptake_suite::Rule>,
        done: Option<&Done>,
        names: &Names,
        missing: &BTreeMap<String, String>,
    ) -> Result<Judged, EvalError> {
        let answer = done.and_then(Done::answer);
        let seen = Seen {
            answer: answer.map(|answer| (answer, done.and_then(|done| done.body.as_ref()))),
            took: done.map(|done| done.exchange.took).unwrap_or_default(),
        };
        let names = match answer {
            Some(answer) => &names.and(ANSWER_STATUS, Value::from(answer.status)),
            None => names,
        };
        match judge(wants, rule, seen, self.world.suite, names) {
            // What this step should have saved is not there: that is what the answer lacks.
            Err(EvalError::Undefined(name)) if missing.contains_key(&name) => {
                Ok(Judged::Fails(vec![Mismatch {
                    expected: describe(wants, rule),
                    observed: missing[&name].clone(),
                }]))
            }
            other => other,
        }
    }

    /// Keeps what the step saves, where all of it is there.
    pub(super) fn keep(&self, step: &Step, dones: &[Done], names: &mut Names) {
        let _ = self.save(step, dones, names);
    }

    /// Whether a step's expectations would hold now; nothing is recorded.
    pub(super) fn would_hold(&self, step: &Step, dones: &[Done], names: &Names) -> bool {
        if dones.iter().any(|done| done.fault().is_some() || self.is_too_early(done)) {
            return true;
        }
        let mut names = names.clone();
        let missing = self.save(step, dones, &mut names);
        missing.is_empty()
            && step.expect.iter().all(|expectation| {
                self.hold(expectation, dones, &names, &missing)
                    .is_ok_and(|held| held.verdict != Verdict::Failed)
            })
    }

    /// Holds answers against what the suite says of every answer. A rule that holds is recorded once a scenario.
    pub(super) fn judge_everywhere(&self, step: &'r Step, dones: &[Done], names: &Names) {
        for done in dones {
            let Some(answer) = done.answer() else { continue };
            let names = names.and(ANSWER_STATUS, Value::from(answer.status));
            let seen = Seen { answer: Some((answer, done.body.as_ref())), took: done.exchange.took };
            for everywhere in &self.world.suite.every_answer {
                let rule = self.world.suite.rule(&everywhere.rule);
                let speaks = judge(&everywhere.when, None, seen, self.world.suite, &names);
                if !matches!(speaks, Ok(Judged::Holds)) {
                    continue;
                }
                let expectation = Expectation {
                    rule: Some(everywhere.rule.clone()),
                    wants: everywhere.wants.clone(),
                    tolerates: None,
                    place: everywhere.place.clone(),
                };
                match judge(&everywhere.wants, rule, seen, self.world.suite, &names) {
                    Ok(Judged::Holds) => {
                        if lock(&self.everywhere).insert(everywhere.rule.clone()) {
                            let words = (describe(&everywhere.wants, rule), done.brief());
                            let held = Held { verdict: Verdict::Passed, words, done: None };
                            self.found(&everywhere.rule, step, &expectation, held);
                        }
                    }
                    Ok(Judged::Tolerated(misses)) => {
                        let held =
                            Held { verdict: Verdict::Tolerated, words: join(misses), done: Some(done) };
                        self.found(&everywhere.rule, step, &expectation, held);
                    }
                    Ok(Judged::Fails(misses)) => {
                        let held = Held { verdict: Verdict::Failed, words: join(misses), done: Some(done) };
                        self.found(&everywhere.rule, step, &expectation, held);
                    }
                    Err(error) => {
                        self.evaluation(error, &everywhere.place);
                    }
                }
            }
        }
    }

    fn found(&self, rule: &str, step: &Step, expectation: &Expectation, held: Held<'_>) {
        self.push(rule, step, expectation, held, None);
    }

    fn push(
        &self,
        rule: &str,
        step: &Step,
        expectation: &Expectation,
        held: Held<'_>,
        obstacle: Option<Obstacle>,
    ) {
        let level = self.world.suite.rule(rule).map_or(Level::Must, |rule| rule.level);
        // A rule that servers may keep to is reported, never failed.
        let verdict = if held.verdict == Verdict::Failed && level == Level::May {
            Verdict::Tolerated
        } else {
            held.verdict
        };
        let (expected, observed) = held.words;
        let finding = Finding {
            verdict,
            scenario: self.scenario.name.clone(),
            step: step.name.clone(),
            place: expectation.place.clone(),
            expected,
            observed,
            exchange: held.done.map(|done| self.record(&done.exchange)),
            cause: None,
        };
        let own = step.expect.iter().any(|expectation| expectation.place == finding.place);
        let is_everywhere = verdict == Verdict::Passed && !own;
        lock(&self.found).push(Found { rule: rule.to_owned(), finding, obstacle, is_everywhere });
    }
}

/// Several mismatches in one line each way.
fn join(misses: Vec<Mismatch>) -> (String, String) {
    let (expected, observed): (Vec<_>, Vec<_>) =
        misses.into_iter().map(|miss| (miss.expected, miss.observed)).unzip();
    let once = |mut texts: Vec<String>| {
        texts.dedup();
        texts.join("; ")
    };
    (once(expected), once(observed))
}
