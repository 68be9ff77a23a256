//! What the head of a part says: its field and its file name (RFC 7578), and the boundary that a form's Content-Type
//! names.
//!
//! A file name comes as `filename="…"`, or as `filename*=UTF-8''…` (RFC 8187). RFC 7578 tells clients not to send the
//! second form, yet some do; where both are there the second one is the better one (RFC 6266, 4.3).

use percent_encoding::percent_decode_str;

/// A boundary may be this long (RFC 2046, 5.1.1).
const MAX_BOUNDARY: usize = 70;

/// What a part says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PartHead {
    pub(crate) field: String,
    pub(crate) file_name: Option<String>,
}

/// What a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PartRole {
    /// Something that an upload does not need.
    Other,
    VideoId,
    /// The file, with its name.
    File(String),
}

impl PartHead {
    /// Reads the headers of a part, or tells why they cannot be read.
    pub(crate) fn read(headers: &[httparse::Header<'_>]) -> Result<Self, &'static str> {
        let disposition = headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case("content-disposition"))
            .ok_or("a part has no Content-Disposition")?;
        let value = String::from_utf8_lossy(disposition.value);
        let (kind, parameters) = value.split_once(';').unwrap_or((&value, ""));
        if !kind.trim().eq_ignore_ascii_case("form-data") {
            return Err("a part is not form data");
        }
        let mut head = Self::default();
        let mut extended = None;
        for (name, value) in Parameters(parameters) {
            match name.to_ascii_lowercase().as_str() {
                "name" => head.field = value,
                "filename" => head.file_name = Some(value),
                "filename*" => extended = extended_value(&value),
                _ => {}
            }
        }
        head.file_name = extended.or(head.file_name);
        Ok(head)
    }

    /// What the part is: one with a file name is the file, whatever its field is called; browsers send an empty name
    /// where no file was chosen.
    pub(crate) fn role(&self) -> PartRole {
        match &self.file_name {
            Some(name) if name.is_empty() => PartRole::Other,
            Some(name) => PartRole::File(name.clone()),
            None if self.field == "videoId" => PartRole::VideoId,
            None => PartRole::Other,
        }
    }
}

/// The boundary that a Content-Type of a form names.
pub(crate) fn boundary_of(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    Parameters(parameters)
        .find(|(name, _)| name.eq_ignore_ascii_case("boundary"))
        .map(|(_, value)| value)
        .filter(|boundary| (1..=MAX_BOUNDARY).contains(&boundary.len()))
}

/// The text of `CHARSET'LANGUAGE'VALUE`, with the value percent-encoded (RFC 8187, 3.2). UTF-8 is required there,
/// ISO-8859-1 was in RFC 5987. `None` for anything else: then the plain file name holds.
fn extended_value(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_language, encoded) = rest.split_once('\'')?;
    let bytes: Vec<u8> = percent_decode_str(encoded).collect();
    if charset.eq_ignore_ascii_case("utf-8") {
        String::from_utf8(bytes).ok()
    } else if charset.eq_ignore_ascii_case("iso-8859-1") {
        Some(bytes.into_iter().map(char::from).collect())
    } else {
        None
    }
}

/// The parameters behind a header's value: `name=token` or `name="text"`, with semicolons between them.
struct Parameters<'a>(&'a str);

impl Iterator for Parameters<'_> {
    type Item = (String, String);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.0.trim_start_matches([';', ' ', '\t']);
        let (name, rest) = rest.split_once('=')?;
        let value;
        if let Some(quoted) = rest.trim_start().strip_prefix('"') {
            let (text, length) = unquote(quoted);
            value = text;
            self.0 = &quoted[length..];
        } else {
            let end = rest.find(';').unwrap_or(rest.len());
            value = rest[..end].trim().to_owned();
            self.0 = &rest[end..];
        }
        Some((name.trim().to_owned(), value))
    }
}

/// The text up to the closing quote, and how much of the input it took. Some clients escape a quote by a backslash,
/// browsers by percent; a backslash before anything else is itself (a path of Windows).
fn unquote(quoted: &str) -> (String, usize) {
    let mut text = String::new();
    let mut letters = quoted.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (text.replace("%22", "\""), at + 1),
            '\\' if letters.peek().is_some_and(|(_, next)| *next == '"') => {
                text.push('"');
                letters.next();
            }
            other => text.push(other),
        }
    }
    (text, quoted.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(disposition: &str) -> PartHead {
        let header = httparse::Header { name: "Content-Disposition", value: disposition.as_bytes() };
        PartHead::read(&[header]).unwrap()
    }

    #[test]
    fn names_are_read_as_clients_write_them() {
        let named = |name: &str| Some(name.to_owned());
        for (disposition, field, file_name) in [
            ("form-data; name=\"file\"; filename=\"film.mp4\"", "file", named("film.mp4")),
            ("form-data; filename=film.mp4; name=file", "file", named("film.mp4")),
            ("FORM-DATA; Name=\"videoId\"", "videoId", None),
            ("form-data; name=\"a\"; filename=\"a\\\"b.mp4\"", "a", named("a\"b.mp4")),
            ("form-data; name=\"a\"; filename=\"a%22b;c.mp4\"", "a", named("a\"b;c.mp4")),
            ("form-data; name=\"a\"; filename=\"C:\\film.mp4\"", "a", named("C:\\film.mp4")),
            ("form-data; name=\"a\"; filename=\"\"", "a", named("")),
            ("form-data; name=\"a\"; filename=\"unended", "a", named("unended")),
        ] {
            assert_eq!(head(disposition), PartHead { field: field.into(), file_name }, "{disposition}");
        }
    }

    #[test]
    fn a_boundary_is_found_in_a_content_type() {
        assert_eq!(boundary_of("multipart/form-data; boundary=edge").as_deref(), Some("edge"));
        assert_eq!(
            boundary_of("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"").as_deref(),
            Some("a b")
        );
        let long = format!("multipart/form-data; boundary={}", "a".repeat(71));
        for nonsense in
            ["multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=a", &long]
        {
            assert_eq!(boundary_of(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn an_extended_file_name_is_read_and_wins_over_the_plain_one() {
        for (disposition, name) in [
            ("form-data; name=a; filename*=UTF-8''caf%C3%A9.mp4", "café.mp4"),
            ("form-data; name=a; filename*=utf-8'en'a%20b.mp4", "a b.mp4"),
            ("form-data; name=a; filename*=iso-8859-1''caf%E9.mp4", "café.mp4"),
            ("form-data; name=a; filename=\"cafe.mp4\"; filename*=UTF-8''caf%C3%A9.mp4", "café.mp4"),
            ("form-data; name=a; filename*=UTF-8''caf%C3%A9.mp4; filename=\"cafe.mp4\"", "café.mp4"),
            ("form-data; name=a; filename*=\"UTF-8''caf%C3%A9.mp4\"", "café.mp4"),
        ] {
            assert_eq!(head(disposition).file_name.as_deref(), Some(name), "{disposition}");
        }
    }

    #[test]
    fn an_extended_file_name_that_cannot_be_read_leaves_the_plain_one() {
        for value in ["utf-16''a", "UTF-8'a", "a.mp4", "UTF-8''%E9"] {
            let disposition = format!("form-data; filename=plain.mp4; filename*={value}");
            assert_eq!(head(&disposition).file_name.as_deref(), Some("plain.mp4"), "{value}");
        }
    }

    #[test]
    fn a_part_with_a_file_name_is_the_file() {
        for (disposition, role) in [
            ("form-data; name=film; filename=film.mp4", PartRole::File("film.mp4".into())),
            ("form-data; name=videoId; filename=film.mp4", PartRole::File("film.mp4".into())),
            ("form-data; name=videoId", PartRole::VideoId),
            ("form-data; name=file; filename=\"\"", PartRole::Other),
            ("form-data; name=other", PartRole::Other),
        ] {
            assert_eq!(head(disposition).role(), role, "{disposition}");
        }
    }
}
