//! Signs requests as a credential of the suite says.

use serde_json::Value;

use super::scope::Scope;
use uptake_suite::expr::{EvalError, Template};
use uptake_suite::{Signature, SignaturePlace};
use uptake_wire::{Request, SigV4};

/// A signature that a request is to have, with the credential's value.
pub(crate) struct Signing<'s> {
    pub(crate) signature: &'s Signature,
    pub(crate) value: Value,
}

/// Signs a request. The signature is a secret: whoever has it can send the request again.
pub(crate) fn sign(signing: Signing<'_>, scope: &Scope<'_>, request: &mut Request) -> Result<(), EvalError> {
    let Signing { signature, value } = signing;
    let scope = scope.and("value", value);
    let text = |template: &Template| template.text(&scope);
    let at = match &signature.at {
        Some(at) => at.integer(&scope)?,
        None => uptake_suite::expr::Scope::now(&scope),
    };
    let signer = SigV4 {
        access_key: text(&signature.access_key)?,
        secret_key: text(&signature.secret_key)?,
        token: signature.token.as_ref().map(text).transpose()?,
        region: text(&signature.region)?,
        service: text(&signature.service)?,
        at: basic_time(at)?,
    };
    let made = match &signature.place {
        SignaturePlace::Header => {
            signer.sign(request).map_err(|fault| EvalError::Harness(fault.to_string()))?
        }
        SignaturePlace::Query(expires) => signer.presign(request, expires.integer(&scope)?),
    };
    scope.environment.secrets.taint("signature", &made);
    Ok(())
}

/// Seconds since 1970 as `20130524T000000Z`.
fn basic_time(seconds: i64) -> Result<String, EvalError> {
    let time = jiff::Timestamp::from_second(seconds);
    let time =
        time.map_err(|_| EvalError::Arithmetic(format!("{seconds} is no time that can be written")))?;
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
