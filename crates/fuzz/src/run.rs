//! A whole run: batches of cases until a bound is met, and a shrunk counterexample for each kind of failure.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::batch::BatchRunner;
use super::config::FuzzConfig;
use super::error::FuzzError;
use super::event::{FuzzEvent, Listener};
use super::findings::Findings;
use super::interrupt::Interrupt;
use super::outcome::{Attempt, AttemptOptions, Outcome};
use super::property::Property;
use super::protocol;
use super::schedule::{GeneratedCase, Schedule};
use super::shrink::Failure;
use super::subject::Subject;
use super::worker::Worker;
use uptake_outcome::{Bound, Ending, FUZZ_FORMAT, FuzzRun, HttpVersion, PropertyResult, TargetSummary};
use uptake_payload::Seed;
use uptake_stop::Stopper;
use uptake_target::Target;

/// This many cases are run before their results are read. It is the same on every machine, so that a seed repeats a run
/// exactly.
const BATCH: usize = 32;
/// After this many inconclusive cases in a row the run gives up.
const MAX_INCONCLUSIVE_IN_A_ROW: u64 = 20;

/// Tests targets that are all alike, until a bound is met.
pub async fn fuzz(
    targets: Vec<Target>,
    config: &FuzzConfig,
    stopper: Stopper,
    listener: &Listener<'_>,
) -> Result<FuzzRun, FuzzError> {
    let started_at = jiff::Timestamp::now().to_string();
    let workers = Worker::for_targets(targets, config.suite.as_ref(), config.jobs)?;
    let began = Instant::now();
    let mut session = Session {
        config,
        workers,
        interrupt: Interrupt { stopper, deadline: config.bounds.time.map(|time| began + time) },
        listener,
        began,
        properties: Vec::new(),
        judged: BTreeMap::new(),
        inconclusive: Vec::new(),
        inconclusive_in_a_row: 0,
        findings: Findings::default(),
    };
    let (ending, bound) = session.run().await?;
    Ok(session.result(started_at, ending, bound))
}

struct Session<'r> {
    config: &'r FuzzConfig,
    workers: Vec<Worker>,
    interrupt: Interrupt,
    listener: &'r Listener<'r>,
    began: Instant,
    /// The properties that are tested.
    properties: Vec<Property>,
    /// How many cases of each property were judged.
    judged: BTreeMap<Property, u64>,
    /// Why cases were not.
    inconclusive: Vec<String>,
    inconclusive_in_a_row: u64,
    findings: Findings,
}

/// Why no more cases are tried.
enum StopReason {
    Bound(Bound),
    Ending(Ending),
}

impl Session<'_> {
    async fn run(&mut self) -> Result<(Ending, Option<Bound>), FuzzError> {
        let client = Arc::clone(self.workers[0].client());
        let mut schedule = Schedule::new(self.config, &client.target, client.subject.as_deref());
        self.properties.extend(Property::ALL.into_iter().filter(|property| schedule.tests(*property)));
        if self.properties.is_empty() {
            return Err(no_property(client.subject.as_deref()));
        }
        loop {
            let window = schedule.window();
            if window.is_empty() {
                return Ok((Ending::Completed, Some(Bound::Cases)));
            }
            let mut window = window.into_iter().peekable();
            while window.peek().is_some() {
                let batch: Vec<GeneratedCase> = window.by_ref().take(BATCH).collect();
                match self.batch(batch).await? {
                    None => {}
                    Some(StopReason::Bound(bound)) => return Ok((Ending::Completed, Some(bound))),
                    Some(StopReason::Ending(ending)) => return Ok((ending, None)),
                }
            }
        }
    }

    async fn batch(&mut self, mut batch: Vec<GeneratedCase>) -> Result<Option<StopReason>, FuzzError> {
        let out_of_bytes = self.drop_what_exceeds_the_byte_bound(&mut batch);
        let runner =
            BatchRunner { workers: &self.workers, options: self.options(), interrupt: &self.interrupt };
        let attempts = runner.run(&batch).await;
        let mut failures: Vec<Failure> = Vec::new();
        let mut unreachable = None;
        for (at, attempt) in attempts {
            match self.record(&batch[at], attempt) {
                Recorded::Passed => {}
                Recorded::Failed(failure) => failures.push(*failure),
                Recorded::Unreachable(why) => unreachable = Some(why),
            }
        }
        let judged = self.judged.values().sum();
        let of = self.config.bounds.cases.map(|cases| self.config.shard.share(cases));
        (self.listener)(FuzzEvent::Judged { cases: judged, of });
        for failure in failures {
            let options = self.options();
            let shrinker =
                super::shrink::Shrinker { worker: &self.workers[0], options, interrupt: &self.interrupt };
            let lost = self.findings.add(failure, &shrinker, self.config, self.listener).await?;
            unreachable = lost.or(unreachable);
        }
        Ok(self.stop_reason(unreachable, out_of_bytes))
    }

    /// Leaves out the cases that would send more bytes than allowed; whether there were any.
    fn drop_what_exceeds_the_byte_bound(&self, batch: &mut Vec<GeneratedCase>) -> bool {
        let Some(most) = self.config.bounds.bytes else { return false };
        let mut sent = self.sent().1;
        let before = batch.len();
        batch.retain(|generated| {
            sent = sent.saturating_add(generated.case.bytes());
            sent <= most
        });
        batch.len() < before
    }

    fn record(&mut self, generated: &GeneratedCase, attempt: Attempt) -> Recorded {
        let recorded = match &attempt.outcome {
            Outcome::Passed => Recorded::Passed,
            Outcome::Failed(mismatch) => {
                let mismatch = (**mismatch).clone();
                let generated = generated.clone();
                Recorded::Failed(Box::new(Failure { generated, attempt, mismatch }))
            }
            Outcome::Inconclusive(why) => {
                self.inconclusive.push(why.clone());
                self.inconclusive_in_a_row += 1;
                if self.inconclusive_in_a_row < MAX_INCONCLUSIVE_IN_A_ROW {
                    return Recorded::Passed;
                }
                return Recorded::Unreachable(format!(
                    "{MAX_INCONCLUSIVE_IN_A_ROW} cases in a row were inconclusive, the last: {why}"
                ));
            }
            Outcome::Unreachable(why) => return Recorded::Unreachable(why.clone()),
        };
        self.inconclusive_in_a_row = 0;
        *self.judged.entry(generated.property).or_default() += 1;
        recorded
    }

    fn stop_reason(&self, unreachable: Option<String>, out_of_bytes: bool) -> Option<StopReason> {
        if self.interrupt.stopper.is_stopped() {
            return Some(StopReason::Ending(Ending::Interrupted));
        }
        if let Some(why) = unreachable {
            return Some(StopReason::Ending(Ending::OutOfReach { why }));
        }
        if self.findings.are_enough(self.config) {
            return Some(StopReason::Bound(Bound::Counterexamples));
        }
        if out_of_bytes {
            return Some(StopReason::Bound(Bound::Bytes));
        }
        self.interrupt.is_due().then_some(StopReason::Bound(Bound::Time))
    }

    const fn options(&self) -> AttemptOptions {
        AttemptOptions { seed: Seed(self.config.seed), status_timeout: self.config.status_timeout }
    }

    /// How many requests were made, and how many bytes of bodies were sent.
    fn sent(&self) -> (u64, u64) {
        let mut clients: Vec<_> = self.workers.iter().map(Worker::client).collect();
        clients.dedup_by(|one, other| Arc::ptr_eq(one, other));
        let sent = clients.into_iter().map(|client| client.sent());
        sent.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    fn result(self, started_at: String, ending: Ending, bound: Option<Bound>) -> FuzzRun {
        let (requests, bytes_sent) = self.sent();
        let target = self.workers[0].target();
        let counterexamples = self.findings.into_counterexamples();
        let properties = self
            .properties
            .into_iter()
            .map(|property| PropertyResult {
                name: property.name().to_owned(),
                text: property.text().to_owned(),
                cases: self.judged.get(&property).copied().unwrap_or(0),
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
                http_version: HttpVersion::Http1,
                name: target.name.clone(),
                base_url: target.base_url.to_string(),
                proxy: target.proxy(),
                capabilities: target.capabilities.iter().map(|capability| capability.name.clone()).collect(),
            },
            seed: self.config.seed,
            started_at,
            took_seconds: self.began.elapsed().as_secs_f64(),
            ending,
            bound,
            cases: self.judged.values().sum(),
            unsaid: self.inconclusive.len() as u64,
            unsaid_because: self.inconclusive.last().cloned(),
            requests,
            bytes_sent,
            properties,
            counterexamples,
        }
    }
}

/// Why a run against the upload of a suite tests nothing.
fn no_property(subject: Option<&Subject>) -> FuzzError {
    let name = subject.map(|subject| subject.suite.name.clone()).unwrap_or_default();
    let all = Property::ALL.into_iter();
    let all =
        all.filter(|property| subject.is_some_and(|subject| protocol::is_applicable(subject, *property)));
    let names: Vec<_> = all.map(Property::name).collect();
    FuzzError::NoProperty(name, names.join(", "))
}

/// What an attempt of a batch came to.
enum Recorded {
    Passed,
    Failed(Box<Failure>),
    Unreachable(String),
}
