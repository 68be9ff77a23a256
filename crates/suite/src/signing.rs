//! Signs requests as a credential says.

use super::credential::{Signature, SignaturePlace};
use super::expr::{EvalError, Scope, Template};
use uptake_wire::{Request, SigV4};

impl Signature {
    /// Signs a request, and returns the signature: a secret, since whoever has it can send the request again. In `scope`, `value` is
    /// the value of the credential.
    pub fn sign(&self, request: &mut Request, scope: &dyn Scope) -> Result<String, EvalError> {
        let text = |template: &Template| template.text(scope);
        let at = match &self.at {
            Some(at) => at.integer(scope)?,
            None => scope.now(),
        };
        let signer = SigV4 {
            access_key: text(&self.access_key)?,
            secret_key: text(&self.secret_key)?,
            token: self.token.as_ref().map(text).transpose()?,
            region: text(&self.region)?,
            service: text(&self.service)?,
            at: basic_time(at)?,
        };
        match &self.place {
            SignaturePlace::Header => {
                signer.sign(request).map_err(|fault| EvalError::Harness(fault.to_string()))
            }
            SignaturePlace::Query(expires) => Ok(signer.presign(request, expires.integer(scope)?)),
        }
    }
}

/// Seconds since 1970 as `20130524T000000Z`.
fn basic_time(seconds: i64) -> Result<String, EvalError> {
    let time = jiff::Timestamp::from_second(seconds);
    let time = time.map_err(|_| EvalError::Arithmetic(format!("{seconds} is not a valid time")))?;
    Ok(time.strftime("%Y%m%dT%H%M%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::basic_time;

    #[test]
    fn a_time_is_written_in_the_basic_form() {
        assert_eq!(basic_time(1_369_353_600).unwrap(), "20130524T000000Z");
        assert!(basic_time(i64::MAX).is_err());
    }
}
