//! From what a scenario says to what goes over the wire.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use percent_encoding::utf8_percent_encode;
use serde_json::Value;
use url::Url;

use super::contents::Recipe;
use super::judge::json;
use super::scope::Scope;
use super::signing::{Signing, sign};
use uptake_payload::{Content, Seed, Slice};
use uptake_suite::expr::{self, EvalError, Expr, Template, UNRESERVED};
use uptake_suite::request::{self, Auth, Body, Envelope, FieldValue, Length, Request, Source, TextPart};
use uptake_suite::{Carrier, Credential};
use uptake_wire as wire;

/// How long a body waits for 100 Continue before it goes out all the same.
const CONTINUE: Duration = Duration::from_secs(5);

/// Builds the requests of one step.
pub(crate) struct Builder<'b> {
    pub(crate) scope: Scope<'b>,
    /// Content without a name, and boundaries, come from here: each step has its own.
    pub(crate) seed: Seed,
}

/// A body, with the Content-Type that it asks for.
pub(crate) type TypedBody = (Option<String>, wire::Body);

/// A number of bytes.
pub(crate) fn size(expr: &Expr, scope: &dyn expr::Scope) -> Result<u64, EvalError> {
    let number = expr.integer(scope)?;
    u64::try_from(number).map_err(|_| EvalError::Type(format!("{number} bytes: the number is negative")))
}

impl Builder<'_> {
    pub(crate) fn request(&self, spec: &Request) -> Result<wire::Request, EvalError> {
        let body = match &spec.body {
            Body::Empty => (None, wire::Body::empty()),
            Body::Json(template) => {
                let text = json(template, &self.scope)?.to_string();
                (Some("application/json".to_owned()), Bytes::from(text).into())
            }
            Body::Text(template) => (None, Bytes::from(template.text(&self.scope)?).into()),
            Body::Parts(parts) => (None, Bytes::from(self.parts(parts)?).into()),
            Body::Form(fields) => {
                let (kind, body) = self.form(fields)?;
                (Some(kind), body)
            }
            Body::Content(content) => (None, wire::Body::content(self.slice(content, "body")?)),
        };
        self.assemble(&spec.method, &spec.path, &spec.envelope, body)
    }

    /// A request of its parts; `body` comes with the Content-Type that it asks for.
    pub(crate) fn assemble(
        &self,
        method: &str,
        path: &Template,
        envelope: &Envelope,
        (kind, body): TypedBody,
    ) -> Result<wire::Request, EvalError> {
        let mut headers = Vec::new();
        for (name, value) in &envelope.headers {
            headers.push((name.clone(), value.text(&self.scope)?));
        }
        let mut query = Vec::new();
        for (name, value) in &envelope.query {
            query.push((name.clone(), value.text(&self.scope)?));
        }
        let signature = self.authorize(&envelope.auth, &mut headers, &mut query)?;
        if let Some(kind) = kind
            && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        {
            headers.push(("Content-Type".to_owned(), kind));
        }
        let url = self.url(&path.text(&self.scope)?, &query)?;
        if url.origin() != self.target_origin() && !matches!(envelope.auth, Auth::None) {
            return Err(EvalError::Type(format!(
                "credentials are not sent to {}, which is not the target",
                url.origin().ascii_serialization()
            )));
        }
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| EvalError::Harness(format!("`{method}` is not a method")))?;
        let delivery = self.delivery(&envelope.delivery)?;
        let mut request = wire::Request { method, url, headers, body, delivery };
        if let Some(signature) = signature {
            sign(signature, &self.scope, &mut request)?;
        }
        Ok(request)
    }

    /// A text of several parts.
    pub(crate) fn parts(&self, parts: &[TextPart]) -> Result<String, EvalError> {
        let mut text = String::new();
        for part in parts {
            match part {
                TextPart::Text(template) => text.push_str(&template.text(&self.scope)?),
                TextPart::Each { variable, list, text: template } => {
                    let Value::Array(items) = list.eval(&self.scope)? else {
                        return Err(EvalError::Type("`for-each` needs a list".to_owned()));
                    };
                    for item in items {
                        text.push_str(&template.text(&self.scope.and(variable, item))?);
                    }
                }
            }
        }
        Ok(text)
    }

    fn target_origin(&self) -> url::Origin {
        self.scope.environment.target.base_url.origin()
    }

    fn url(&self, path: &str, query: &[(String, String)]) -> Result<Url, EvalError> {
        let mut address = if path.starts_with("http://") || path.starts_with("https://") {
            path.to_owned()
        } else {
            joined(&self.scope.environment.target.base_url, path)
        };
        for (name, value) in query {
            address.push(if address.contains('?') { '&' } else { '?' });
            address.extend(utf8_percent_encode(name, UNRESERVED));
            address.push('=');
            address.extend(utf8_percent_encode(value, UNRESERVED));
        }
        Url::parse(&address).map_err(|error| EvalError::Type(format!("`{address}` is not a URL: {error}")))
    }

    /// Adds a credential; gives the signature that the whole request is to have instead.
    fn authorize(
        &self,
        auth: &Auth,
        headers: &mut Vec<(String, String)>,
        query: &mut Vec<(String, String)>,
    ) -> Result<Option<Signing<'_>>, EvalError> {
        match auth {
            Auth::None => {}
            Auth::Literal(value) => headers.push(("Authorization".to_owned(), value.text(&self.scope)?)),
            Auth::Named(name, given) => {
                let environment = self.scope.environment;
                let credential = environment.suite.credentials.get(name);
                let credential =
                    credential.ok_or_else(|| EvalError::Harness(format!("unknown credential `{name}`")))?;
                let has = |secret: &String| environment.target.credentials.contains_key(secret);
                if credential.is_optional && !credential.from.iter().all(has) {
                    return Ok(None);
                }
                let value = match (given, credential.from.first()) {
                    (Some(given), _) => given.value(&self.scope)?,
                    (None, Some(from)) => {
                        let value = environment.target.credentials.get(from);
                        value.cloned().map(Value::String).ok_or_else(|| {
                            EvalError::Harness(format!(
                                "the target profile has no credential `{from}`, which the suite's `{name}` needs"
                            ))
                        })?
                    }
                    (None, None) => Value::from(""),
                };
                let scope = self.scope.and("value", value.clone());
                match &credential.carrier {
                    Carrier::Header(header, template) => {
                        headers
                            .push((header.clone(), self.carried(name, credential, template.text(&scope)?)));
                    }
                    Carrier::Query(parameter, template) => {
                        query.push((
                            parameter.clone(),
                            self.carried(name, credential, template.text(&scope)?),
                        ));
                    }
                    Carrier::Signature(signature) => return Ok(Some(Signing { signature, value })),
                }
            }
        }
        Ok(None)
    }

    /// What a credential comes to. Where it is computed from a secret and does not contain it, as a digest does, it is a secret
    /// of its own.
    fn carried(&self, name: &str, credential: &Credential, text: String) -> String {
        let secrets = &self.scope.environment.secrets;
        if !credential.from.is_empty() && secrets.mask(&text) == text {
            secrets.taint(name, &text);
        }
        text
    }

    fn delivery(&self, spec: &request::Delivery) -> Result<wire::Delivery, EvalError> {
        Ok(wire::Delivery {
            length: match &spec.length {
                Length::Declared => wire::Length::Declared,
                Length::Chunked => wire::Length::Chunked,
                Length::Claimed(expr) => wire::Length::Claimed(size(expr, &self.scope)?),
            },
            expect_continue: spec.waits.then_some(CONTINUE),
            break_off: spec.break_off.as_ref().map(|expr| size(expr, &self.scope)).transpose()?,
            stall: match &spec.stall {
                Some((after, pause)) => Some(wire::Stall { after: size(after, &self.scope)?, pause: *pause }),
                None => None,
            },
            // The driver knows the barriers.
            hold: Vec::new(),
            reading: if spec.deaf { wire::Reading::Afterwards } else { wire::Reading::AtOnce },
        })
    }

    /// The boundary is the step's own, so that the same seed sends the same bytes.
    pub(crate) fn new_form(&self) -> wire::Form {
        wire::Form::new(format!("uptake-{:016x}", self.seed.derive("boundary").0))
    }

    fn form(&self, fields: &[request::Field]) -> Result<(String, wire::Body), EvalError> {
        let mut form = self.new_form();
        for (at, field) in fields.iter().enumerate() {
            form = match &field.value {
                FieldValue::Text(text) => form.text(&field.name, text.text(&self.scope)?),
                FieldValue::File(part) => form.file(wire::FilePart {
                    field: field.name.clone(),
                    file_name: part.name.as_ref().map(|name| name.text(&self.scope)).transpose()?,
                    content_type: part.kind.as_ref().map(|kind| kind.text(&self.scope)).transpose()?,
                    slice: self.slice(&part.content, &format!("field {at}"))?,
                }),
            };
        }
        Ok(form.finish())
    }

    fn slice(&self, piece: &request::Content, label: &str) -> Result<Slice, EvalError> {
        let whole = self.content(&piece.source, label)?;
        let from = piece.from.as_ref().map_or(Ok(0), |from| size(from, &self.scope))?;
        let left = whole.len().checked_sub(from);
        let length = match &piece.length {
            Some(length) => size(length, &self.scope)?,
            None => left.unwrap_or(0),
        };
        if left.is_none_or(|left| length > left) {
            let have = whole.len();
            return Err(EvalError::Harness(format!(
                "the scenario asks for {length} bytes from {from} of content that has {have}"
            )));
        }
        Ok(whole.slice(from, length))
    }

    /// A byte stream; seeded ones without a name come from the step's seed and `label`.
    fn content(&self, source: &Source, label: &str) -> Result<Content, EvalError> {
        recipe(source, self.seed.derive(label), &self.scope)?.content(self.scope.environment)
    }
}

/// What a byte stream is made of; seeded ones come from `seed`.
pub(crate) fn recipe(source: &Source, seed: Seed, scope: &Scope<'_>) -> Result<Recipe, EvalError> {
    Ok(match source {
        Source::Seeded(expr) => Recipe::Seeded { seed, size: size(expr, scope)? },
        Source::Named(name) => scope.recipe(name)?.clone(),
        Source::Text(text) => Recipe::Text(text.text(scope)?),
        Source::File(name) => Recipe::File(name.clone()),
    })
}

/// A path behind the base URL. An empty one is the base URL itself, with a slash at its end or without.
pub(crate) fn joined(base: &Url, path: &str) -> String {
    if path.is_empty() || path.starts_with('?') {
        return format!("{base}{path}");
    }
    format!("{}/{}", base.as_str().trim_end_matches('/'), path.strip_prefix('/').unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::joined;

    #[test]
    fn an_empty_path_is_the_base_url_itself() {
        for (base, path, whole) in [
            ("http://h/files/", "", "http://h/files/"),
            ("http://h/files", "", "http://h/files"),
            ("http://h/files/", "/a", "http://h/files/a"),
            ("http://h/files", "a", "http://h/files/a"),
            ("http://h", "/", "http://h/"),
            ("http://h/files", "/", "http://h/files/"),
            ("http://h/files", "?a=b", "http://h/files?a=b"),
            ("http://h", "//a", "http://h//a"),
        ] {
            assert_eq!(joined(&Url::parse(base).unwrap(), path), whole);
        }
    }
}
