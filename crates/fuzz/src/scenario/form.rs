//! The form of a segment: by its fields, or to the letter where its boundary matters.

use super::writer::Writer;
use crate::case::{Extra, Form, Order, Segment, VideoRef};
use crate::yaml::{letter, quoted};

impl Writer<'_> {
    pub(super) fn form(&mut self, indent: usize, segment: &Segment) {
        let Form { order, files, field, name, extra, .. } = segment.form;
        let id = match segment.link {
            VideoRef::Unknown => Some("vi000000000000000000000000".to_owned()),
            VideoRef::Carried if self.known.contains(&segment.upload) => {
                Some(format!("${{video_{}}}", letter(segment.upload)))
            }
            VideoRef::Carried => None,
        };
        let ids = |writer: &mut Self| {
            for _ in 0..if extra == Extra::IdTwice { 2 } else { 1 } {
                if let Some(id) = &id {
                    writer.line(indent + 1, &format!("- videoId: \"{id}\""));
                }
            }
        };
        self.line(indent, "form:");
        // A form has a field at least; one that nobody asked for is no file either.
        if extra == Extra::Field || (files == 0 && id.is_none()) {
            self.line(indent + 1, "- comment: nobody asked");
        }
        if order == Order::IdFirst {
            ids(self);
        }
        let content = if segment.length == 0 {
            "text: \"\"".to_owned()
        } else if self.is_spare(segment) {
            format!("size: {}", quoted(&self.number(segment.length)))
        } else {
            let (from, length) = (self.number(segment.offset), self.number(segment.length));
            let of = letter(segment.upload);
            format!("of: upload_{of}, from: {}, length: {}", quoted(&from), quoted(&length))
        };
        for _ in 0..files {
            let (field, name) = (quoted(field), quoted(name));
            self.line(indent + 1, &format!("- {field}: {{ {content}, name: {name} }}"));
        }
        if order == Order::FileFirst {
            ids(self);
        }
    }

    /// The body of a segment whose boundary matters: the language chooses its own, so the form is written out.
    pub(super) fn to_the_letter(&self, segment: &Segment) -> Option<String> {
        let Form { boundary, files, field, name, .. } = segment.form;
        if boundary == Form::PLAIN.boundary || files != 1 || segment.length > 4096 {
            return None;
        }
        let line = "\r\n";
        let id = match segment.link {
            VideoRef::Carried if self.known.contains(&segment.upload) => {
                format!(
                    "--{boundary}{line}Content-Disposition: form-data; name=\"videoId\"{line}{line}${{video_{}}}{line}",
                    letter(segment.upload)
                )
            }
            VideoRef::Carried => String::new(),
            VideoRef::Unknown => return None,
        };
        let file = "x".repeat(usize::try_from(segment.length).ok()?);
        let name = name.replace('"', "%22");
        let file = format!(
            "--{boundary}{line}Content-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"{line}\
             Content-Type: video/mp4{line}{line}{file}{line}"
        );
        let (first, second) = if segment.form.order == Order::IdFirst { (id, file) } else { (file, id) };
        Some(quoted(&format!("{first}{second}--{boundary}--{line}")))
    }
}

pub(super) fn content_type(boundary: &str) -> String {
    let token = |sign: char| sign.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(sign);
    let boundary = if boundary.chars().all(token) { boundary.to_owned() } else { format!("\"{boundary}\"") };
    format!("multipart/form-data; boundary={boundary}")
}
