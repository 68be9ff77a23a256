//! An uploader: takes one arrival after another, sends it, verifies it if the plan says so, and records how it ended.

use std::cell::Cell;
use std::rc::Rc;

use super::ask::has_arrived;
use super::context::Period;
use super::failure::{ErrorClass, Failure, Step};
use super::plan::{Model, Outcome, Verification};
use super::poll::POLL_DELAYS;
use super::recorder::{Recorder, Sample};
use super::upload::{SentUpload, UploadSender};
use super::worker_state::{Arrival, WorkerState};

/// Sends one upload after another until none is left.
pub(super) async fn uploader(state: Rc<WorkerState>) {
    let mut sender = UploadSender::new(&state);
    while let Some(arrival) = state.next_arrival().await {
        upload(&state, &mut sender, arrival).await;
        think(&state, arrival.number).await;
    }
}

async fn think(state: &WorkerState, number: u64) {
    let Model::Closed { think, .. } = &state.context.plan.model else { return };
    if think.is_none() {
        return;
    }
    tokio::select! {
        () = tokio::time::sleep(state.context.workload.think(*think, number)) => {}
        () = state.context.early_end.stopped() => {}
    }
}

async fn upload(state: &WorkerState, sender: &mut UploadSender<'_>, arrival: Arrival) {
    let guard = UploadGuard::new(state, arrival);
    let sent = sender.send(arrival).await;
    // The sample is taken before anything is verified.
    let sample = state.sample(arrival, sender.paced());
    let outcome = match sent {
        Ok(sent) => verified(state, arrival, sent).await,
        Err(failure) => Err(failure),
    };
    guard.is_over.set(true);
    state.record(arrival.period, |recorder| record(recorder, sample, outcome));
}

fn record(recorder: &mut Recorder, sample: Sample, outcome: Result<Outcome, Failure>) {
    match outcome {
        Ok(Outcome::Completed) => recorder.completed(sample),
        Ok(Outcome::Resumed) => {
            recorder.counters.resumed += 1;
            recorder.completed(sample);
        }
        Ok(Outcome::Abandoned) => recorder.counters.abandoned += 1,
        Ok(Outcome::GivenUp) => recorder.counters.given_up += 1,
        Err(failure) => recorder.failed(sample, failure),
    }
}

/// Compares what was received with what was sent, if the plan says so.
async fn verified(state: &WorkerState, arrival: Arrival, sent: SentUpload) -> Result<Outcome, Failure> {
    let context = &state.context;
    if context.plan.verify == Verification::Off || !sent.outcome.is_complete() {
        return Ok(sent.outcome);
    }
    let upload = context.workload.upload(arrival.number);
    if let (Verification::Digest(share), Some(stored)) = (context.plan.verify, &context.stored) {
        if let Some(script) = &context.script.stored
            && context.workload.is_verified(share, arrival.number)
        {
            let values = context.script.values(upload.numbers(), &sent.saved);
            let content = &context.contents[upload.content];
            stored.compare((&script.request, &script.shows), &values, (content, upload)).await?;
            state.record(arrival.period, |recorder| recorder.counters.verified += 1);
        }
        return Ok(sent.outcome);
    }
    // What the target says may lag a little behind the last segment.
    for delay in POLL_DELAYS {
        if has_arrived(state, arrival.period, &upload, &sent.saved).await? {
            state.record(arrival.period, |recorder| recorder.counters.verified += 1);
            return Ok(sent.outcome);
        }
        tokio::time::sleep(delay).await;
    }
    Err(Failure { step: Step::Status, class: ErrorClass::Verify })
}

/// Counts an upload as in progress. If it is dropped before the upload is over, the run ended first.
struct UploadGuard<'s> {
    state: &'s WorkerState,
    arrival: Arrival,
    is_over: Cell<bool>,
}

impl<'s> UploadGuard<'s> {
    fn new(state: &'s WorkerState, arrival: Arrival) -> Self {
        state.in_flight.set(state.in_flight.get() + 1);
        let counters = &mut state.recorder.borrow_mut().counters;
        match arrival.period {
            Period::Measured => counters.started += 1,
            Period::WarmUp => counters.warm_up += 1,
        }
        Self { state, arrival, is_over: Cell::new(false) }
    }
}

impl Drop for UploadGuard<'_> {
    fn drop(&mut self) {
        self.state.in_flight.set(self.state.in_flight.get() - 1);
        if self.is_over.get() {
            return;
        }
        let sample = self.state.sample(self.arrival, None);
        let is_stopped = self.state.context.early_end.is_stopped();
        self.state.record(self.arrival.period, |recorder| {
            recorder.counters.unfinished += 1;
            // An upload that the user cut off did not fail.
            if !is_stopped {
                recorder.failed(sample, Failure { step: Step::Upload, class: ErrorClass::Unfinished });
            }
        });
    }
}
