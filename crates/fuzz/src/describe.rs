//! Describes steps in words.

use super::case::{Event, Extra, Form, Frame, Order, Segment, VideoRef};

/// A letter for an upload.
pub(super) fn upload(number: usize) -> char {
    u8::try_from(number).ok().filter(|number| *number < 26).map_or('?', |number| char::from(b'A' + number))
}

/// A number for a token.
pub(super) fn token(number: usize) -> String {
    format!("token {}", number + 1)
}

/// A segment, without its result.
pub(super) fn segment(segment: &Segment) -> String {
    let mut words = vec![format!("upload {}", upload(segment.upload))];
    words.push(segment.frame.header().unwrap_or_else(|| "no Content-Range".to_owned()));
    words.push(format!("{} bytes", segment.length));
    if segment.token > 0 {
        words.push(token(segment.token));
    }
    words.extend(oddities(segment));
    words.join(", ")
}

/// What is odd about a segment.
pub(super) fn oddities(segment: &Segment) -> Vec<String> {
    let mut words = Vec::new();
    let Form { order, files, field, name, boundary, extra } = segment.form;
    if segment.link == VideoRef::Unknown {
        words.push("unknown videoId".to_owned());
    }
    if let Some(after) = segment.break_off {
        words.push(format!("broken off after {after}"));
    }
    if segment.chunked {
        words.push("chunked".to_owned());
    }
    if files != 1 {
        words.push(format!("{files} files"));
    }
    if order != Order::IdFirst {
        words.push("file before videoId".to_owned());
    }
    if field != Form::PLAIN.field {
        words.push(format!("field {field}"));
    }
    if name != Form::PLAIN.name {
        words.push(format!("file name {name}"));
    }
    if boundary != Form::PLAIN.boundary {
        words.push(format!("boundary {boundary}"));
    }
    match extra {
        Extra::None => {}
        Extra::Field => words.push("one more field".to_owned()),
        Extra::IdTwice => words.push("videoId twice".to_owned()),
    }
    words
}

/// An event.
pub(super) fn event(event: Event) -> String {
    match event {
        Event::Advance(seconds) => format!("the clock advances by {}", duration(seconds)),
        Event::Delete(at) => format!("{} is deleted", token(at)),
        Event::Show(at) => format!("{} is shown", token(at)),
        Event::List(at) => format!("tokens are listed, with or without {}", token(at)),
    }
}

/// A length of time.
pub(super) fn duration(seconds: u64) -> String {
    let parts = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let mut left = seconds;
    let mut words = Vec::new();
    for (unit, name) in parts {
        if left >= unit {
            words.push(format!("{} {name}", left / unit));
            left %= unit;
        }
    }
    if words.is_empty() { "0 s".to_owned() } else { words.join(" ") }
}

/// The framing of a segment, short.
pub(super) fn frame(frame: &Frame) -> String {
    frame.header().unwrap_or_else(|| "-".to_owned())
}
