//! `interim: …` of an expectation.

use super::context::Context;
use super::expect::transpose;
use crate::expect::{InterimAmong, InterimAnswer, InterimWants};
use crate::matcher::Matcher;
use uptake_yaml::{Node, Value};

impl Context<'_> {
    /// `none`, a list of answers in their order, or a map about some of them.
    pub(super) fn interim_wants(&self, node: &Node) -> Option<InterimWants> {
        if node.text() == Some("none") {
            return Some(InterimWants::InOrder(Vec::new()));
        }
        if matches!(node.value, Value::Map(_)) {
            return self.interim_among(node).map(|among| InterimWants::Among(Box::new(among)));
        }
        let items = self.reader.list(node, "interim")?;
        Some(InterimWants::InOrder(
            items.iter().map(|item| self.interim_answer(item)).collect::<Option<_>>()?,
        ))
    }

    fn interim_answer(&self, node: &Node) -> Option<InterimAnswer> {
        let mut fields = self.reader.fields(node, "an interim response")?;
        let headers = fields.take("headers");
        let status = fields.require("status").map(|node| self.statuses(node))??;
        let headers = headers.map_or(Some(Vec::new()), |node| self.header_wants(node))?;
        Some(InterimAnswer { status, headers })
    }

    fn interim_among(&self, node: &Node) -> Option<InterimAmong> {
        let mut fields = self.reader.fields(node, "interim")?;
        let status = transpose(fields.take("status").map(|node| self.statuses(node)));
        let count = transpose(fields.take("count").map(|node| self.matcher(node)));
        let mut headers = |name| match fields.take(name) {
            Some(node) => self.filled_headers(name, node),
            None => Some(Vec::new()),
        };
        let (first, rest, all, any) = (headers("first"), headers("rest"), headers("all"), headers("any"));
        let is_misspelt = !fields.is_used_up();
        drop(fields);
        let among =
            InterimAmong { status: status?, count: count?, first: first?, rest: rest?, all: all?, any: any? };
        let headers = [&among.first, &among.rest, &among.all, &among.any];
        // What is there and unknown has been named; that nothing is asked for follows from it.
        if !is_misspelt && among.count.is_none() && headers.iter().all(|headers| headers.is_empty()) {
            return self.reader.problem(
                node.at,
                "the interim responses have no expectation",
                "add one of: count, first, rest, all, any",
            );
        }
        Some(among)
    }

    fn filled_headers(&self, name: &str, node: &Node) -> Option<Vec<(String, Matcher)>> {
        if node.is_empty() {
            return self.reader.problem(
                node.at,
                format!("`{name}` is empty, so it always holds"),
                "write the headers that are expected: `{ Location: present }`",
            );
        }
        self.header_wants(node)
    }
}
