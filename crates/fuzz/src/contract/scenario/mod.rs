//! A counterexample of the contract as a scenario that `uptake check` replays with the same verdict.
//!
//! The calls that led to the failure come first, without expectations. The call that failed expects what the contract
//! allows, and names the rule.

mod expect;
mod request;
mod writer;

use self::expect::{Expected, expected};
pub(super) use self::request::variables;
use self::request::{Place, write_call};
use self::writer::{Variables, Writer};
use super::case::{Call, ContractCase, ContractStep};
use super::describe;
use crate::mismatch::{CallEvidence, Evidence, Mismatch};
use crate::yaml::quoted;
use uptake_target::Limits;

/// What a scenario is written from.
pub(crate) struct ContractScenario<'s> {
    pub(crate) case: &'s ContractCase,
    pub(crate) mismatch: &'s Mismatch,
    pub(crate) limits: Limits,
    /// How far clocks may differ, in seconds.
    pub(crate) margin: u64,
    /// What the target answered, with the variables that stand for it.
    pub(crate) variables: &'s [(String, String)],
    /// The statuses of the calls, in order.
    pub(crate) statuses: &'s [Option<u16>],
    /// Lines above it, without their `#`.
    pub(crate) remarks: &'s [String],
}

/// Writes it. Some failures of calls that were made at once cannot be written as a scenario: there is none for these.
pub(crate) fn scenario(input: &ContractScenario<'_>) -> Option<String> {
    let Evidence::Call(evidence) = &input.mismatch.evidence else { return None };
    let expected = if evidence.joint {
        if !evidence.by_status || evidence.statuses.iter().any(Option::is_none) {
            return None;
        }
        None
    } else {
        Some(expected(evidence, input.mismatch.segment, &Variables(input.variables), input.margin))
    };
    let mut scenario = Scenario { input, evidence, expected, writer: Writer::default(), count: 0, calls: 0 };
    scenario.write();
    Some(scenario.writer.finish())
}

struct Scenario<'s> {
    input: &'s ContractScenario<'s>,
    evidence: &'s CallEvidence,
    /// What the call that failed expects; none where all calls of the step are judged together.
    expected: Option<Expected>,
    writer: Writer,
    count: usize,
    /// How many calls were written.
    calls: usize,
}

impl Scenario<'_> {
    fn write(&mut self) {
        let ContractScenario { case, mismatch, remarks, .. } = *self.input;
        for remark in remarks {
            self.writer.line(0, &format!("# {remark}"));
        }
        let title = format!("{}: expected {}, got {}", mismatch.rule, mismatch.expected, mismatch.got);
        self.writer.line(0, &format!("scenario: {}", quoted(&title.replace("${", "$ {"))));
        if case.moves_the_clock() {
            self.writer.line(0, "needs: [clock]");
        }
        if self.expected.as_ref().is_some_and(|expected| expected.is_about_a_list) {
            self.writer.line(0, "alone: true");
        }
        self.writer.line(0, "let: { m: limit.min_segment }");
        self.writer.line(0, "steps:");
        for (at, step) in case.steps.iter().enumerate() {
            if at > mismatch.step {
                break;
            }
            self.step(at, step);
        }
        self.after();
    }

    fn step(&mut self, at: usize, step: &ContractStep) {
        match step {
            ContractStep::Call(call) => self.call((at, 0), 1, call, None),
            ContractStep::Advance(seconds) => self.advance(1, *seconds),
            ContractStep::AtOnce(callers) => {
                self.writer.line(1, &format!("- at once {}:", at + 1));
                self.writer.line(3, "parallel:");
                let mut one = 0;
                let before = self.writer.variables();
                let mut all = before.clone();
                for (number, calls) in callers.iter().enumerate() {
                    // No caller sees what the others save.
                    self.writer.set_variables(before.clone());
                    self.writer.line(4, &format!("- caller {}:", number + 1));
                    self.writer.line(6, "steps:");
                    for (nth, call) in calls.iter().enumerate() {
                        let hold = (nth == 0).then_some("hold: go");
                        if nth == 0 && !has_body(call) {
                            self.writer.line(7, "- wait for the others:");
                            self.writer.line(9, "meet: go");
                        }
                        self.call((at, one), 7, call, hold.filter(|_| has_body(call)));
                        one += 1;
                    }
                    all.extend(self.writer.variables());
                }
                self.writer.set_variables(all);
            }
            ContractStep::During { held, calls, advance } => {
                self.writer.line(1, &format!("- meanwhile {}:", at + 1));
                self.writer.line(3, "parallel:");
                let before = self.writer.variables();
                self.call((at, 0), 4, held, Some("hold: [nearly there, done]"));
                let learnt = self.writer.variables();
                self.writer.set_variables(before);
                self.writer.line(4, "- what happens meanwhile:");
                self.writer.line(6, "steps:");
                self.writer.line(7, "- wait for all but the last byte:");
                self.writer.line(9, "meet: nearly there");
                for (one, call) in calls.iter().enumerate() {
                    self.call((at, one + 1), 7, call, None);
                }
                if *advance > 0 {
                    self.advance(7, *advance);
                }
                let mut all = self.writer.variables();
                all.extend(learnt);
                self.writer.set_variables(all);
                self.writer.line(7, "- release the last byte:");
                self.writer.line(9, "meet: done");
            }
        }
    }

    fn advance(&mut self, indent: usize, seconds: u64) {
        self.count += 1;
        let passed = crate::describe::duration(seconds);
        self.writer.line(indent, &format!("- the clock advances by {passed} {}:", self.count));
        self.writer.line(indent + 2, &format!("advance: {seconds}s"));
    }

    fn call(&mut self, (step, one): (usize, usize), indent: usize, call: &Call, hold: Option<&str>) {
        self.count += 1;
        self.writer
            .line(indent, &format!("- {}:", quoted(&format!("{} {}", self.count, describe::call(call)))));
        let place = Place { indent: indent + 2, limits: self.input.limits, hold };
        let mut saves = write_call(&mut self.writer, &place, call);
        let status = self.input.statuses.get(self.calls).copied().flatten();
        self.calls += 1;
        if !status.is_some_and(|status| (200..300).contains(&status)) {
            saves.clear();
        }
        self.writer.define(&mut saves);
        let is_in_step = step == self.input.mismatch.step;
        match &self.expected {
            None if is_in_step => saves.push((format!("status_{}", one + 1), "{ status: true }".to_owned())),
            Some(expected) if is_in_step && self.input.mismatch.segment == Some(one) => {
                let rule = self.input.mismatch.rule.as_str();
                if let Some(wants) = &expected.wants {
                    self.writer.line(indent + 2, &format!("expect: {{ {rule}: {{ {wants} }} }}"));
                }
                saves.extend(expected.saves.iter().cloned());
            }
            _ => {}
        }
        self.writer.saves(indent + 2, saves);
    }

    /// What is judged behind the step that failed.
    fn after(&mut self) {
        let rule = self.input.mismatch.rule.as_str();
        let statuses = self.evidence.statuses.iter().enumerate();
        let is = |(at, status): (usize, &Option<u16>)| {
            format!("status_{} == {}", at + 1, status.unwrap_or_default())
        };
        let together = || format!("not ({})", statuses.map(is).collect::<Vec<_>>().join(" and "));
        let that = self.expected.as_ref().map_or_else(|| vec![together()], |expected| expected.that.clone());
        if that.is_empty() {
            return;
        }
        let that: Vec<_> = that.iter().map(|that| quoted(that)).collect();
        self.writer.line(1, "- check the responses:");
        self.writer.line(3, "check: true");
        self.writer.line(3, &format!("expect: {{ {rule}: {{ that: [{}] }} }}", that.join(", ")));
    }
}

/// Whether a call has a body, whose last byte can be held back.
fn has_body(call: &Call) -> bool {
    use super::case::Action;
    call.segment().is_some()
        || matches!(
            call.action,
            Action::Exchange { .. }
                | Action::Refresh { .. }
                | Action::CreateToken { .. }
                | Action::CreateVideo { .. }
        )
}
