//! Which scenario goes next: the first in the order of the seed that the target's budgets leave room for.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;

use super::context::RunContext;
use super::need::Need;
use super::progress::{RunEvent, WaitCause};
use super::sending::{Allowance, RateLimitUse};
use uptake_suite::{Isolation, Scenario};
use uptake_target::{Calls, Reservation};

/// A scenario that has not begun.
struct Ahead {
    at: usize,
    calls: Calls,
    rate_limits: RateLimitUse,
}

/// Whether nothing may run beside a scenario: it says so, or it turns the target's clock.
fn is_alone(context: &RunContext<'_>, scenario: &Scenario) -> bool {
    scenario.isolation == Isolation::Alone || (scenario.moves_clock() && context.target().clock.is_some())
}

/// Runs `one` for each chosen scenario: those that may stand side by side first, then one by one those that need the
/// target for themselves. The seed gives the order, so that a dependence of one on another does not stay hidden.
pub(crate) async fn play<'r, R, F: Future<Output = R>>(
    context: &'r RunContext<'r>,
    chosen: &[&'r Scenario],
    jobs: usize,
    one: impl Fn(usize, Allowance<'r>) -> F,
) -> Vec<(usize, R)> {
    let mut order: Vec<usize> = (0..chosen.len()).collect();
    order.shuffle(&mut rand::rngs::StdRng::seed_from_u64(context.seed.0));
    let ahead = |at: usize| Ahead {
        at,
        calls: Need::of(&context.environment, chosen[at]).calls,
        rate_limits: RateLimitUse::of(chosen[at]),
    };
    let (mut alone, mut shared): (Vec<Ahead>, Vec<Ahead>) =
        order.into_iter().map(ahead).partition(|ahead| is_alone(context, chosen[ahead.at]));
    // What waits for real time begins first, so that the others run meanwhile.
    shared.sort_by_key(|ahead| std::cmp::Reverse(waits(context, chosen[ahead.at])));
    // What spends a limit would make all others wait.
    alone.sort_by_key(|ahead| ahead.rate_limits == RateLimitUse::Exceeds);
    let mut played = Vec::new();
    for (ahead, at_once) in [(shared, Some(jobs)), (alone, None)] {
        played.extend(phase(context, chosen, (ahead, at_once), &one).await);
    }
    played
}

fn waits(context: &RunContext<'_>, scenario: &Scenario) -> bool {
    scenario.moves_clock() && context.target().clock.is_none()
}

async fn phase<'r, R, F: Future<Output = R>>(
    context: &'r RunContext<'r>,
    chosen: &[&'r Scenario],
    (mut ahead, at_once): (Vec<Ahead>, Option<usize>),
    one: &impl Fn(usize, Allowance<'r>) -> F,
) -> Vec<(usize, R)> {
    let mut running = FuturesUnordered::new();
    let mut played = Vec::new();
    while !(ahead.is_empty() && running.is_empty()) {
        let mut held_back = None;
        // Who runs alone is alone also while it waits.
        let places = at_once.map_or(1, |jobs| jobs + context.waiting.count());
        while !ahead.is_empty() && running.len() < places {
            match next(context, &mut ahead) {
                Ok((next, reserved)) => {
                    let at = next.at;
                    let playing = one(
                        at,
                        Allowance {
                            reserved: reserved.into(),
                            rate_limits: next.rate_limits,
                            scenario: &chosen[at].name,
                        },
                    );
                    running.push(async move { (at, playing.await) });
                }
                Err(wait) => {
                    held_back = Some(wait);
                    break;
                }
            }
        }
        let Some(wait) = held_back else {
            tokio::select! {
                Some(ended) = running.next(), if !running.is_empty() => played.push(ended),
                () = context.waiting.changed() => {}
            }
            continue;
        };
        if running.is_empty() && turn_instead(context, wait).await {
            continue;
        }
        let began = std::time::Instant::now();
        context.report(RunEvent::Waiting {
            scenario: None,
            cause: WaitCause::RateLimit,
            until: began + wait,
        });
        tokio::select! {
            Some(ended) = running.next(), if !running.is_empty() => played.push(ended),
            () = tokio::time::sleep(wait) => {}
            () = context.stop.stopped() => {}
        }
        context.counts.waited(began.elapsed());
    }
    played
}

/// The first scenario that there is room for, or when to ask again. Where the run stops each of them goes at once: it
/// sends nothing any more.
fn next<'r>(
    context: &'r RunContext<'r>,
    ahead: &mut Vec<Ahead>,
) -> Result<(Ahead, Reservation<'r>), Duration> {
    let mut soonest = Duration::MAX;
    for place in 0..ahead.len() {
        if !context.stop.is_running() {
            return Ok((ahead.remove(place), context.pacer.nothing()));
        }
        match context.pacer.reserve(ahead[place].calls) {
            Ok(kept) => return Ok((ahead.remove(place), kept)),
            Err(wait) => soonest = soonest.min(wait),
        }
    }
    Err(soonest)
}

/// Where calls are counted by a clock that can be turned, and nothing is under way that time could spoil, it is turned.
async fn turn_instead(context: &RunContext<'_>, wait: Duration) -> bool {
    let Some(clock) = context.target().clock.as_ref().filter(|_| context.pacer.follows_clock()) else {
        return false;
    };
    let seconds = wait.as_secs() + 1;
    if clock.advance(seconds).await.is_err() {
        // The wait is taken in real time then.
        return false;
    }
    context.counts.advanced.fetch_add(seconds, Ordering::Relaxed);
    context.advanced(Duration::from_secs(seconds));
    true
}
