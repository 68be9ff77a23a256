//! Finds keys that cannot sign before anything is sent.

use serde_json::Value;
use thiserror::Error;

use super::credential::{Carrier, Credential, KeyTemplate, SignatureScheme};
use super::expr::Template;
use super::given::Given;
use super::predefined::predefined;
use super::suite::Suite;
use uptake_target::Target;
use uptake_wire::{KeyFault, Sas, SigningKey};

/// A key that cannot sign.
#[derive(Debug, Error)]
#[error("the credential `{credential}` of the suite `{suite}` cannot sign: `{field}`{origin} {fault}")]
pub struct BadSigningKey {
    suite: String,
    credential: String,
    /// The key under `sign` that names it.
    field: &'static str,
    /// Where its value comes from.
    origin: String,
    fault: KeyFault,
}

/// Refuses keys that cannot sign. Those that only a scenario gives are not known yet.
pub fn check_signing_keys(suite: &Suite, target: &Target) -> Result<(), BadSigningKey> {
    for (name, credential) in &suite.credentials {
        let has = |secret: &String| target.credentials.contains_key(secret);
        let Carrier::Signature(signature) = &credential.carrier else { continue };
        if credential.from.iter().all(has) {
            check(&signature.scheme, &Keys::of(suite, target, (name, credential)))?;
        }
    }
    Ok(())
}

fn check(scheme: &SignatureScheme, keys: &Keys<'_>) -> Result<(), BadSigningKey> {
    let is_there = |text: &str| if text.is_empty() { Err(KeyFault::Empty) } else { Ok(()) };
    match scheme {
        SignatureScheme::V4(signature) => {
            keys.check("access-key", &signature.access_key, is_there)?;
            match &signature.key {
                KeyTemplate::Shared(key) => keys.check("secret-key", key, is_there),
                KeyTemplate::Private(key) => {
                    keys.check("private-key", key, |text| SigningKey::pem(text).map(|_| ()))
                }
            }
        }
        SignatureScheme::Sas(signature) => {
            keys.check("account", &signature.account, is_there)?;
            keys.check("account-key", &signature.account_key, Sas::check_key)
        }
    }
}

/// The keys of one credential.
struct Keys<'k> {
    suite: &'k Suite,
    target: &'k Target,
    name: &'k str,
    credential: &'k Credential,
    given: Given,
}

impl<'k> Keys<'k> {
    fn of(suite: &'k Suite, target: &'k Target, (name, credential): (&'k str, &'k Credential)) -> Self {
        let mut values = predefined(suite, target);
        let value = credential.from.first().and_then(|secret| target.credentials.get(secret));
        values.extend(value.map(|value| ("value".to_owned(), Value::from(value.as_str()))));
        Self { suite, target, name, credential, given: Given(values) }
    }

    fn check(
        &self,
        field: &'static str,
        template: &Template,
        check: impl Fn(&str) -> Result<(), KeyFault>,
    ) -> Result<(), BadSigningKey> {
        let Ok(text) = template.text(&self.given) else { return Ok(()) };
        check(&text).map_err(|fault| BadSigningKey {
            suite: self.suite.name.clone(),
            credential: self.name.to_owned(),
            field,
            origin: self.origin(template),
            fault,
        })
    }

    /// Which secret or variable of the profile a key is made of.
    fn origin(&self, template: &Template) -> String {
        let of_secret = |name: &str| {
            let is_named = |secret: &&String| format!("credential.{}", secret.replace('-', "_")) == name;
            if name == "value" {
                return self.credential.from.first();
            }
            self.target.credentials.keys().find(is_named)
        };
        let Some(name) = template.names().first().copied() else { return String::new() };
        let (kind, name) = match of_secret(name) {
            Some(secret) => ("credential", secret.as_str()),
            None => ("value", name),
        };
        match &self.target.profile {
            Some(profile) => format!(", which is the {kind} `{name}` of {profile},"),
            None => format!(", which is the {kind} `{name}` of the target,"),
        }
    }
}
