//! One attempt at a case: performs its steps against the target and checks every answer against the oracle.

mod case_run;
mod events;
mod segments;
mod status;

use http::Method;
use serde_json::json;

pub(super) use self::case_run::contract_limits;
use self::case_run::{CaseRun, Location};
use super::case::{Case, Event, Step};
use super::client::RateLimitedClient;
use super::outcome::{Attempt, AttemptOptions, Outcome};
use uptake_oracle::Span;

/// Runs a case once, and deletes what it created.
pub(super) async fn attempt(client: &RateLimitedClient, case: &Case, options: AttemptOptions) -> Attempt {
    let mut run = CaseRun::new(client, options);
    let outcome = match perform(&mut run, case).await {
        Ok(()) => Outcome::Passed,
        Err(outcome) => outcome,
    };
    if !matches!(outcome, Outcome::Unreachable(_)) {
        run.clean_up().await;
    }
    Attempt {
        outcome,
        transcript: run.transcript,
        results: run.results,
        statuses: Vec::new(),
        variables: Vec::new(),
    }
}

/// Performs the steps of a case; stops at the first answer that the contract does not allow.
async fn perform(run: &mut CaseRun<'_>, case: &Case) -> Result<(), Outcome> {
    for ttl in &case.tokens {
        make_token(run, *ttl).await?;
    }
    for (step, what) in case.steps.iter().enumerate() {
        let location = Location { step, segment: None };
        match what {
            Step::Send(segment) => {
                run.together(location, std::slice::from_ref(segment)).await?;
            }
            Step::Together(segments) => run.together(location, segments).await?,
            Step::During(segment, event) => run.during(location, segment, *event).await?,
            Step::Event(event) => run.event(location, *event).await?,
        }
        let touched: Vec<usize> = match what {
            Step::Send(_) | Step::Together(_) => {
                what.segments().iter().map(|segment| segment.upload).collect()
            }
            Step::Event(Event::Show(_) | Event::List(_)) => Vec::new(),
            Step::During(..) | Step::Event(_) => run.videos.keys().copied().collect(),
        };
        run.check_status(location, &touched).await?;
    }
    let last = Location { step: case.steps.len().saturating_sub(1), segment: None };
    let all: Vec<usize> = run.videos.keys().copied().collect();
    run.check_status(last, &all).await?;
    for upload in all {
        run.check_digest(last, upload).await?;
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
        return Err(Outcome::Inconclusive(format!("no token was made: {}", response.status)));
    };
    run.client.secrets.taint("token", &token);
    run.tokens.push(token);
    run.model.created(ttl, Span { from, to: run.now() });
    Ok(())
}
