//! `sign` of a credential: which signature, and what it is made of.

use super::context::Context;
use super::expect::transpose;
use crate::credential::{KeyTemplate, SasSignature, Signature, SignaturePlace, SignatureScheme, V4Signature};
use crate::expr::Template;
use uptake_wire::{Dialect, SasResource};
use uptake_yaml::{Fields, Node};

/// The kinds of signature, each with the places where it may stand.
const SCHEMES: &str = "`sigv4: header` or `query`, `gcs-v4: header` or `query`, `azure-sas: query`";

/// `sign: { sigv4: header, … }`.
pub(super) fn signature(context: &Context<'_>, node: &Node) -> Option<Signature> {
    let reader = context.reader;
    let mut fields = reader.fields(node, "sign")?;
    let aws = fields.take("sigv4");
    let google = fields.take("gcs-v4");
    let sas = fields.take("azure-sas");
    let at = transpose(fields.take("at").map(|node| context.expr(node, "at")));
    let scheme = match (aws, google, sas) {
        (Some(place), None, None) => v4(context, &mut fields, (Dialect::Aws, "sigv4", place)),
        (None, Some(place), None) => v4(context, &mut fields, (Dialect::Google, "gcs-v4", place)),
        (None, None, Some(place)) => shared_access(context, &mut fields, place),
        (None, None, None) => {
            fields.forgive();
            reader.problem(node.at, "the kind of signature is missing", format!("add one of: {SCHEMES}"))
        }
        _ => {
            fields.forgive();
            reader.problem(
                node.at,
                "a credential can have only one signature",
                format!("keep one of: {SCHEMES}"),
            )
        }
    };
    drop(fields);
    Some(Signature { scheme: scheme?, at: at? })
}

fn template(context: &Context<'_>, fields: &mut Fields<'_, '_>, name: &'static str) -> Option<Template> {
    context.template(fields.require(name)?, name)
}

/// Signature Version 4, in a header or in the URL.
fn v4(
    context: &Context<'_>,
    fields: &mut Fields<'_, '_>,
    (dialect, name, place): (Dialect, &'static str, &Node),
) -> Option<SignatureScheme> {
    let reader = context.reader;
    let access_key = template(context, fields, "access-key");
    let key = match dialect {
        Dialect::Aws => template(context, fields, "secret-key").map(KeyTemplate::Shared),
        Dialect::Google => key(context, fields, place),
    };
    let token = match dialect {
        Dialect::Aws => transpose(fields.take("token").map(|node| context.template(node, "token"))),
        Dialect::Google => Some(None),
    };
    // Google has one value of each that works for every bucket.
    let mut or = |field: &'static str, default: &str| match dialect {
        Dialect::Aws => template(context, fields, field),
        Dialect::Google => fields
            .take(field)
            .map_or_else(|| Some(Template::plain(default)), |node| context.template(node, field)),
    };
    let (region, service) = (or("region", "auto"), or("service", "storage"));
    let expires = fields.take("expires");
    let is_query = reader.word(place, name, &[("header", false), ("query", true)])?;
    let place = match (is_query, expires) {
        (true, Some(node)) => SignaturePlace::Query(context.expr(node, "expires")?),
        (false, None) => SignaturePlace::Header,
        (true, None) => return no_lifetime(context, place),
        (false, Some(node)) => {
            return reader.problem(
                node.at,
                "only a signature in a URL has a lifetime of its own",
                format!("write `{name}: query`, or leave `expires` out"),
            );
        }
    };
    let (access_key, key, token) = (access_key?, key?, token?);
    let (region, service) = (region?, service?);
    Some(SignatureScheme::V4(V4Signature { dialect, place, access_key, key, token, region, service }))
}

/// `secret-key` of an HMAC key, or `private-key` of a service account.
fn key(context: &Context<'_>, fields: &mut Fields<'_, '_>, at: &Node) -> Option<KeyTemplate> {
    let secret = fields.take("secret-key");
    let private = fields.take("private-key");
    match (secret, private) {
        (Some(node), None) => context.template(node, "secret-key").map(KeyTemplate::Shared),
        (None, Some(node)) => context.template(node, "private-key").map(KeyTemplate::Private),
        _ => context.reader.problem(
            at.at,
            "a signature needs exactly one key",
            "add `secret-key` (of an HMAC key) or `private-key` (of a service account, in PEM)",
        ),
    }
}

/// A shared access signature, which stands in the URL.
fn shared_access(
    context: &Context<'_>,
    fields: &mut Fields<'_, '_>,
    place: &Node,
) -> Option<SignatureScheme> {
    let reader = context.reader;
    let account = template(context, fields, "account");
    let account_key = template(context, fields, "account-key");
    let permissions = template(context, fields, "permissions");
    let resource = fields.take("resource").map_or(Some(SasResource::Blob), |node| {
        reader.word(node, "resource", &[("blob", SasResource::Blob), ("container", SasResource::Container)])
    });
    let expires = fields.take("expires").map(|node| context.expr(node, "expires"));
    reader.word(place, "azure-sas", &[("query", ())])?;
    let Some(expires) = expires else { return no_lifetime(context, place) };
    Some(SignatureScheme::Sas(SasSignature {
        account: account?,
        account_key: account_key?,
        permissions: permissions?,
        resource: resource?,
        expires: expires?,
    }))
}

fn no_lifetime<T>(context: &Context<'_>, place: &Node) -> Option<T> {
    context.reader.problem(
        place.at,
        "the URL has no lifetime",
        "add `expires`, in seconds; `expires: value` uses the value that each request gives",
    )
}
