//! From a segment to the form that carries it.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Barrier;

use super::case::{Extra, Order, Segment};
use uptake_payload::Content;
use uptake_wire::{Body, Delivery, FilePart, Form, Length};

/// The headers, the body and the delivery of a segment.
pub(super) fn of(
    segment: &Segment,
    id: Option<&str>,
    content: &Content,
    hold: Vec<Arc<Barrier>>,
) -> (Vec<(String, String)>, Body, Delivery) {
    let shape = segment.form;
    let mut form = Form::new(shape.boundary);
    if shape.extra == Extra::Field {
        form = form.text("comment", "nobody asked");
    }
    let named = |form: Form| match id {
        Some(id) if shape.extra == Extra::IdTwice => form.text("videoId", id).text("videoId", id),
        Some(id) => form.text("videoId", id),
        None => form,
    };
    if shape.order == Order::IdFirst {
        form = named(form);
    }
    for _ in 0..shape.files {
        let slice = if segment.length == 0 {
            Content::text(Bytes::new()).whole()
        } else {
            content.slice(segment.offset, segment.length)
        };
        form = form.file(FilePart {
            field: shape.field.to_owned(),
            file_name: Some(shape.name.to_owned()),
            content_type: Some("video/mp4".to_owned()),
            slice,
        });
    }
    if shape.order == Order::FileFirst {
        form = named(form);
    }
    let (content_type, body) = form.finish();
    let mut headers = vec![("Content-Type".to_owned(), content_type)];
    if let Some(range) = segment.frame.header() {
        headers.push(("Content-Range".to_owned(), range));
    }
    let length = if segment.chunked { Length::Chunked } else { Length::default() };
    let delivery = Delivery { length, break_off: segment.break_off, hold, ..Delivery::default() };
    (headers, body, delivery)
}
