//! One step.

use std::collections::BTreeSet;
use std::time::Duration;

use super::context::Context;
use super::expect::transpose;
use super::for_each::{Walk, group};
use super::request::METHODS;
use crate::expr::Template;
use crate::step::{Action, Condition, Pause, Raw, Repeat, Step};
use uptake_yaml::{Fields, Key, Node, Span, Value, advice, parse_duration};

const ACTIONS: [&str; 9] =
    ["request", "upload", "advance", "wait", "set", "repeat", "parallel", "meet", "raw"];

/// The key that was meant as the step's action, where there is one, and what may have been meant.
fn misspelt(fields: &Fields<'_, '_>) -> Option<(Span, String, String)> {
    let actions: Vec<&str> = METHODS.into_iter().chain(ACTIONS).chain(["check"]).collect();
    let near = |word: &str| {
        let lower = word.to_lowercase();
        let advice = advice(&lower, &actions);
        (actions.contains(&lower.as_str()) || advice.starts_with("did you mean")).then_some(advice)
    };
    let by_name = fields.left().find_map(|(key, _)| Some((key, near(&key.text)?)));
    // What has a path asks for something, by whatever name.
    let is_path = |node: &Node| node.text().is_some_and(|text| text.starts_with('/'));
    let by_path = || {
        let (key, _) = fields.left().find(|(_, node)| is_path(node))?;
        Some((key, advice(&key.text.to_lowercase(), &actions)))
    };
    let (key, help) = by_name.or_else(by_path)?;
    Some((key.at, key.text.clone(), help))
}

fn concat(read: Vec<Option<Vec<Step>>>) -> Option<Vec<Step>> {
    read.into_iter().collect::<Option<Vec<_>>>().map(|steps| steps.concat())
}

impl Context<'_> {
    /// A list of steps; an empty one proves nothing.
    pub(super) fn steps(&self, node: &Node, what: &str) -> Option<Vec<Step>> {
        // All are read, so that all mistakes are found.
        let items = self.items(node, what)?;
        concat(items.iter().map(|item| self.step_or_rows(item)).collect())
    }

    /// The steps of a scenario itself, whose rows may be independent of each other.
    pub(super) fn scenario_steps(&self, node: &Node) -> Option<Vec<Step>> {
        let mut rows = 0;
        let mut read = |item: &Node| {
            let (key, body) = self.reader.named(item, "a step")?;
            match self.walk(body)? {
                Some(walk) if walk.independent.is_some() => self.independent_rows(key, &walk, &mut rows),
                Some(walk) => concat(self.for_each_row(key, &walk, |key, body| Some(self.row(key, body)))?),
                None => self.step_or_used(key, body),
            }
        };
        concat(self.items(node, "steps")?.iter().map(&mut read).collect())
    }

    fn items<'n>(&self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        let items = self.reader.list(node, what)?;
        if items.is_empty() {
            return self.reader.problem(
                node.at,
                format!("{what} is empty"),
                "write at least one step: `- NAME: { get: / }`",
            );
        }
        Some(items)
    }

    /// A step, or what is written out for each row of its `for-each`.
    fn step_or_rows(&self, node: &Node) -> Option<Vec<Step>> {
        let (key, body) = self.reader.named(node, "a step")?;
        match self.walk_here(body)? {
            Some(walk) => concat(self.for_each_row(key, &walk, |key, body| Some(self.row(key, body)))?),
            None => self.step_or_used(key, body),
        }
    }

    /// Rows of which each may run without the others: what one saves has a value in that row only.
    fn independent_rows(&self, key: &Key, walk: &Walk, rows: &mut u32) -> Option<Vec<Step>> {
        let written = self.for_each_row(key, walk, |key, body| {
            *rows += 1;
            let names = self.names();
            let steps = self.row(key, body);
            self.swap_names(names);
            Some(steps.map(|steps| steps.into_iter().map(|step| Step { row: Some(*rows), ..step }).collect()))
        });
        concat(written?)
    }

    /// What is written out for one row: a step, or a group of them.
    pub(super) fn row(&self, key: &Key, body: &Node) -> Option<Vec<Step>> {
        let Some(steps) = body.get("steps") else { return self.step_or_used(key, body) };
        let mut fields = self.reader.fields(body, "a group of steps")?;
        fields.take("steps");
        drop(fields);
        let items = group(self.reader, key, steps)?;
        concat(items.iter().map(|item| self.step_or_rows(item)).collect())
    }

    pub(super) fn step(&self, key: &Key, body: &Node) -> Option<Step> {
        let mut fields = self.reader.fields(body, "a step")?;
        let needs = self.needs(fields.take("needs"), fields.take("lacks"));
        let only_if = transpose(fields.take("only-if").map(|node| self.condition(node)));
        let within = transpose(fields.take("within").map(|node| self.reader.duration(node, "within")));
        let at_latest = transpose(fields.take("at-latest").map(|node| self.expr(node, "at-latest")));
        let may_break = transpose(fields.take("may-break").map(|node| self.reader.truth(node, "may-break")));
        let save = fields.take("save");
        let expect = fields.take("expect");
        let finally = fields.take("finally");
        let action = self.action(key, body, &mut fields);
        drop(fields);
        let saves = self.saves(save);
        let expect = self.expectations(expect);
        let finally = transpose(finally.map(|node| self.undo(&key.text, node)));
        let step = Step {
            name: key.text.clone(),
            place: self.reader.place(key.at),
            needs: needs?,
            only_if: only_if?,
            within: within?,
            at_latest: at_latest?,
            may_break: may_break?.unwrap_or(false),
            row: None,
            action: action?,
            expect: expect?,
            save: saves?,
            finally: finally?.unwrap_or_default(),
        };
        self.check_sense(key, &step)?;
        Some(step)
    }

    fn condition(&self, node: &Node) -> Option<Condition> {
        let expr = self.expr(node, "only-if")?;
        let text = node.text().unwrap_or_default();
        let inner = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
        Some(Condition { expr, text: inner.trim().to_owned() })
    }

    /// A step's `finally` is one step without a name, or a list of steps.
    fn undo(&self, name: &str, node: &Node) -> Option<Vec<Step>> {
        if let Value::List(_) = node.value {
            return self.steps(node, "finally");
        }
        let key = Key { at: node.at, text: format!("undo: {name}") };
        self.step_or_used(&key, node)
    }

    fn action(&self, key: &Key, body: &Node, fields: &mut Fields<'_, '_>) -> Option<Action> {
        let mut found = Vec::new();
        for name in METHODS.into_iter().chain(ACTIONS).chain(["check"]) {
            if let Some((action, node)) = fields.take_with_key(name) {
                found.push((name, action, node));
            }
        }
        let (name, node) = match found.as_slice() {
            [(name, _, node)] => (*name, *node),
            [] => {
                let misspelt = misspelt(fields);
                fields.forgive();
                if let Some((at, word, help)) = misspelt {
                    return self.reader.problem(
                        at,
                        format!("unknown action `{word}` in the step `{}`", key.text),
                        help,
                    );
                }
                return self.reader.problem(
                    if body.at.line == 0 { key.at } else { body.at },
                    format!("the step `{}` has no action", key.text),
                    format!("a step has one of: {}, {}, check", METHODS.join(", "), ACTIONS.join(", ")),
                );
            }
            [(first, ..), (second, action, _), ..] => {
                fields.forgive();
                return self.reader.problem(
                    action.at,
                    format!("a step has one action, but this one has `{first}` and `{second}`"),
                    "make it two steps",
                );
            }
        };
        match name {
            "request" => self.any_request(node, fields).map(|request| Action::Request(Box::new(request))),
            "upload" => self.upload(&key.text, node, fields).map(|upload| Action::Upload(Box::new(upload))),
            "advance" => self.advance(node),
            "wait" => self.pause(node).map(Action::Wait),
            "set" => {
                let mut values = Vec::new();
                for (key, value) in self.reader.entries(node, "set")? {
                    values.push((key.text.clone(), self.value_expr(value, &key.text)?));
                    self.define(&key.text);
                }
                Some(Action::Set(values))
            }
            "repeat" => self.repeat(node),
            "parallel" => self.parallel(node),
            "meet" => {
                self.check_barrier(node.at, "`meet`")?;
                self.reader.text(node, "meet").map(Action::Meet)
            }
            "raw" => self.raw(node),
            "check" => self.reader.truth(node, "check").map(|_| Action::Check),
            method => self.request(method, node, fields).map(|request| Action::Request(Box::new(request))),
        }
    }

    fn pause(&self, node: &Node) -> Option<Pause> {
        if let Some(fixed) = node.text().and_then(parse_duration) {
            return Some(Pause::Fixed(fixed));
        }
        match &node.value {
            // A bare number has no unit, and a misspelt duration is not an expression.
            Value::Text(text) if !text.starts_with(|c: char| c.is_ascii_digit()) => {
                self.expr(node, "wait").map(Pause::Seconds)
            }
            _ => self.reader.duration(node, "wait").map(Pause::Fixed),
        }
    }

    fn advance(&self, node: &Node) -> Option<Action> {
        if let Some(text) = node.text()
            && text.starts_with(|c: char| c.is_ascii_digit())
            && !text.contains(' ')
        {
            let seconds = self.reader.integer(node, "advance")?;
            return Some(Action::Advance(crate::expr::Expr::Literal(seconds.into())));
        }
        self.expr(node, "advance").map(Action::Advance)
    }

    fn repeat(&self, node: &Node) -> Option<Action> {
        let mut fields = self.reader.fields(node, "repeat")?;
        let until = fields.require("until");
        let limit = fields.require("limit").map(|node| (node.at, self.reader.natural(node, "limit")));
        let every =
            fields.take("every").map_or(Some(Duration::ZERO), |node| self.reader.duration(node, "every"));
        let steps = fields.require("steps").map(|node| self.steps(node, "steps"));
        drop(fields);
        // What a round saves is there when the end is looked for.
        let until = until.map(|node| self.expr(node, "until"));
        let (at, limit) = limit?;
        let limit = u32::try_from(limit?).unwrap_or(u32::MAX);
        if limit == 0 {
            return self.reader.problem(
                at,
                "`repeat` with a limit of 0 never runs",
                "allow at least one round",
            );
        }
        Some(Action::Repeat(Repeat { until: until??, limit, every: every?, steps: steps?? }))
    }

    fn parallel(&self, node: &Node) -> Option<Action> {
        let items = self.reader.list(node, "parallel")?;
        let before = self.names();
        let mut after = before.clone();
        let mut branch = |key: &Key, body: &Node| {
            let branch = self.in_parallel(|| self.branch(key, body));
            after.extend(self.swap_names(before.clone()));
            branch
        };
        let mut branches = Vec::new();
        for item in items {
            let written =
                self.reader.named(item, "a branch").and_then(|(key, body)| match self.walk_here(body)? {
                    Some(walk) => self.for_each_row(key, &walk, &mut branch),
                    None => branch(key, body).map(|branch| vec![branch]),
                });
            branches.push(written);
        }
        self.swap_names(after);
        let branches: Vec<Vec<_>> =
            branches.into_iter().collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
        if let Some(name) = written_twice(&branches) {
            return self.reader.problem(
                node.at,
                format!("two branches of this `parallel` set `{name}`: which value remains would be random"),
                "give each branch a name of its own, and combine the values after the `parallel` step",
            );
        }
        Some(Action::Parallel(branches))
    }

    fn branch(&self, key: &Key, body: &Node) -> Option<Vec<Step>> {
        if let Value::Map(entries) = &body.value
            && let [(steps, list)] = entries.as_slice()
            && steps.text == "steps"
        {
            return self.steps(list, &key.text);
        }
        self.step_or_used(key, body)
    }

    fn raw(&self, node: &Node) -> Option<Action> {
        let mut fields = self.reader.fields(node, "raw")?;
        let send = fields.require("send").map(|node| self.texts(node));
        let half_close = fields.take("then").map_or(Some(false), |node| {
            self.reader.word(node, "then", &[("half-close", true), ("keep-open", false)])
        });
        Some(Action::Raw(Raw { send: send??, half_close: half_close? }))
    }

    /// One text, or several.
    fn texts(&self, node: &Node) -> Option<Vec<Template>> {
        let Value::List(items) = &node.value else {
            return Some(vec![self.template(node, "send")?]);
        };
        if items.is_empty() {
            return self.reader.problem(node.at, "`send` is empty", "write the strings to send: [ TEXT, … ]");
        }
        items.iter().map(|item| self.template(item, "send")).collect()
    }
}

/// A name that more than one branch sets or saves.
fn written_twice(branches: &[Vec<Step>]) -> Option<&str> {
    let mut known = BTreeSet::new();
    for branch in branches {
        let mut own = BTreeSet::new();
        for step in branch {
            written(step, &mut own);
        }
        if let Some(name) = own.iter().find(|name| known.contains(*name)) {
            return Some(name);
        }
        known.extend(own);
    }
    None
}

/// Adds the names that a step, or one inside it, sets or saves.
fn written<'s>(step: &'s Step, names: &mut BTreeSet<&'s str>) {
    names.extend(step.save.iter().map(|save| save.name.as_str()));
    if let Action::Set(values) = &step.action {
        names.extend(values.iter().map(|(name, _)| name.as_str()));
    }
    step.inner().for_each(|inner| written(inner, names));
}
