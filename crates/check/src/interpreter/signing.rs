//! Signs requests as a credential of the suite says.

use serde_json::Value;

use super::scope::Scope;
use uptake_suite::Signature;
use uptake_suite::expr::EvalError;
use uptake_wire::Request;

/// A signature that a request is to have, with the credential's value.
pub(crate) struct Signing<'s> {
    pub(crate) signature: &'s Signature,
    pub(crate) value: Value,
}

/// Signs a request. The signature is a secret: whoever has it can send the request again.
pub(crate) fn sign(signing: Signing<'_>, scope: &Scope<'_>, request: &mut Request) -> Result<(), EvalError> {
    let Signing { signature, value } = signing;
    let scope = scope.and("value", value);
    let made = signature.sign(request, &scope)?;
    scope.environment.secrets.taint("signature", &made);
    Ok(())
}
