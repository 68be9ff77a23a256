//! What can be written in a step, and makes no sense all the same.

use super::context::Context;
use crate::save::SaveFrom;
use crate::step::{Action, Step};
use uptake_yaml::Key;

impl Context<'_> {
    /// What can be written and still makes no sense.
    pub(super) fn check_sense(&self, key: &Key, step: &Step) -> Option<()> {
        let exchanges = matches!(step.action, Action::Request(_) | Action::Upload(_) | Action::Raw(_));
        let breaks_off = match &step.action {
            Action::Request(request) => request.envelope.delivery.break_off.is_some(),
            Action::Upload(upload) => upload.envelope.delivery.break_off.is_some(),
            _ => false,
        };
        let asks = step.expect.iter().any(|expectation| expectation.wants.needs_exchange());
        if asks && !exchanges {
            return self.reader.problem(
                key.at,
                format!("`{}` sends nothing, so it gets no response to check", key.text),
                "move `expect` to the step that sends the request",
            );
        }
        let needs_answer = step.expect.iter().any(|expectation| expectation.wants.needs_answer())
            || step.save.iter().any(|save| !matches!(save.from, SaveFrom::Interim(_)));
        if breaks_off && needs_answer {
            return self.reader.problem(
                key.at,
                format!("`{}` breaks off its body, so it gets no final response to check", key.text),
                "check the result in a later step; interim responses can be checked and saved",
            );
        }
        if step.within.is_some() && !(matches!(step.action, Action::Request(_)) && asks) {
            return self.reader.problem(
                key.at,
                "`within` asks again until an expectation holds",
                "use it on a request with `expect`",
            );
        }
        let is_one_exchange = matches!(step.action, Action::Request(_) | Action::Raw(_));
        if step.may_break && !(is_one_exchange && step.save.is_empty()) {
            return self.reader.problem(
                key.at,
                "with `may-break` there may be no response to save from",
                "use it on a request or `raw` that saves nothing",
            );
        }
        if step.at_latest.is_some() && !matches!(step.action, Action::Advance(_)) {
            return self.reader.problem(
                key.at,
                "`at-latest` is only for steps that advance time",
                "use it beside `advance`",
            );
        }
        if matches!(step.action, Action::Check) && step.expect.is_empty() {
            return self.reader.problem(
                key.at,
                format!("`{}` checks nothing", key.text),
                "add `expect: { that: … }`",
            );
        }
        Some(())
    }
}
