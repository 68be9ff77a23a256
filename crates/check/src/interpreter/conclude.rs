//! Holds what a step's exchanges came to against what the step expects, and keeps what it saves.

use http::Method;
use serde_json::Value;

use super::answer::Done;
use super::effect::ClockView;
use super::environment::Program;
use super::findings::{Findings, Found, Lost};
use super::held::{Held, Timely};
use super::judge::{Judged, Mismatch, Seen, describe, judge};
use super::loss::{is_loss, never_arrived};
use super::save::{Missing, save};
use super::scope::Scope;
use super::state::Shared;
use super::stop::{Obstacle, Stop};
use super::variables::Variables;
use crate::retry_after::is_readable;
use uptake_outcome::{CauseKind, Finding, Level, Place, Verdict};
use uptake_suite::Rule;
use uptake_suite::expect::{Expectation, Wants};
use uptake_suite::expr::EvalError;
use uptake_suite::step::Step;
use uptake_wire::Fault;

/// The name that expectations know the status by.
const ANSWER_STATUS: &str = "answer.status";

/// The status of a call past the rate limit.
pub(crate) const TOO_MANY: u16 = 429;

/// What judging a step reads.
#[derive(Clone, Copy)]
pub(crate) struct Judging<'j> {
    pub(crate) program: Program<'j>,
    pub(crate) shared: &'j Shared,
    pub(crate) clock: ClockView,
    pub(crate) step: &'j Step,
}

/// Why a step could not be judged.
pub(crate) enum Unjudged {
    /// The scenario stops.
    Stop(Stop),
    /// An expression has no value.
    NoValue(EvalError, Place),
}

/// Judges a step that has been carried out: saves first, so that its expectations can use what it saved.
pub(crate) fn conclude(
    judging: Judging<'_>,
    dones: &[Done],
    variables: &mut Variables,
    findings: &mut Findings,
) -> Result<(), Unjudged> {
    // One that was broken off as asked has interim responses at most, and these are judged.
    if let Some((done, fault)) = dones.iter().find_map(|done| Some((done, done.unasked_fault()?))) {
        return judging.unanswered(done, fault, findings).map_err(Unjudged::Stop);
    }
    if let Some(done) = dones.iter().find(|done| judging.is_refused_for_rate(done)) {
        return Err(Unjudged::Stop(judging.refused_for_rate(done, findings)));
    }
    let missing = save(judging.step, judging.program.environment, dones, variables);
    let scope = judging.scope(variables);
    judging.preconditions(dones, &scope, &missing, findings)?;
    for expectation in &judging.step.expect {
        let Some(rule) = &expectation.rule else { continue };
        match judging.hold_in_time(expectation, dones, &scope, &missing) {
            Ok(Timely::Held(held)) => judging.found(rule, &expectation.place, held, findings),
            Ok(Timely::Unsure(obstacle)) => {
                let words = (judging.describe(&expectation.wants, rule), obstacle.text.clone());
                let held = Held { verdict: Verdict::Inconclusive, words, done: dones.first() };
                findings.obstacles.push((*obstacle).clone());
                findings.found.push(judging.finding(rule, &expectation.place, held, Some(*obstacle)));
            }
            Err(error) => return Err(Unjudged::NoValue(error, expectation.place.clone())),
        }
    }
    let Some((_, why)) = missing.into_iter().next() else { return Ok(()) };
    let first = dones.first();
    let text = match first {
        Some(done) => format!("{} returned {}: {why}", done.label, done.brief()),
        None => why,
    };
    Err(Unjudged::Stop(findings.stop(judging.obstacle(CauseKind::Precondition, text, first))))
}

/// Whether the step's expectations would hold now; nothing is recorded.
pub(crate) fn would_hold(judging: Judging<'_>, dones: &[Done], variables: &Variables) -> bool {
    if dones.iter().any(|done| done.unasked_fault().is_some() || judging.is_refused_for_rate(done)) {
        return true;
    }
    let mut variables = variables.clone();
    let missing = save(judging.step, judging.program.environment, dones, &mut variables);
    let scope = judging.scope(&variables);
    missing.is_empty()
        && judging.step.expect.iter().all(|expectation| {
            let held = judging.hold(expectation, dones, &scope, &missing);
            held.is_ok_and(|held| held.verdict != Verdict::Failed)
        })
}

/// Keeps what the step saves, where all of it is there.
pub(crate) fn keep(judging: Judging<'_>, dones: &[Done], variables: &mut Variables) {
    let _ = save(judging.step, judging.program.environment, dones, variables);
}

/// Holds answers against what the suite says of every answer. A rule that holds is recorded once a scenario. Gives the
/// expressions that have no value.
pub(crate) fn judge_everywhere(
    judging: Judging<'_>,
    dones: &[Done],
    variables: &Variables,
    findings: &mut Findings,
) -> Vec<(EvalError, Place)> {
    let suite = judging.program.environment.suite;
    let mut errors = Vec::new();
    for done in dones {
        let Some(answer) = done.answer() else { continue };
        let scope = judging.scope(variables);
        let scope = scope.and(ANSWER_STATUS, Value::from(answer.status));
        let seen = done.seen();
        let is_bodiless = done.exchange.request.method == Some(Method::HEAD);
        for everywhere in &suite.every_answer {
            if is_bodiless && everywhere.wants.reads_body() {
                continue;
            }
            let rule = suite.rule(&everywhere.rule);
            let speaks = judge(&everywhere.when, None, seen, suite, &scope);
            if !matches!(speaks, Ok(Judged::Holds)) {
                continue;
            }
            let held = match judge(&everywhere.wants, rule, seen, suite, &scope) {
                Ok(Judged::Holds) if findings.everywhere.contains(&everywhere.rule) => continue,
                Ok(Judged::Holds) => {
                    findings.everywhere.insert(everywhere.rule.clone());
                    let words = (describe(&everywhere.wants, rule), done.brief());
                    Held { verdict: Verdict::Passed, words, done: None }
                }
                Ok(Judged::Tolerated(misses)) => Held::of(Verdict::Tolerated, misses, Some(done)),
                Ok(Judged::Fails(misses)) => Held::of(Verdict::Failed, misses, Some(done)),
                Err(error) => {
                    errors.push((error, everywhere.place.clone()));
                    continue;
                }
            };
            judging.found(&everywhere.rule, &everywhere.place, held, findings);
        }
    }
    errors
}

impl<'j> Judging<'j> {
    fn scope<'v>(&self, variables: &'v Variables) -> Scope<'v>
    where
        'j: 'v,
    {
        Scope::new(self.program, self.shared, variables)
    }

    fn describe(&self, wants: &Wants, rule: &str) -> String {
        describe(wants, self.program.environment.suite.rule(rule))
    }

    fn obstacle(&self, kind: CauseKind, text: String, done: Option<&Done>) -> Obstacle {
        let exchange = done.map(|done| done.record(&self.program.environment.secrets));
        Obstacle { kind, text, place: self.step.place.clone(), exchange }
    }

    /// The expectations without a rule: what the scenario depends on.
    fn preconditions(
        &self,
        dones: &[Done],
        scope: &Scope<'_>,
        missing: &Missing,
        findings: &mut Findings,
    ) -> Result<(), Unjudged> {
        for expectation in self.step.expect.iter().filter(|expectation| expectation.rule.is_none()) {
            let held = self
                .hold(expectation, dones, scope, missing)
                .map_err(|error| Unjudged::NoValue(error, expectation.place.clone()))?;
            if held.verdict != Verdict::Failed {
                continue;
            }
            let what = held.done.map_or_else(|| self.step.name.clone(), |done| done.label.clone());
            let (expected, observed) = held.words;
            let text = format!("{what}: expected {expected}, got {observed}");
            let mut obstacle = self.obstacle(CauseKind::Precondition, text, held.done);
            obstacle.place = expectation.place.clone();
            let stop = findings.stop(obstacle);
            findings.leave_own(self.program, self.step, &stop);
            return Err(Unjudged::Stop(stop));
        }
        Ok(())
    }

    /// No answer came: the network's fault, uptake's own, or what the scenario wanted.
    fn unanswered(&self, done: &Done, fault: &Fault, findings: &mut Findings) -> Result<(), Stop> {
        match fault {
            Fault::Harness(_) => return Err(Stop::Interrupted),
            // An answer that cannot be read is none of those that may be missing.
            _ if self.step.may_break && !never_arrived(fault) && !fault.is_unreadable() => {
                self.may_break(done, fault, findings);
                return Ok(());
            }
            _ => {}
        }
        if is_loss(fault) {
            let (step, label) = (self.step.name.clone(), done.label.clone());
            let lost = || Lost { step, label, fault: fault.to_string() };
            findings.lost.get_or_insert_with(lost);
        }
        let text = format!("{}: {fault}", done.label);
        let obstacle = self.obstacle(CauseKind::Network, text, Some(done));
        let stop = findings.stop(obstacle.clone());
        for expectation in &self.step.expect {
            let Some(rule) = &expectation.rule else { continue };
            // A server that speaks another version of HTTP breaks no rule by that.
            let is_owed = expectation.wants.answered && !matches!(fault, Fault::Version { .. });
            let verdict = if is_owed { Verdict::Failed } else { Verdict::Inconclusive };
            let words = (self.describe(&expectation.wants, rule), fault.to_string());
            let held = Held { verdict, words, done: Some(done) };
            let obstacle = (verdict == Verdict::Inconclusive).then(|| obstacle.clone());
            findings.found.push(self.finding(rule, &expectation.place, held, obstacle));
        }
        Err(stop)
    }

    /// The server closed the connection, which the step lets pass as well as the answer that it expects.
    fn may_break(&self, done: &Done, fault: &Fault, findings: &mut Findings) {
        for expectation in &self.step.expect {
            let Some(rule) = &expectation.rule else { continue };
            let expected = format!("{}, or a closed connection", self.describe(&expectation.wants, rule));
            let words = (expected, fault.to_string());
            let held = Held { verdict: Verdict::Passed, words, done: Some(done) };
            self.found(rule, &expectation.place, held, findings);
        }
    }

    /// Whether a call was refused for the number of calls alone, and its scenario is about something else.
    fn is_refused_for_rate(&self, done: &Done) -> bool {
        done.has_status(TOO_MANY) && !self.program.scenario.wants_status(TOO_MANY)
    }

    /// The target would not listen: that says nothing of the rules.
    fn refused_for_rate(&self, done: &Done, findings: &mut Findings) -> Stop {
        let header = |name: &str| Some((name.to_owned(), done.answer()?.header(name)?.to_owned()));
        let asks = header("Retry-After").or_else(|| header("X-RateLimit-Retry-After"));
        let asks = match asks {
            Some((name, value)) if is_readable(&value) => {
                format!("{name}: {value}")
            }
            Some((name, value)) => {
                format!(
                    "{name}: {value}, which is neither a number of seconds nor a date; sent again with back-off"
                )
            }
            None => "without Retry-After; sent again with back-off".to_owned(),
        };
        let text =
            format!("{} returned {} ({asks}) and got no other response in time", done.label, done.brief());
        let stop = findings.stop(self.obstacle(CauseKind::RateLimit, text, Some(done)));
        findings.leave_own(self.program, self.step, &stop);
        stop
    }

    /// The same as [`hold`](Self::hold); where the expectation asks for the time, at both ends of what is known of the
    /// target's clock.
    fn hold_in_time<'d>(
        &self,
        expectation: &Expectation,
        dones: &'d [Done],
        scope: &Scope<'_>,
        missing: &Missing,
    ) -> Result<Timely<'d>, EvalError> {
        if !expectation.wants.that.iter().any(|(expr, _)| expr.asks_the_time()) {
            return self.hold(expectation, dones, scope, missing).map(Timely::Held);
        }
        let ClockView { ahead, uncertainty } = self.clock;
        let early = self.hold(expectation, dones, &scope.ahead(ahead - uncertainty), missing)?;
        let late = self.hold(expectation, dones, &scope.ahead(ahead + uncertainty), missing)?;
        if early.verdict == late.verdict {
            return self.hold(expectation, dones, &scope.ahead(ahead), missing).map(Timely::Held);
        }
        let text = format!(
            "the target's clock is only known to within {uncertainty:.1} s, which is not enough to decide"
        );
        Ok(Timely::Unsure(Box::new(Obstacle::new(CauseKind::Time, text, &expectation.place))))
    }

    /// Holds all exchanges of the step against one expectation; the first that does not fit decides.
    fn hold<'d>(
        &self,
        expectation: &Expectation,
        dones: &'d [Done],
        scope: &Scope<'_>,
        missing: &Missing,
    ) -> Result<Held<'d>, EvalError> {
        let rule = expectation.rule.as_deref().and_then(|id| self.program.environment.suite.rule(id));
        let judge = |wants: &Wants, done: Option<&Done>| self.judge_one((wants, rule), done, scope, missing);
        let mut warning = None;
        for done in dones {
            match judge(&expectation.wants, Some(done))? {
                Judged::Holds => {}
                Judged::Tolerated(misses) => warning = Some((misses, done)),
                Judged::Fails(misses) => {
                    let tolerated = match &expectation.tolerates {
                        Some(wants) => judge(wants, Some(done))? == Judged::Holds,
                        None => false,
                    };
                    if !tolerated {
                        return Ok(Held::of(Verdict::Failed, misses, Some(done)));
                    }
                    warning = Some((misses, done));
                }
            }
        }
        if dones.is_empty()
            && let Judged::Fails(misses) = judge(&expectation.wants, None)?
        {
            return Ok(Held::of(Verdict::Failed, misses, None));
        }
        Ok(if let Some((misses, done)) = warning {
            Held::of(Verdict::Tolerated, misses, Some(done))
        } else {
            let observed = dones.last().map_or_else(|| "as expected".to_owned(), Done::brief);
            let words = (describe(&expectation.wants, rule), observed);
            Held { verdict: Verdict::Passed, words, done: None }
        })
    }

    fn judge_one(
        &self,
        (wants, rule): (&Wants, Option<&Rule>),
        done: Option<&Done>,
        scope: &Scope<'_>,
        missing: &Missing,
    ) -> Result<Judged, EvalError> {
        let answer = done.and_then(Done::answer);
        let seen = done.map_or(Seen::nothing(), Done::seen);
        let suite = self.program.environment.suite;
        let judged = match answer {
            Some(answer) => {
                judge(wants, rule, seen, suite, &scope.and(ANSWER_STATUS, Value::from(answer.status)))
            }
            None => judge(wants, rule, seen, suite, scope),
        };
        match judged {
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

    fn found(&self, rule: &str, place: &Place, held: Held<'_>, findings: &mut Findings) {
        findings.found.push(self.finding(rule, place, held, None));
    }

    fn finding(&self, rule: &str, place: &Place, held: Held<'_>, obstacle: Option<Obstacle>) -> Found {
        let environment = self.program.environment;
        let level = environment.suite.rule(rule).map_or(Level::Must, |rule| rule.level);
        // A rule that servers may keep to is reported, never failed.
        let verdict = if held.verdict == Verdict::Failed && level == Level::May {
            Verdict::Tolerated
        } else {
            held.verdict
        };
        let (expected, observed) = held.words;
        let own = self.step.expect.iter().any(|expectation| expectation.place == *place);
        let finding = Finding {
            verdict,
            scenario: self.program.scenario.name.clone(),
            step: self.step.name.clone(),
            place: place.clone(),
            expected,
            observed,
            exchange: held.done.map(|done| done.record(&environment.secrets)),
            cause: None,
        };
        let is_everywhere = verdict == Verdict::Passed && !own;
        Found { rule: rule.to_owned(), finding, obstacle, is_everywhere }
    }
}
