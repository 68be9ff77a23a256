//! `expect: { … }`: expectations of rules, and preconditions.

use super::context::Context;
use super::lists::texts_or_one;
use crate::expect::{BodyWants, ContentPiece, Expectation, Took, Wants};
use crate::json::JsonTemplate;
use crate::matcher::{JsonType, Matcher, OrAbsent, Test};
use uptake_yaml::{Fields, Node, Reader, Value};

/// The status of the answer that is judged has a name in expectations only.
pub(super) const ANSWER_STATUS: &str = "answer.status";

/// Rule ids have capital letters and a dash, which no key of the language has.
fn is_rule_id(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_uppercase()) && key.contains('-')
}

impl Context<'_> {
    /// The expectations of a step; the precondition comes first.
    pub(super) fn expectations(&self, node: Option<&Node>) -> Option<Vec<Expectation>> {
        let Some(node) = node else { return Some(Vec::new()) };
        self.define(ANSWER_STATUS);
        let expectations = self.step_expectations(node);
        self.forget(ANSWER_STATUS);
        expectations
    }

    fn step_expectations(&self, node: &Node) -> Option<Vec<Expectation>> {
        let mut fields = self.reader.fields(node, "expect")?;
        let rules = fields.take_where(is_rule_id);
        let wants = self.wants(&mut fields)?;
        drop(fields);
        let mut expectations = Vec::new();
        if !wants.is_empty() {
            let place = self.reader.place(node.at);
            expectations.push(Expectation { rule: None, wants, tolerates: None, place });
        }
        for (key, node) in rules {
            let known: Vec<_> = self.known.rules.iter().map(|(id, _)| id.as_str()).collect();
            let Some((_, refuses)) = self.known.rules.iter().find(|(id, _)| *id == key.text) else {
                let area = key.text.split('-').next().unwrap_or_default();
                let near: Vec<_> =
                    known.into_iter().filter(|id| id.split('-').next() == Some(area)).collect();
                let help = match near.as_slice() {
                    [] => "`uptake rules` lists the catalogue".to_owned(),
                    [one] => format!("the only rule of this area is {one}"),
                    [first, .., last] => format!("this area has the rules {first} to {last}"),
                };
                self.reader.problem::<()>(key.at, format!("unknown rule `{}`", key.text), help);
                continue;
            };
            let (wants, tolerates) = self.rule_wants(&key.text, *refuses, node)?;
            let place = self.reader.place(key.at);
            expectations.push(Expectation { rule: Some(key.text.clone()), wants, tolerates, place });
        }
        Some(expectations)
    }

    fn rule_wants(&self, rule: &str, refuses: bool, node: &Node) -> Option<(Wants, Option<Wants>)> {
        if node.text() == Some("refused") {
            if !refuses {
                return self.reader.problem(
                    node.at,
                    format!("the rule {rule} has no `refusal`"),
                    "add `refusal` to the rule in suite.yaml, or write the status here",
                );
            }
            return Some((Wants { refused: true, ..Wants::default() }, None));
        }
        let mut fields = self.reader.fields(node, "the expectation")?;
        let tolerates = match fields.take("tolerates") {
            Some(node) => Some(self.wants_of(node, "tolerates")?),
            None => None,
        };
        let wants = self.wants(&mut fields)?;
        if wants.is_empty() {
            return self.reader.problem(
                node.at,
                format!("{rule} has no expectation"),
                "a check that cannot fail proves nothing",
            );
        }
        Some((wants, tolerates))
    }

    /// The same keys where no rule can be named.
    pub(super) fn wants_of(&self, node: &Node, what: &str) -> Option<Wants> {
        let mut fields = self.reader.fields(node, what)?;
        self.wants(&mut fields)
    }

    pub(super) fn wants(&self, fields: &mut Fields<'_, '_>) -> Option<Wants> {
        let mut wants = Wants::default();
        // Taken first, read then: a mistake in one must not make the others look unknown.
        let status = fields.take("status");
        let headers = fields.take("headers");
        let json = fields.take("json");
        let xml = fields.take("xml");
        let schema = fields.take("schema");
        let problem = fields.take("problem");
        let body = fields.take("body");
        let nowhere = fields.take("nowhere");
        let took = fields.take("took");
        let interim = fields.take("interim");
        let answered = fields.take("answered");
        let that = fields.take("that");
        for (name, node) in [
            ("status", status),
            ("headers", headers),
            ("json", json),
            ("xml", xml),
            ("problem", problem),
            ("nowhere", nowhere),
        ] {
            self.check_filled(name, node)?;
        }
        self.check_filled("that", that)?;
        if let Some(node) = status {
            wants.status = Some(self.statuses(node)?);
        }
        if let Some(node) = headers {
            wants.headers = self.header_wants(node)?;
        }
        if let Some(node) = json {
            for (key, value) in self.reader.entries(node, "json")? {
                wants.json.push((self.path_text(key.at, &key.text)?, self.matcher(value)?));
            }
        }
        if let Some(node) = xml {
            for (key, value) in self.reader.entries(node, "xml")? {
                wants.xml.push((self.xml_path_text(key.at, &key.text)?, self.matcher(value)?));
            }
        }
        if let Some(node) = schema {
            wants.schema = Some(self.check_known(node, "schema", &self.known.schemas)?);
        }
        if let Some(node) = problem {
            for item in Reader::one_or_more(node) {
                wants.problem.push(self.reader.text(item, "problem")?);
            }
        }
        if let Some(node) = body {
            wants.body = Some(self.body_wants(node)?);
        }
        if let Some(node) = nowhere {
            for item in Reader::one_or_more(node) {
                wants.nowhere.push(self.template(item, "nowhere")?);
            }
        }
        if let Some(node) = took {
            wants.took = Some(self.took(node)?);
        }
        if let Some(node) = interim {
            wants.interim = Some(self.interim_wants(node)?);
        }
        if let Some(node) = answered {
            wants.answered = self.reader.truth(node, "answered")?;
            if !wants.answered {
                return self.reader.problem(
                    node.at,
                    "`answered` can only be true",
                    "leave it out where a missing response is allowed",
                );
            }
        }
        if let Some(node) = that {
            for item in Reader::one_or_more(node) {
                wants.that.push((self.expr(item, "that")?, item.scalar().unwrap_or_default()));
            }
        }
        Some(wants)
    }

    /// `empty`, a piece of a named content, or a matcher of the text.
    fn body_wants(&self, node: &Node) -> Option<BodyWants> {
        if node.text() == Some("empty") {
            return Some(BodyWants::Empty);
        }
        if node.get("of").is_none() {
            return self.matcher(node).map(BodyWants::Text);
        }
        let mut fields = self.reader.fields(node, "body")?;
        let of = fields.require("of").map(|node| self.check_known(node, "a content", &self.known.contents));
        let from = transpose(fields.take("from").map(|node| self.expr(node, "from")));
        let length = transpose(fields.take("length").map(|node| self.expr(node, "length")));
        Some(BodyWants::Content(ContentPiece { of: of??, from: from?, length: length? }))
    }

    /// What an answer must be for an expectation to speak of it: `method` says to which requests.
    pub(super) fn answers_meant(&self, node: &Node) -> Option<Wants> {
        let mut fields = self.reader.fields(node, "when")?;
        let method = texts_or_one(self.reader, fields.take("method"), "method");
        let wants = self.wants(&mut fields);
        let method = method?.into_iter().map(|method| method.to_ascii_uppercase()).collect();
        Some(Wants { method, ..wants? })
    }

    fn took(&self, node: &Node) -> Option<Took> {
        let mut bounds = self.reader.fields(node, "took")?;
        let at_least = bounds.take("at-least").map(|node| self.reader.duration(node, "at-least"));
        let at_most = bounds.take("at-most").map(|node| self.reader.duration(node, "at-most"));
        Some(Took { at_least: transpose(at_least)?, at_most: transpose(at_most)? })
    }

    /// An empty list or map would always hold.
    fn check_filled(&self, name: &str, node: Option<&Node>) -> Option<()> {
        let Some(node) = node.filter(|node| node.is_empty()) else { return Some(()) };
        self.reader.problem(
            node.at,
            format!("`{name}` is empty, so it always holds"),
            "write what is expected, or leave it out",
        )
    }

    pub(super) fn header_wants(&self, node: &Node) -> Option<Vec<(String, Matcher)>> {
        let entries = self.reader.entries(node, "headers")?;
        entries.iter().map(|(key, value)| Some((key.text.clone(), self.matcher(value)?))).collect()
    }

    /// What a value is held against.
    pub(super) fn matcher(&self, node: &Node) -> Option<Matcher> {
        match node.text() {
            Some("present") => return Some(Matcher(vec![Test::Present(true)])),
            Some("absent") => return Some(Matcher(vec![Test::Present(false)])),
            _ => {}
        }
        if !matches!(node.value, Value::Map(_)) {
            return Some(Matcher(vec![Test::Equals(self.json(node)?)]));
        }
        let mut fields = self.reader.fields(node, "a matcher")?;
        let mut tests = Vec::new();
        let json = |node: &Node| self.json(node);
        for (key, test) in [
            ("equals", Test::Equals as fn(JsonTemplate) -> Test),
            ("not", Test::Not),
            ("contains", Test::Contains),
            ("excludes", Test::Excludes),
            ("sf", Test::Structured),
        ] {
            if let Some(node) = fields.take(key) {
                tests.push(test(json(node)?));
            }
        }
        for (key, test) in
            [("at-least", Test::AtLeast as fn(_) -> Test), ("at-most", Test::AtMost), ("count", Test::Count)]
        {
            if let Some(node) = fields.take(key) {
                tests.push(test(self.expr(node, key)?));
            }
        }
        if let Some(node) = fields.take("type") {
            tests.push(Test::Type(self.reader.word(node, "type", &JsonType::NAMES)?));
        }
        if let Some(node) = fields.take("matches") {
            tests.push(Test::Matches(self.regex(node, "matches")?));
        }
        if let Some(node) = fields.take("one-of") {
            tests.push(self.one_of(node)?);
        }
        if let Some(node) = fields.take("present") {
            tests.push(Test::Present(self.reader.truth(node, "present")?));
        }
        let is_misspelt = !fields.is_used_up();
        drop(fields);
        // What is there and unknown has been named; that nothing is asked for follows from it.
        if tests.is_empty() && is_misspelt {
            return None;
        }
        if tests.is_empty() {
            return self.reader.problem(
                node.at,
                "this matcher is empty",
                "write `equals: { … }` to compare with an object",
            );
        }
        Some(Matcher(tests))
    }
}

impl Context<'_> {
    /// `one-of: [ … ]`, where the word `absent` stands for nothing at all.
    fn one_of(&self, node: &Node) -> Option<Test> {
        let (mut values, mut absent) = (Vec::new(), OrAbsent::No);
        for item in self.reader.list(node, "one-of")? {
            match item.text() {
                Some("absent") => absent = OrAbsent::Yes,
                Some("present") => {
                    return self.reader.problem(
                        item.at,
                        "`present` accepts any value, so a list is not needed",
                        "write `present` alone",
                    );
                }
                _ => values.push(self.json(item)?),
            }
        }
        if values.is_empty() {
            return self.reader.problem(
                node.at,
                "`one-of` has no values",
                "write the values to accept: [ \"1\", absent ]",
            );
        }
        Some(Test::OneOf(values, absent))
    }
}

/// `None` for a mistake, `Some(None)` for what is not there.
pub(super) fn transpose<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        None => Some(None),
        Some(Some(value)) => Some(Some(value)),
        Some(None) => None,
    }
}
