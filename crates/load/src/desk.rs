//! What all uploaders of a thread share: the way to the target, the recorder, and the turn to take the next upload.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::job::Jobs;
use super::plan::{Model, Plan, WorkUnit};
use super::recorder::{Recorder, Sample};
use super::schedule::{Cursor, Schedule};
use super::stop::EarlyEnd;
use super::timer::Timer;
use super::wire::{Content, Pool, Site};
use uptake_outcome::load::Phase;

/// What all threads share. Only counters change.
pub(super) struct Shared {
    pub(super) plan: Plan,
    pub(super) site: Arc<Site>,
    pub(super) jobs: Jobs,
    pub(super) schedule: Option<Schedule>,
    pub(super) contents: Vec<Arc<Content>>,
    /// The authorization of calls that need the key.
    pub(super) auth: Option<String>,
    /// Where all uploads go, where one token serves all.
    pub(super) upload_path: Option<String>,
    pub(super) boundary: String,
    pub(super) stopper: EarlyEnd,
    /// When the warm-up begins.
    pub(super) start: Instant,
    pub(super) next: AtomicU64,
    counted: AtomicU64,
}

/// An upload that is to be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) number: u64,
    /// When it was due, since the start.
    pub(super) due: Duration,
    pub(super) started: Duration,
    pub(super) counts: Counts,
}

/// Whether an upload is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    Yes,
    /// It belongs to the warm-up.
    No,
}

/// What the uploaders of a thread share.
pub(super) struct Desk {
    pub(super) shared: Arc<Shared>,
    pub(super) pool: Pool,
    pub(super) recorder: RefCell<Recorder>,
    pub(super) in_flight: Cell<u64>,
    /// When the last upload that counts was over.
    pub(super) last_end: Cell<Duration>,
    turn: Mutex<Turn>,
}

/// Who holds it takes the next arrival and waits for it; the others wait behind.
struct Turn {
    cursor: Option<Cursor>,
    timer: Timer,
}

impl Shared {
    #[expect(clippy::too_many_arguments, reason = "the one place where all is put together")]
    pub(super) fn new(
        plan: Plan,
        site: Arc<Site>,
        jobs: Jobs,
        contents: Vec<Arc<Content>>,
        auth: Option<String>,
        upload_path: Option<String>,
        stopper: EarlyEnd,
        start: Instant,
    ) -> Self {
        let schedule = match &plan.model {
            Model::Open(open) => Some(Schedule::new(&open.offer, open.arrivals, plan.warm_up, plan.seed)),
            Model::Closed { .. } => None,
        };
        let boundary = format!("uptake-{:016x}", plan.seed.derive("boundary").0);
        Self {
            plan,
            site,
            jobs,
            schedule,
            contents,
            auth,
            upload_path,
            boundary,
            stopper,
            start,
            next: AtomicU64::new(0),
            counted: AtomicU64::new(0),
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// When uploads are no longer started.
    pub(super) fn end(&self) -> Option<Duration> {
        self.plan.duration.map(|duration| self.plan.warm_up + duration)
    }

    /// How much work an arrival is, in the unit of the rate.
    #[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
    pub(super) fn work(&self, number: u64) -> f64 {
        let Model::Open(open) = &self.plan.model else { return 1.0 };
        match open.offer.unit {
            WorkUnit::Uploads => 1.0,
            WorkUnit::Segments => self.jobs.job(number).count as f64,
            WorkUnit::Bytes => self.jobs.job(number).size as f64,
        }
    }

    /// Whether an upload that is due at `due` counts; none where there are enough of those that do.
    fn admit(&self, due: Duration) -> Option<Counts> {
        if due < self.plan.warm_up {
            return Some(Counts::No);
        }
        match self.plan.uploads {
            Some(most) if self.counted.fetch_add(1, Ordering::Relaxed) >= most => None,
            _ => Some(Counts::Yes),
        }
    }
}

impl Desk {
    pub(super) fn new(shared: Arc<Shared>) -> std::io::Result<Self> {
        let cursor = shared.schedule.as_ref().map(Schedule::cursor);
        Ok(Self {
            pool: Pool::new(Arc::clone(&shared.site)),
            recorder: RefCell::default(),
            in_flight: Cell::new(0),
            last_end: Cell::new(Duration::ZERO),
            turn: Mutex::new(Turn { cursor, timer: Timer::new()? }),
            shared,
        })
    }

    /// The next upload, as soon as it is due; none when there is none any more.
    pub(super) async fn next(&self) -> Option<Arrival> {
        if self.shared.stopper.is_stopped() {
            return None;
        }
        if self.shared.schedule.is_some() { self.scheduled().await } else { self.at_once() }
    }

    /// The closed model: an upload is due when its uploader is free.
    fn at_once(&self) -> Option<Arrival> {
        let now = self.shared.now();
        if self.shared.end().is_some_and(|end| now >= end) {
            return None;
        }
        let counts = self.shared.admit(now)?;
        let number = self.shared.next.fetch_add(1, Ordering::Relaxed);
        Some(Arrival { number, due: now, started: now, counts })
    }

    /// The open model: an upload is due when the schedule says so.
    async fn scheduled(&self) -> Option<Arrival> {
        let free = self.shared.now();
        let mut turn = self.turn.lock().await;
        if self.shared.stopper.is_stopped() {
            return None;
        }
        let number = self.shared.next.fetch_add(1, Ordering::Relaxed);
        let Turn { cursor, timer } = &mut *turn;
        let due = cursor.as_mut()?.due(number, |number| self.shared.work(number))?;
        let counts = self.shared.admit(due)?;
        if due > self.shared.now() {
            tokio::select! {
                () = timer.wait(self.shared.start + due) => {}
                () = self.shared.stopper.stopped() => return None,
            }
        }
        let started = self.shared.now();
        if counts == Counts::Yes {
            // Only what the generator itself is to blame for: not the wait for an uploader to become free.
            self.recorder.borrow_mut().phase(Phase::Lag, started.saturating_sub(due.max(free)));
        }
        Some(Arrival { number, due, started, counts })
    }

    /// The recorder, where the upload counts.
    pub(super) fn record(&self, counts: Counts, record: impl FnOnce(&mut Recorder)) {
        if counts == Counts::Yes {
            record(&mut self.recorder.borrow_mut());
        }
    }

    /// The sample of an upload that is over now.
    pub(super) fn sample(&self, arrival: Arrival) -> Sample {
        let finished = self.shared.now();
        if arrival.counts == Counts::Yes {
            self.last_end.set(finished.max(self.last_end.get()));
        }
        Sample { due: arrival.due, started: arrival.started, finished }
    }
}
