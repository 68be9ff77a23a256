//! The requests of a suite outside of any scenario: built, and their answers read, as a scenario's steps are.
//!
//! It sends nothing and judges nothing. Whoever sends these requests, and writes them into a scenario afterwards, can rely on
//! `check` to send the same.

use serde_json::Value;
use uptake_payload::{Content, Seed};
use uptake_suite::expr::{EvalError, Expr, Template};
use uptake_suite::request::{Body, Envelope, Request, TextPart};
use uptake_suite::save::Save;
use uptake_suite::{Scenario, Suite};
use uptake_target::Target;
use uptake_wire as wire;

use super::answer::Done;
use super::contents::Recipe;
use super::environment::{Environment, Mode, Program};
use super::removed_by::address;
use super::request::Builder;
use super::save::saved;
use super::scope::Scope;
use super::state::ScenarioState;

/// Builds the requests of a suite, and keeps what their answers say.
pub struct Caller<'r> {
    environment: Environment<'r>,
    scenario: Scenario,
    state: ScenarioState,
}

impl<'r> Caller<'r> {
    /// One that has saved nothing. What it makes up depends on `seed` alone.
    pub fn new(suite: &'r Suite, target: &'r Target, seed: Seed) -> Self {
        Self {
            environment: Environment::new(suite, target),
            scenario: Scenario::nobodys("a request", &suite.name),
            state: ScenarioState::new(seed),
        }
    }

    /// The values that must not be shown.
    pub fn secrets(&self) -> &wire::Secrets {
        &self.environment.secrets
    }

    /// Gives a name a value.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.state.trunk.variables.set(name, value.into());
    }

    /// The value of a name.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.state.trunk.variables.get(name)
    }

    /// Gives a content a name: `size` bytes that look random and depend on `seed` alone.
    pub fn set_content(&mut self, name: &str, seed: Seed, size: u64) {
        self.state.shared.contents.insert(name.to_owned(), Recipe::Seeded { seed, size });
    }

    /// The value of an expression.
    pub fn eval(&self, expr: &Expr) -> Result<Value, EvalError> {
        expr.eval(&self.scope())
    }

    /// A text with its expressions calculated.
    pub fn text(&self, template: &Template) -> Result<String, EvalError> {
        template.text(&self.scope())
    }

    /// A text of several parts with its expressions calculated.
    pub fn parts(&self, parts: &[TextPart]) -> Result<String, EvalError> {
        Builder { scope: self.scope(), seed: self.state.shared.seed }.parts(parts)
    }

    /// The content of this name.
    pub fn content(&self, name: &str) -> Result<Content, EvalError> {
        self.scope().recipe(name)?.content(&self.environment)
    }

    /// A request as it goes over the wire.
    pub fn request(&self, request: &Request) -> Result<wire::Request, EvalError> {
        Builder { scope: self.scope(), seed: self.state.shared.seed }.request(request)
    }

    /// What one `save` finds in an exchange, or why there is nothing.
    pub fn saved(&self, save: &Save, exchange: &wire::Exchange) -> Result<Value, String> {
        saved(save, &self.done(exchange))
    }

    /// Keeps what `saves` find in an exchange, or says what is missing.
    pub fn save(&mut self, saves: &[Save], exchange: &wire::Exchange) -> Result<(), String> {
        let done = self.done(exchange);
        self.environment.taint(exchange, done.body.as_ref());
        for save in saves {
            let value = saved(save, &done).map_err(|why| format!("`{}` is missing: {why}", save.name))?;
            if let Some(text) = value.as_str().filter(|_| save.secret) {
                self.environment.secrets.taint(&save.name, text);
            }
            self.state.trunk.variables.set(&save.name, value);
        }
        Ok(())
    }

    /// The requests that remove what an answer says was made, as far as the target can remove it.
    pub fn removals(&self, exchange: &wire::Exchange) -> Vec<wire::Request> {
        let done = self.done(exchange);
        let (Some(answer), Some(method)) = (done.answer(), &done.exchange.request.method) else {
            return Vec::new();
        };
        let environment = &self.environment;
        let made_at = environment.relative(done.exchange.request.url.path());
        let mut requests = Vec::new();
        for resource in &environment.suite.resources {
            let is_made = resource.status.has(answer.status)
                && resource.is_made_by(method.as_str(), made_at, &environment.given)
                && environment.unmet(&resource.needs).is_none();
            let Ok(Value::String(id)) = saved(&resource.id, &done) else { continue };
            if !is_made {
                continue;
            }
            let Some(id) = address(resource, id, made_at, &self.scope()) else { continue };
            let (method, path) = &resource.remove;
            let envelope = Envelope {
                auth: resource.auth.clone(),
                headers: resource.headers.clone(),
                ..Envelope::default()
            };
            let request = Request { method: method.clone(), path: path.clone(), envelope, body: Body::Empty };
            let builder = Builder { scope: self.scope().and("id", id.into()), seed: self.state.shared.seed };
            requests.extend(builder.request(&request));
        }
        requests
    }

    fn done(&self, exchange: &wire::Exchange) -> Done {
        Done::new(String::new(), exchange.clone(), self.environment.suite)
    }

    fn scope(&self) -> Scope<'_> {
        let program = Program { environment: &self.environment, scenario: &self.scenario, mode: Mode::Run };
        Scope::new(program, &self.state.shared, &self.state.trunk.variables)
    }
}
