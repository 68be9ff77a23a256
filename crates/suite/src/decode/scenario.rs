//! A scenario file.

use super::context::{Context, Known};
use crate::scenario::{Company, Cost, Scenario};
use uptake_yaml::{Node, Reader};

/// Reads a scenario; `known` is what its suite offers.
pub(crate) fn scenario(reader: &Reader, known: &Known, file: &str, node: &Node) -> Option<Scenario> {
    let mut known = known.clone();
    let mut fields = reader.fields(node, "a scenario")?;
    let name = fields.require("scenario");
    let place = reader.place(name.map_or(node.at, |name| name.at));
    let name = name.map(|node| reader.text(node, "scenario"));
    let needs = fields.take("needs");
    let cost = fields.take("cost").map_or(Some(Cost::Normal), |node| {
        reader.word(node, "cost", &[("normal", Cost::Normal), ("large", Cost::Large)])
    });
    let alone = fields.take("alone").map_or(Some(false), |node| reader.truth(node, "alone"));
    let lets = fields.take("let");
    let contents = fields.take("content");
    let uploads = fields.take("uploads");
    let steps = fields.require("steps");
    let finally = fields.take("finally");
    drop(fields);

    // Names first: what is defined further up may be used further down.
    let content_entries = contents.map_or(Some(&[][..]), |node| reader.entries(node, "content"));
    let upload_entries = uploads.map_or(Some(&[][..]), |node| reader.entries(node, "uploads"));
    known.contents = content_entries.unwrap_or_default().iter().map(|(key, _)| key.text.clone()).collect();
    known.uploads = upload_entries.unwrap_or_default().iter().map(|(key, _)| key.text.clone()).collect();
    let context = Context::new(reader, &known);
    let mut values = Vec::new();
    if let Some(node) = lets {
        for (key, value) in reader.entries(node, "let")? {
            values.push((key.text.clone(), context.value_expr(value, &key.text)));
            context.define(&key.text);
        }
    }
    let contents: Vec<_> = content_entries?
        .iter()
        .map(|(key, node)| {
            let mut fields = reader.fields(node, "content")?;
            Some((key.text.clone(), context.source(&mut fields)?))
        })
        .collect();
    let uploads: Vec<_> =
        upload_entries?.iter().map(|(key, node)| Some((key.text.clone(), context.plan(node)?))).collect();
    let needs = context.needs(needs);
    let steps = steps.map(|node| context.steps(node, "steps"));
    let finally = finally.map_or(Some(Vec::new()), |node| context.steps(node, "finally"));
    let steps = steps??;
    let company = if alone? { Company::Alone } else { Company::Shared };
    Some(Scenario {
        name: name??,
        file: file.to_owned(),
        place,
        needs: needs?,
        cost: cost?,
        company,
        lets: values.into_iter().map(|(name, value)| Some((name, value?))).collect::<Option<_>>()?,
        contents: contents.into_iter().collect::<Option<_>>()?,
        uploads: uploads.into_iter().collect::<Option<_>>()?,
        steps,
        finally: finally?,
    })
}
