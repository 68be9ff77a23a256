//! Sends a request in its turn: not before the target's budget allows it, and again where the target asked for patience.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::Method;

use super::world::World;
use uptake_outcome::{Retried, Retry};
use uptake_suite::Resource;
use uptake_target::{CallKind, Reservation, Signal};
use uptake_wire::{Answer, Exchange, Fault, Phase, RawBytes, Request};

/// How often a request is sent again that was answered 429.
const MOST_REFUSALS: u32 = 5;
/// How long to wait where the answer does not say.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The status of a call past the limit.
pub(super) const TOO_MANY: u16 = 429;

/// How often a request is sent again that the network lost, and the pause before the first time.
const MOST_LOST: u32 = 3;
const FIRST_BACK_OFF: Duration = Duration::from_millis(100);

/// What a request is, beside what it says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sort<'l> {
    /// How it is called in reports.
    pub(super) label: &'l str,
    /// Whether it removes what was made: that it is gone already is as good.
    pub(super) is_removal: bool,
}

impl<'l> Sort<'l> {
    pub(super) fn plain(label: &'l str) -> Self {
        Self { label, is_removal: false }
    }

    pub(super) fn removal(label: &'l str) -> Self {
        Self { label, is_removal: true }
    }
}

/// How a scenario deals with limits of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manners {
    /// It keeps to them.
    Keeps,
    /// It is about them: it means to be refused.
    Breaks,
}

/// What a scenario may send without waiting, and its manners.
#[derive(Debug, Clone)]
pub(super) struct Pass<'r> {
    pub(super) kept: Arc<Reservation<'r>>,
    pub(super) manners: Manners,
    /// Who sends: the scenario's first line.
    pub(super) scenario: &'r str,
}

impl<'r> Pass<'r> {
    /// A pass that keeps no calls.
    pub(super) fn none(world: &'r World<'r>) -> Self {
        Self { kept: Arc::new(world.pacer.nothing()), manners: Manners::Keeps, scenario: "" }
    }
}

impl World<'_> {
    /// What kind of call a request is.
    pub(super) fn kind(&self, method: &Method, path: &str) -> CallKind {
        if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
            return CallKind::Read;
        }
        let base = self.target.base_url.path().trim_end_matches('/');
        let path = path.strip_prefix(base).unwrap_or(path);
        if self.suite.uploads.takes_files(path) { CallKind::Upload } else { CallKind::Write }
    }

    /// Sends a request when it may go. One that is answered 429, and did not ask for that, goes again in the next window;
    /// one that the network lost goes again where that does no harm.
    pub(super) async fn send(&self, request: &Request, pass: &Pass<'_>, sort: Sort<'_>) -> Exchange {
        let kind = self.kind(&request.method, request.url.path());
        // What meets others on its way, or is broken off, cannot come a second time.
        let repeats = request.delivery.hold.is_empty() && request.delivery.break_off.is_none();
        let (mut refusals, mut lost) = (0, 0);
        loop {
            let (exchange, refused) =
                self.in_turn(kind, request.body.len(), pass, refusals, self.client.send(request)).await;
            match &exchange.outcome {
                Ok(_) if refused && repeats && refusals < MOST_REFUSALS => refusals += 1,
                Err(fault) if repeats && lost < MOST_LOST && self.may_repeat(request, fault, sort) => {
                    self.retried(Retried::Request, pass.scenario, (sort.label, fault));
                    tokio::time::sleep(FIRST_BACK_OFF * 3_u32.pow(lost)).await;
                    lost += 1;
                }
                _ => return exchange,
            }
        }
    }

    /// Whether a request without an answer may be sent again: it has not reached the server, or does no harm twice.
    fn may_repeat(&self, request: &Request, fault: &Fault, sort: Sort<'_>) -> bool {
        if !self.halt.is_on() && !sort.is_removal {
            return false;
        }
        if never_arrived(fault) {
            return true;
        }
        let base = self.target.base_url.path().trim_end_matches('/');
        let path = request.url.path();
        let path = path.strip_prefix(base).unwrap_or(path);
        // Another one is made, as it would be if the scenario began anew.
        let makes = |resource: &Resource| resource.is_made_by(request.method.as_str(), path);
        let kind = self.kind(&request.method, request.url.path());
        let harmless = match kind {
            CallKind::Read => true,
            CallKind::Write => sort.is_removal || self.suite.resources.iter().any(makes),
            CallKind::Upload => false,
        };
        harmless && is_loss(fault)
    }

    /// Notes that something is tried again.
    pub(super) fn retried(&self, what: Retried, scenario: &str, (request, fault): (&str, &Fault)) {
        self.retries.lock().expect("no holder of this lock panics").push(Retry {
            what,
            scenario: scenario.to_owned(),
            request: request.to_owned(),
            fault: fault.to_string(),
        });
    }

    /// Sends raw bytes when they may go, once.
    pub(super) async fn send_raw(&self, raw: &RawBytes, pass: &Pass<'_>) -> Exchange {
        let line = String::from_utf8_lossy(&raw.bytes[..raw.bytes.len().min(2_000)]);
        let mut words = line.split_ascii_whitespace();
        let method = words.next().and_then(|word| word.parse().ok()).unwrap_or(Method::GET);
        let path = words.next().unwrap_or("/").split('?').next().unwrap_or("/").to_owned();
        let kind = self.kind(&method, &path);
        let sending = self.client.send_raw(&self.target.base_url, raw);
        self.in_turn(kind, raw.bytes.len() as u64, pass, 0, sending).await.0
    }

    /// One exchange in its turn, and whether it was refused though nobody had asked for that.
    async fn in_turn(
        &self,
        kind: CallKind,
        bytes: u64,
        pass: &Pass<'_>,
        refusals: u32,
        sending: impl Future<Output = Exchange>,
    ) -> (Exchange, bool) {
        let turn = match pass.manners {
            Manners::Breaks => self.pacer.at_once(kind, &pass.kept),
            Manners::Keeps => {
                let (turn, waited) = self.pacer.turn(kind, &pass.kept).await;
                self.tally.waited(waited);
                turn
            }
        };
        self.count(bytes);
        self.tally.sent(kind);
        let exchange = sending.await;
        let answer = exchange.outcome.as_ref().ok();
        if let Some(date) = answer.and_then(|answer| http_date(answer.header("Date")?)) {
            self.watch.look(date, exchange.started, exchange.took);
        }
        let refused =
            pass.manners == Manners::Keeps && answer.is_some_and(|answer| answer.status == TOO_MANY);
        if refused {
            self.tally.answered_429.fetch_add(1, Ordering::Relaxed);
        }
        let told = answer.and_then(signal);
        turn.ended(match (told, refused) {
            // Whatever else it says: it is too early now.
            (told, true) => Some(Signal {
                remaining: 0,
                ends_in: told.map_or(FIRST_PAUSE * 2_u32.pow(refusals), |told| told.ends_in),
            }),
            (told, false) => told,
        });
        (exchange, refused)
    }
}

/// Whether the request cannot have reached the server.
fn never_arrived(fault: &Fault) -> bool {
    match fault {
        Fault::Resolve { .. } | Fault::Connect { .. } | Fault::Tls { .. } => true,
        Fault::Timeout { phase, .. } => {
            matches!(phase, Phase::Resolving | Phase::Connecting | Phase::Securing)
        }
        _ => false,
    }
}

/// Whether a connection was lost, which may be the network's doing.
pub(super) fn is_loss(fault: &Fault) -> bool {
    never_arrived(fault) || matches!(fault, Fault::ClosedEarly(_))
}

/// What the answer says of calls to come.
fn signal(answer: &Answer) -> Option<Signal> {
    let number = |name: &str| answer.header(name)?.trim().parse::<u32>().ok();
    let pause = number("X-RateLimit-Retry-After").or_else(|| number("Retry-After"));
    let remaining = number("X-RateLimit-Remaining");
    match (remaining, pause) {
        (Some(remaining), Some(pause)) => Some(Signal { remaining, ends_in: seconds(pause) }),
        (None, Some(pause)) if answer.status == TOO_MANY => {
            Some(Signal { remaining: 0, ends_in: seconds(pause) })
        }
        _ => None,
    }
}

/// A whole number of seconds may have been rounded down.
fn seconds(count: u32) -> Duration {
    Duration::from_secs(u64::from(count)) + Duration::from_millis(50)
}

fn http_date(text: &str) -> Option<u64> {
    let since = httpdate::parse_http_date(text).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(since.as_secs())
}
