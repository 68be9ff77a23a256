//! A whole run: the chosen scenarios, a few at a time, and the verdicts.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream;
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use thiserror::Error;

use super::fold::fold;
use super::halt::{Halt, Stopper};
use super::progress::{Event, Listener};
use super::selection::Selection;
use super::trial::{self, Trial};
use super::world::World;
use crate::outcome::{Ending, FORMAT, RuleResult, Run, TargetSummary, Verdict};
use crate::payload::Seed;
use crate::suite::{Company, Loaded, Scenario};
use crate::target::Target;
use crate::wire::{Client, Request, Secrets, WireError};

/// Why a run could not begin.
#[derive(Debug, Error)]
pub enum CheckError {
    /// The client cannot be set up as the profile asks.
    #[error(transparent)]
    Wire(#[from] WireError),
}

/// How to run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What to judge.
    pub selection: Selection,
    /// How many scenarios at a time.
    pub jobs: NonZeroUsize,
    /// The seed of content and order.
    pub seed: u64,
    /// The longest that a request is asked again, whatever longer time the scenario leaves it. For a target that is known
    /// to be ready at once, waiting longer tells nothing.
    pub patience: Duration,
}

/// Runs what `plan` chooses of `loaded` against `target`, and gives the verdicts.
pub async fn run(
    loaded: &Loaded,
    target: &Target,
    plan: &Plan,
    stopper: Stopper,
    listener: &Listener<'_>,
) -> Result<Run, CheckError> {
    let started_at = jiff::Timestamp::now();
    let clock = Instant::now();
    let secrets = Secrets::new();
    for (name, value) in &target.credentials {
        secrets.taint(name, value);
    }
    let world = World {
        suite: &loaded.suite,
        target,
        client: Client::new(target.settings.clone())?,
        secrets,
        seed: Seed(plan.seed),
        patience: plan.patience,
        halt: Halt::new(stopper),
        answers: Mutex::default(),
        requests: AtomicU64::new(0),
        bytes_sent: AtomicU64::new(0),
    };
    let chosen = plan.selection.scenarios(&loaded.suite, &loaded.scenarios);
    listener(Event::Started { scenarios: chosen.len() });
    if !chosen.is_empty() {
        greet(&world).await;
    }
    let results = play(&world, &chosen, plan, listener).await;
    let ran = results.iter().filter(|(_, result)| result.is_some()).count();
    let (rules, causes, leftovers) = fold(loaded, target, &plan.selection, results);
    let mut summary = crate::outcome::Summary::count(&rules);
    summary.scenarios = ran;
    summary.requests = world.requests.load(Ordering::Relaxed);
    summary.bytes_sent = world.bytes_sent.load(Ordering::Relaxed);
    let left_out = left_out(loaded, &rules);
    let mut run = Run {
        format: FORMAT,
        uptake: env!("CARGO_PKG_VERSION").to_owned(),
        suite: loaded.suite.name.clone(),
        target: TargetSummary {
            name: target.name.clone(),
            base_url: target.base_url.to_string(),
            capabilities: target.capabilities.iter().map(|capability| capability.name.clone()).collect(),
        },
        seed: plan.seed,
        started_at: started_at.to_string(),
        took_seconds: clock.elapsed().as_secs_f64(),
        ending: world.halt.ending(),
        summary,
        rules,
        causes,
        leftovers,
        warnings: Vec::new(),
        answers: world.answers(),
        left_out,
        waivers: Vec::new(),
        baseline: None,
    };
    run.warnings.extend(run.doubts());
    Ok(masked(run, &world.secrets))
}

/// The areas of which a filter left no rule. Where only some scenarios were given, only their areas: whoever names a
/// scenario does not expect the others.
fn left_out(loaded: &Loaded, rules: &[RuleResult]) -> Vec<String> {
    let named: Vec<&str> = loaded.scenarios.iter().flat_map(Scenario::rules).collect();
    let is_there = |area: &str| {
        let mut of_area = loaded.suite.rules.iter().filter(|rule| rule.area == area);
        of_area.any(|rule| loaded.is_whole || named.contains(&rule.id.as_str()))
    };
    let areas = loaded.suite.areas.iter().map(|(name, _)| name);
    areas.filter(|name| is_there(name) && !rules.iter().any(|rule| rule.area == **name)).cloned().collect()
}

/// Asks the target one thing before the first scenario: whether anybody is there who speaks HTTP.
async fn greet(world: &World<'_>) {
    let request = Request::new(http::Method::GET, world.target.base_url.clone());
    world.count(0);
    let exchange = tokio::select! {
        exchange = world.client.send(&request) => exchange,
        () = world.halt.wait() => return,
    };
    match exchange.outcome {
        Err(fault) if fault.is_harness() => world.halt.harness_failed(fault.to_string()),
        Err(fault) => world.halt.out_of_reach(fault.to_string()),
        Ok(_) => {}
    }
}

type Played<'r> = Vec<(&'r Scenario, Option<trial::Result>)>;

/// Runs the scenarios: those that may stand side by side first, then one by one those that need the target for
/// themselves. The seed gives the order, so that a dependence of one on another does not stay hidden.
async fn play<'r>(
    world: &World<'_>,
    chosen: &[&'r Scenario],
    plan: &Plan,
    listener: &Listener<'_>,
) -> Played<'r> {
    let mut order: Vec<usize> = (0..chosen.len()).collect();
    order.shuffle(&mut rand::rngs::StdRng::seed_from_u64(plan.seed));
    let (alone, shared): (Vec<_>, Vec<_>) =
        order.into_iter().partition(|at| chosen[*at].company == Company::Alone);
    let mut played: Vec<Option<trial::Result>> = chosen.iter().map(|_| None).collect();
    for (indices, jobs) in [(shared, plan.jobs.get()), (alone, 1)] {
        let mut trials = stream::iter(indices)
            .map(|at| async move { (at, one(world, chosen[at], listener).await) })
            .buffer_unordered(jobs);
        while let Some((at, result)) = trials.next().await {
            played[at] = result;
        }
    }
    chosen.iter().copied().zip(played).collect()
}

async fn one(world: &World<'_>, scenario: &Scenario, listener: &Listener<'_>) -> Option<trial::Result> {
    if !world.halt.is_on() {
        return None;
    }
    let result = Trial::new(world, scenario).run().await;
    let verdict =
        result.found.iter().map(|found| found.finding.verdict).fold(Verdict::NotCovered, Verdict::and);
    listener(Event::Ended { scenario: scenario.name.clone(), file: scenario.file.clone(), verdict });
    Some(result)
}

/// Masks every text of a run. What became known as a secret late is masked in what was said early.
fn masked(run: Run, secrets: &Secrets) -> Run {
    fn walk(value: &mut serde_json::Value, mask: &mut impl FnMut(&mut String)) {
        match value {
            serde_json::Value::String(text) => mask(text),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| walk(item, mask)),
            serde_json::Value::Object(members) => members.values_mut().for_each(|item| walk(item, mask)),
            _ => {}
        }
    }
    // The same few names stand in every finding, and looking for hundreds of secrets in each takes its time.
    let mut known: HashMap<String, String> = HashMap::new();
    let mut mask = |text: &mut String| {
        if let Some(masked) = known.get(text) {
            masked.clone_into(text);
            return;
        }
        let masked = secrets.mask(text);
        known.insert(std::mem::replace(text, masked.clone()), masked);
    };
    let mut value = serde_json::to_value(&run).expect("a run is plain data");
    walk(&mut value, &mut mask);
    match serde_json::from_value(value) {
        Ok(run) => run,
        // A secret that equals a word of the form itself, such as `passed`: rather nothing than a leak.
        Err(error) => Run {
            ending: Ending::HarnessFailed {
                why: format!("a credential cannot be told from the report's own words: {error}"),
            },
            rules: Vec::new(),
            causes: Vec::new(),
            leftovers: Vec::new(),
            ..run
        },
    }
}
