//! A sending thread: runs its uploaders, and sends its recorder to the aggregator once a second.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::task::{JoinSet, LocalSet};

use super::context::RunContext;
use super::cpu::CpuTime;
use super::early_end::STOP_GRACE;
use super::uploader::uploader;
use super::worker_report::{RecorderPool, WorkerReport, WorkerTotal};
use super::worker_state::WorkerState;

/// A sending thread.
pub(super) struct Worker {
    pub(super) index: usize,
    pub(super) uploaders: usize,
    pub(super) context: Arc<RunContext>,
    pub(super) reports: Sender<WorkerReport>,
    pub(super) recorders: RecorderPool,
}

impl Worker {
    /// Sends until no upload is left, or the time is up.
    pub(super) fn run(self) -> io::Result<()> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let local = LocalSet::new();
        local.block_on(&runtime, self.work())
    }

    async fn work(self) -> io::Result<()> {
        let context = Arc::clone(&self.context);
        let state = Rc::new(WorkerState::new(Arc::clone(&context))?);
        tokio::time::sleep_until(context.start.into()).await;
        let clock = SecondClock::new(&context);
        let mut uploaders = JoinSet::new();
        for _ in 0..self.uploaders {
            uploaders.spawn_local(uploader(Rc::clone(&state)));
        }
        {
            let mut deadline = std::pin::pin!(deadline(&context));
            loop {
                tokio::select! {
                    done = uploaders.join_next() => match done {
                        None => break,
                        Some(done) => done.map_err(io::Error::other)?,
                    },
                    () = clock.tick(&state) => self.report(&state, &clock, None),
                    () = &mut deadline => break,
                }
            }
        }
        uploaders.shutdown().await;
        let (cpu, length) = clock.total();
        let (connections_peak, last_end) = (state.pool.peak(), state.last_end.get());
        self.report(&state, &clock, Some(WorkerTotal { connections_peak, last_end, cpu, length }));
        Ok(())
    }

    fn report(&self, state: &WorkerState, clock: &SecondClock<'_>, total: Option<WorkerTotal>) {
        let (second, cpu, length) = clock.next();
        let mut recorder = state.recorder.replace(self.recorders.take());
        recorder.counters.bytes_on_wire += clock.bytes_on_wire(state);
        let report = WorkerReport {
            worker: self.index,
            second,
            recorder,
            connections: state.pool.open(),
            in_flight: state.in_flight.get(),
            cpu,
            length,
            total,
        };
        // It fails only if the aggregator is gone, that is, if the whole run has failed.
        let _ = self.reports.send(report);
    }
}

/// Waits until uploads still in progress are cut off.
async fn deadline(context: &RunContext) {
    let linger = async {
        let all_started = context.all_started().await;
        tokio::time::sleep_until((context.start + all_started + context.plan.linger).into()).await;
    };
    let stopped = async {
        context.early_end.stopped().await;
        tokio::time::sleep(STOP_GRACE).await;
    };
    tokio::select! {
        () = linger => {}
        () = stopped => {}
    }
}

/// Divides a run into seconds, counted from the end of the warm-up.
struct SecondClock<'c> {
    context: &'c RunContext,
    second: Cell<u64>,
    /// When the second began, and the thread's processor time then.
    since: Cell<(Duration, CpuTime)>,
    /// The same for the end of the warm-up.
    origin: Cell<(Duration, CpuTime)>,
    /// How many bytes had gone to sockets when it was last asked.
    written: Cell<u64>,
}

impl<'c> SecondClock<'c> {
    fn new(context: &'c RunContext) -> Self {
        let now = (context.now(), CpuTime::of_this_thread());
        Self {
            context,
            second: Cell::new(0),
            since: Cell::new(now),
            origin: Cell::new(now),
            written: Cell::new(0),
        }
    }

    /// Waits for the end of the second.
    async fn tick(&self, state: &WorkerState) {
        let warm_up = self.context.plan.warm_up;
        if self.second.get() == 0 && self.context.now() < warm_up {
            tokio::time::sleep_until((self.context.start + warm_up).into()).await;
            let now = (self.context.now(), CpuTime::of_this_thread());
            self.since.set(now);
            self.origin.set(now);
            // What the warm-up sent does not count.
            self.bytes_on_wire(state);
        }
        let end = warm_up + Duration::from_secs(self.second.get() + 1);
        tokio::time::sleep_until((self.context.start + end).into()).await;
    }

    /// Begins the next second, and returns the last one: its number, processor time and length.
    fn next(&self) -> (u64, CpuTime, Duration) {
        let second = self.second.get();
        self.second.set(second + 1);
        let (began, before) = self.since.get();
        let now = (self.context.now(), CpuTime::of_this_thread());
        self.since.set(now);
        (second, now.1.since(before), now.0.saturating_sub(began))
    }

    /// How many bytes went to sockets since it was last asked.
    fn bytes_on_wire(&self, state: &WorkerState) -> u64 {
        let now = state.pool.bytes_on_wire();
        now - self.written.replace(now)
    }

    /// The processor time since the end of the warm-up, and how long that was.
    fn total(&self) -> (CpuTime, Duration) {
        let (began, before) = self.origin.get();
        (CpuTime::of_this_thread().since(before), self.context.now().saturating_sub(began))
    }
}
