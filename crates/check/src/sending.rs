//! Sends a request in its turn: not before the target's budget allows it, and again where the target asked for patience.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::context::RunContext;
use super::interpreter::{OnLoss, TOO_MANY, is_loss, never_arrived};
use super::need::raw_kind;
use super::progress::{RunEvent, WaitCause};
use super::retry_after::signal;
use uptake_outcome::{Retried, Retry};
use uptake_suite::Scenario;
use uptake_target::{CallKind, Reservation, Signal};
use uptake_wire::{Exchange, Fault, RawBytes, Request};

/// How often a request is sent again that returned 429.
const MOST_REFUSALS: u32 = 5;
/// How long to wait where the answer does not say, or says it in a way that nobody can read; twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How often that is done: 15 s in all.
const MOST_BLIND_RETRIES: u32 = 4;

/// How often a request is sent again that the network lost, and the pause before the first time.
const MOST_LOST: u32 = 3;
const FIRST_BACK_OFF: Duration = Duration::from_millis(100);

/// What a request is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Intent<'l> {
    /// What it is called in reports.
    pub(crate) label: &'l str,
    /// Whether it removes what was made: that it is gone already is as good.
    pub(crate) is_removal: bool,
    /// What happens where no answer comes.
    pub(crate) on_loss: OnLoss,
}

/// How a scenario treats rate limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RateLimitUse {
    /// It keeps to them.
    Respects,
    /// It is about them: it means to be refused.
    Exceeds,
}

impl RateLimitUse {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        if scenario.wants_status(TOO_MANY) { Self::Exceeds } else { Self::Respects }
    }
}

/// What a scenario may send without waiting, and how it treats rate limits.
#[derive(Debug, Clone)]
pub(crate) struct Allowance<'r> {
    pub(crate) reserved: Arc<Reservation<'r>>,
    pub(crate) rate_limits: RateLimitUse,
    /// Who sends: the scenario's first line.
    pub(crate) scenario: &'r str,
}

/// What the pacer and the counts know of an exchange.
#[derive(Clone, Copy)]
struct Call {
    kind: CallKind,
    /// The body's size.
    bytes: u64,
    /// How often it returned 429 before.
    refusals: u32,
}

impl<'r> Allowance<'r> {
    /// An allowance that reserves no calls.
    pub(crate) fn none(context: &'r RunContext<'r>) -> Self {
        let reserved = Arc::new(context.pacer.nothing());
        Self { reserved, rate_limits: RateLimitUse::Respects, scenario: "" }
    }
}

impl RunContext<'_> {
    /// Sends a request when it may go. One that is answered 429, and did not ask for that, goes again in the next window;
    /// one that the network lost goes again where that does no harm.
    pub(crate) async fn send(
        &self,
        request: &Request,
        allowance: &Allowance<'_>,
        intent: Intent<'_>,
    ) -> Exchange {
        let kind = self.environment.call_kind(&request.method, request.url.path());
        // What meets others on its way, or is broken off, cannot come a second time.
        let repeats = request.delivery.hold.is_empty() && request.delivery.break_off.is_none();
        let (mut refusals, mut lost) = (0, 0);
        loop {
            let call = Call { kind, bytes: request.body.len(), refusals };
            let (exchange, refused) = self.in_turn(call, allowance, self.client.send(request)).await;
            self.unreported.push(allowance.scenario, intent.label, &exchange);
            match &exchange.outcome {
                Ok(_) if refused && repeats && refusals < MOST_REFUSALS => refusals += 1,
                Err(fault) if repeats && lost < MOST_LOST && self.may_repeat(request, fault, intent) => {
                    self.retried(Retried::Request, allowance.scenario, (intent.label, &fault.to_string()));
                    tokio::time::sleep(FIRST_BACK_OFF * 3_u32.pow(lost)).await;
                    lost += 1;
                }
                _ => return exchange,
            }
        }
    }

    /// Whether a request without an answer may be sent again: it has not reached the server, or does no harm twice.
    fn may_repeat(&self, request: &Request, fault: &Fault, intent: Intent<'_>) -> bool {
        if !self.stop.is_running() && !intent.is_removal {
            return false;
        }
        if matches!(fault, Fault::Tls { .. }) {
            return false;
        }
        if never_arrived(fault) {
            return true;
        }
        if intent.on_loss == OnLoss::Accept {
            return false;
        }
        // Another one is made, as it would be if the scenario began anew.
        let makes = || self.environment.makes(&request.method, request.url.path());
        let kind = self.environment.call_kind(&request.method, request.url.path());
        let harmless = match kind {
            CallKind::Read => true,
            CallKind::Write => intent.is_removal || makes(),
            CallKind::Upload => intent.on_loss == OnLoss::SendAgain,
        };
        harmless && is_loss(fault)
    }

    /// Notes that something is tried again.
    pub(crate) fn retried(&self, what: Retried, scenario: &str, (request, fault): (&str, &str)) {
        self.counts.retried(Retry {
            what,
            scenario: scenario.to_owned(),
            request: request.to_owned(),
            fault: fault.to_owned(),
        });
    }

    /// Sends raw bytes when they may go, once.
    pub(crate) async fn send_raw(&self, raw: &RawBytes, allowance: &Allowance<'_>, label: &str) -> Exchange {
        let kind = raw_kind(&self.environment, raw);
        let sending = self.client.send_raw(&self.target().base_url, raw);
        let call = Call { kind, bytes: raw.bytes.len() as u64, refusals: 0 };
        let (exchange, _) = self.in_turn(call, allowance, sending).await;
        self.unreported.push(allowance.scenario, label, &exchange);
        exchange
    }

    /// One exchange in its turn, and whether it was refused though nobody had asked for that.
    async fn in_turn(
        &self,
        Call { kind, bytes, refusals }: Call,
        allowance: &Allowance<'_>,
        sending: impl Future<Output = Exchange>,
    ) -> (Exchange, bool) {
        let turn = match allowance.rate_limits {
            RateLimitUse::Exceeds => self.pacer.at_once(kind, &allowance.reserved),
            RateLimitUse::Respects => {
                let (turn, waited) = self.pacer.turn(kind, &allowance.reserved).await;
                self.counts.waited(waited);
                turn
            }
        };
        self.counts.sent(kind, bytes);
        let exchange = sending.await;
        let answer = exchange.outcome.as_ref().ok();
        if let Some(date) = answer.and_then(|answer| http_date(answer.header("Date")?)) {
            self.clocks.date.look(date, exchange.started, exchange.took);
        }
        let asked =
            exchange.request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("accept-encoding"));
        if let Some(coding) = answer.and_then(uptake_wire::Answer::coding).filter(|_| !asked) {
            self.counts.coded(coding);
        }
        let refused = allowance.rate_limits == RateLimitUse::Respects
            && answer.is_some_and(|answer| answer.status == TOO_MANY);
        if refused {
            self.counts.answered_429.fetch_add(1, Ordering::Relaxed);
        }
        // What asks for more patience than the run has is not waited for: the scenario is inconclusive at once.
        let told = answer.and_then(|answer| signal(answer, jiff::Timestamp::now()));
        let longest = self.longest_retry_wait();
        let pause = FIRST_PAUSE * 2_u32.pow(refusals);
        let gives_up = match told {
            Some(told) => told.ends_in > longest,
            // The pauses before took less than this one.
            None => refused && (refusals >= MOST_BLIND_RETRIES || pause * 2 > longest),
        };
        if gives_up {
            turn.ended(None);
            return (exchange, false);
        }
        if refused && !allowance.scenario.is_empty() {
            self.report(RunEvent::Waiting {
                scenario: Some(allowance.scenario.to_owned()),
                cause: WaitCause::RateLimit,
                until: Instant::now() + told.map_or(pause, |told| told.ends_in.min(longest)),
            });
        }
        turn.ended(match (told, refused) {
            // Whatever else it says: it is too early now.
            (told, true) => Some(Signal { remaining: 0, ends_in: told.map_or(pause, |told| told.ends_in) }),
            (told, false) => told,
        });
        (exchange, refused)
    }
}

fn http_date(text: &str) -> Option<u64> {
    let since = httpdate::parse_http_date(text).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(since.as_secs())
}
