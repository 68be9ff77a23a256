//! From the requests of a suite to templates.

use std::sync::Arc;

use http::Method;
use percent_encoding::utf8_percent_encode;
use serde_json::Value;

use super::form::Form;
use super::parts::{Part, Parts, json};
use super::signing::Signing;
use super::template::{PathTemplate, RequestTemplate};
use super::values::{Known, Number};
use crate::error::LoadError;
use uptake_suite::expr::{
    Digests, EvalError, Expr, Part as Written, Piece, Scope, Template, UNRESERVED, as_text,
};
use uptake_suite::protocol::{Call, Variation};
use uptake_suite::request::{Auth, Body, Field, FieldValue, TextPart};
use uptake_suite::{Carrier, Suite};
use uptake_target::Target;

/// Prepares requests for a target.
pub(crate) struct Compiler<'c> {
    pub(crate) suite: &'c Suite,
    pub(crate) target: &'c Target,
    pub(crate) known: Arc<Known>,
    /// What all paths of the target begin with.
    pub(crate) prefix: &'c str,
    pub(crate) boundary: String,
}

/// What a request is sent with beside what its call says.
#[derive(Default)]
pub(super) struct Extra<'e> {
    pub(super) query: Vec<&'e (String, Template)>,
    pub(super) headers: Vec<&'e (String, Template)>,
    pub(super) fields: Vec<&'e (String, Template)>,
    pub(super) variations: Vec<&'e Variation>,
    /// What stands for the total and the count.
    pub(super) open_total: Option<&'e str>,
}

impl Compiler<'_> {
    /// Prepares a call. `purpose` completes "the target has no credential, which is needed to …".
    pub(super) fn call(
        &self,
        call: &Call,
        extra: &Extra<'_>,
        purpose: &'static str,
    ) -> Result<RequestTemplate, LoadError> {
        let request = &call.request;
        let open = extra.open_total;
        let mut headers: Vec<(String, Parts)> = Vec::new();
        let own = request.envelope.headers.iter();
        for (name, value) in own.chain(extra.headers.iter().copied()) {
            headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            headers.push((name.clone(), self.parts(value, open)));
        }
        let mut query = Vec::new();
        for (name, value) in request.envelope.query.iter().chain(extra.query.iter().copied()) {
            query.push((name.clone(), self.parts(value, open)));
        }
        let signing = self.authorize(&request.envelope.auth, &mut headers, &mut query, purpose)?;
        let (kind, before, after) = self.body(&request.body, extra);
        if let Some(kind) = kind
            && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        {
            headers.push(("Content-Type".to_owned(), Parts::text(kind)));
        }
        let mut lines = Parts::default();
        for (name, value) in &headers {
            lines.push(Part::Text(format!("{name}: ")));
            lines.extend(value.clone());
            lines.push(Part::Text("\r\n".to_owned()));
        }
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| LoadError::Generator(format!("`{}` is not a method", request.method)))?;
        let accepted = extra.variations.iter().rev().find_map(|variation| variation.accepted.as_ref());
        let saves = call.save.iter().chain(extra.variations.iter().flat_map(|variation| &variation.save));
        let saves = saves.map(|save| (self.known.slot(&save.name), save.clone()));
        Ok(RequestTemplate {
            method,
            path: self.path(&request.path, query),
            lines,
            headers,
            before,
            after,
            accepted: accepted.unwrap_or(&call.accepted).clone(),
            saves: saves.collect(),
            signing,
        })
    }

    fn path(&self, path: &Template, query: Vec<(String, Parts)>) -> PathTemplate {
        let mut parts = self.parts(path, None);
        let mut has_query = path.written().contains('?');
        for (name, value) in query {
            let separator = if std::mem::replace(&mut has_query, true) { '&' } else { '?' };
            parts.push(Part::Text(format!("{separator}{}=", utf8_percent_encode(&name, UNRESERVED))));
            parts.extend(encoded(value));
        }
        if parts.starts_with("/") || parts.fixed() == Some("") {
            let mut whole = Parts::text(self.prefix);
            whole.extend(parts);
            return PathTemplate::Whole(whole);
        }
        let origin = self.target.base_url.origin().ascii_serialization();
        let forwarded = if self.prefix.starts_with("http") { origin.clone() } else { String::new() };
        PathTemplate::Found { parts, prefix: self.prefix.to_owned(), origin, forwarded }
    }

    fn body(&self, body: &Body, extra: &Extra<'_>) -> (Option<String>, Parts, Parts) {
        match body {
            Body::Empty | Body::Content(_) => (None, Parts::default(), Parts::default()),
            Body::Json(template) => {
                let kind = Some("application/json".to_owned());
                match self.constant(|scope| json(template, scope).ok()) {
                    Some(value) => (kind, Parts::text(value.to_string()), Parts::default()),
                    None => (kind, Parts(vec![Part::Json(template.clone())]), Parts::default()),
                }
            }
            Body::Text(template) => (None, self.parts(template, extra.open_total), Parts::default()),
            Body::Parts(written) => {
                let mut text = Parts::default();
                for part in written {
                    match part {
                        TextPart::Text(template) => text.extend(self.parts(template, extra.open_total)),
                        TextPart::Each { variable, list, text: template } => text.push(Part::Each {
                            variable: variable.clone(),
                            list: list.clone(),
                            text: template.clone(),
                        }),
                    }
                }
                (None, text, Parts::default())
            }
            Body::Form(fields) => self.form(fields, extra),
        }
    }

    fn form(&self, fields: &[Field], extra: &Extra<'_>) -> (Option<String>, Parts, Parts) {
        let mut form = Form::new(&self.boundary);
        for (name, value) in &extra.fields {
            form.text(name, self.parts(value, extra.open_total));
        }
        for field in fields {
            match &field.value {
                FieldValue::Text(value) => form.text(&field.name, self.parts(value, extra.open_total)),
                FieldValue::File(part) => {
                    let fixed = |template: &Option<Template>| {
                        let text = template.as_ref().map(|template| self.parts(template, None));
                        text.and_then(|parts| parts.fixed().map(str::to_owned))
                    };
                    let (name, kind) = (fixed(&part.name), fixed(&part.kind));
                    form.file(&field.name, name.as_deref(), kind.as_deref());
                }
            }
        }
        let kind = form.content_type();
        let (before, after) = form.finish();
        (Some(kind), before, after)
    }

    fn authorize(
        &self,
        auth: &Auth,
        headers: &mut Vec<(String, Parts)>,
        query: &mut Vec<(String, Parts)>,
        purpose: &'static str,
    ) -> Result<Option<Signing>, LoadError> {
        let (name, given) = match auth {
            Auth::None => return Ok(None),
            Auth::Literal(value) => {
                headers.push(("Authorization".to_owned(), self.parts(value, None)));
                return Ok(None);
            }
            Auth::Named(name, given) => (name, given),
        };
        let unknown = || LoadError::Generator(format!("the suite has no credential `{name}`"));
        let credential = self.suite.credentials.get(name).ok_or_else(unknown)?;
        if credential.is_optional
            && !credential.from.iter().all(|secret| self.target.credentials.contains_key(secret))
        {
            return Ok(None);
        }
        let value = match (given, credential.from.first()) {
            (Some(given), _) => self.parts(given, None),
            (None, Some(from)) => {
                let value = self.target.credentials.get(from);
                let value = value.ok_or_else(|| LoadError::NoKey { name: from.clone(), purpose })?;
                Parts::text(value.clone())
            }
            (None, None) => Parts::default(),
        };
        match &credential.carrier {
            Carrier::Header(name, template) => headers.push((name.clone(), self.carried(template, &value))),
            Carrier::Query(name, template) => query.push((name.clone(), self.carried(template, &value))),
            Carrier::Signature(signature) => {
                let value = match given {
                    Some(given) => self.constant(|scope| given.value(scope).ok()),
                    None => value.fixed().map(Value::from),
                };
                let signature = (**signature).clone();
                let value = value.unwrap_or(Value::Null);
                return Ok(Some(Signing { signature, value, base: self.target.base_url.clone() }));
            }
        }
        Ok(None)
    }

    /// A credential's text, with its value in place of `${value}`.
    fn carried(&self, template: &Template, value: &Parts) -> Parts {
        let known = value.fixed().map(|text| Value::String(text.to_owned()));
        let mut parts = Parts::default();
        for part in template.parts() {
            match part {
                Written::Text(text) => parts.push(Part::Text(text.clone())),
                Written::Expr(Expr::Name(name)) if name == "value" => parts.extend(value.clone()),
                Written::Expr(expr) => {
                    let fixed = self.constant_with(known.clone(), |scope| expr.eval(scope).ok());
                    match fixed {
                        Some(value) => parts.push(Part::Text(as_text(&value))),
                        None => parts.push(Part::Expr(expr.clone())),
                    }
                }
            }
        }
        parts
    }

    /// A text whose values are put in as far as they are known.
    pub(super) fn parts(&self, template: &Template, open_total: Option<&str>) -> Parts {
        let mut parts = Parts::default();
        for part in template.parts() {
            parts.push(match part {
                Written::Text(text) => Part::Text(text.clone()),
                Written::Expr(expr) => self.part(expr, open_total),
            });
        }
        parts
    }

    fn part(&self, expr: &Expr, open_total: Option<&str>) -> Part {
        if let Expr::Name(name) = expr {
            if let Some(slot) = self.known.slot(name) {
                return Part::Slot(slot);
            }
            if let Some(number) = Number::named(name) {
                return match open_total {
                    Some(open) if matches!(number, Number::Total | Number::Count) => {
                        Part::Text(open.to_owned())
                    }
                    _ => Part::Number(number),
                };
            }
        }
        match self.constant(|scope| expr.eval(scope).ok()) {
            Some(value) => Part::Text(as_text(&value)),
            None => Part::Expr(expr.clone()),
        }
    }

    /// A value that is the same for every request, if it is.
    pub(super) fn constant<T>(&self, read: impl FnOnce(&dyn Scope) -> Option<T>) -> Option<T> {
        self.constant_with(None, read)
    }

    fn constant_with<T>(
        &self,
        value: Option<Value>,
        read: impl FnOnce(&dyn Scope) -> Option<T>,
    ) -> Option<T> {
        let scope = Constants { known: &self.known, value, varies: std::cell::Cell::new(false) };
        let found = read(&scope);
        found.filter(|_| !scope.varies.get())
    }
}

/// Query values are percent-encoded.
fn encoded(parts: Parts) -> Parts {
    let mut all = Parts::default();
    for part in parts.0 {
        all.push(match part {
            Part::Text(text) => Part::Text(utf8_percent_encode(&text, UNRESERVED).to_string()),
            Part::Slot(slot) => Part::EncodedSlot(slot),
            Part::Expr(expr) => Part::EncodedExpr(expr),
            other => other,
        });
    }
    all
}

/// What is known before a run, and whether something else was asked for.
struct Constants<'c> {
    known: &'c Known,
    /// The value of a credential.
    value: Option<Value>,
    varies: std::cell::Cell<bool>,
}

impl Scope for Constants<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        if name == "value" {
            return self.value.clone();
        }
        if self.known.slot(name).is_some() || Number::named(name).is_some() {
            return None;
        }
        self.known.given.get(name).cloned()
    }

    fn digests(&self) -> &dyn Digests {
        self
    }

    fn unique_text(&self) -> String {
        self.varies.set(true);
        String::new()
    }

    fn now(&self) -> i64 {
        self.varies.set(true);
        0
    }
}

impl Digests for Constants<'_> {
    fn digest(&self, _: &str, piece: Piece<'_>) -> Result<Vec<u8>, EvalError> {
        Err(EvalError::Undefined(piece.content.to_owned()))
    }
}
