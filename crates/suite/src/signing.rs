//! Signs requests as a credential says.

use super::credential::{KeyTemplate, SasSignature, Signature, SignaturePlace, SignatureScheme, V4Signature};
use super::expr::{EvalError, Scope, Template};
use uptake_wire::{Request, Sas, SignError, SigningKey, V4};

impl Signature {
    /// Signs a request, and returns the signature: a secret, since whoever has it can send the request again. In `scope`, `value` is
    /// the value of the credential.
    pub fn sign(&self, request: &mut Request, scope: &dyn Scope) -> Result<String, EvalError> {
        let at = match &self.at {
            Some(at) => at.integer(scope)?,
            None => scope.now(),
        };
        match &self.scheme {
            SignatureScheme::V4(signature) => {
                let signer = signature.signer(scope, at)?;
                match &signature.place {
                    SignaturePlace::Header => signer.sign(request).map_err(|error| failed(&error)),
                    SignaturePlace::Query(expires) => {
                        signer.presign(request, expires.integer(scope)?).map_err(|error| failed(&error))
                    }
                }
            }
            SignatureScheme::Sas(signature) => {
                let start = self.at.is_some().then_some(at);
                signature.signer(scope, (start, at))?.sign(request).map_err(|error| failed(&error))
            }
        }
    }

    /// The header that says that the signature does not cover the body, where it would otherwise.
    pub fn unsigned_body(&self) -> Option<(&'static str, &'static str)> {
        match &self.scheme {
            SignatureScheme::V4(V4Signature { place: SignaturePlace::Header, dialect, .. }) => {
                Some((dialect.digest_header(), "UNSIGNED-PAYLOAD"))
            }
            _ => None,
        }
    }
}

impl V4Signature {
    fn signer(&self, scope: &dyn Scope, at: i64) -> Result<V4, EvalError> {
        let text = |template: &Template| template.text(scope);
        let key = match &self.key {
            KeyTemplate::Shared(key) => SigningKey::shared(&text(key)?),
            KeyTemplate::Private(key) => SigningKey::pem(&text(key)?),
        };
        Ok(V4 {
            dialect: self.dialect,
            access_key: text(&self.access_key)?,
            key: key.map_err(|fault| failed(&SignError::Key(fault)))?,
            token: self.token.as_ref().map(text).transpose()?,
            region: text(&self.region)?,
            service: text(&self.service)?,
            at: time(at, "%Y%m%dT%H%M%SZ")?,
        })
    }
}

impl SasSignature {
    fn signer(&self, scope: &dyn Scope, (start, at): (Option<i64>, i64)) -> Result<Sas, EvalError> {
        let seconds = self.expires.integer(scope)?;
        let expiry = at.checked_add(seconds);
        let expiry =
            expiry.ok_or_else(|| EvalError::Arithmetic("the number does not fit into 64 bits".to_owned()))?;
        Ok(Sas {
            account: self.account.text(scope)?,
            key: self.account_key.text(scope)?,
            permissions: self.permissions.text(scope)?,
            resource: self.resource,
            start: start.map(|at| time(at, EXTENDED)).transpose()?,
            expiry: time(expiry, EXTENDED)?,
        })
    }
}

/// A time of ISO 8601 with its separators.
const EXTENDED: &str = "%Y-%m-%dT%H:%M:%SZ";

fn failed(error: &SignError) -> EvalError {
    match error {
        SignError::Body(_) => EvalError::Harness(error.to_string()),
        SignError::Key(_) | SignError::Url(_) => EvalError::Type(error.to_string()),
    }
}

/// Seconds since 1970 as a time of this form.
fn time(seconds: i64, form: &str) -> Result<String, EvalError> {
    let time = jiff::Timestamp::from_second(seconds);
    let time = time.map_err(|_| EvalError::Arithmetic(format!("{seconds} is not a valid time")))?;
    Ok(time.strftime(form).to_string())
}

#[cfg(test)]
mod tests {
    use super::{EXTENDED, time};

    #[test]
    fn a_time_is_written_in_both_forms() {
        assert_eq!(time(1_369_353_600, "%Y%m%dT%H%M%SZ").unwrap(), "20130524T000000Z");
        assert_eq!(time(1_369_353_600, EXTENDED).unwrap(), "2013-05-24T00:00:00Z");
        assert!(time(i64::MAX, EXTENDED).is_err());
    }
}
