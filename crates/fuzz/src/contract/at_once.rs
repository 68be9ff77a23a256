//! Calls that are under way at the same time.

use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::Barrier;

use super::case::Call;
use super::made::{Clock, Made, reply};
use super::names::Names;
use super::request::request;
use crate::client::{NoResponse, RateLimitedClient};
use crate::outcome::Outcome;
use uptake_payload::Seed;

/// Moves the target's clock.
pub(super) async fn advance(client: &RateLimitedClient, seconds: u64) -> Result<(), NoResponse> {
    let clock = client.target.clock.as_ref();
    let clock = clock
        .ok_or_else(|| NoResponse::Internal("the target has no clock that can be advanced".to_owned()))?;
    clock.advance(seconds).await.map_err(|error| NoResponse::Internal(error.to_string()))
}

/// Callers that begin at once; each makes its calls one after the other. The first calls end at the same moment.
pub(super) async fn at_once(
    client: &RateLimitedClient,
    names: &Names,
    callers: &[&[Call]],
    seed: Seed,
    clock: Clock,
) -> Result<Vec<Made>, Outcome> {
    let barrier = Arc::new(Barrier::new(callers.len()));
    let all = callers.iter().map(|calls| caller(client, names, calls, (seed, clock, &barrier)));
    let mut made = Vec::new();
    for calls in join_all(all).await {
        made.extend(calls?);
    }
    Ok(made)
}

/// One caller's calls.
async fn caller(
    client: &RateLimitedClient,
    names: &Names,
    calls: &[Call],
    (seed, clock, barrier): (Seed, Clock, &Arc<Barrier>),
) -> Result<Vec<Made>, Outcome> {
    let mut names = names.clone();
    let mut all = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        let began = clock.now();
        let hold = if at == 0 { vec![Arc::clone(barrier)] } else { Vec::new() };
        let built = request(client, &names, call, seed, hold);
        let request = match built {
            Ok(request) => request,
            Err(why) => {
                if at == 0 {
                    barrier.wait().await;
                }
                return Err(Outcome::from(&why));
            }
        };
        // What has no body has no last byte to hold back.
        if at == 0 && request.body.is_empty() {
            barrier.wait().await;
        }
        let sent = clock.now();
        let answer = client.send(request).await;
        let made = Made { names: names.clone(), reply: answer, began, sent, ended: clock.now() };
        names.learn(call, &reply(&made.reply, client.key()));
        all.push(made);
    }
    Ok(all)
}

/// A segment that is held back at its last byte, and what happens meanwhile.
pub(super) struct During<'d> {
    pub(super) held: &'d Call,
    pub(super) calls: &'d [Call],
    pub(super) advance: u64,
}

/// Makes calls and moves the clock while all of a segment but its last byte was sent.
pub(super) async fn during(
    client: &RateLimitedClient,
    names: &Names,
    during: &During<'_>,
    seed: Seed,
    clock: Clock,
) -> Result<Vec<Made>, Outcome> {
    let (nearly, done) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let hold = vec![Arc::clone(&nearly), Arc::clone(&done)];
    let held = request(client, names, during.held, seed, hold).map_err(|why| Outcome::from(&why))?;
    let began = clock.now();
    let send = async {
        let reply = client.send(held).await;
        (reply, clock.now())
    };
    let others = async {
        nearly.wait().await;
        let mut made = Vec::new();
        let mut failed = None;
        for call in during.calls {
            match request(client, names, call, seed, Vec::new()) {
                Ok(request) => {
                    let sent = clock.now();
                    let reply = client.send(request).await;
                    made.push(Made { names: names.clone(), reply, began: sent, sent, ended: clock.now() });
                }
                Err(why) => failed = Some(why),
            }
        }
        if during.advance > 0
            && let Err(why) = advance(client, during.advance).await
        {
            failed = Some(why);
        }
        let released = clock.now().moved(during.advance);
        done.wait().await;
        (made, released, failed)
    };
    let ((reply, ended), (others, released, failed)) = tokio::join!(send, others);
    if let Some(why) = failed {
        return Err(Outcome::from(&why));
    }
    // An answer that came before the last byte was sent came before the clock was moved, or after: either may be.
    let ended = ended.moved(during.advance);
    let held = Made { names: names.clone(), reply, began, sent: released.min(ended), ended };
    Ok(std::iter::once(held).chain(others).collect())
}
