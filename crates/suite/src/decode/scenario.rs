//! A scenario file: one scenario, or one for each row of a table.

use super::context::{Context, Known};
use super::for_each::Walk;
use super::split::split;
use crate::scenario::{Cost, Isolation, Scenario};
use crate::tables::{self, Binding, PairPart};
use uptake_yaml::{Key, Node, Reader, Value};

/// Reads the scenarios of a file: one, or one for each row of its `for-each`; `known` is what its suite offers.
pub(crate) fn scenarios(reader: &Reader, known: &Known, file: &str, node: &Node) -> Option<Vec<Scenario>> {
    let mut known = known.clone();
    let body = take_tables(reader, &mut known, node)?;
    let draft = Draft { reader, known: &known, file };
    let walk = Context::new(reader, &known).walk_here(&body)?;
    let Some(Walk { chosen, rest, body, .. }) = walk else { return draft.both(&body, &[]) };
    let mut read = Vec::new();
    let mut good = Some(());
    for combination in chosen {
        match draft.both(&body, &combination) {
            Some(scenarios) => read.extend(scenarios),
            None => good = None,
        }
    }
    for combination in rest {
        match draft.both(&body, &combination) {
            Some(scenarios) => read.extend(scenarios.into_iter().map(exhaustive)),
            None => good = None,
        }
    }
    good.map(|()| read)
}

/// A scenario of what pairs leave out.
fn exhaustive(scenario: Scenario) -> Scenario {
    Scenario { cost: Cost::Large, is_exhaustive: true, ..scenario }
}

/// The tables that a scenario has for itself are known from here on; gives the rest of it.
fn take_tables(reader: &Reader, known: &mut Known, node: &Node) -> Option<Node> {
    let Some(own) = node.get("tables") else { return Some(node.clone()) };
    let read = |(key, node): &(Key, Node)| Some((key.text.clone(), tables::inline(reader, node)?));
    let own: Vec<_> = reader.entries(own, "tables")?.iter().map(read).collect();
    known.tables.add(own.into_iter().collect::<Option<_>>()?);
    let Value::Map(entries) = &node.value else { return Some(node.clone()) };
    let left = entries.iter().filter(|(key, _)| key.text != "tables").cloned().collect();
    Some(Node { at: node.at, value: Value::Map(left) })
}

/// What all scenarios of a file are read with.
struct Draft<'a> {
    reader: &'a Reader,
    known: &'a Known,
    file: &'a str,
}

impl Draft<'_> {
    /// The scenario with these rows; where its steps walk tables by pairs, one more for all that the pairs leave out.
    fn both(&self, body: &Node, rows: &[Binding]) -> Option<Vec<Scenario>> {
        let (scenario, has_rest) = self.with_rows(body, rows, PairPart::Picked)?;
        if !has_rest {
            return Some(split(scenario));
        }
        let (mut rest, _) = self.with_rows(body, rows, PairPart::LeftOut)?;
        rest.name.push_str(", in every other combination");
        Some([split(scenario), split(exhaustive(rest))].concat())
    }

    fn with_rows(&self, body: &Node, rows: &[Binding], selection: PairPart) -> Option<(Scenario, bool)> {
        let naming = Context::new(self.reader, self.known);
        naming.with_rows(rows, |bindings| {
            let name = match body.get("scenario") {
                Some(node) => match node.text() {
                    Some(text) => Some(naming.named_by_rows(node.at, text, bindings)?),
                    None => None,
                },
                None => None,
            };
            let filled = tables::fill(self.reader, bindings, body)?;
            let (mut scenario, has_rest) = self.scenario(&filled, rows, selection)?;
            scenario.name = name.unwrap_or(scenario.name);
            Some((scenario, has_rest))
        })
    }

    fn scenario(&self, node: &Node, rows: &[Binding], selection: PairPart) -> Option<(Scenario, bool)> {
        let reader = self.reader;
        let mut known = self.known.clone();
        let mut fields = reader.fields(node, "a scenario")?;
        let name = fields.require("scenario");
        let place = reader.place(name.map_or(node.at, |name| name.at));
        let name = name.map(|node| reader.text(node, "scenario"));
        let (needs, lacks) = (fields.take("needs"), fields.take("lacks"));
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
        known.contents =
            content_entries.unwrap_or_default().iter().map(|(key, _)| key.text.clone()).collect();
        known.uploads = upload_entries.unwrap_or_default().iter().map(|(key, _)| key.text.clone()).collect();
        let context = Context::new(reader, &known).selecting(selection);
        context.push_rows(rows);
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
        let needs = context.needs(needs, lacks);
        let steps = steps.map(|node| context.scenario_steps(node));
        let finally = finally.map_or(Some(Vec::new()), |node| context.steps(node, "finally"));
        let steps = steps??;
        let isolation = if alone? { Isolation::Alone } else { Isolation::Shared };
        let scenario = Scenario {
            name: name??,
            file: self.file.to_owned(),
            place,
            needs: needs?,
            secrets: context.used_secrets(),
            cost: cost?,
            is_exhaustive: false,
            isolation,
            lets: values.into_iter().map(|(name, value)| Some((name, value?))).collect::<Option<_>>()?,
            contents: contents.into_iter().collect::<Option<_>>()?,
            uploads: uploads.into_iter().collect::<Option<_>>()?,
            steps,
            finally: finally?,
        };
        Some((scenario, context.has_rest()))
    }
}
