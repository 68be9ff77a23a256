//! A whole run: the chosen scenarios, a few at a time, and the verdicts.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::time::Duration;

use thiserror::Error;

use super::detect::{contradictions, detect, shown};
use super::fold::fold;
use super::keeper::{Frame, Keep, Keeper};
use super::passing::{Suspension, Waits};
use super::progress::{Event, Listener};
use super::queue::play;
use super::saved::{Before, Memory, Private, Saved, SavedError, SavedResult, SavedStanding};
use super::selection::Selection;
use super::sending::{Pass, Sort};
use super::stop::Stop;
use super::trial::{self, Trial};
use super::world::World;
use uptake_outcome::{Clocks, Ending, FORMAT, Retried, RuleResult, Run, Suspended, TargetSummary, Verdict};
use uptake_stop::Stopper;
use uptake_suite::{Loaded, Scenario};
use uptake_target::Target;
use uptake_wire::{Request, Secrets, WireError};

/// Why a run could not begin.
#[derive(Debug, Error)]
pub enum CheckError {
    /// The client cannot be set up as the profile asks.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The run that was written down is not one that can be gone on with.
    #[error(transparent)]
    Saved(#[from] SavedError),
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

/// How a run deals with real time, and where it is written down.
#[derive(Debug, Default)]
pub struct Keeping<'k> {
    /// How long scenarios may wait.
    pub waits: Option<Waits>,
    /// Where the run is written down.
    pub keep: Option<&'k Keep>,
    /// Whether the target is asked first what it can do.
    pub asks: bool,
    /// What was written down, and what was sealed, where an earlier process began the run.
    pub earlier: Option<(Saved, Vec<u8>)>,
}

/// Runs what `plan` chooses of `loaded` against `target`, and gives the verdicts.
pub async fn run(
    loaded: &Loaded,
    target: &Target,
    plan: &Plan,
    stopper: Stopper,
    listener: &Listener<'_>,
) -> Result<Run, CheckError> {
    Box::pin(run_kept(loaded, target, (plan, Keeping::default()), stopper, listener)).await
}

/// The same, where scenarios may wait, be suspended, and go on.
pub async fn run_kept(
    loaded: &Loaded,
    target: &Target,
    (plan, keeping): (&Plan, Keeping<'_>),
    stopper: Stopper,
    listener: &Listener<'_>,
) -> Result<Run, CheckError> {
    let Keeping { waits, keep, earlier, asks } = keeping;
    let mut world = World::new(loaded, target, plan, stopper)?.with_waits(waits);
    let (chosen, began) = match earlier {
        None => (plan.selection.scenarios(&loaded.suite, &loaded.scenarios), Began::now()),
        Some((saved, private)) => Began::earlier(loaded, &world, saved, &private)?,
    };
    if let Some(keep) = keep {
        let frame = Frame::new(&world, plan, &began.at, began.before.clone());
        world.keeper = Some(Keeper::new(keep, frame, &chosen));
    }
    let Began { at: started_at, before, standings } = began;
    let parts = sort(&world, &chosen, standings);
    listener(Event::Started { scenarios: parts.todo.len() });
    if !parts.todo.is_empty() {
        greet(&world).await;
    }
    let mut capabilities = before.capabilities.clone();
    if asks && !parts.todo.is_empty() {
        capabilities = detect(&world, loaded).await;
        if let Some(keeper) = &mut world.keeper {
            keeper.detected(&capabilities);
        }
    }
    let world = world;
    let mut results = parts.results;
    let mut waiting = parts.waiting;
    let jobs = plan.jobs.get();
    let todo: Vec<&Scenario> = parts.todo.iter().map(|at| chosen[*at]).collect();
    let starts = Mutex::new(parts.starts);
    let played = play(&world, &todo, jobs, |place, pass| {
        let at = parts.todo[place];
        let start = starts.lock().expect("no holder of this lock panics").remove(&at);
        one(&world, (at, chosen[at]), (pass, start), listener)
    })
    .await;
    for (place, ended) in played {
        let Some(trial::Ended { result, suspended, .. }) = ended else { continue };
        let at = parts.todo[place];
        waiting.extend(suspended.map(|(since, _)| (at, since)));
        results[at] = Some(result);
    }
    if let Some(keeper) = &world.keeper {
        world.heed(Some(keeper.close(&world)));
    }
    let ran = results.iter().filter(|result| result.is_some()).count();
    let results = chosen.iter().copied().zip(results).collect();
    let lacking = |needs: &[String]| world.lacking(needs);
    let (rules, causes, leftovers) = fold(loaded, &lacking, &plan.selection, results);
    let Before { took_seconds, bytes_sent, pacing, retries, answers, .. } = world.counted(&before);
    shown(&world, &mut capabilities);
    let mut warnings = overruled(loaded, &rules);
    warnings.extend(contradictions(&capabilities));
    warnings.extend(world.clock_warnings());
    let mut summary = uptake_outcome::Summary::count(&rules);
    summary.scenarios = ran;
    summary.requests = pacing.requests;
    summary.bytes_sent = bytes_sent;
    waiting.sort_by_key(|(at, _)| *at);
    let folder = world.keeper.as_ref().filter(|keeper| keeper.is_needed()).map(Keeper::folder);
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
        started_at,
        took_seconds,
        ending: world.halt.ending(),
        summary,
        rules,
        causes,
        leftovers,
        warnings,
        pacing,
        retries,
        clocks: Clocks { date: world.watch.reading(), created: world.created.reading() },
        capabilities,
        suspended: waiting.into_iter().map(|(at, since)| told(chosen[at], &since)).collect(),
        folder,
        answers,
        left_out,
        waivers: Vec::new(),
        baseline: None,
    };
    run.warnings.extend(run.doubts());
    Ok(masked(run, &world.secrets))
}

/// What the suite takes back of the suite that it extends: nobody should find out from a verdict that is missed.
fn overruled(loaded: &Loaded, judged: &[RuleResult]) -> Vec<String> {
    let reason = |result: &RuleResult| {
        let rule = loaded.suite.rule(&result.id)?;
        let reason = rule.overruled.as_deref()?;
        Some(format!("{} is overruled by the suite {}: {reason}", rule.id, loaded.suite.name))
    };
    judged.iter().filter_map(reason).collect()
}

fn told(scenario: &Scenario, since: &Suspension) -> Suspended {
    Suspended {
        scenario: scenario.name.clone(),
        file: scenario.file.clone(),
        step: since.step.clone(),
        from: since.due.to_string(),
        until: since.latest.map(|latest| latest.to_string()),
    }
}

/// How a run began: now, or in an earlier process.
struct Began {
    at: String,
    before: Before,
    standings: Vec<(SavedStanding, Option<Memory>)>,
}

impl Began {
    fn now() -> Self {
        Self { at: jiff::Timestamp::now().to_string(), before: Before::default(), standings: Vec::new() }
    }

    /// Takes up a run that was written down, with the scenarios that it had chosen.
    fn earlier<'l>(
        loaded: &'l Loaded,
        world: &World<'_>,
        saved: Saved,
        private: &[u8],
    ) -> Result<(Vec<&'l Scenario>, Self), CheckError> {
        let mut private: Private =
            serde_json::from_slice(private).map_err(|error| SavedError(error.to_string()))?;
        for (label, value) in &private.secrets {
            world.secrets.taint(label, value);
        }
        let mut chosen = Vec::new();
        let mut standings = Vec::new();
        for (at, scenario) in saved.scenarios.into_iter().enumerate() {
            let known = loaded.scenarios.iter().find(|known| scenario.is(known));
            chosen
                .push(known.ok_or_else(|| SavedError(format!("there is no scenario `{}`", scenario.name)))?);
            standings.push((scenario.standing, private.scenarios.remove(&at)));
        }
        Ok((chosen, Self { at: saved.started_at, before: saved.before, standings }))
    }
}

/// Where a scenario goes on.
type Start = (Suspension, Memory, SavedResult);

/// What is to be done of a run, and what is known already.
#[derive(Default)]
struct Parts {
    todo: Vec<usize>,
    starts: HashMap<usize, Start>,
    results: Vec<Option<trial::Result>>,
    waiting: Vec<(usize, Suspension)>,
}

/// What waits goes on when its time comes within the time that the run may wait itself.
fn sort(world: &World<'_>, chosen: &[&Scenario], standings: Vec<(SavedStanding, Option<Memory>)>) -> Parts {
    let mut parts = Parts { results: chosen.iter().map(|_| None).collect(), ..Parts::default() };
    if standings.is_empty() {
        parts.todo = (0..chosen.len()).collect();
    }
    let within = world.waits.map_or(Duration::ZERO, |waits| waits.within);
    for (at, (standing, memory)) in standings.into_iter().enumerate() {
        if let Some(keeper) = &world.keeper {
            keeper.known(world, at, &standing, memory.clone());
        }
        match (standing, memory) {
            (SavedStanding::Ended { result }, _) => parts.results[at] = Some((*result).into()),
            (SavedStanding::Suspended { since, result }, Some(memory)) if since.due.ahead() <= within => {
                parts.todo.push(at);
                parts.starts.insert(at, (since, memory, *result));
            }
            (SavedStanding::Suspended { since, result }, Some(_)) => {
                parts.results[at] = Some(still_waiting(world, chosen[at], &since, *result));
                parts.waiting.push((at, since));
            }
            (SavedStanding::Pending | SavedStanding::Suspended { .. }, _) => parts.todo.push(at),
        }
    }
    parts
}

/// What is known of a scenario that waits still.
fn still_waiting(
    world: &World<'_>,
    scenario: &Scenario,
    since: &Suspension,
    so_far: SavedResult,
) -> trial::Result {
    let trial = Trial::new(world, scenario, Pass::none(world));
    let stop = Stop::Suspended(Box::new(since.clone()));
    let behind = scenario.steps.iter().skip_while(|step| step.place.line != since.place.line);
    behind.for_each(|step| trial.leave(step, &stop));
    let mut result: trial::Result = so_far.into();
    result.found.append(&mut trial::lock(&trial.found));
    result
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
    let pass = Pass::none(world);
    let exchange = tokio::select! {
        exchange = world.send(&request, &pass, Sort::plain("GET /")) => exchange,
        () = world.halt.wait() => return,
    };
    match exchange.outcome {
        Err(fault) if fault.is_harness() => world.halt.harness_failed(fault.to_string()),
        Err(fault) => world.halt.out_of_reach(fault.to_string()),
        Ok(_) => {}
    }
}

/// How often a scenario is played whose requests the network lost; and how often where it is the same request each time.
const MOST_ATTEMPTS: usize = 12;
const SAME_AGAIN: usize = 4;
const BACK_OFF: Duration = Duration::from_millis(100);

async fn one<'r>(
    world: &'r World<'r>,
    (at, scenario): (usize, &'r Scenario),
    (pass, start): (Pass<'r>, Option<Start>),
    listener: &Listener<'_>,
) -> Option<trial::Ended> {
    if !world.halt.is_on() {
        return None;
    }
    let trial = Trial::new(world, scenario, pass.clone());
    let mut ended = match start {
        None => trial.run().await,
        Some((since, memory, so_far)) => trial.resume(at, (since, memory), so_far).await,
    };
    let mut losses: Vec<String> = Vec::new();
    while let Some((label, fault)) = ended.lost.take().filter(|_| world.halt.is_on()) {
        losses.push(label.clone());
        // The same request, each time: that is the server's way, and no accident.
        let again = losses.iter().rev().take_while(|known| **known == label).count();
        if losses.len() >= MOST_ATTEMPTS || again >= SAME_AGAIN {
            break;
        }
        world.retried(Retried::Scenario, &scenario.name, (&label, &fault));
        tokio::time::sleep(BACK_OFF).await;
        // What cuts connections by their number would cut the same request of each attempt: every other begins a call later.
        if losses.len() % 2 == 1 {
            greet(world).await;
        }
        let mut leftovers = std::mem::take(&mut ended.result.leftovers);
        ended = Trial::new(world, scenario, pass.clone()).again(losses.len()).run().await;
        leftovers.append(&mut ended.result.leftovers);
        ended.result.leftovers = leftovers;
    }
    let found = &ended.result.found;
    let verdict = found.iter().map(|found| found.finding.verdict).fold(Verdict::NotCovered, Verdict::and);
    if let Some(keeper) = &world.keeper {
        world.heed(Some(match &ended.suspended {
            Some(suspended) => keeper.suspended(world, at, &ended.result, suspended.clone()),
            // What the end of the run has cut short begins anew.
            None if !world.halt.is_on() => Ok(()),
            None => keeper.ended(world, at, &ended.result),
        }));
    }
    listener(Event::Ended { scenario: scenario.name.clone(), file: scenario.file.clone(), verdict });
    Some(ended)
}

/// Masks every text of a value.
pub(super) fn mask_value(value: &mut serde_json::Value, secrets: &Secrets) {
    match value {
        serde_json::Value::String(text) => *text = secrets.mask(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| mask_value(item, secrets)),
        serde_json::Value::Object(members) => {
            members.values_mut().for_each(|item| mask_value(item, secrets));
        }
        _ => {}
    }
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
