//! A thread that sends: its uploaders, and once a second its recorder to whoever merges.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::task::{JoinSet, LocalSet};

use super::desk::{Desk, Shared};
use super::processor::Spent;
use super::recorder::Recorder;
use super::stop::MOMENT;
use super::upload::uploader;

/// What a thread tells of a second.
pub(super) struct Report {
    pub(super) worker: usize,
    /// The second, counted from the end of the warm-up.
    pub(super) second: u64,
    pub(super) recorder: Recorder,
    pub(super) connections: u64,
    pub(super) in_flight: u64,
    pub(super) spent: Spent,
    /// How long the interval was.
    pub(super) length: Duration,
    pub(super) last: Option<Last>,
}

/// What a thread tells at its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Last {
    pub(super) connections_peak: u64,
    /// When the last upload that counts was over.
    pub(super) end: Duration,
    /// What was spent since the warm-up was over, and how long that was.
    pub(super) spent: Spent,
    pub(super) length: Duration,
}

/// Recorders that were emptied, to be filled again.
#[derive(Debug, Clone, Default)]
pub(super) struct Spare(Arc<Mutex<Vec<Recorder>>>);

impl Spare {
    fn take(&self) -> Recorder {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Empties a recorder for others.
    pub(super) fn put(&self, mut recorder: Recorder) {
        recorder.clear();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(recorder);
    }
}

/// One of the threads.
pub(super) struct Worker {
    pub(super) index: usize,
    pub(super) uploaders: usize,
    pub(super) shared: Arc<Shared>,
    pub(super) reports: Sender<Report>,
    pub(super) spare: Spare,
}

impl Worker {
    /// Sends until there is nothing left to send, or the time is up.
    pub(super) fn run(self) -> io::Result<()> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let local = LocalSet::new();
        local.block_on(&runtime, self.work())
    }

    async fn work(self) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        let desk = Rc::new(Desk::new(Arc::clone(&shared))?);
        tokio::time::sleep_until(shared.start.into()).await;
        let clock = Clock::new(&shared);
        let mut uploaders = JoinSet::new();
        for _ in 0..self.uploaders {
            uploaders.spawn_local(uploader(Rc::clone(&desk)));
        }
        {
            let mut over = std::pin::pin!(time_is_up(&shared));
            loop {
                tokio::select! {
                    done = uploaders.join_next() => match done {
                        None => break,
                        Some(done) => done.map_err(io::Error::other)?,
                    },
                    () = clock.tick() => self.report(&desk, &clock, None),
                    () = &mut over => break,
                }
            }
        }
        uploaders.shutdown().await;
        let (spent, length) = clock.whole();
        let last = Last { connections_peak: desk.pool.peak(), end: desk.last_end.get(), spent, length };
        self.report(&desk, &clock, Some(last));
        Ok(())
    }

    fn report(&self, desk: &Desk, clock: &Clock<'_>, last: Option<Last>) {
        let (second, spent, length) = clock.next();
        let report = Report {
            worker: self.index,
            second,
            recorder: desk.recorder.replace(self.spare.take()),
            connections: desk.pool.open(),
            in_flight: desk.in_flight.get(),
            spent,
            length,
            last,
        };
        // Nobody merges any more only where the run has failed as a whole.
        let _ = self.reports.send(report);
    }
}

/// Waits until uploads that still run are cut off.
async fn time_is_up(shared: &Shared) {
    let linger = async {
        match shared.end() {
            Some(end) => tokio::time::sleep_until((shared.start + end + shared.plan.linger).into()).await,
            None => std::future::pending().await,
        }
    };
    let stopped = async {
        shared.stopper.stopped().await;
        tokio::time::sleep(MOMENT).await;
    };
    tokio::select! {
        () = linger => {}
        () = stopped => {}
    }
}

/// The seconds of a run, as a thread counts them.
struct Clock<'s> {
    shared: &'s Shared,
    second: Cell<u64>,
    /// When the second began, and what the thread had spent then.
    since: Cell<(Duration, Spent)>,
    /// The same for the end of the warm-up.
    origin: Cell<(Duration, Spent)>,
}

impl<'s> Clock<'s> {
    fn new(shared: &'s Shared) -> Self {
        let now = (shared.now(), Spent::so_far());
        Self { shared, second: Cell::new(0), since: Cell::new(now), origin: Cell::new(now) }
    }

    /// Waits for the end of the second.
    async fn tick(&self) {
        let warm_up = self.shared.plan.warm_up;
        if self.second.get() == 0 && self.shared.now() < warm_up {
            tokio::time::sleep_until((self.shared.start + warm_up).into()).await;
            let now = (self.shared.now(), Spent::so_far());
            self.since.set(now);
            self.origin.set(now);
        }
        let end = warm_up + Duration::from_secs(self.second.get() + 1);
        tokio::time::sleep_until((self.shared.start + end).into()).await;
    }

    /// Begins the next second: the number of the last, what was spent in it, and how long it was.
    fn next(&self) -> (u64, Spent, Duration) {
        let second = self.second.get();
        self.second.set(second + 1);
        let (began, before) = self.since.get();
        let now = (self.shared.now(), Spent::so_far());
        self.since.set(now);
        (second, now.1.since(before), now.0.saturating_sub(began))
    }

    fn whole(&self) -> (Spent, Duration) {
        let (began, before) = self.origin.get();
        (Spent::so_far().since(before), self.shared.now().saturating_sub(began))
    }
}
