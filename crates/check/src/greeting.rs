//! What a run sends before its first scenario: does anybody answer who speaks HTTP, and does the target take the
//! credentials of its profile?

use http::Method;

use super::context::RunContext;
use super::driver::Driver;
use super::interpreter::{Done, Mode, OnLoss, ScenarioState, probe};
use super::sending::{Allowance, Intent, RateLimitUse};
use uptake_suite::Scenario;
use uptake_wire::Request;

/// Sends the target one request.
pub(crate) async fn greet(context: &RunContext<'_>) {
    let request = Request::new(Method::GET, context.target().base_url.clone());
    // Any answer will do, also one that asks for patience.
    let allowance = Allowance { rate_limits: RateLimitUse::Exceeds, ..Allowance::none(context) };
    send(context, &allowance, ("GET /", &request)).await;
}

/// Tries each credential of which the suite says what it opens, or greets the target where there is none. A key that is
/// refused says nothing of the rules: the run ends.
pub(crate) async fn try_credentials(context: &RunContext<'_>) {
    let scenario = Scenario::nobodys("credentials", &context.environment.suite.name);
    let program = context.program(&scenario, Mode::Run);
    let driver = Driver::new(context, None, Allowance::none(context), program);
    let mut tried = false;
    for (name, credential) in &context.environment.suite.credentials {
        let (Some(from), Some(opens)) = (credential.from.first(), &credential.opens) else { continue };
        let has = |secret: &String| context.target().credentials.contains_key(secret);
        if !credential.from.iter().all(has) || !context.stop.is_running() {
            continue;
        }
        let mut state = ScenarioState::new(context.seed);
        let built = probe::credential(program, &mut state, (name, opens), driver.now());
        let Ok((label, request)) = built else { continue };
        tried = true;
        let Some(done) = send(context, &Allowance::none(context), (&label, &request)).await else { return };
        if done.has_status(401) || done.has_status(403) {
            let brief = done.brief();
            let why = format!("the target refuses the credential `{from}`: {label} returned {brief}");
            return context.stop.credential_refused(why);
        }
    }
    if !tried {
        greet(context).await;
    }
}

/// Sends a request; nothing where the run was stopped, or ends for want of an answer.
async fn send(
    context: &RunContext<'_>,
    allowance: &Allowance<'_>,
    (label, request): (&str, &Request),
) -> Option<Done> {
    let intent = Intent { label, is_removal: false, on_loss: OnLoss::ByMethod };
    let exchange = tokio::select! {
        exchange = context.send(request, allowance, intent) => exchange,
        () = context.stop.stopped() => return None,
    };
    context.report_exchanges();
    match &exchange.outcome {
        Err(fault) if fault.is_harness() => context.stop.harness_failed(&fault.to_string()),
        Err(fault) => context.stop.out_of_reach(fault.to_string()),
        Ok(_) => return Some(Done::new(label.to_owned(), exchange, context.environment.suite)),
    }
    None
}
