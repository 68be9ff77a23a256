//! Carries out what the interpreter asks for: connections, pauses, the target's clock, barriers, the journal, and stopping.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Barrier;

use super::context::RunContext;
use super::interpreter::{
    BarrierId, Done, Effect, Happened, NotPassed, Now, OnLoss, Outgoing, Program, ScenarioState, Sending,
    Suspension, Ticket, TimeAdvance, step,
};
use super::job::KeepExchanges;
use super::need::Need;
use super::progress::{RunEvent, WaitCause};
use super::real_time::Wait;
use super::recorder::RunRecorder;
use super::sending::{Allowance, Intent};
use super::transcript::Transcript;
use super::wall_time::WallTime;
use uptake_outcome::text::whole_duration;
use uptake_outcome::{CauseKind, SentExchange};
use uptake_target::Calls;
use uptake_wire::{Exchange, Fault, Request};

/// How long an exchange may still take after the run was stopped: long enough to learn what it has made.
const LAST_EXCHANGE: Duration = Duration::from_secs(2);

/// So often is the clock looked at in a long wait, since it may be set meanwhile.
const LOOK: Duration = Duration::from_secs(10);

/// Carries out the effects of one scenario.
pub(crate) struct Driver<'d> {
    pub(crate) context: &'d RunContext<'d>,
    pub(crate) recorder: Option<&'d RunRecorder<'d>>,
    pub(crate) allowance: Allowance<'d>,
    pub(crate) program: Program<'d>,
    began: Instant,
    /// What was exchanged so far, where it is kept.
    transcript: Mutex<Transcript>,
}

fn answered(done: Done) -> Happened {
    Happened::Answered(Box::new(done))
}

/// Something under way, with who waits for it.
type Pending<'f> = Pin<Box<dyn Future<Output = (Option<Ticket>, Happened)> + Send + 'f>>;

impl<'d> Driver<'d> {
    pub(crate) fn new(
        context: &'d RunContext<'d>,
        recorder: Option<&'d RunRecorder<'d>>,
        allowance: Allowance<'d>,
        program: Program<'d>,
    ) -> Self {
        Self { context, recorder, allowance, program, began: Instant::now(), transcript: Mutex::default() }
    }

    /// The outside world, as the interpreter sees it.
    pub(crate) fn now(&self) -> Now {
        Now {
            elapsed: self.began.elapsed(),
            stopping: !self.context.stop.is_running(),
            clock: self.context.clocks.view(),
        }
    }

    /// Runs a scenario until it has ended, or waits longer than the run.
    pub(crate) async fn drive(&self, state: &mut ScenarioState, mut effects: Vec<Effect>) {
        let mut barriers = BTreeMap::new();
        let mut pending: FuturesUnordered<Pending<'_>> = FuturesUnordered::new();
        loop {
            for effect in effects.drain(..) {
                pending.extend(self.carry_out(effect, state, &mut barriers));
            }
            let Some((ticket, happened)) = pending.next().await else { return };
            if let Some(ticket) = ticket {
                effects = step(self.program, state, (&ticket, happened), self.now());
            }
            // Only now: what the scenario declares a secret by saving it is masked too.
            self.context.report_exchanges();
        }
    }

    fn carry_out<'f>(
        &'f self,
        effect: Effect,
        state: &ScenarioState,
        barriers: &mut BTreeMap<BarrierId, Arc<Barrier>>,
    ) -> Option<Pending<'f>> {
        let mut barrier = |id: &BarrierId| {
            let new = || Arc::new(Barrier::new(id.parties));
            Arc::clone(barriers.entry(id.clone()).or_insert_with(new))
        };
        Some(match effect {
            Effect::Send(ticket, mut sending) => {
                let hold: Vec<_> = sending.hold.iter().map(barrier).collect();
                if let Outgoing::Request(request) = &mut sending.what {
                    request.delivery.hold = hold;
                }
                Box::pin(async move { (Some(ticket), self.send(*sending).await) })
            }
            Effect::Sleep(ticket, pause) => {
                self.note_sleep(pause);
                Box::pin(async move { (Some(ticket), self.rest(pause).await.unwrap_or(Happened::Over)) })
            }
            Effect::PassTime(ticket, passing) => {
                let rest = passing.may_suspend.then(|| Need::of_rest(self.program, state).calls);
                Box::pin(async move { (Some(ticket), self.pass_time(passing, rest).await) })
            }
            Effect::Meet(ticket, id) => {
                let barrier = barrier(&id);
                Box::pin(async move {
                    let happened = tokio::select! {
                        _ = barrier.wait() => Happened::Over,
                        () = self.context.stop.stopped() => Happened::Interrupted,
                    };
                    (Some(ticket), happened)
                })
            }
            Effect::Leave(id) => {
                let barrier = barrier(&id);
                Box::pin(async move {
                    tokio::select! {
                        _ = barrier.wait() => {}
                        () = self.context.stop.stopped() => {}
                    }
                    (None, Happened::Over)
                })
            }
            Effect::Made(made, created) => {
                if let Some(created) = created {
                    self.context.clocks.created.look(created.date, created.sent, created.took);
                }
                let noted = self.recorder.map(|recorder| recorder.journal().made(&made.resource, &made.id));
                self.context.heed(noted.unwrap_or(Ok(())));
                return None;
            }
            Effect::Gone(made) => {
                let noted = self.recorder.map(|recorder| recorder.journal().gone(&made.resource, &made.id));
                self.context.heed(noted.unwrap_or(Ok(())));
                return None;
            }
            Effect::Fail(why) => {
                self.context.stop.harness_failed(&format!("internal error: {why}"));
                return None;
            }
        })
    }

    async fn send(&self, sending: Sending) -> Happened {
        let Sending { label, what, is_clean_up, on_loss, .. } = sending;
        if is_clean_up && self.context.stop.is_target_gone() {
            return Happened::OutOfReach;
        }
        let exchange = match what {
            Outgoing::Request(request) if is_clean_up => {
                let intent = Intent { label: &label, is_removal: true, on_loss };
                let exchange = self.context.send(&request, &self.allowance, intent).await;
                if self.context.keep == KeepExchanges::All {
                    self.keep(&label, &exchange);
                }
                exchange
            }
            Outgoing::Request(request) => {
                return self.exchange(label, &request, on_loss).await.map_or(Happened::Interrupted, answered);
            }
            Outgoing::Raw(raw) => {
                let exchange =
                    self.unless_stopped(self.context.send_raw(&raw, &self.allowance, &label)).await;
                return exchange
                    .map_or(Happened::Interrupted, |exchange| answered(self.note(label, exchange)));
            }
        };
        answered(Done::new(label, exchange, self.context.environment.suite))
    }

    /// Sends a request; nothing where the run was stopped meanwhile.
    pub(crate) async fn exchange(&self, label: String, request: &Request, on_loss: OnLoss) -> Option<Done> {
        let intent = Intent { label: &label, is_removal: false, on_loss };
        let exchange = self.unless_stopped(self.context.send(request, &self.allowance, intent)).await?;
        Some(self.note(label, exchange))
    }

    async fn unless_stopped(&self, exchange: impl Future<Output = Exchange>) -> Option<Exchange> {
        tokio::pin!(exchange);
        tokio::select! {
            done = &mut exchange => Some(done),
            () = self.context.stop.stopped() => tokio::time::timeout(LAST_EXCHANGE, exchange).await.ok(),
        }
    }

    /// What an exchange tells of the target, whatever the scenario makes of it.
    fn note(&self, label: String, exchange: Exchange) -> Done {
        let context = self.context;
        self.keep(&label, &exchange);
        let done = Done::new(label, exchange, self.context.environment.suite);
        context.environment.taint(&done.exchange, done.body.as_ref());
        match &done.exchange.outcome {
            Ok(answer) => {
                context.counts.answered(answer.status);
                context.stop.heard();
            }
            Err(fault) if fault.is_network() => context.stop.unanswered(&fault.to_string()),
            Err(fault @ Fault::Harness(_)) => context.stop.harness_failed(&fault.to_string()),
            Err(_) => {}
        }
        done
    }

    fn keep(&self, label: &str, exchange: &Exchange) {
        if self.context.keep != KeepExchanges::None {
            self.transcript.lock().unwrap_or_else(PoisonError::into_inner).keep(label, exchange);
        }
    }

    /// Notes for the script of the scenario that it rests. Shorter rests are those of a request that is asked again.
    fn note_sleep(&self, pause: Duration) {
        if pause >= Duration::from_secs(1) {
            self.note_pause(|| vec!["sleep".to_owned(), pause.as_secs_f64().ceil().to_string()]);
        }
    }

    fn note_pause(&self, command: impl FnOnce() -> Vec<String>) {
        if self.context.keep != KeepExchanges::None {
            self.transcript.lock().unwrap_or_else(PoisonError::into_inner).pause(command());
        }
    }

    /// What was exchanged, as reports show it.
    pub(crate) fn sent(&self) -> Vec<SentExchange> {
        let transcript = self.transcript.lock().unwrap_or_else(PoisonError::into_inner);
        transcript.shown(&self.context.environment.secrets)
    }

    /// The same as a shell script; none where nothing was exchanged.
    pub(crate) fn script(&self) -> Option<String> {
        let transcript = self.transcript.lock().unwrap_or_else(PoisonError::into_inner);
        (!transcript.is_empty()).then(|| transcript.script(&self.context.environment.secrets))
    }

    /// Rests; gives why not, where the run was stopped meanwhile.
    async fn rest(&self, pause: Duration) -> Option<Happened> {
        tokio::select! {
            () = tokio::time::sleep(pause) => None,
            () = self.context.stop.stopped() => Some(Happened::Interrupted),
        }
    }

    /// Lets time pass for the target: by its clock where that can be moved, else in real time.
    async fn pass_time(&self, passing: TimeAdvance, rest: Option<Calls>) -> Happened {
        let context = self.context;
        let target = context.target();
        // What could not be written down cannot be suspended either: it is cleaned up at once.
        if context.stop.has_harness_failed() {
            return Happened::Interrupted;
        }
        if let Some(text) = context.clocks.contradiction(target.margin) {
            return Happened::Passed(Err(NotPassed::Obstacle(CauseKind::Time, text)));
        }
        if let Some(clock) = &target.clock {
            let advanced = tokio::select! {
                advanced = clock.advance(passing.time.as_secs()) => advanced,
                () = context.stop.stopped() => return Happened::Interrupted,
            };
            return Happened::Passed(match advanced {
                Ok(()) => {
                    context.advanced(passing.time);
                    self.note_pause(|| clock.as_curl(passing.time.as_secs()));
                    Ok(())
                }
                Err(error) => Err(NotPassed::Obstacle(CauseKind::Precondition, error.to_string())),
            });
        }
        let Some(limits) = context.waits else {
            let why = "the target's clock cannot be advanced".to_owned();
            return Happened::Passed(Err(NotPassed::NotApplicable(why)));
        };
        let now = WallTime::now();
        let suspension = Suspension {
            step: passing.step,
            place: passing.place,
            due: now.plus(passing.time),
            latest: passing.at_most.map(|most| now.plus(most)),
        };
        match limits.decide(passing.time, passing.may_suspend) {
            Wait::Now => {
                self.note_sleep(passing.time);
                self.wait_until(&suspension, rest).await
            }
            Wait::Suspend => Happened::Passed(Err(NotPassed::Suspended(suspension))),
            Wait::Never(why) => Happened::Passed(Err(NotPassed::NotApplicable(why))),
        }
    }

    /// Waits in real time, and leaves calls and place to others meanwhile; `rest` is what is sent afterwards.
    pub(crate) async fn wait_until(&self, suspension: &Suspension, rest: Option<Calls>) -> Happened {
        let reserved = &self.allowance.reserved;
        if rest.is_some() {
            reserved.give_back();
        }
        {
            let _place = self.context.waiting.wait();
            self.context.report(RunEvent::Waiting {
                scenario: Some(self.program.scenario.name.clone()),
                cause: WaitCause::Time,
                until: Instant::now() + suspension.due.ahead(),
            });
            loop {
                let ahead = suspension.due.ahead();
                if ahead.is_zero() {
                    break;
                }
                if let Some(interrupted) = self.rest(ahead.min(LOOK)).await {
                    return interrupted;
                }
            }
        }
        if let Some(calls) = rest {
            while let Err(wait) = self.context.pacer.reserve(calls).map(|more| reserved.add(&more)) {
                let began = Instant::now();
                if let Some(interrupted) = self.rest(wait).await {
                    return interrupted;
                }
                self.context.counts.waited(began.elapsed());
            }
        }
        let now = WallTime::now();
        Happened::Passed(match suspension.latest {
            Some(latest) if now > latest => {
                let late = now.since(latest).max(Duration::from_secs(1));
                Err(NotPassed::Obstacle(
                    CauseKind::Time,
                    format!(
                        "`{}` had to end by {latest}, but ended {} later: the steps after it would not test what they should",
                        suspension.step,
                        whole_duration(late.as_secs())
                    ),
                ))
            }
            _ => Ok(()),
        })
    }
}
