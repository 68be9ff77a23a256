//! How callers say who they are.

use super::expr::{Expr, Template};
use uptake_wire::{Dialect, SasResource};

/// A way to say who is calling.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The target's secrets that it is made of, of which the first is its value; without them each use gives the value.
    pub from: Vec<String>,
    /// Whether a target without these secrets is called without it.
    pub is_optional: bool,
    /// Where it goes.
    pub carrier: Carrier,
    /// What it opens: a path that is read to see whether the target takes it.
    pub opens: Option<Template>,
}

/// Where a credential goes.
#[derive(Debug, Clone)]
pub enum Carrier {
    /// A header of this name with this value.
    Header(String, Template),
    /// A query parameter of this name with this value.
    Query(String, Template),
    /// A signature of the whole request.
    Signature(Box<Signature>),
}

/// A signature of a request.
#[derive(Debug, Clone)]
pub struct Signature {
    /// What is signed, and how.
    pub scheme: SignatureScheme,
    /// When it was signed, in seconds since 1970; now, where nothing else is said.
    pub at: Option<Expr>,
}

/// What is signed, and how.
#[derive(Debug, Clone)]
pub enum SignatureScheme {
    /// Signature Version 4 of the whole request.
    V4(V4Signature),
    /// A shared access signature of what a URL allows.
    Sas(SasSignature),
}

/// Signature Version 4 of a request.
#[derive(Debug, Clone)]
pub struct V4Signature {
    /// Whose words it has.
    pub dialect: Dialect,
    /// Where it stands.
    pub place: SignaturePlace,
    /// The id of the key.
    pub access_key: Template,
    /// The key itself.
    pub key: KeyTemplate,
    /// The session's token, for keys that last for a session.
    pub token: Option<Template>,
    /// The region that the key is for.
    pub region: Template,
    /// The service that the key is for.
    pub service: Template,
}

/// A key of one of two kinds.
#[derive(Debug, Clone)]
pub enum KeyTemplate {
    /// A text that the server knows too.
    Shared(Template),
    /// A private key in PEM.
    Private(Template),
}

/// A shared access signature.
#[derive(Debug, Clone)]
pub struct SasSignature {
    /// The account.
    pub account: Template,
    /// Its key, in base64.
    pub account_key: Template,
    /// What is allowed, by letters.
    pub permissions: Template,
    /// What it is allowed with.
    pub resource: SasResource,
    /// For how many seconds it is valid.
    pub expires: Expr,
}

/// Where a signature stands.
#[derive(Debug, Clone)]
pub enum SignaturePlace {
    /// In the Authorization header.
    Header,
    /// In the URL's query, which is valid for so many seconds.
    Query(Expr),
}
