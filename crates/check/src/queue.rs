//! Which scenario goes next: the first in the order of the seed that the target's budgets leave room for.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use tokio::sync::Notify;

use super::estimate::{Estimate, Need};
pub(super) use super::sending::Manners;
use super::sending::Pass;
use super::world::World;
use uptake_suite::{Company, Scenario};
use uptake_target::Reservation;

/// Scenarios that wait for real time to pass leave their place to others.
#[derive(Debug, Default)]
pub(super) struct Lull {
    waiting: AtomicUsize,
    changed: Notify,
}

/// A scenario in waiting.
pub(super) struct Waiting<'l>(&'l Lull);

impl Lull {
    /// Leaves the place until the guard is dropped.
    pub(super) fn wait(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.changed.notify_one();
        Waiting(self)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A scenario that has not begun.
struct Ahead {
    at: usize,
    need: Need,
    manners: Manners,
}

/// How a scenario deals with the limits of calls.
pub(super) fn manners(scenario: &Scenario) -> Manners {
    if scenario.wants_status(super::sending::TOO_MANY) { Manners::Breaks } else { Manners::Keeps }
}

/// Whether nothing may run beside a scenario: it says so, or it turns the target's clock.
fn is_alone(world: &World<'_>, scenario: &Scenario) -> bool {
    scenario.company == Company::Alone || (scenario.moves_clock() && world.target.clock.is_some())
}

/// Runs `one` for each chosen scenario: those that may stand side by side first, then one by one those that need the
/// target for themselves. The seed gives the order, so that a dependence of one on another does not stay hidden.
pub(super) async fn play<'r, R, F: Future<Output = R>>(
    world: &'r World<'r>,
    chosen: &[&'r Scenario],
    jobs: usize,
    one: impl Fn(usize, Pass<'r>) -> F,
) -> Vec<(usize, R)> {
    let mut order: Vec<usize> = (0..chosen.len()).collect();
    order.shuffle(&mut rand::rngs::StdRng::seed_from_u64(world.seed.0));
    let ahead =
        |at: usize| Ahead { at, need: Estimate::whole(world, chosen[at]), manners: manners(chosen[at]) };
    let (mut alone, mut shared): (Vec<Ahead>, Vec<Ahead>) =
        order.into_iter().map(ahead).partition(|ahead| is_alone(world, chosen[ahead.at]));
    // What waits for real time begins first, so that the others run meanwhile.
    shared.sort_by_key(|ahead| std::cmp::Reverse(waits(world, chosen[ahead.at])));
    // What spends a limit would make all others wait.
    alone.sort_by_key(|ahead| ahead.manners == Manners::Breaks);
    let mut played = Vec::new();
    for (ahead, company) in [(shared, Some(jobs)), (alone, None)] {
        played.extend(phase(world, chosen, (ahead, company), &one).await);
    }
    played
}

fn waits(world: &World<'_>, scenario: &Scenario) -> bool {
    scenario.moves_clock() && world.target.clock.is_none()
}

async fn phase<'r, R, F: Future<Output = R>>(
    world: &'r World<'r>,
    chosen: &[&'r Scenario],
    (mut ahead, company): (Vec<Ahead>, Option<usize>),
    one: &impl Fn(usize, Pass<'r>) -> F,
) -> Vec<(usize, R)> {
    let mut running = FuturesUnordered::new();
    let mut played = Vec::new();
    while !(ahead.is_empty() && running.is_empty()) {
        let mut held_back = None;
        // Who runs alone is alone also while it waits.
        let places = company.map_or(1, |jobs| jobs + world.lull.waiting.load(Ordering::Relaxed));
        while !ahead.is_empty() && running.len() < places {
            match next(world, &mut ahead) {
                Ok((next, kept)) => {
                    let at = next.at;
                    let playing = one(
                        at,
                        Pass { kept: kept.into(), manners: next.manners, scenario: &chosen[at].name },
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
                () = world.lull.changed.notified() => {}
            }
            continue;
        };
        if running.is_empty() && turn_instead(world, wait).await {
            continue;
        }
        let began = std::time::Instant::now();
        tokio::select! {
            Some(ended) = running.next(), if !running.is_empty() => played.push(ended),
            () = tokio::time::sleep(wait) => {}
            () = world.halt.wait() => {}
        }
        world.tally.waited(began.elapsed());
    }
    played
}

/// The first scenario that there is room for, or when to ask again. Where the run stops each of them goes at once: it
/// sends nothing any more.
fn next<'r>(world: &'r World<'r>, ahead: &mut Vec<Ahead>) -> Result<(Ahead, Reservation<'r>), Duration> {
    let mut soonest = Duration::MAX;
    for place in 0..ahead.len() {
        if !world.halt.is_on() {
            return Ok((ahead.remove(place), world.pacer.nothing()));
        }
        match world.pacer.reserve(ahead[place].need.calls) {
            Ok(kept) => return Ok((ahead.remove(place), kept)),
            Err(wait) => soonest = soonest.min(wait),
        }
    }
    Err(soonest)
}

/// Where calls are counted by a clock that can be turned, and nothing is under way that time could spoil, it is turned.
async fn turn_instead(world: &World<'_>, wait: Duration) -> bool {
    let Some(clock) = world.target.clock.as_ref().filter(|_| world.pacer.follows_clock()) else {
        return false;
    };
    let seconds = wait.as_secs() + 1;
    if clock.advance(seconds).await.is_err() {
        // The wait is taken in real time then.
        return false;
    }
    world.tally.turned.fetch_add(seconds, Ordering::Relaxed);
    world.turned(Duration::from_secs(seconds));
    true
}
