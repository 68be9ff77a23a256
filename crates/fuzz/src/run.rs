//! A whole run: cases by turns, a few side by side, and what failed made small.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::attempt::{End, Manner};
use super::case::Case;
use super::error::FuzzError;
use super::lane::Lane;
use super::misfit::Kind;
use super::progress::{Listener, Progress};
use super::property::Property;
use super::reduce::{Failure, Means};
use super::strategy::{self, Setting};
use uptake_outcome::{Bound, Ending, FUZZ_FORMAT, FuzzRun, PropertyResult, TargetSummary};
use uptake_payload::Seed;
use uptake_stop::Stopper;
use uptake_target::Target;

/// So many cases are tried before anybody looks at what they came to. It is the same for every machine, so that a seed
/// repeats a run exactly.
const BATCH: usize = 32;
/// So many cases are put in order by size, the small ones first.
const WINDOW: u64 = 512;
/// So many cases in a row of which nothing can be said, and nothing will be.
const HOPELESS: u64 = 20;
/// From here on a segment is too large to be sent by the hundred.
const LARGE: u64 = 1 << 20;

/// What a run may take.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bounds {
    /// So many cases.
    pub cases: Option<u64>,
    /// So much time.
    pub time: Option<Duration>,
    /// So many bytes of bodies.
    pub bytes: Option<u64>,
    /// So many counterexamples of different kinds.
    pub counterexamples: Option<usize>,
}

/// What to try, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The properties; an empty list means all.
    pub properties: Vec<Property>,
    /// The seed of the cases and of the content.
    pub seed: u64,
    /// What it may take.
    pub bounds: Bounds,
    /// How many cases go side by side at each target.
    pub jobs: usize,
    /// How long a status may take to show what has arrived.
    pub patience: Duration,
    /// Where scenarios are written.
    pub out: PathBuf,
    /// How a scenario is replayed, before its path.
    pub replay: String,
}

/// One case that is to be tried.
struct Turn {
    index: u64,
    property: Property,
    case: Case,
}

/// Tries cases against targets that are all alike, until a bound is met.
pub async fn fuzz(
    targets: Vec<Target>,
    plan: &Plan,
    stopper: Stopper,
    listener: &Listener<'_>,
) -> Result<FuzzRun, FuzzError> {
    let started_at = jiff::Timestamp::now().to_string();
    let lanes = Lane::to(targets, plan.jobs)?;
    let began = Instant::now();
    let mut run = Running {
        plan,
        setting: setting(lanes[0].target()),
        lanes,
        stopper,
        listener,
        began,
        until: plan.bounds.time.map(|time| began + time),
        tried: 0,
        unsaid: Vec::new(),
        in_a_row: 0,
        results: BTreeMap::new(),
        found: BTreeMap::new(),
    };
    let (ending, bound) = run.all().await?;
    Ok(run.result(started_at, ending, bound))
}

fn setting(target: &Target) -> Setting {
    Setting {
        limits: target.limits,
        grace: target.grace.as_secs(),
        margin: target.margin.as_secs(),
        clock: target.can("clock") && target.clock.is_some(),
    }
}

struct Running<'r> {
    plan: &'r Plan,
    lanes: Vec<Lane>,
    setting: Setting,
    stopper: Stopper,
    listener: &'r Listener<'r>,
    began: Instant,
    until: Option<Instant>,
    tried: u64,
    unsaid: Vec<String>,
    in_a_row: u64,
    results: BTreeMap<Property, u64>,
    found: BTreeMap<Kind, uptake_outcome::Counterexample>,
}

/// A case under way when the time is over may take so long to end; one that waits for a rate limit would take a minute.
const LAST: Duration = Duration::from_secs(5);

/// Comes back when a case has had its time, and that.
async fn overdue(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until((until + LAST).into()).await,
        None => std::future::pending().await,
    }
}

/// Why no more cases are tried.
enum Over {
    Bound(Bound),
    Ending(Ending),
}

impl Running<'_> {
    async fn all(&mut self) -> Result<(Ending, Option<Bound>), FuzzError> {
        let mut next = 0;
        loop {
            let window = self.window(next);
            if window.is_empty() {
                return Ok((Ending::Completed, Some(Bound::Cases)));
            }
            next += window.len() as u64;
            let mut window = window.into_iter().peekable();
            while window.peek().is_some() {
                let batch: Vec<Turn> = window.by_ref().take(BATCH).collect();
                if let Some(over) = self.batch(batch).await? {
                    return Ok(match over {
                        Over::Bound(bound) => (Ending::Completed, Some(bound)),
                        Over::Ending(ending) => (ending, None),
                    });
                }
            }
        }
    }

    /// The next cases, in the order in which they are tried.
    fn window(&self, from: u64) -> Vec<Turn> {
        let most = self.plan.bounds.cases.unwrap_or(u64::MAX);
        let turns: Vec<Property> = match self.plan.properties.as_slice() {
            [] => Property::TURNS.to_vec(),
            chosen => chosen.to_vec(),
        };
        let mut window: Vec<Turn> = (from..most.min(from + WINDOW))
            .map(|index| {
                let at = usize::try_from(index % turns.len() as u64).unwrap_or(0);
                let property = turns[at];
                let case = strategy::case(self.setting, property, Seed(self.plan.seed), index);
                Turn { index, property, case }
            })
            .collect();
        let target = self.lanes[0].target();
        if target.can("rate-limit") || target.limits.min_segment >= LARGE {
            window.sort_by_key(|turn| (turn.case.bytes(), turn.case.steps.len()));
        }
        window
    }

    async fn batch(&mut self, mut batch: Vec<Turn>) -> Result<Option<Over>, FuzzError> {
        let mut out_of_bytes = false;
        if let Some(most) = self.plan.bounds.bytes {
            let mut sent = self.sent().1;
            let before = batch.len();
            batch.retain(|turn| {
                sent = sent.saturating_add(turn.case.bytes());
                sent <= most
            });
            out_of_bytes = batch.len() < before;
        }
        let tried = self.attempts(&batch).await;
        let mut failures: Vec<Failure> = Vec::new();
        let mut lost = None;
        for (at, attempt) in tried {
            let Turn { index, property, case } = &batch[at];
            match &attempt.end {
                End::Kept => {}
                End::Broken(misfit) => {
                    let misfit = (**misfit).clone();
                    let (case, property) = (case.clone(), *property);
                    failures.push(Failure { index: *index, property, case, attempt, misfit });
                }
                End::Unsaid(why) => {
                    self.unsaid.push(why.clone());
                    self.in_a_row += 1;
                    if self.in_a_row >= HOPELESS {
                        lost = Some(format!("{HOPELESS} cases in a row came to nothing, the last: {why}"));
                    }
                    continue;
                }
                End::Lost(why) => {
                    lost = Some(why.clone());
                    continue;
                }
            }
            self.in_a_row = 0;
            self.tried += 1;
            *self.results.entry(*property).or_default() += 1;
        }
        (self.listener)(Progress::Tried { cases: self.tried, of: self.plan.bounds.cases });
        for failure in failures {
            if let Some(gone) = self.reduce(failure).await? {
                lost = Some(gone);
            }
        }
        Ok(self.over(lost, out_of_bytes))
    }

    fn over(&self, lost: Option<String>, out_of_bytes: bool) -> Option<Over> {
        if self.stopper.is_stopped() {
            return Some(Over::Ending(Ending::Interrupted));
        }
        if let Some(why) = lost {
            return Some(Over::Ending(Ending::OutOfReach { why }));
        }
        if self.has_enough() {
            return Some(Over::Bound(Bound::Counterexamples));
        }
        if out_of_bytes {
            return Some(Over::Bound(Bound::Bytes));
        }
        self.until.filter(|until| Instant::now() >= *until).map(|_| Over::Bound(Bound::Time))
    }

    /// Tries a batch, and gives what came of it in the order of the batch, whoever was quicker.
    async fn attempts(&self, batch: &[Turn]) -> Vec<(usize, super::attempt::Attempt)> {
        let next = AtomicUsize::new(0);
        let gone = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let manner = self.manner();
        let lanes = self.lanes.iter().map(|lane| {
            let (next, gone) = (&next, Arc::clone(&gone));
            async move {
                let mut tried = Vec::new();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let late = self.until.is_some_and(|until| Instant::now() >= until);
                    if at >= batch.len() || late || self.stopper.is_stopped() || gone.load(Ordering::Relaxed)
                    {
                        return tried;
                    }
                    // On a task of its own, so that lanes use more than one core.
                    let (lane, case) = (lane.clone(), batch[at].case.clone());
                    let mut task = tokio::spawn(async move { lane.attempt(&case, manner).await });
                    let attempt = tokio::select! {
                        attempt = &mut task => attempt,
                        () = self.stopper.stopped() => {
                            task.abort();
                            return tried;
                        }
                        () = overdue(self.until) => {
                            task.abort();
                            return tried;
                        }
                    };
                    if let Ok(attempt) = attempt {
                        if matches!(attempt.end, End::Lost(_)) {
                            gone.store(true, Ordering::Relaxed);
                        }
                        tried.push((at, attempt));
                    }
                }
            }
        });
        let mut tried: Vec<_> = join_all(lanes).await.into_iter().flatten().collect();
        tried.sort_by_key(|(at, _)| *at);
        tried
    }

    /// Makes a failure small, unless its like was found before. The target's loss is told.
    async fn reduce(&mut self, failure: Failure) -> Result<Option<String>, FuzzError> {
        let kind = failure.misfit.kind();
        if let Entry::Occupied(mut known) = self.found.entry(kind) {
            known.get_mut().seen += 1;
            return Ok(None);
        }
        if self.has_enough() {
            return Ok(None);
        }
        let (rule, index) = (failure.misfit.rule.to_owned(), failure.index);
        (self.listener)(Progress::Found { rule: rule.clone(), case: index });
        let name = format!("fuzz-{}-{}-{index}.yaml", rule.to_lowercase(), self.plan.seed);
        let path = self.plan.out.join(name);
        let remarks = vec![
            format!(
                "A counterexample to `{}`, found by uptake fuzz --seed {}, case {index}.",
                failure.property.text(),
                self.plan.seed
            ),
            format!("Replay it by: {} {}", self.plan.replay, path.display()),
        ];
        let means = Means {
            lane: &self.lanes[0],
            manner: self.manner(),
            until: self.until,
            stopper: &self.stopper,
            remarks,
        };
        let reduced = means.reduce(failure).await;
        let mut counterexample = reduced.counterexample;
        if let Some(scenario) = reduced.scenario {
            write(&path, &scenario)?;
            counterexample.scenario = Some(path.display().to_string());
        }
        self.found.insert(kind, counterexample);
        Ok(reduced.lost)
    }

    fn has_enough(&self) -> bool {
        self.plan.bounds.counterexamples.is_some_and(|enough| self.found.len() >= enough)
    }

    const fn manner(&self) -> Manner {
        Manner { seed: Seed(self.plan.seed), patience: self.plan.patience }
    }

    /// How many calls were made, and how many bytes went out.
    fn sent(&self) -> (u64, u64) {
        let mut askers: Vec<_> = self.lanes.iter().map(Lane::asker).collect();
        askers.dedup_by(|one, other| Arc::ptr_eq(one, other));
        askers.into_iter().map(|asker| asker.sent()).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    fn result(self, started_at: String, ending: Ending, bound: Option<Bound>) -> FuzzRun {
        let (requests, bytes_sent) = self.sent();
        let target = self.lanes[0].target();
        let counterexamples: Vec<_> = self.found.into_values().collect();
        let properties = Property::ALL
            .into_iter()
            .filter(|property| self.plan.properties.is_empty() || self.plan.properties.contains(property))
            .map(|property| PropertyResult {
                name: property.name().to_owned(),
                text: property.text().to_owned(),
                cases: self.results.get(&property).copied().unwrap_or(0),
                counterexamples: counterexamples
                    .iter()
                    .filter(|counterexample| counterexample.property == property.name())
                    .count(),
            })
            .collect();
        FuzzRun {
            format: FUZZ_FORMAT,
            uptake: env!("CARGO_PKG_VERSION").to_owned(),
            target: TargetSummary {
                name: target.name.clone(),
                base_url: target.base_url.to_string(),
                capabilities: target.capabilities.iter().map(|capability| capability.name.clone()).collect(),
            },
            seed: self.plan.seed,
            started_at,
            took_seconds: self.began.elapsed().as_secs_f64(),
            ending,
            bound,
            cases: self.tried,
            unsaid: self.unsaid.len() as u64,
            unsaid_because: self.unsaid.last().cloned(),
            requests,
            bytes_sent,
            properties,
            counterexamples,
        }
    }
}

fn write(path: &Path, text: &str) -> Result<(), FuzzError> {
    let failed = |source| FuzzError::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}
