//! What a scenario may refer to: the suite, the target as its profile describes it, and the options of the run.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use serde_json::Value;
use url::Url;

use uptake_suite::{Needs, Scenario, Suite, predefined};
use uptake_target::{CallKind, Target};
use uptake_wire::{Exchange, Request, Secrets, Version, needs_http1};

/// The capability of a target whose clock can be moved.
pub(crate) const CLOCK: &str = "clock";

/// What does not change while a run goes on. The interpreter reads it, and adds to the secrets what a scenario declares
/// secret, so that nothing can be said before it is masked.
#[derive(Debug)]
pub(crate) struct Environment<'r> {
    pub(crate) suite: &'r Suite,
    pub(crate) target: &'r Target,
    pub(crate) secrets: Secrets,
    /// The values that every expression may use.
    pub(crate) given: BTreeMap<String, Value>,
    /// The longest that a step repeats a request, whatever longer time the scenario allows.
    pub(crate) patience: Duration,
    /// Whether scenarios may wait for real time where the target's clock cannot be moved.
    pub(crate) may_wait: bool,
}

/// What the interpreter works on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program<'r> {
    pub(crate) environment: &'r Environment<'r>,
    pub(crate) scenario: &'r Scenario,
    pub(crate) mode: Mode,
}

/// Whether answers come from a target, or are assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Requests are sent, and the answers judged.
    Run,
    /// Nothing is sent: each request is taken to succeed, and values that only an answer could give are made up.
    Forecast,
}

/// The query parameters that sign a URL or name who signed it: AWS's Signature Version 4 and 2, Google Cloud Storage's
/// Version 4 and 2, and Azure's shared access signatures. A suite adds its own under `secrets`.
const SIGNING: [&str; 10] = [
    "X-Amz-Signature",
    "X-Amz-Credential",
    "X-Amz-Security-Token",
    "X-Goog-Signature",
    "X-Goog-Credential",
    "Signature",
    "AWSAccessKeyId",
    "GoogleAccessId",
    "sig",
    "Key-Pair-Id",
];

impl<'r> Environment<'r> {
    pub(crate) fn new(suite: &'r Suite, target: &'r Target) -> Self {
        let secrets = Secrets::new();
        for (name, value) in target.secrets() {
            secrets.taint(&name, &value);
        }
        Self {
            suite,
            target,
            secrets,
            given: predefined(suite, target),
            patience: Duration::MAX,
            may_wait: false,
        }
    }

    /// Why a scenario or a step with these needs is not applicable: the first capability that the target lacks, or has too
    /// much.
    pub(crate) fn unmet(&self, needs: &Needs) -> Option<String> {
        needs.unmet(|name| self.target.can(name) || (name == CLOCK && self.waits_for_real_time()))
    }

    /// Whether requests go over HTTP/1.1.
    pub(crate) fn is_http1(&self) -> bool {
        self.target.settings.version == Version::Http1
    }

    /// Whether the version of HTTP can carry this request.
    pub(crate) fn carries(&self, request: &Request) -> bool {
        self.is_http1() || !needs_http1(request)
    }

    /// Whether rules about time are judged by waiting.
    pub(crate) fn waits_for_real_time(&self) -> bool {
        self.target.clock.is_none() && self.may_wait
    }

    /// A request's path without the base URL's own.
    pub(crate) fn relative<'p>(&self, path: &'p str) -> &'p str {
        path.strip_prefix(self.target.base_url.path().trim_end_matches('/')).unwrap_or(path)
    }

    /// Whether a request makes a resource where it is accepted: another one each time.
    pub(crate) fn makes(&self, method: &Method, path: &str) -> bool {
        let path = self.relative(path);
        self.suite.resources.iter().any(|resource| resource.is_made_by(method.as_str(), path, &self.given))
    }

    /// Which budget a call counts against.
    pub(crate) fn call_kind(&self, method: &Method, path: &str) -> CallKind {
        if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
            return CallKind::Read;
        }
        if self.suite.uploads.takes_files(self.relative(path)) { CallKind::Upload } else { CallKind::Write }
    }

    /// Masks from now on what an exchange holds that nobody should see: members and parameters that the suite calls secret, and
    /// what signs a URL. `body` is the answer's, where it is JSON.
    pub(crate) fn taint(&self, exchange: &Exchange, body: Option<&Value>) {
        self.taint_parameters(&exchange.request.url, &[]);
        if let Ok(answer) = &exchange.outcome {
            answer.headers.iter().for_each(|(_, value)| self.taint_query(value));
        }
        if let Some(body) = body {
            self.taint_members(body);
        }
    }

    /// Masks from now on the members of an answer that the suite calls secret.
    fn taint_members(&self, body: &Value) {
        match body {
            Value::Object(members) => {
                for (name, value) in members {
                    match value {
                        Value::String(text) if self.suite.secrets.contains(name) => {
                            self.secrets.taint(name, text);
                        }
                        Value::String(text) => self.taint_query(text),
                        other => self.taint_members(other),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.taint_members(item)),
            Value::String(text) => self.taint_query(text),
            _ => {}
        }
    }

    /// The same for a text that is a URL.
    fn taint_query(&self, text: &str) {
        if text.contains('?')
            && let Ok(url) = Url::parse(text)
        {
            self.taint_parameters(&url, &self.suite.secrets);
        }
    }

    /// The parameters of a URL that sign it, and those of these names: whoever has them has what the URL leads to.
    fn taint_parameters(&self, url: &Url, names: &[String]) {
        for (name, value) in url.query_pairs() {
            let signs = SIGNING.iter().any(|signing| signing.eq_ignore_ascii_case(&name));
            if signs || names.iter().any(|secret| **secret == *name) {
                self.secrets.taint(&name, &value);
            }
        }
    }
}
