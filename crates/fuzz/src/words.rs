//! Steps in words.

use super::case::{Event, Extra, Form, Frame, Link, Order, Segment};

/// A letter for an upload, as people tell them apart.
pub(super) fn upload(number: usize) -> char {
    u8::try_from(number).ok().filter(|number| *number < 26).map_or('?', |number| char::from(b'A' + number))
}

/// A number for a token.
pub(super) fn token(number: usize) -> String {
    format!("token {}", number + 1)
}

/// A segment, without what became of it.
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
    if segment.link == Link::Unknown {
        words.push("of a video that there is not".to_owned());
    }
    if let Some(after) = segment.break_off {
        words.push(format!("broken off after {after}"));
    }
    if files != 1 {
        words.push(format!("{files} files"));
    }
    if order != Order::IdFirst {
        words.push("the file before videoId".to_owned());
    }
    if field != Form::PLAIN.field {
        words.push(format!("in the field {field}"));
    }
    if name != Form::PLAIN.name {
        words.push(format!("called {name}"));
    }
    if boundary != Form::PLAIN.boundary {
        words.push(format!("boundary {boundary}"));
    }
    match extra {
        Extra::None => {}
        Extra::Field => words.push("with a field more".to_owned()),
        Extra::IdTwice => words.push("with videoId twice".to_owned()),
    }
    words
}

/// An event.
pub(super) fn event(event: Event) -> String {
    match event {
        Event::Advance(seconds) => format!("{} pass", duration(seconds)),
        Event::Delete(at) => format!("{} is deleted", token(at)),
        Event::Show(at) => format!("{} is asked for", token(at)),
        Event::List(at) => format!("{} is looked for in the list", token(at)),
    }
}

/// A length of time, to be read.
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
