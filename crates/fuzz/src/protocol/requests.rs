//! The requests of a case, as the suite writes them.

use serde_json::json;

use super::case::ProtocolCase;
use uptake_check::Caller;
use uptake_oracle::upload::{PlacedBy, Segment};
use uptake_suite::expr::{Expr, Template};
use uptake_suite::protocol::{Label, SegmentCall, Variation};
use uptake_suite::request::{Body, Content, Field, FieldValue, Request};
use uptake_suite::save::Save;

/// Which segment of an upload is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// Whether none was accepted before.
    pub(super) is_first: bool,
    /// Whether it has the last byte of the file.
    pub(super) is_last: bool,
}

/// The request that sends a segment: with its label, and as it differs by its position. The place of its bytes is left as it
/// is written.
pub(super) fn segment_request(call: &SegmentCall, label: PlacedBy, position: Position) -> Request {
    let mut request = call.call.request.clone();
    let labels = match label {
        PlacedBy::Offset => &call.labels.bytes,
        PlacedBy::Number => &call.labels.parts,
    };
    if let Some(Label { query, headers }) = labels {
        vary(&mut request, query, headers, &[]);
    }
    for Variation { query, headers, fields, .. } in variations(call, position) {
        vary(&mut request, query, headers, fields);
    }
    request
}

/// What is kept of the answer to a segment for later requests.
pub(super) fn segment_saves(call: &SegmentCall, position: Position) -> Vec<Save> {
    variations(call, position).into_iter().flat_map(|variation| variation.save.clone()).collect()
}

fn variations(call: &SegmentCall, position: Position) -> Vec<&Variation> {
    let by_turn = if position.is_first { &call.first } else { &call.later };
    let last = position.is_last.then_some(&call.last);
    std::iter::once(by_turn).chain(last).collect()
}

type Pairs = [(String, Template)];

fn vary(request: &mut Request, query: &Pairs, headers: &Pairs, fields: &Pairs) {
    let envelope = &mut request.envelope;
    envelope.query.extend(query.iter().cloned());
    for (name, value) in headers {
        envelope.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        envelope.headers.push((name.clone(), value.clone()));
    }
    if let Body::Form(form) = &mut request.body {
        let further = fields
            .iter()
            .map(|(name, value)| Field { name: name.clone(), value: FieldValue::Text(value.clone()) });
        form.splice(0..0, further);
    }
}

/// The place of the bytes in the body of a request that sends some.
pub(super) fn place_of_bytes(body: &mut Body) -> Option<&mut Content> {
    match body {
        Body::Content(content) => Some(content),
        Body::Form(fields) => fields.iter_mut().find_map(|field| match &mut field.value {
            FieldValue::File(part) => Some(&mut part.content),
            FieldValue::Text(_) => None,
        }),
        _ => None,
    }
}

/// Puts these bytes of the content into the body.
pub(super) fn put_bytes(body: &mut Body, from: u64, length: u64) {
    if let Some(content) = place_of_bytes(body) {
        content.from = Some(Expr::Literal(from.into()));
        content.length = Some(Expr::Literal(length.into()));
    }
}

/// The names that a segment's request may use, with their values.
pub(super) fn names(case: &ProtocolCase, segment: &Segment) -> [(&'static str, u64); 6] {
    [
        ("from", segment.from),
        ("to", segment.end().saturating_sub(1)),
        ("length", segment.length),
        ("number", segment.number),
        ("total", case.total),
        ("count", case.count),
    ]
}

/// Gives the names their values.
pub(super) fn set_names(caller: &mut Caller<'_>, case: &ProtocolCase, segment: &Segment) {
    for (name, value) in names(case, segment) {
        caller.set(name, value);
    }
}

/// A segment as an item of `parts`, with what was saved of its answer.
pub(super) fn part(caller: &Caller<'_>, saves: &[Save], segment: &Segment) -> serde_json::Value {
    let mut item = json!({
        "number": segment.number,
        "from": segment.from,
        "to": segment.end().saturating_sub(1),
        "length": segment.length,
    });
    for save in saves {
        if let Some(value) = caller.value(&save.name) {
            item[save.name.as_str()] = value.clone();
        }
    }
    item
}
