//! What the target can do, seen by asking it: a profile may say too much, or too little.
//!
//! The suite says how each capability is seen. Nothing is judged here; where the profile says another thing than the
//! target, the run reports a contradiction.

use super::context::RunContext;
use super::driver::Driver;
use super::interpreter::{CLOCK, Mode, OnLoss, ScenarioState, TOO_MANY, probe, start_clean_up};
use super::recorder::RunRecorder;
use super::sending::Allowance;
use uptake_outcome::CapabilityFinding;
use uptake_suite::step::Step;
use uptake_suite::{Loaded, Scenario};

/// Asks for each capability that the suite can see. What that makes is removed again.
pub(crate) async fn detect(
    context: &RunContext<'_>,
    recorder: Option<&RunRecorder<'_>>,
    loaded: &Loaded,
) -> Vec<CapabilityFinding> {
    let scenario = Scenario::nobodys("what can the target do", &loaded.suite.name);
    let program = context.program(&scenario, Mode::Run);
    let driver = Driver::new(context, recorder, Allowance::none(context), program);
    let mut state = ScenarioState::new(context.seed.derive(&scenario.name));
    let mut found = Vec::new();
    for step in &loaded.suite.detect {
        if !context.stop.is_running() {
            break;
        }
        let (detected, seen) = look(&driver, &mut state, step).await;
        let known = loaded.suite.capabilities.contains(&step.name);
        let declared = known.then(|| context.target().can(&step.name));
        found.push(CapabilityFinding { name: step.name.clone(), declared, detected, seen });
    }
    let effects = start_clean_up(program, &mut state, driver.now());
    driver.drive(&mut state, effects).await;
    found
}

/// Whether the step's expectations hold, and what was seen.
async fn look(driver: &Driver<'_>, state: &mut ScenarioState, step: &Step) -> (Option<bool>, String) {
    let (label, request) = match probe::request(driver.program, state, step, driver.now()) {
        Ok(built) => built,
        Err(why) => return (None, why),
    };
    let Some(done) = driver.exchange(label.clone(), &request, OnLoss::of(step)).await else {
        return (None, format!("{label} was not answered"));
    };
    let (brief, status) = (done.brief(), done.answer().map(|answer| answer.status));
    let (holds, effects) = probe::answered(driver.program, state, (step, done), driver.now());
    driver.drive(state, effects).await;
    driver.context.report_exchanges();
    let Some(status) = status else { return (None, format!("{label}: {brief}")) };
    let seen = format!("{label} was answered {brief}");
    // Whoever may not ask learns nothing, and neither does whoever asks at the wrong time.
    if matches!(status, 401 | 403 | TOO_MANY) || status >= 500 {
        return (None, seen);
    }
    (Some(holds), seen)
}

/// What the run itself has shown.
pub(crate) fn shown(context: &RunContext<'_>, found: &mut Vec<CapabilityFinding>) {
    let mut capabilities = context.environment.suite.capabilities.iter();
    let Some(declared) = capabilities.find(|name| *name == CLOCK) else { return };
    let Some(moved) = context.clocks.shows_advances() else { return };
    let seen = if moved {
        "its dates moved as its clock was turned"
    } else {
        "its clock was turned, and its dates do not show that"
    };
    found.push(CapabilityFinding {
        name: declared.clone(),
        declared: Some(context.target().can(CLOCK)),
        detected: Some(moved),
        seen: seen.to_owned(),
    });
}

/// What a reader has to mend.
pub(crate) fn contradictions(found: &[CapabilityFinding]) -> Vec<String> {
    found
        .iter()
        .filter(|finding| finding.is_contradiction())
        .map(|CapabilityFinding { name, declared, seen, .. }| {
            let says = if *declared == Some(true) { "declares" } else { "does not declare" };
            format!("the profile {says} the capability `{name}`, and {seen}")
        })
        .collect()
}
