//! Performs a case of the contract against the target, and checks every reply against the model.

use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::at_once;
use super::case::{Action, Auth, Call, ContractCase, ContractStep};
use super::describe;
use super::made::{Clock, Made};
use super::names::Names;
use super::request::request;
use super::scenario;
use crate::client::{NoResponse, RateLimitedClient, Response};
use crate::interrupt::{CLEAN_UP, Interrupt};
use crate::mismatch::{CallEvidence, Evidence, Mismatch};
use crate::outcome::{Attempt, AttemptOptions, Outcome};
use uptake_oracle::contract::{Breach, ContractModel, Difference, Exchange, Reply};

/// How long a status waits before it is read again.
const POLL: Duration = Duration::from_millis(100);

/// Runs a case once, and deletes what it created. Gives nothing if it was interrupted.
pub(crate) async fn perform(
    client: &RateLimitedClient,
    case: &ContractCase,
    options: AttemptOptions,
    interrupt: &Interrupt,
) -> Option<Attempt> {
    let limits = client.contract_limits();
    let mut run = Run {
        client,
        options,
        model: ContractModel::new(limits, client.target.can("cors"), false),
        names: Names::default(),
        clock: Clock::start(),
        transcript: Vec::new(),
        statuses: Vec::new(),
        variables: Vec::new(),
        deleted: Vec::new(),
    };
    let outcome = tokio::select! {
        performed = run.perform(case, interrupt) => performed,
        () = interrupt.overdue() => None,
    };
    if !matches!(outcome, Some(Outcome::Unreachable(_))) {
        // A clean-up that takes too long leaves something behind; the next case creates its own.
        let _ = tokio::time::timeout(CLEAN_UP, run.clean_up()).await;
    }
    let Run { transcript, statuses, variables, .. } = run;
    outcome.map(|outcome| Attempt { transcript, statuses, variables, ..Attempt::of(outcome) })
}

struct Run<'r> {
    client: &'r RateLimitedClient,
    options: AttemptOptions,
    model: ContractModel,
    names: Names,
    clock: Clock,
    transcript: Vec<String>,
    statuses: Vec<Option<u16>>,
    /// What the target answered, with the variables that stand for it.
    variables: Vec<(String, String)>,
    /// The tokens and videos that need not be deleted any more.
    deleted: Vec<String>,
}

impl Run<'_> {
    /// Performs a case up to the first reply that the contract does not allow. Gives nothing if it was interrupted.
    async fn perform(&mut self, case: &ContractCase, interrupt: &Interrupt) -> Option<Outcome> {
        if let Err(outcome) = self.look_for_foreign_tokens(case).await {
            return Some(outcome);
        }
        for (at, step) in case.steps.iter().enumerate() {
            if interrupt.is_requested() {
                return None;
            }
            if let Err(outcome) = self.step(at, step).await {
                return Some(outcome);
            }
        }
        Some(Outcome::Passed)
    }

    async fn step(&mut self, at: usize, step: &ContractStep) -> Result<(), Outcome> {
        let seed = self.options.seed;
        match step {
            ContractStep::Call(call) => self.call(at, call).await,
            ContractStep::Advance(seconds) => self.advance(*seconds).await,
            ContractStep::AtOnce(callers) => {
                let all: Vec<&[Call]> = callers.iter().map(Vec::as_slice).collect();
                let made = at_once::at_once(self.client, &self.names, &all, seed, self.clock).await?;
                let calls: Vec<&Call> = callers.iter().flatten().collect();
                self.judge(at, &calls, &made)
            }
            ContractStep::During { held, calls, advance } => {
                let during = at_once::During { held, calls, advance: *advance };
                let made = at_once::during(self.client, &self.names, &during, seed, self.clock).await?;
                self.clock.advance(*advance);
                let calls: Vec<&Call> = std::iter::once(held).chain(calls).collect();
                self.judge(at, &calls, &made)
            }
        }
    }

    /// Where others have tokens, too, what a list holds cannot be said exactly.
    async fn look_for_foreign_tokens(&mut self, case: &ContractCase) -> Result<(), Outcome> {
        let lists = case.calls().any(|call| matches!(call.action, Action::List(_)));
        if lists && self.has_foreign_tokens().await? {
            let cors = self.client.target.can("cors");
            self.model = ContractModel::new(self.client.contract_limits(), cors, true);
        }
        Ok(())
    }

    /// Whether a list has tokens before the case has created any.
    async fn has_foreign_tokens(&self) -> Result<bool, Outcome> {
        let list = self.client.manage(http::Method::GET, "/upload-tokens?pageSize=1", None).await;
        let Response { body, .. } = list.map_err(|why| Outcome::from(&why))?;
        let data = body.as_ref().and_then(|body| body.get("data")?.as_array());
        Ok(data.is_some_and(|data| !data.is_empty()))
    }

    async fn advance(&mut self, seconds: u64) -> Result<(), Outcome> {
        at_once::advance(self.client, seconds).await.map_err(|why| Outcome::from(&why))?;
        self.clock.advance(seconds);
        self.transcript.push(format!("the clock advances by {}", crate::describe::duration(seconds)));
        Ok(())
    }

    /// One call. A status may take its time to show a segment, where the target is given that.
    async fn call(&mut self, at: usize, call: &Call) -> Result<(), Outcome> {
        let until = Instant::now() + self.options.status_timeout;
        loop {
            let made = self.make(call).await?;
            let may_be_late = matches!(call.action, Action::ShowStatus(_)) && Instant::now() < until;
            if may_be_late {
                let exchange = made.exchange(call, self.client.key());
                if self.model.clone().take(std::slice::from_ref(&exchange)).is_err() {
                    tokio::time::sleep(POLL).await;
                    continue;
                }
            }
            return self.judge(at, &[call], &[made]);
        }
    }

    async fn make(&self, call: &Call) -> Result<Made, Outcome> {
        let began = self.clock.now();
        let request = request(self.client, &self.names, call, self.options.seed, Vec::new());
        let request = request.map_err(|why| Outcome::from(&why))?;
        let reply = self.client.send(request).await;
        Ok(Made { names: self.names.clone(), reply, began, sent: began, ended: self.clock.now() })
    }

    /// Checks the replies of calls that were made at once.
    fn judge(&mut self, at: usize, calls: &[&Call], made: &[Made]) -> Result<(), Outcome> {
        for made in made {
            if let Err(why @ (NoResponse::Unreachable(_) | NoResponse::Internal(_))) = &made.reply {
                return Err(Outcome::from(why));
            }
        }
        let exchanges: Vec<Exchange> =
            calls.iter().zip(made).map(|(call, made)| made.exchange(call, self.client.key())).collect();
        let mut told = Vec::new();
        for ((call, made), exchange) in calls.iter().zip(made).zip(&exchanges) {
            let words = match &made.reply {
                Err(NoResponse::Unanswered(why)) => format!("no response: {why}"),
                Err(_) => "broken off".to_owned(),
                Ok(_) => self.client.secrets.mask(&exchange.reply.to_string()),
            };
            self.transcript.push(format!("{}: {words}", describe::call(call)));
            self.statuses.push(exchange.reply.status);
            told.push(words);
        }
        let verdict = self.model.take(&exchanges);
        for (call, exchange) in calls.iter().zip(&exchanges) {
            self.learn(call, &exchange.reply);
        }
        let statuses: Vec<_> = exchanges.iter().map(|exchange| exchange.reply.status).collect();
        verdict.map_err(|breach| {
            let call = calls[breach.exchange];
            let told = told[breach.exchange].clone();
            let slug = exchanges[breach.exchange].reply.slug().map(str::to_owned);
            Outcome::Failed(Box::new(self.mismatch((at, call), *breach, told, (slug, statuses))))
        })
    }

    fn mismatch(
        &self,
        (step, call): (usize, &Call),
        breach: Breach,
        told: String,
        (slug, statuses): (Option<String>, Vec<Option<u16>>),
    ) -> Mismatch {
        let mask = |text: String| self.client.secrets.mask(&text);
        let mut expected = mask(breach.difference.to_string());
        let got = match &breach.difference {
            Difference::Answer(_) => told,
            Difference::Part { got, check, .. } => mask(format!("{}: {got}", check.subject)),
        };
        if statuses.len() > 1 {
            let order: Vec<_> = breach.order.iter().map(|at| (at + 1).to_string()).collect();
            let after = if order.is_empty() { String::new() } else { format!(" after {}", order.join(", ")) };
            let call = breach.exchange + 1;
            expected = format!(
                "responses that fit an order of the concurrent calls; call {call}{after} needs {expected}"
            );
        }
        let evidence = Evidence::Call(CallEvidence {
            operation: describe::operation(&call.action),
            difference: breach.difference,
            joint: breach.joint,
            by_status: breach.by_status,
            slug,
            statuses,
        });
        Mismatch {
            step,
            segment: Some(breach.exchange),
            rule: breach.rule.to_owned(),
            expected,
            got,
            evidence,
        }
    }

    fn learn(&mut self, call: &Call, reply: &Reply) {
        if reply.status == Some(204) {
            match &call.action {
                Action::DeleteToken(name) => {
                    self.deleted.extend(self.names.named_token(*name).map(str::to_owned));
                }
                Action::DeleteVideo(number) => self.deleted.push(self.names.video(*number).to_owned()),
                _ => {}
            }
        }
        self.names.learn(call, reply);
        self.variables.extend(scenario::variables(call, reply));
        let secrets = &self.client.secrets;
        for member in ["token", "access_token", "refresh_token"] {
            let text = reply.json.as_ref().and_then(|body| body.get(member)).and_then(Json::as_str);
            if let Some(text) = text.filter(|_| call.auth == Auth::Key || reply.is_success()) {
                secrets.taint(member, text);
            }
        }
    }

    async fn clean_up(&self) {
        // What cannot be deleted stays; the next case creates its own.
        let is_left = |name: &&String| !self.deleted.contains(name);
        for token in self.names.tokens.values().filter(is_left) {
            let _ = self.client.manage(http::Method::DELETE, &format!("/upload-tokens/{token}"), None).await;
        }
        let videos = self.names.videos.values().chain(&self.names.unexpected_videos);
        for id in videos.filter(is_left) {
            let _ = self.client.manage(http::Method::DELETE, &format!("/videos/{id}"), None).await;
        }
    }
}
