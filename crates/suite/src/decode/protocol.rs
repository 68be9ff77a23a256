//! The section `upload` of `suite.yaml`.

use std::collections::BTreeMap;

use super::context::{Context, Known};
use super::expect::{ANSWER_STATUS, transpose};
use super::request::METHODS;
use crate::expr::Template;
use crate::protocol::{
    Again, Ask, BrokenOff, Call, Completion, Exempt, JUDGED, Label, Labels, Order, Received, Refusals,
    SEGMENT, SegmentCall, Shows, Sizes, Stored, UploadProtocol, Variation,
};
use crate::request::{Body, Content, FieldValue, Source};
use crate::save::Save;
use crate::status::{StatusRange, StatusSet};
use crate::suite::Suite;
use uptake_yaml::{Fields, Node, Reader};

/// What a segment knows of itself.
const OF_A_SEGMENT: [&str; 6] = ["from", "to", "length", "number", "total", "count"];

/// Reads the section, whose requests use the suite's vars, headers and credentials.
pub(super) fn upload(reader: &Reader, node: &Node, suite: &Suite) -> Option<UploadProtocol> {
    let known = Known { contents: vec![SEGMENT.to_owned()], ..Known::of(suite) };
    let context = Context::new(reader, &known);
    let mut fields = reader.fields(node, "upload")?;
    let nodes = Nodes {
        token: fields.take("token"),
        create: fields.take("create"),
        whole: fields.take("whole"),
        segment: fields.require("segment"),
        sizes: fields.take("sizes"),
        broken_off: fields.require("broken-off"),
        complete: fields.require("complete"),
        ask: fields.take("ask"),
        abort: fields.take("abort"),
        stored: fields.take("stored"),
        refused: fields.take("refused"),
        rules: fields.take("rules"),
    };
    drop(fields);
    context.protocol(&nodes)
}

/// The keys of the section.
struct Nodes<'n> {
    token: Option<&'n Node>,
    create: Option<&'n Node>,
    whole: Option<&'n Node>,
    segment: Option<&'n Node>,
    sizes: Option<&'n Node>,
    broken_off: Option<&'n Node>,
    complete: Option<&'n Node>,
    ask: Option<&'n Node>,
    abort: Option<&'n Node>,
    stored: Option<&'n Node>,
    refused: Option<&'n Node>,
    rules: Option<&'n Node>,
}

impl Context<'_> {
    /// The section, in the order in which its requests are sent: each knows what those before it save.
    fn protocol(&self, nodes: &Nodes<'_>) -> Option<UploadProtocol> {
        self.define("ttl");
        let token = nodes.token.map(|node| self.token(node));
        self.forget("ttl");
        self.define("total");
        let create = nodes.create.map(|node| self.call(node, "create"));
        let whole = nodes.whole.map(|node| self.sending_call(node, "whole"));
        let segment = self.segment_call(nodes.segment?);
        let sizes = nodes.sizes.map(|node| self.sizes(node));
        let broken_off = self.broken_off(nodes.broken_off?);
        let ask = nodes.ask.map(|node| self.ask(node));
        let abort = nodes.abort.map(|node| self.call(node, "abort"));
        let complete = self.completion(nodes.complete?);
        let stored = nodes.stored.map(|node| self.stored(node));
        let refused = nodes.refused.map(|node| self.refusals(node));
        let rules = nodes.rules.map(|node| self.judged_by(node));
        let broken_off = broken_off?;
        if broken_off == BrokenOff::KeepsAPrefix && nodes.ask.is_none() {
            return self.reader.problem(
                nodes.broken_off?.at,
                "there is no request that shows how much was received",
                "add `ask`, the request that shows what has been received",
            );
        }
        Some(UploadProtocol {
            token: transpose(token)?,
            create: transpose(create)?,
            whole: transpose(whole)?,
            segment: segment?,
            sizes: transpose(sizes)?.unwrap_or_default(),
            broken_off,
            complete: complete?,
            ask: transpose(ask)?,
            abort: transpose(abort)?,
            stored: transpose(stored)?,
            refused: transpose(refused)?.unwrap_or_default(),
            rules: transpose(rules)?.unwrap_or_default(),
        })
    }

    /// The request that creates a token, which it must save under that name.
    fn token(&self, node: &Node) -> Option<Call> {
        let call = self.call(node, "token")?;
        if call.save.iter().any(|save| save.name == "token") {
            return Some(call);
        }
        self.reader.problem(
            node.at,
            "it does not save `token`",
            "say where the token is: `save: { token: $.token }`",
        )
    }

    fn call(&self, node: &Node, what: &'static str) -> Option<Call> {
        let mut fields = self.reader.fields(node, what)?;
        self.call_of(&mut fields)
    }

    /// A request that sends content of the file.
    fn sending_call(&self, node: &Node, what: &'static str) -> Option<Call> {
        let call = self.call(node, what)?;
        self.check_sends(node, what, &call)?;
        Some(call)
    }

    /// Complains about a request whose body has no place for the file's bytes, or several.
    fn check_sends(&self, node: &Node, what: &str, call: &Call) -> Option<()> {
        let is_file = |content: &Content| {
            matches!(&content.source, Source::Named(name) if name == SEGMENT)
                && content.from.is_none()
                && content.length.is_none()
        };
        let places = match &call.request.body {
            Body::Content(content) => usize::from(is_file(content)),
            Body::Form(form) => form
                .iter()
                .filter(|field| matches!(&field.value, FieldValue::File(part) if is_file(&part.content)))
                .count(),
            _ => 0,
        };
        if places == 1 {
            return Some(());
        }
        self.reader.problem(
            node.at,
            format!("the body of `{what}` must contain the bytes to send once, not {places} times"),
            "write `body: { of: segment }`, or one form field `file: { of: segment }`",
        )
    }

    /// A request by its method's key, with `accepted` and `save`.
    fn call_of(&self, fields: &mut Fields<'_, '_>) -> Option<Call> {
        let mut line = None;
        for method in METHODS {
            let Some(path) = fields.take(method) else { continue };
            if line.replace((method, path)).is_some() {
                self.reader.problem::<()>(path.at, "two requests are given", "keep one of them");
            }
        }
        let accepted = fields.take("accepted").map(|node| self.statuses(node));
        let save = fields.take("save");
        let request = match (line, fields.take("request")) {
            (Some((method, path)), None) => self.request(method, path, fields),
            (None, Some(line)) => self.any_request(line, fields),
            (Some(_), Some(second)) => {
                self.reader.problem(second.at, "two requests are given", "keep one of them")
            }
            (None, None) => {
                fields.forgive();
                self.reader.problem(
                    fields.at(),
                    "no request is given",
                    format!("add one of: {}, request", METHODS.join(", ")),
                )
            }
        };
        let save = self.saves(save);
        let success = StatusSet(vec![StatusRange::Class(2)]);
        Some(Call { request: request?, accepted: transpose(accepted)?.unwrap_or(success), save: save? })
    }

    fn segment_call(&self, node: &Node) -> Option<SegmentCall> {
        for name in OF_A_SEGMENT {
            self.define(name);
        }
        let mut fields = self.reader.fields(node, "segment")?;
        let labels = fields.require("labels").map(|node| self.labels(node));
        let open_total = fields.take("open-total").map(|node| self.reader.text(node, "open-total"));
        let order = fields
            .require("order")
            .map(|node| self.reader.word(node, "order", &[("in-turn", Order::InTurn), ("any", Order::Any)]));
        let parallel_node = fields.take("parallel");
        let parallel = parallel_node.map(|node| self.reader.truth(node, "parallel"));
        let again = fields.require("again").map(|node| {
            let words =
                [("refused", Again::Refused), ("replaces", Again::Replaces), ("ignored", Again::Ignored)];
            self.reader.word(node, "again", &words)
        });
        let received = fields.take("received").map(|node| self.received(node));
        let (first, later, last) = (fields.take("first"), fields.take("later"), fields.take("last"));
        let call = self.call_of(&mut fields);
        drop(fields);
        // What each segment saves is known of `parts` only.
        for save in call.iter().flat_map(|call| &call.save) {
            self.forget(&save.name);
        }
        let [first, later, last] = [("first", first), ("later", later), ("last", last)]
            .map(|(what, node)| node.map(|node| self.variation(node, what)));
        for name in OF_A_SEGMENT.iter().filter(|name| **name != "total" && **name != "count") {
            self.forget(name);
        }
        let call = call?;
        self.check_sends(node, "segment", &call)?;
        let (order, parallel) = (order??, transpose(parallel)?.unwrap_or(false));
        if parallel && order == Order::InTurn {
            return self.reader.problem(
                parallel_node?.at,
                "segments that are sent in order cannot be sent in parallel",
                "leave out `parallel`, or write `order: any`",
            );
        }
        Some(SegmentCall {
            call,
            labels: labels??,
            open_total: transpose(open_total)?,
            received: transpose(received)?.unwrap_or_default(),
            first: transpose(first)?.unwrap_or_default(),
            later: transpose(later)?.unwrap_or_default(),
            last: transpose(last)?.unwrap_or_default(),
            order,
            parallel,
            again: again??,
        })
    }

    fn labels(&self, node: &Node) -> Option<Labels> {
        let mut fields = self.reader.fields(node, "labels")?;
        let bytes = fields.take("bytes").map(|node| self.label(node));
        let parts = fields.take("parts").map(|node| self.label(node));
        let is_used_up = fields.is_used_up();
        drop(fields);
        let labels = Labels { bytes: transpose(bytes)?, parts: transpose(parts)? };
        if labels.bytes.is_none() && labels.parts.is_none() {
            if !is_used_up {
                return None;
            }
            return self.reader.problem(
                node.at,
                "segments have no label",
                "add `bytes`, `parts` or both: `bytes: { headers: { Upload-Offset: \"${from}\" } }`",
            );
        }
        Some(labels)
    }

    fn label(&self, node: &Node) -> Option<Label> {
        let mut fields = self.reader.fields(node, "a label")?;
        let (query, headers) = (self.texts_of(&mut fields, "query"), self.texts_of(&mut fields, "headers"));
        drop(fields);
        Some(Label { query: query?, headers: headers? })
    }

    fn variation(&self, node: &Node, what: &'static str) -> Option<Variation> {
        let mut fields = self.reader.fields(node, what)?;
        let query = self.texts_of(&mut fields, "query");
        let headers = self.texts_of(&mut fields, "headers");
        let form = self.texts_of(&mut fields, "fields");
        let accepted = transpose(fields.take("accepted").map(|node| self.statuses(node)));
        let save: Option<Vec<Save>> = self.saves(fields.take("save"));
        drop(fields);
        Some(Variation { query: query?, headers: headers?, fields: form?, accepted: accepted?, save: save? })
    }

    /// Names with texts; none where the key is missing.
    fn texts_of(&self, fields: &mut Fields<'_, '_>, key: &'static str) -> Option<Vec<(String, Template)>> {
        fields.take(key).map_or(Some(Vec::new()), |node| self.pairs(node, key))
    }

    fn sizes(&self, node: &Node) -> Option<Sizes> {
        let mut fields = self.reader.fields(node, "sizes")?;
        let mut size = |key| transpose(fields.take(key).map(|node| self.expr(node, key)));
        let (min, multiple, max, count) = (size("min"), size("multiple"), size("max"), size("count"));
        let exempt = fields
            .take("exempt")
            .map(|node| self.reader.word(node, "exempt", &[("last", Exempt::Last), ("none", Exempt::None)]));
        drop(fields);
        let exempt = transpose(exempt)?.unwrap_or(Exempt::Last);
        Some(Sizes { min: min?, multiple: multiple?, max: max?, count: count?, exempt })
    }

    fn broken_off(&self, node: &Node) -> Option<BrokenOff> {
        let words = [("keeps-a-prefix", BrokenOff::KeepsAPrefix), ("keeps-nothing", BrokenOff::KeepsNothing)];
        self.reader.word(node, "broken-off", &words)
    }

    fn completion(&self, node: &Node) -> Option<Completion> {
        match node.text() {
            Some("when-full") => Some(Completion::WhenFull),
            Some("last-segment") => Some(Completion::LastSegment),
            Some(other) => self.reader.problem(
                node.at,
                format!("`complete` cannot be `{other}`"),
                "write `when-full`, `last-segment` or a request: `{ post: \"${url}\" }`",
            ),
            None => {
                self.define("parts");
                let call = self.call(node, "complete");
                self.forget("parts");
                Some(Completion::Request(Box::new(call?)))
            }
        }
    }

    fn ask(&self, node: &Node) -> Option<Ask> {
        let before = self.names();
        let mut fields = self.reader.fields(node, "ask")?;
        let received = fields.require("received").map(|node| self.received(node));
        let complete = fields.take("complete");
        let call = self.call_of(&mut fields);
        drop(fields);
        self.define(ANSWER_STATUS);
        let complete_text = complete.and_then(Node::text).map(str::to_owned);
        let complete = transpose(complete.map(|node| self.expr(node, "complete")));
        self.swap_names(before);
        Some(Ask { call: call?, received: received??, complete: complete?, complete_text })
    }

    fn received(&self, node: &Node) -> Option<Vec<(Received, Save)>> {
        let mut fields = self.reader.fields(node, "received")?;
        let mut found = Vec::new();
        for (name, kind) in Received::NAMES {
            if let Some(node) = fields.take(name) {
                found.push((kind, self.save(name, node)?));
            }
        }
        drop(fields);
        if found.is_empty() {
            let names = Received::NAMES.map(|(name, _)| name).join(", ");
            return self.reader.problem(
                node.at,
                "there is nothing that shows what has been received",
                format!("add one of: {names}"),
            );
        }
        Some(found)
    }

    fn stored(&self, node: &Node) -> Option<Stored> {
        let mut fields = self.reader.fields(node, "stored")?;
        let sha256 = fields.take("sha256").map(|node| self.save("sha256", node));
        let call = self.call_of(&mut fields);
        drop(fields);
        let shows = transpose(sha256)?.map_or(Shows::Content, |save| Shows::Sha256(Box::new(save)));
        Some(Stored { call: call?, shows })
    }

    /// The rules that counterexamples break.
    fn judged_by(&self, node: &Node) -> Option<BTreeMap<String, String>> {
        let known: Vec<String> = self.known.rules.iter().map(|(id, _)| id.clone()).collect();
        let mut rules = BTreeMap::new();
        let mut fields = self.reader.fields(node, "rules")?;
        for name in JUDGED {
            if let Some(node) = fields.take(name) {
                rules.insert(name.to_owned(), self.check_known(node, "a rule", &known)?);
            }
        }
        Some(rules)
    }

    fn refusals(&self, node: &Node) -> Option<Refusals> {
        let mut fields = self.reader.fields(node, "refused")?;
        let mut take = |key| transpose(fields.take(key).map(|node| self.statuses(node)));
        let (gap, overlap, beyond) = (take("gap"), take("overlap"), take("beyond"));
        let (too_small, too_large, gone) = (take("too-small"), take("too-large"), take("gone"));
        drop(fields);
        Some(Refusals {
            gap: gap?,
            overlap: overlap?,
            beyond: beyond?,
            too_small: too_small?,
            too_large: too_large?,
            gone: gone?,
        })
    }
}
