//! One API call of an upload: sends the request, records its cost, and decides whether the response is a success.

use super::client::{ExchangeError, ExchangeStats, Request, Response};
use super::context::Period;
use super::failure::{ErrorClass, Failure, Step};
use super::plan::EarlyResponses;
use super::protocol::Unrenderable;
use super::worker_state::WorkerState;
use uptake_outcome::load::Phase;

/// Sends a request. A status that does not accept it is a failure of `step`, and so is a success before the request had been sent,
/// unless the plan allows it.
pub(super) async fn call(
    state: &WorkerState,
    request: &Request<'_>,
    period: Period,
    step: Step,
) -> Result<Response, Failure> {
    let mut stats = ExchangeStats::default();
    let result = state.pool.exchange(request, &mut stats).await;
    record_stats(state, period, stats);
    let response = result.map_err(|error| failure(step, error))?;
    if response.is_early {
        state.record(period, |recorder| recorder.counters.early_responses += 1);
    }
    let class = if !request.template.accepted.has(response.status) {
        ErrorClass::Status(response.status)
    } else if response.is_early && state.context.plan.early == EarlyResponses::Fail {
        ErrorClass::Early
    } else {
        return Ok(response);
    };
    Err(Failure { step, class })
}

/// Sends a request that is interrupted on purpose.
pub(super) async fn interrupted_call(
    state: &WorkerState,
    request: &Request<'_>,
    period: Period,
) -> Result<(), Failure> {
    let mut stats = ExchangeStats::default();
    let result = state.pool.exchange(request, &mut stats).await;
    record_stats(state, period, stats);
    match result {
        // A response before the interruption changes nothing: the connection is closed all the same.
        Err(ExchangeError::Interrupted) | Ok(_) => Ok(()),
        Err(error) => Err(failure(Step::Segment, error)),
    }
}

fn record_stats(state: &WorkerState, period: Period, stats: ExchangeStats) {
    state.record(period, |recorder| {
        recorder.counters.bytes_sent += stats.bytes;
        recorder.counters.requests += stats.requests;
        recorder.counters.retries += stats.retries;
        if let Some(connect) = stats.connect {
            recorder.counters.connections += 1;
            recorder.phase(Phase::Connect, connect);
        }
        if let Some(tls) = stats.tls {
            recorder.phase(Phase::Tls, tls);
        }
    });
}

/// A request that cannot be written is not sent.
pub(super) fn refused(step: Step, why: Unrenderable) -> Failure {
    failure(step, ExchangeError::unrenderable(why))
}

fn failure(step: Step, error: ExchangeError) -> Failure {
    let class = match error {
        ExchangeError::Failed(class) | ExchangeError::Stale(class) => class,
        ExchangeError::Interrupted => ErrorClass::Closed,
    };
    Failure { step, class }
}
