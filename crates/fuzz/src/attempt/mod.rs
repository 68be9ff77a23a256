//! One attempt at a case: performs its steps against the target and checks every answer against the oracle.

mod case_run;
mod events;
mod segments;
mod status;

use http::Method;
use serde_json::json;

use self::case_run::{CaseRun, Location};
use super::case::{Case, Event, Step};
use super::client::RateLimitedClient;
use super::interrupt::{CLEAN_UP, Interrupt};
use super::outcome::{Attempt, AttemptOptions, Outcome};
use uptake_oracle::Span;

/// Runs a case once, and deletes what it created. Gives nothing if it was interrupted.
pub(super) async fn attempt(
    client: &RateLimitedClient,
    case: &Case,
    options: AttemptOptions,
    interrupt: &Interrupt,
) -> Option<Attempt> {
    let mut run = CaseRun::new(client, options);
    let outcome = tokio::select! {
        performed = perform(&mut run, case, interrupt) => performed,
        () = interrupt.overdue() => None,
    };
    if !matches!(outcome, Some(Outcome::Unreachable(_))) {
        // A clean-up that takes too long leaves something behind; the next case creates its own.
        let _ = tokio::time::timeout(CLEAN_UP, run.clean_up()).await;
    }
    let CaseRun { transcript, results, .. } = run;
    outcome.map(|outcome| Attempt { transcript, results, ..Attempt::of(outcome) })
}

/// Performs a case up to the first answer that the contract does not allow. Gives nothing if it was interrupted.
async fn perform(run: &mut CaseRun<'_>, case: &Case, interrupt: &Interrupt) -> Option<Outcome> {
    for ttl in &case.tokens {
        if interrupt.is_requested() {
            return None;
        }
        if let Err(outcome) = make_token(run, *ttl).await {
            return Some(outcome);
        }
    }
    for (at, step) in case.steps.iter().enumerate() {
        if interrupt.is_requested() {
            return None;
        }
        if let Err(outcome) = perform_step(run, at, step).await {
            return Some(outcome);
        }
    }
    let last = case.steps.len().saturating_sub(1);
    Some(check_everything(run, last).await.err().unwrap_or(Outcome::Passed))
}

async fn perform_step(run: &mut CaseRun<'_>, at: usize, step: &Step) -> Result<(), Outcome> {
    let location = Location { step: at, segment: None };
    match step {
        Step::Send(segment) => run.together(location, std::slice::from_ref(segment)).await?,
        Step::Together(segments) => run.together(location, segments).await?,
        Step::During(segment, event) => run.during(location, segment, *event).await?,
        Step::Event(event) => run.event(location, *event).await?,
    }
    let touched: Vec<usize> = match step {
        Step::Send(_) | Step::Together(_) => step.segments().iter().map(|segment| segment.upload).collect(),
        Step::Event(Event::Show(_) | Event::List(_)) => Vec::new(),
        Step::During(..) | Step::Event(_) => run.videos.keys().copied().collect(),
    };
    run.check_status(location, &touched).await
}

/// At the end every upload is looked at once more.
async fn check_everything(run: &mut CaseRun<'_>, last: usize) -> Result<(), Outcome> {
    let location = Location { step: last, segment: None };
    let all: Vec<usize> = run.videos.keys().copied().collect();
    run.check_status(location, &all).await?;
    for upload in all {
        run.check_digest(location, upload).await?;
    }
    Ok(())
}

async fn make_token(run: &mut CaseRun<'_>, ttl: u64) -> Result<(), Outcome> {
    let from = run.now();
    let json = if ttl == 0 { json!({}) } else { json!({ "ttl": ttl }) };
    let response = run.client.manage(Method::POST, "/upload-tokens", Some(json)).await;
    let response = response.map_err(|no_response| Outcome::from(&no_response))?;
    let token = response.body.as_ref().and_then(|body| body.get("token")?.as_str().map(str::to_owned));
    let Some(token) = token.filter(|_| (200..300).contains(&response.status)) else {
        return Err(Outcome::Inconclusive(format!("no token was created: {}", response.status)));
    };
    run.client.secrets.taint("token", &token);
    run.tokens.push(token);
    run.model.created(ttl, Span { from, to: run.now() });
    Ok(())
}
