//! Asks what has been received of an upload.

use super::answer::Answer;
use super::call::{call, refused};
use super::client::Request;
use super::context::Period;
use super::failure::{ErrorClass, Failure, Step};
use super::protocol::{AskScript, Saved, is_complete};
use super::worker_state::WorkerState;
use super::workload::UploadSpec;
use uptake_suite::saved::Response;

/// Asks, and reads something from the response.
pub(super) async fn ask<T>(
    state: &WorkerState,
    period: Period,
    upload: &UploadSpec,
    saved: &Saved,
    read: impl FnOnce(&AskScript, &dyn Response) -> T,
) -> Result<T, Failure> {
    let context = &state.context;
    let step = Step::Status;
    let ask = context.script.ask.as_ref().ok_or(Failure { step, class: ErrorClass::Protocol })?;
    let values = context.script.values(upload.numbers(), saved);
    let mut body = String::new();
    ask.request.write_before(&values, &mut body).map_err(|why| refused(step, why))?;
    let request = Request::new(&ask.request, values, &body);
    let response = call(state, &request, period, step).await?;
    Ok(read(ask, &Answer::new(&response, &context.base_url)))
}

/// Whether all of an upload has arrived.
pub(super) async fn has_arrived(
    state: &WorkerState,
    period: Period,
    upload: &UploadSpec,
    saved: &Saved,
) -> Result<bool, Failure> {
    ask(state, period, upload, saved, |ask, response| {
        let mut kept = saved.clone();
        ask.request.keep(response, &mut kept);
        let mut values = state.context.script.values(upload.numbers(), &kept);
        values.status = Some(response.status());
        let says_so = ask.complete.as_ref().is_none_or(|complete| complete.holds(&values).unwrap_or(false));
        says_so && is_complete(&ask.received, response, (upload.size, upload.segments))
    })
    .await
}
