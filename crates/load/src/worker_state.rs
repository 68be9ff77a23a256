//! What the uploaders of one thread share: connections, the recorder, and the queue of arrivals.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::client::ConnectionPool;
use super::context::{Period, RunContext};
use super::recorder::{Recorder, Sample};
use super::schedule::{Cursor, Schedule};
use super::timer::Timer;
use uptake_outcome::load::Phase;

/// An upload to send.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) number: u64,
    /// When it was due, since the start of the run.
    pub(super) due: Duration,
    pub(super) started: Duration,
    pub(super) period: Period,
}

/// What the uploaders of one thread share.
pub(super) struct WorkerState {
    pub(super) context: Arc<RunContext>,
    pub(super) pool: ConnectionPool,
    pub(super) recorder: RefCell<Recorder>,
    pub(super) in_flight: Cell<u64>,
    /// When the last measured upload ended.
    pub(super) last_end: Cell<Duration>,
    queue: Mutex<ArrivalQueue>,
}

/// The uploader that holds the queue takes the next arrival and waits until it is due; the others wait for the queue.
struct ArrivalQueue {
    cursor: Option<Cursor>,
    timer: Timer,
}

impl WorkerState {
    pub(super) fn new(context: Arc<RunContext>) -> std::io::Result<Self> {
        let cursor = context.schedule.as_ref().map(Schedule::cursor);
        Ok(Self {
            pool: ConnectionPool::new(Arc::clone(&context.endpoint)),
            recorder: RefCell::default(),
            in_flight: Cell::new(0),
            last_end: Cell::new(Duration::ZERO),
            queue: Mutex::new(ArrivalQueue { cursor, timer: Timer::new()? }),
            context,
        })
    }

    /// The next upload, as soon as it is due; `None` at the end of the run.
    pub(super) async fn next_arrival(&self) -> Option<Arrival> {
        if self.context.early_end.is_stopped() {
            return None;
        }
        if self.context.schedule.is_some() { self.next_scheduled().await } else { self.next_immediate() }
    }

    /// The closed model: an upload is due when its uploader is free.
    fn next_immediate(&self) -> Option<Arrival> {
        let now = self.context.now();
        if self.context.end().is_some_and(|end| now >= end) {
            return None;
        }
        let period = self.context.admit(now)?;
        Some(Arrival { number: self.context.next_number(), due: now, started: now, period })
    }

    /// The open model: an upload is due when the schedule says so.
    async fn next_scheduled(&self) -> Option<Arrival> {
        let free = self.context.now();
        let mut queue = self.queue.lock().await;
        if self.context.early_end.is_stopped() {
            return None;
        }
        let number = self.context.next_number();
        let ArrivalQueue { cursor, timer } = &mut *queue;
        let due = cursor.as_mut()?.due(number, |number| self.context.work(number))?;
        let period = self.context.admit(due)?;
        if due > self.context.now() {
            tokio::select! {
                () = timer.wait(self.context.start + due) => {}
                () = self.context.early_end.stopped() => return None,
            }
        }
        let started = self.context.now();
        if period == Period::Measured {
            // Only the generator's own delay: waiting for an uploader to become free does not count.
            self.recorder.borrow_mut().phase(Phase::Lag, started.saturating_sub(due.max(free)));
        }
        Some(Arrival { number, due, started, period })
    }

    /// Records something, if the upload is measured.
    pub(super) fn record(&self, period: Period, record: impl FnOnce(&mut Recorder)) {
        if period == Period::Measured {
            record(&mut self.recorder.borrow_mut());
        }
    }

    /// The sample of an upload that ends now.
    pub(super) fn sample(&self, arrival: Arrival, paced: Option<Duration>) -> Sample {
        let finished = self.context.now();
        if arrival.period == Period::Measured {
            self.last_end.set(finished.max(self.last_end.get()));
        }
        Sample { due: arrival.due, started: arrival.started, finished, paced }
    }
}
