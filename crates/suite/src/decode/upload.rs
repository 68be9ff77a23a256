//! Chunk plans and the steps that send their segments.

use super::context::Context;
use super::expect::transpose;
use crate::upload::{Cut, DeclaredTotal, PlannedSegment, Segments, Upload, UploadPlan};
use uptake_payload::Framing;
use uptake_yaml::{Fields, Node, Reader, Value};

impl Context<'_> {
    /// A chunk plan.
    pub(super) fn plan(&self, node: &Node) -> Option<UploadPlan> {
        let mut fields = self.reader.fields(node, "the plan of an upload")?;
        let source = self.source(&mut fields);
        let file_name = transpose(fields.take("name").map(|node| self.template(node, "name")));
        let cut = self.cut(&mut fields);
        Some(UploadPlan { source: source?, file_name: file_name?, cut: cut? })
    }

    fn cut(&self, fields: &mut Fields<'_, '_>) -> Option<Cut> {
        let segment = fields.take("segment");
        let framing = fields.take("framing");
        let total = fields.take("total");
        if let Some(plan) = fields.take("plan") {
            if let Some(also) = segment.or(framing).or(total) {
                return self.reader.problem(
                    also.at,
                    "the plan is already given in full",
                    "leave out segment, framing and total",
                );
            }
            return self
                .reader
                .list(plan, "plan")?
                .iter()
                .map(|item| self.planned(item))
                .collect::<Option<_>>()
                .map(Cut::Explicit);
        }
        let segment = transpose(segment.map(|node| self.expr(node, "segment")));
        let framing = framing.map_or(Some(Framing::None), |node| {
            self.reader.word(
                node,
                "framing",
                &[("none", Framing::None), ("bytes", Framing::Bytes), ("part", Framing::Parts)],
            )
        });
        let total = total.map_or(Some(DeclaredTotal::Named), |node| match node.text() {
            Some("named") => Some(DeclaredTotal::Named),
            Some("open") => Some(DeclaredTotal::Open),
            Some("last") => Some(DeclaredTotal::Last),
            _ => self.expr(node, "total").map(DeclaredTotal::Claimed),
        });
        Some(Cut::Even { segment: segment?, framing: framing?, total: total? })
    }

    fn planned(&self, node: &Node) -> Option<PlannedSegment> {
        let mut fields = self.reader.fields(node, "a segment")?;
        let from = fields.require("from").map(|node| self.expr(node, "from"));
        let length = fields.require("length").map(|node| self.expr(node, "length"));
        let range = transpose(fields.take("range").map(|node| self.template(node, "range")));
        Some(PlannedSegment { from: from??, length: length??, range: range? })
    }

    /// `upload: NAME` or `upload: { … }`.
    pub(super) fn upload(&self, step: &str, upload: &Node, fields: &mut Fields<'_, '_>) -> Option<Upload> {
        let (name, plan) = match &upload.value {
            Value::Map(_) => (step.to_owned(), self.plan(upload).map(Some)),
            _ => (self.check_known(upload, "an upload", &self.known.uploads).unwrap_or_default(), Some(None)),
        };
        let segments = fields.take("segments").map_or(Some(Segments::All), |node| self.segments(node));
        let together = transpose(fields.take("together").map(|node| self.reader.truth(node, "together")));
        let to = transpose(fields.take("to").map(|node| self.template(node, "to")));
        let form_fields = transpose(fields.take("fields").map(|node| self.pairs(node, "fields")));
        let carry = fields
            .take("carry")
            .map_or(Some(true), |node| self.reader.word(node, "carry", &[("none", false)]));
        let envelope = self.envelope(fields);
        for carried in &self.known.carried {
            self.define(&format!("{name}.{carried}"));
        }
        Some(Upload {
            name,
            plan: plan?,
            segments: segments?,
            together: together?.unwrap_or(false),
            to: to?,
            fields: form_fields?.unwrap_or_default(),
            carry: carry?,
            envelope: envelope?,
        })
    }

    fn segments(&self, node: &Node) -> Option<Segments> {
        if let Some(text) = node.text() {
            let words = [("all", ()), ("first", ()), ("rest", ()), ("last", ())];
            self.reader.word(node, "segments", &words)?;
            return Some(match text {
                "first" => Segments::First,
                "rest" => Segments::Rest,
                "last" => Segments::Last,
                _ => Segments::All,
            });
        }
        let mut numbers = Vec::new();
        for item in Reader::one_or_more(node) {
            let number = self.reader.natural(item, "a segment number")?;
            match u32::try_from(number) {
                Ok(number) if number > 0 => numbers.push(number),
                _ => {
                    return self.reader.problem(
                        item.at,
                        format!("there is no segment {number}"),
                        "segments are numbered from 1",
                    );
                }
            }
        }
        Some(Segments::These(numbers))
    }
}
