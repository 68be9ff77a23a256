//! How callers say who they are.

use super::context::{Context, Known};
use super::expect::transpose;
use super::lists::{add_new, texts_or_one};
use super::signature::signature;
use crate::credential::{Carrier, Credential};
use crate::suite::Suite;
use uptake_yaml::{Node, Reader};

/// `credentials`: one of the same name takes the place of an earlier one.
pub(super) fn credentials(reader: &Reader, node: Option<&Node>, suite: &mut Suite) -> Option<()> {
    let Some(node) = node else { return Some(()) };
    let mut known = Known::of(suite);
    // A credential may be made of the secrets of all.
    for (_, node) in reader.entries(node, "credentials")? {
        if let Some(from) = node.get("from") {
            add_new(&mut known.secrets, texts_or_one(reader, Some(from), "from")?);
        }
    }
    let context = Context::new(reader, &known);
    context.define("value");
    for (key, node) in reader.entries(node, "credentials")? {
        let credential = credential(&context, &key.text, node)?;
        suite.credentials.insert(key.text.clone(), credential);
    }
    Some(())
}

fn credential(context: &Context<'_>, name: &str, node: &Node) -> Option<Credential> {
    let reader = context.reader;
    let mut fields = reader.fields(node, "a credential")?;
    let from = texts_or_one(reader, fields.take("from"), "from");
    let optional = transpose(fields.take("optional").map(|node| reader.truth(node, "optional")));
    let header = fields.take("header");
    let query = fields.take("query");
    let sign = fields.take("sign");
    let opens = transpose(fields.take("opens").map(|node| context.template(node, "opens")));
    drop(fields);
    let pair = |node| context.pairs(node, "the credential").and_then(|pairs| pairs.into_iter().next());
    let carrier = match (header, query, sign) {
        (Some(node), None, None) => pair(node).map(|(name, value)| Carrier::Header(name, value)),
        (None, Some(node), None) => pair(node).map(|(name, value)| Carrier::Query(name, value)),
        (None, None, Some(node)) => signature(context, node).map(Box::new).map(Carrier::Signature),
        _ => reader.problem(
            node.at,
            format!("the credential `{name}` is not sent anywhere"),
            "add one of: `header: { NAME: VALUE }`, `query: { NAME: VALUE }`, `sign: { sigv4: header, … }`",
        ),
    };
    let (from, is_optional) = (from?, optional?.unwrap_or(false));
    if is_optional && from.is_empty() {
        return reader.problem(
            node.at,
            format!("the credential `{name}` cannot be optional, because it uses no secret of the target"),
            "add `from: NAME`, or leave `optional` out",
        );
    }
    Some(Credential { from, is_optional, carrier: carrier?, opens: opens? })
}

/// `auth`: the credential of requests that do not name one.
pub(super) fn auth(reader: &Reader, node: Option<&Node>, suite: &mut Suite) -> Option<()> {
    let Some(node) = node else { return Some(()) };
    let known = Known::of(suite);
    let context = Context::new(reader, &known);
    context.auth(Some(node))?;
    suite.auth = Some(reader.text(node, "auth")?).filter(|name| name != "none");
    Some(())
}
