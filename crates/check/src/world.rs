//! What all scenarios of a run share.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::halt::Halt;
use super::keeper::Keeper;
use super::passing::Waits;
use super::queue::Lull;
use super::run::{CheckError, Plan};
use super::saved::Before;
use super::tally::Tally;
use super::trial::{Made, lock};
use super::watch::Watch;
use uptake_keep::KeepError;
use uptake_outcome::Retry;
use uptake_payload::Seed;
use uptake_stop::Stopper;
use uptake_suite::{Loaded, Resource, Suite};
use uptake_target::{Pacer, Target};
use uptake_wire::{Client, Exchange, Secrets};

/// The capability of a target whose clock can be turned.
pub(super) const CLOCK: &str = "clock";

/// The suite, the target and the means to ask it.
pub(super) struct World<'r> {
    pub(super) suite: &'r Suite,
    pub(super) target: &'r Target,
    pub(super) client: Client,
    pub(super) secrets: Secrets,
    pub(super) seed: Seed,
    pub(super) patience: Duration,
    pub(super) halt: Halt,
    /// How often each status was answered.
    pub(super) answers: Mutex<BTreeMap<u16, u64>>,
    pub(super) bytes_sent: AtomicU64,
    pub(super) pacer: Pacer,
    pub(super) tally: Tally,
    pub(super) lull: Lull,
    /// How long scenarios may wait for real time; where this says nothing, rules of time need a clock that can be turned.
    pub(super) waits: Option<Waits>,
    /// Where the run is written down.
    pub(super) keeper: Option<Keeper<'r>>,
    pub(super) began: std::time::Instant,
    pub(super) retries: Mutex<Vec<Retry>>,
    /// The target's clock, by the dates of its answers, and by those of what it made.
    pub(super) watch: Watch,
    pub(super) created: Watch,
}

impl<'r> World<'r> {
    pub(super) fn new(
        loaded: &'r Loaded,
        target: &'r Target,
        plan: &Plan,
        stopper: Stopper,
    ) -> Result<Self, CheckError> {
        let secrets = Secrets::new();
        for (name, value) in &target.credentials {
            secrets.taint(name, value);
        }
        Ok(Self {
            suite: &loaded.suite,
            target,
            client: Client::new(target.settings.clone())?,
            secrets,
            seed: Seed(plan.seed),
            patience: plan.patience,
            halt: Halt::new(stopper),
            answers: Mutex::default(),
            bytes_sent: AtomicU64::new(0),
            pacer: Pacer::new(target.budgets),
            tally: Tally::default(),
            lull: Lull::default(),
            waits: None,
            keeper: None,
            began: std::time::Instant::now(),
            retries: Mutex::default(),
            watch: Watch::default(),
            created: Watch::default(),
        })
    }

    /// The same, with leave to wait.
    pub(super) fn with_waits(mut self, waits: Option<Waits>) -> Self {
        self.waits = waits;
        self
    }
}

impl World<'_> {
    /// What this process has counted, and those before it.
    pub(super) fn counted(&self, before: &Before) -> Before {
        let mut retries = before.retries.clone();
        retries.extend(self.retries.lock().expect("no holder of this lock panics").iter().cloned());
        let mut answers = before.answers.clone();
        for (status, count) in lock(&self.answers).iter() {
            *answers.entry(*status).or_default() += count;
        }
        Before {
            took_seconds: before.took_seconds + self.began.elapsed().as_secs_f64(),
            bytes_sent: before.bytes_sent + self.bytes_sent.load(Ordering::Relaxed),
            pacing: self.tally.pacing(self.target.budgets).and(&before.pacing),
            retries,
            capabilities: before.capabilities.clone(),
            answers,
        }
    }

    /// What was just made tells when that was.
    pub(super) fn look_at(&self, resource: &Resource, body: &Value, exchange: &Exchange) {
        let text = resource.made_at.as_ref().and_then(|path| path.find(body));
        let date =
            text.as_ref().and_then(Value::as_str).and_then(|text| text.parse::<jiff::Timestamp>().ok());
        if let Some(date) = date.and_then(|date| u64::try_from(date.as_second()).ok()) {
            self.created.look(date, exchange.started, exchange.took);
        }
    }

    /// Why rules of time cannot be judged: there is more than one clock, and they are further apart than the margin.
    pub(super) fn clocks_apart(&self) -> Option<String> {
        let reading = self.watch.reading().filter(|reading| reading.samples > 1)?;
        let margin = self.target.margin.as_secs_f64();
        (reading.uncertainty_seconds > margin).then(|| {
            format!(
                "the target's clock is known to {:.1} s only, by the dates of its answers, and the margin is {margin:.1} s",
                reading.uncertainty_seconds
            )
        })
    }

    /// What a reader should know of the target's clocks.
    pub(super) fn clock_warnings(&self) -> Vec<String> {
        let (Some(date), Some(created)) = (self.watch.reading(), self.created.reading()) else {
            return Vec::new();
        };
        let apart = (date.offset_seconds - created.offset_seconds).abs();
        let known = date.uncertainty_seconds + created.uncertainty_seconds;
        if apart <= known + 1.0 || known > apart {
            return Vec::new();
        }
        vec![format!(
            "what the target makes is dated {apart:.1} s apart from its Date headers: it has more than one clock"
        )]
    }

    /// Notes in the journal that something is there.
    pub(super) fn journal_made(&self, made: &Made<'_>) {
        let noted = self.keeper.as_ref().map(|keeper| keeper.journal().made(&made.resource.name, &made.id));
        self.heed(noted);
    }

    /// Notes in the journal that something is gone.
    pub(super) fn journal_gone(&self, made: &Made<'_>) {
        let noted = self.keeper.as_ref().map(|keeper| keeper.journal().gone(&made.resource.name, &made.id));
        self.heed(noted);
    }

    /// A run that cannot be written down any more ends: what it makes could be left behind by a kill.
    pub(super) fn heed(&self, written: Option<Result<(), KeepError>>) {
        if let Some(Err(error)) = written {
            self.halt.harness_failed(error.to_string());
        }
    }

    /// Whether rules of time are judged by waiting in real time.
    pub(super) fn waits_for_real(&self) -> bool {
        self.target.clock.is_none() && self.waits.is_some()
    }

    /// The target's clock was turned.
    pub(super) fn turned(&self, by: Duration) {
        self.pacer.turned(by);
        self.watch.turned(by);
        self.created.turned(by);
    }

    /// The first capability of `needs` that the target lacks, in words. Who has time needs no clock that can be turned.
    pub(super) fn lacking(&self, needs: &[String]) -> Option<String> {
        let has = |need: &&String| self.target.can(need) || (*need == CLOCK && self.waits_for_real());
        let lacking = needs.iter().find(|need| !has(need))?;
        Some(format!("the target does not declare the capability `{lacking}`"))
    }

    /// The values that every expression may use.
    pub(super) fn given(&self) -> BTreeMap<String, Value> {
        let limits = self.target.limits;
        let base = self.target.base_url.as_str().trim_end_matches('/');
        let mut given: BTreeMap<String, Value> = [
            ("limit.min_segment", limits.min_segment),
            ("limit.max_segment", limits.max_segment),
            ("limit.max_request", limits.max_request),
            ("limit.max_total", limits.max_total),
            ("limit.max_parts", limits.max_parts),
            ("grace", self.target.grace.as_secs()),
            ("margin", self.target.margin.as_secs()),
        ]
        .into_iter()
        .map(|(name, number)| (name.to_owned(), number.into()))
        .collect();
        given.insert("origin".to_owned(), self.target.base_url.origin().ascii_serialization().into());
        given.insert("base_url".to_owned(), base.into());
        let stored = self.target.stored.as_ref().map(|url| url.as_str().trim_end_matches('/'));
        given.insert("stored".to_owned(), stored.unwrap_or_default().into());
        for (name, value) in &self.target.credentials {
            given.insert(format!("credential.{}", name.replace('-', "_")), value.as_str().into());
        }
        given
    }

    pub(super) fn count(&self, bytes: u64) {
        self.bytes_sent.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn answered(&self, status: u16) {
        *lock(&self.answers).entry(status).or_default() += 1;
    }

    /// Taints the members of an answer that the suite calls secret, before anything is said of it.
    pub(super) fn taint(&self, body: &Value) {
        match body {
            Value::Object(members) => {
                for (name, value) in members {
                    match value {
                        Value::String(text) if self.suite.secrets.contains(name) => {
                            self.secrets.taint(name, text);
                        }
                        other => self.taint(other),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.taint(item)),
            _ => {}
        }
    }
}
