//! What the target can do, seen by asking it: a profile may say too much, or too little.
//!
//! The suite says how each capability is seen. Nothing is judged here; where the profile says another thing than the
//! target, the run reports a contradiction.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::context::RunContext;
use super::driver::Driver;
use super::interpreter::{CLOCK, Mode, OnLoss, ScenarioState, TOO_MANY, probe, start_clean_up};
use super::job::{CheckError, KeepExchanges, RunOptions};
use super::recorder::RunRecorder;
use super::selection::Selection;
use super::sending::Allowance;
use uptake_outcome::CapabilityFinding;
use uptake_stop::Stopper;
use uptake_suite::Detection;
use uptake_suite::step::Step;
use uptake_suite::{Loaded, Scenario};
use uptake_target::{Capability, Target};

/// Asks for each capability that the suite can see. What that makes is removed again.
pub(crate) async fn detect(
    context: &RunContext<'_>,
    recorder: Option<&RunRecorder<'_>>,
    loaded: &Loaded,
) -> Vec<CapabilityFinding> {
    let scenario = Scenario::nobodys("detect capabilities", &loaded.suite.name);
    let program = context.program(&scenario, Mode::Run);
    let driver = Driver::new(context, recorder, Allowance::none(context), program);
    let mut state = ScenarioState::new(context.seed.derive(&scenario.name));
    let mut found = Vec::new();
    let detections = &loaded.suite.detect;
    let has_own = |name: &String| detections.iter().any(|own| own.gives.is_none() && own.step.name == *name);
    for Detection { step, gives } in detections {
        if !context.stop.is_running() {
            break;
        }
        let Looked { detected, seen, listed } = look(&driver, &mut state, step, gives.as_deref()).await;
        let names: Vec<&String> = match gives {
            None => vec![&step.name],
            Some(_) => loaded.suite.capabilities.iter().filter(|name| !has_own(name)).collect(),
        };
        for name in names {
            let known = loaded.suite.capabilities.contains(name);
            // A target whose capabilities are detected declares none.
            let declared = (known && !context.target().detects).then(|| context.target().can(name));
            let is_listed = |holds| if gives.is_some() { holds && listed.contains(name) } else { holds };
            let detected = detected.map(is_listed);
            found.push(CapabilityFinding { name: name.clone(), declared, detected, seen: seen.clone() });
        }
    }
    let effects = start_clean_up(program, &mut state, driver.now());
    driver.drive(&mut state, effects).await;
    found
}

/// What a request showed.
struct Looked {
    /// Whether the step's expectations hold; nothing where the answer does not tell.
    detected: Option<bool>,
    /// What was seen, in words.
    seen: String,
    /// What the header lists that names capabilities.
    listed: Vec<String>,
}

impl Looked {
    fn nothing(seen: String) -> Self {
        Self { detected: None, seen, listed: Vec::new() }
    }
}

/// What the suite sees of a target whose profile leaves its capabilities to be detected; from then on it declares them.
pub async fn detect_capabilities(
    loaded: &Loaded,
    target: &mut Target,
    seed: u64,
    stopper: Stopper,
) -> Result<(), CheckError> {
    let options = RunOptions {
        selection: Selection::default(),
        jobs: NonZeroUsize::MIN,
        seed,
        patience: Duration::MAX,
        keep: KeepExchanges::None,
        reports_exchanges: false,
    };
    let found = {
        let context = RunContext::new(loaded, target, &options, stopper)?;
        detect(&context, None, loaded).await
    };
    let detected = found.iter().filter(|finding| finding.detected == Some(true));
    target.capabilities.extend(detected.map(|finding| Capability::assumed(&finding.name)));
    Ok(())
}

/// Whether the step's expectations hold, what was seen, and what the header `gives` lists.
async fn look(driver: &Driver<'_>, state: &mut ScenarioState, step: &Step, gives: Option<&str>) -> Looked {
    let (label, request) = match probe::request(driver.program, state, step, driver.now()) {
        Ok(built) => built,
        Err(why) => return Looked::nothing(why),
    };
    let Some(done) = driver.exchange(label.clone(), &request, OnLoss::of(step)).await else {
        return Looked::nothing(format!("{label} got no response"));
    };
    let (brief, status) = (done.brief(), done.answer().map(|answer| answer.status));
    let header = gives.and_then(|name| Some((name, done.answer()?.header(name).unwrap_or_default())));
    let header = header.map(|(name, value)| (format!("{name}: {value}"), value.to_owned()));
    let (holds, effects) = probe::answered(driver.program, state, (step, done), driver.now());
    driver.drive(state, effects).await;
    driver.context.report_exchanges();
    let Some(status) = status else { return Looked::nothing(format!("{label}: {brief}")) };
    let (seen, list) = match header {
        Some((told, list)) => (format!("{label} returned {brief} with `{told}`"), list),
        None => (format!("{label} returned {brief}"), String::new()),
    };
    // Whoever may not ask learns nothing, and neither does whoever asks at the wrong time; a step may ask for just that.
    if !step.wants_status(status) && (matches!(status, 401 | 403 | TOO_MANY) || status >= 500) {
        return Looked::nothing(seen);
    }
    let listed = list.split(',').map(|item| item.trim().to_owned()).collect();
    Looked { detected: Some(holds), seen, listed }
}

/// What the run itself has shown.
pub(crate) fn shown(context: &RunContext<'_>, found: &mut Vec<CapabilityFinding>) {
    let mut capabilities = context.environment.suite.capabilities.iter();
    let Some(declared) = capabilities.find(|name| *name == CLOCK) else { return };
    let Some(moved) = context.clocks.shows_advances() else { return };
    let seen = if moved {
        "its dates changed when its clock was advanced"
    } else {
        "its clock was advanced, but its dates did not change"
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
