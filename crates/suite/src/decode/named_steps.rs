//! `steps` of suite.yaml: steps with a name, and the steps of scenarios that use them.
//!
//! A step that uses one is written out as the scenario is read; nothing of this is left for the run.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::context::Context;
use crate::step::Step;
use crate::suite::{NamedStep, Suite};
use crate::tables::{self, Binding, Row, Table};
use uptake_yaml::{Key, Node, Reader, Value, advice};

/// Keys whose entries are added to those of the named step; any other key takes the place of the named step's.
const ADDED: [&str; 3] = ["headers", "query", "save"];

/// Reads a suite's `steps`; one of the same name takes the place of an earlier one. `source` is the number of their file.
pub(super) fn named_steps(reader: &Reader, node: Option<&Node>, suite: &mut Suite) -> Option<()> {
    let Some(node) = node else { return Some(()) };
    let source = u16::try_from(suite.tables.files.len()).unwrap_or(u16::MAX);
    for (key, node) in reader.entries(node, "steps")? {
        let entries = reader.entries(node, "a named step")?;
        let inputs = match node.get("inputs") {
            Some(inputs) => inputs_of(reader, inputs)?,
            None => Vec::new(),
        };
        let left = entries.iter().filter(|(key, _)| key.text != "inputs").cloned().collect();
        let body = Node { at: node.at, value: Value::Map(left) }.in_source(source);
        let inputs = inputs.into_iter().map(|(name, node)| (name, node.in_source(source))).collect();
        suite.steps.insert(key.text.clone(), Arc::new(NamedStep { inputs, body }));
    }
    Some(())
}

/// `inputs: { NAME: DEFAULT }`.
fn inputs_of(reader: &Reader, node: &Node) -> Option<Vec<(String, Node)>> {
    let mut inputs = Vec::new();
    for (key, default) in reader.entries(node, "inputs")? {
        let is_name = key.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && key.text.chars().all(|c| c.is_alphanumeric() || c == '_');
        if !is_name || key.text == "name" {
            return reader.problem(
                key.at,
                format!("an input cannot be called `{}`", key.text),
                "use letters, digits and `_`; `name` is that of the step which uses this one",
            );
        }
        inputs.push((key.text.clone(), default.clone()));
    }
    Some(inputs)
}

impl Context<'_> {
    /// A step as it is written, or what it uses of the suite.
    pub(super) fn step_or_used(&self, key: &Key, body: &Node) -> Option<Vec<Step>> {
        let Some(used) = body.get("use") else {
            if let Some(given) = body.get("with") {
                let help = "write `use: NAME` beside it, or leave it out";
                return self.reader.problem(given.at, "`with` needs `use`", help);
            }
            return Some(vec![self.step(key, body)?]);
        };
        let name = self.reader.text(used, "use")?;
        let Some(named) = self.known.steps.get(&name) else {
            let names: Vec<_> = self.known.steps.keys().map(String::as_str).collect();
            let help = if names.is_empty() {
                "name it in suite.yaml: `steps: { NAME: { … } }`".to_owned()
            } else {
                advice(&name, &names)
            };
            return self.reader.problem(used.at, format!("unknown step `{name}`"), help);
        };
        if self.is_used(&name) {
            let help = "a named step may use others, but not itself";
            return self.reader.problem(used.at, format!("the step `{name}` uses itself"), help);
        }
        let binding = self.inputs(key, named, body.get("with"))?;
        let remark = format!("in the step `{}` ({})", key.text, self.reader.place(key.at));
        let bindings = self.push_rows(&[binding]);
        self.begin_use(&name);
        let steps = self.reader.remarking(&remark, || {
            let filled = tables::fill(self.reader, &bindings, &named.body)?;
            self.row(key, &overlaid(filled, body))
        });
        self.end_use();
        self.pop_rows(1);
        steps
    }

    /// The inputs of a named step: those that are given, and the defaults of the others. One that is `null` has no value.
    fn inputs(&self, key: &Key, named: &NamedStep, given: Option<&Node>) -> Option<Binding> {
        let given = match given {
            Some(node) => self.reader.entries(node, "with")?,
            None => &[],
        };
        let known: Vec<&str> = named.inputs.iter().map(|(name, _)| name.as_str()).collect();
        for (key, _) in given {
            if !known.contains(&key.text.as_str()) {
                let message = format!("the named step has no input `{}`", key.text);
                return self.reader.problem(key.at, message, advice(&key.text, &known));
            }
        }
        let mut values = Vec::new();
        for (name, default) in &named.inputs {
            let own = given.iter().find(|(key, _)| key.text == *name);
            let (at, value) = own.map_or((default.at, default), |(key, value)| (key.at, value));
            if !matches!(value.value, Value::Null) {
                values.push((Key { at, text: name.clone() }, value.clone()));
            }
        }
        let value = Node { at: key.at, value: Value::Map(values) };
        let row = Arc::new(Row { name: key.text.clone(), at: key.at, value });
        let columns: BTreeSet<String> = known.into_iter().map(str::to_owned).collect();
        Some(Binding::new(tables::INPUTS, &Arc::new(Table { rows: vec![row], columns }), 0))
    }
}

/// A named step with what the step that uses it says otherwise.
fn overlaid(named: Node, using: &Node) -> Node {
    let (Value::Map(mut entries), Value::Map(own)) = (named.value, &using.value) else {
        return Node::nothing(named.at);
    };
    for (key, node) in own.iter().filter(|(key, _)| key.text != "use" && key.text != "with") {
        let Some((known, value)) = entries.iter_mut().find(|(known, _)| known.text == key.text) else {
            entries.push((key.clone(), node.clone()));
            continue;
        };
        match (&mut value.value, &node.value) {
            (Value::Map(there), Value::Map(added)) if ADDED.contains(&key.text.as_str()) => {
                there.retain(|(name, _)| {
                    !added.iter().any(|(own, _)| own.text.eq_ignore_ascii_case(&name.text))
                });
                there.extend(added.iter().cloned());
            }
            _ => (*known, *value) = (key.clone(), node.clone()),
        }
    }
    Node { at: using.at, value: Value::Map(entries) }
}
