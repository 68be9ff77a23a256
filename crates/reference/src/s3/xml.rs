//! XML: results are written, and the list of a completion is read.

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// An element with others or with text in it.
#[derive(Debug, Clone)]
pub(super) struct Element {
    name: &'static str,
    attributes: String,
    /// Escaped.
    content: String,
}

impl Element {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, attributes: String::new(), content: String::new() }
    }

    pub(super) fn with_namespace(self) -> Self {
        Self { attributes: format!(" xmlns=\"{NAMESPACE}\""), ..self }
    }

    /// With an element that has this text.
    #[expect(clippy::needless_pass_by_value, reason = "callers pass numbers and texts alike")]
    pub(super) fn text(mut self, name: &'static str, text: impl ToString) -> Self {
        let text = escaped(&text.to_string());
        self.content.extend(["<", name, ">", &text, "</", name, ">"]);
        self
    }

    /// With another element.
    pub(super) fn child(mut self, child: &Self) -> Self {
        self.content += &child.written();
        self
    }

    fn written(&self) -> String {
        let Self { name, attributes, content } = self;
        format!("<{name}{attributes}>{content}</{name}>")
    }
}

/// A document of this element.
pub(super) fn document(root: &Element) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", root.written())
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\r' => escaped += "&#13;",
            // XML 1.0 cannot name them.
            '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A part that a completion names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) number: u32,
    /// Without quotation marks.
    pub(super) etag: String,
    /// The checksums that are named, by their elements.
    pub(super) checksums: Vec<(String, String)>,
}

/// The parts that a completion names, in its order; none where it is not such a list.
pub(super) fn listed_parts(body: &[u8]) -> Option<Vec<Listed>> {
    let text = std::str::from_utf8(body).ok()?;
    let document = roxmltree::Document::parse(text).ok()?;
    let root = document.root_element();
    if root.tag_name().name() != "CompleteMultipartUpload" {
        return None;
    }
    let parts = root.children().filter(roxmltree::Node::is_element).map(|part| {
        let text = |name: &str| {
            let child =
                part.children().find(|child| child.has_tag_name(name) || child.tag_name().name() == name);
            child.and_then(|child| child.text()).map(|text| text.trim().to_owned())
        };
        let number = text("PartNumber")?.parse().ok()?;
        let etag = text("ETag")?.trim_matches('"').to_owned();
        let checksums = part.children().filter(|child| child.tag_name().name().starts_with("Checksum"));
        let checksums = checksums.map(|child| {
            (child.tag_name().name().to_owned(), child.text().unwrap_or_default().trim().to_owned())
        });
        (part.tag_name().name() == "Part").then(|| Listed { number, etag, checksums: checksums.collect() })
    });
    parts.collect::<Option<Vec<_>>>().filter(|parts| !parts.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let root = Element::new("A").with_namespace().text("Key", "<a>&\"b\"").child(&Element::new("B"));
        let wanted = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A xmlns=\"{NAMESPACE}\"><Key>&lt;a&gt;&amp;&quot;b&quot;</Key><B></B></A>"
        );
        assert_eq!(document(&root), wanted);
    }

    #[test]
    fn a_list_names_parts_with_or_without_a_namespace() {
        let part = "<Part><PartNumber>2</PartNumber><ETag>&quot;a&quot;</ETag></Part>";
        let wanted = Listed { number: 2, etag: "a".to_owned(), checksums: Vec::new() };
        for root in
            ["CompleteMultipartUpload".to_owned(), format!("CompleteMultipartUpload xmlns=\"{NAMESPACE}\"")]
        {
            let text = format!("<{root}>{part}</CompleteMultipartUpload>");
            assert_eq!(listed_parts(text.as_bytes()), Some(vec![wanted.clone()]));
        }
    }

    #[test]
    fn what_is_no_list_of_parts_is_none() {
        for text in [
            "",
            "<CompleteMultipartUpload><Part>",
            "<CompleteMultipartUpload/>",
            "<Another><Part><PartNumber>2</PartNumber><ETag>a</ETag></Part></Another>",
            "<CompleteMultipartUpload><Part><PartNumber>x</PartNumber><ETag>a</ETag></Part></CompleteMultipartUpload>",
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>",
        ] {
            assert_eq!(listed_parts(text.as_bytes()), None, "{text}");
        }
    }
}
