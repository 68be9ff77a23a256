//! What the target can do, seen by asking it: a profile may say too much, or too little.
//!
//! The suite says how each capability is seen. Nothing is judged here; where the profile says another thing than the
//! target, the run reports a contradiction.

use super::lane::Lane;
use super::sending::{Pass, TOO_MANY};
use super::trial::Trial;
use super::world::{CLOCK, World};
use uptake_outcome::CapabilityFinding;
use uptake_suite::expr::EvalError;
use uptake_suite::step::{Action, Step};
use uptake_suite::{Loaded, Scenario};

/// Asks for each capability that the suite can see. What that makes is removed again.
pub(super) async fn detect(world: &World<'_>, loaded: &Loaded) -> Vec<CapabilityFinding> {
    let scenario = Scenario::nobodys("what can the target do", &loaded.suite.name);
    let trial = Trial::new(world, &scenario, Pass::none(world));
    let mut names = super::scope::Names::new(world.given(), trial.seed);
    let mut found = Vec::new();
    for step in &loaded.suite.detect {
        if !world.halt.is_on() {
            break;
        }
        let (detected, seen) = look(&trial, step, &mut names).await;
        let known = loaded.suite.capabilities.contains(&step.name);
        let declared = known.then(|| world.target.can(&step.name));
        found.push(CapabilityFinding { name: step.name.clone(), declared, detected, seen });
    }
    trial.clean_up(names).await;
    found
}

/// Whether the step's expectations hold, and what was seen.
async fn look(trial: &Trial<'_>, step: &Step, names: &mut super::scope::Names) -> (Option<bool>, String) {
    let Action::Request(request) = &step.action else {
        return (None, "only requests can see what a target can do".to_owned());
    };
    let label = format!("{} {}", request.method, request.path.written());
    let built = trial.builder(step, names).request(request, &mut Lane::default());
    let built = match built {
        Ok(built) => built,
        Err(EvalError::Undefined(name)) => {
            return (None, format!("{label} needs `{name}`, which is not there"));
        }
        Err(error) => return (None, format!("{label}: {error}")),
    };
    let Some(done) = trial.exchange(label.clone(), built).await else {
        return (None, format!("{label} was not answered"));
    };
    let seen = format!("{label} was answered {}", done.brief());
    let Some(status) = done.answer().map(|answer| answer.status) else {
        return (None, format!("{label}: {}", done.brief()));
    };
    // Who may not ask learns nothing, and neither does who asks at the wrong time.
    if matches!(status, 401 | 403 | TOO_MANY) || status >= 500 {
        return (None, seen);
    }
    let dones = [done];
    let holds = trial.would_hold(step, &dones, names);
    if holds {
        trial.keep(step, &dones, names);
    }
    (Some(holds), seen)
}

/// What the run itself has shown.
pub(super) fn shown(world: &World<'_>, found: &mut Vec<CapabilityFinding>) {
    let Some(declared) = world.suite.capabilities.iter().find(|name| *name == CLOCK) else { return };
    let Some(turned) = world.watch.was_turned() else { return };
    let seen = if turned {
        "its dates moved as its clock was turned"
    } else {
        "its clock was turned, and its dates do not show that"
    };
    found.push(CapabilityFinding {
        name: declared.clone(),
        declared: Some(world.target.can(CLOCK)),
        detected: Some(turned),
        seen: seen.to_owned(),
    });
}

/// What a reader has to mend.
pub(super) fn contradictions(found: &[CapabilityFinding]) -> Vec<String> {
    found
        .iter()
        .filter(|finding| finding.is_contradiction())
        .map(|CapabilityFinding { name, declared, seen, .. }| {
            let says = if *declared == Some(true) { "declares" } else { "does not declare" };
            format!("the profile {says} the capability `{name}`, and {seen}")
        })
        .collect()
}
