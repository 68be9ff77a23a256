//! From text to [`Node`]s, as YAML 1.2 has it. The only file that names the YAML crate.
//!
//! What a scalar is follows the JSON schema of YAML 1.2: `true`, `false`, `null`, numbers as JSON writes them; all else is a text.
//! A scalar that would not go out as it is written is kept apart, see [`Value::Ambiguous`].

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Marker, Options, Parser, ScalarStyle, Span as RawSpan, StructureStyle, Tag};

use super::mistake;
use super::node::{Key, Node, SourceFile, Span, Value};
use super::problem::Problem;
use super::scalar;
use uptake_outcome::MistakeCode;

/// More values than any file has that a person wrote; each use of an alias counts.
const MOST_NODES: usize = 200_000;

/// Maps and lists within each other.
const DEEPEST: usize = 100;

/// Reads one YAML document.
pub fn parse(file: &Arc<SourceFile>) -> Result<Node, Problem> {
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: DEEPEST,
        block_nesting_limit: DEEPEST,
    };
    let mut builder = Builder::new(file, options);
    builder.document().map_err(|problem| problem.of_kind(MistakeCode::YamlSyntax))
}

/// A map or list that is not closed yet.
struct Open {
    at: Span,
    style: StructureStyle,
    anchor: usize,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    Map(Vec<(Key, Node)>, Option<Key>),
}

struct Builder<'f> {
    file: &'f Arc<SourceFile>,
    events: Parser<'f, granit_parser::StrInput<'f>>,
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    document: Option<Node>,
}

impl<'f> Builder<'f> {
    fn new(file: &'f Arc<SourceFile>, options: Options) -> Self {
        Self {
            file,
            events: Parser::new_from_str_with_options(&file.text, options),
            open: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            document: None,
        }
    }

    fn problem(&self, at: Span, message: impl Into<String>, help: impl Into<String>) -> Problem {
        Problem::new(self.file, at, message).with_help(help)
    }

    fn document(&mut self) -> Result<Node, Problem> {
        while let Some(event) = self.events.next() {
            let (event, raw) = event.map_err(|error| {
                let at = self.point(*error.marker());
                mistake::explain(self.file, at, error.kind(), self.unclosed(at))
            })?;
            let at = self.span(raw);
            match event {
                Event::DocumentStart(..) if self.document.is_some() => {
                    return Err(self.problem(
                        at,
                        "a second document starts here",
                        "a file contains one document: delete the `---` in its middle",
                    ));
                }
                Event::Scalar(text, style, anchor, tag) => {
                    let value = self.scalar(at, &text, style, tag.as_deref())?;
                    self.put(Node { at, value }, anchor)?;
                }
                Event::SequenceStart(style, anchor, tag) => {
                    self.refuse_tag(at, tag.as_deref())?;
                    self.open.push(Open { at, style, anchor, kind: OpenKind::List(Vec::new()) });
                }
                Event::MappingStart(style, anchor, tag) => {
                    self.refuse_tag(at, tag.as_deref())?;
                    self.open.push(Open { at, style, anchor, kind: OpenKind::Map(Vec::new(), None) });
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    let open = self.open.pop().expect("the parser closes what it has opened");
                    let value = match open.kind {
                        OpenKind::List(items) => Value::List(items),
                        OpenKind::Map(entries, _) => Value::Map(entries),
                    };
                    self.put(Node { at: open.at, value }, open.anchor)?;
                }
                Event::Alias(anchor) => {
                    let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
                        return Err(self.problem(
                            at,
                            "this alias repeats a value that contains it",
                            "write the value out",
                        ));
                    };
                    self.count(at, size)?;
                    self.put(node, 0)?;
                }
                _ => {}
            }
        }
        Ok(self
            .document
            .take()
            .unwrap_or_else(|| Node::nothing(Span { line: 1, column: 1, ..Span::default() })))
    }

    fn count(&mut self, at: Span, more: usize) -> Result<(), Problem> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes > MOST_NODES {
            return Err(self.problem(
                at,
                format!("the file has more than {MOST_NODES} values"),
                "split it into several; each use of an alias counts",
            ));
        }
        Ok(())
    }

    /// Puts a finished value where it belongs.
    fn put(&mut self, node: Node, anchor: usize) -> Result<(), Problem> {
        self.count(node.at, 1)?;
        if anchor != 0 {
            let size = size(&node);
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some(Open { kind, .. }) = self.open.last_mut() else {
            self.document = Some(node);
            return Ok(());
        };
        match kind {
            OpenKind::List(items) => items.push(node),
            OpenKind::Map(entries, key @ Some(_)) => {
                let key = key.take().expect("it was looked at");
                entries.push((key, node));
            }
            OpenKind::Map(entries, waiting) => {
                let text = match &node.value {
                    Value::Null => None,
                    _ => node.scalar(),
                };
                let Some(text) = text else {
                    let message = format!("a key must be a string, not {}", node.value.kind());
                    return Err(Problem::new(self.file, node.at, message)
                        .with_help("write `KEY: VALUE`, with quotes if the key is empty"));
                };
                if text == "<<" {
                    return Err(Problem::new(
                        self.file,
                        node.at,
                        "merge keys (`<<`) are not part of YAML 1.2",
                    )
                    .with_help("write the keys out, or keep what is shared in a table's `defaults`"));
                }
                if let Some((first, _)) = entries.iter().find(|(key, _)| key.text == text) {
                    let message = format!("duplicate key `{text}`");
                    let help = format!("the first is on line {}; remove one of them", first.at.line);
                    return Err(Problem::new(self.file, node.at, message).with_help(help));
                }
                *waiting = Some(Key { at: node.at, text });
            }
        }
        Ok(())
    }

    fn scalar(&self, at: Span, text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, Problem> {
        let is_text = match tag {
            Some(tag) if tag.is_yaml_core_schema() && tag.suffix() == "str" => true,
            _ => {
                self.refuse_tag(at, tag)?;
                style != ScalarStyle::Plain
            }
        };
        Ok(if is_text { Value::Text(text.to_owned()) } else { scalar::resolve(text) })
    }

    /// A tag would change what a value is, and nothing here has use for that.
    fn refuse_tag(&self, at: Span, tag: Option<&Tag>) -> Result<(), Problem> {
        match tag {
            None => Ok(()),
            Some(tag) => Err(self.problem(
                at,
                format!("unknown tag `{tag}`"),
                "remove it; quotes make any value a string",
            )),
        }
    }

    /// The bracket of an earlier line that is still open at `at`: more often than not it is what is wrong.
    fn unclosed(&self, at: Span) -> Option<(char, u32)> {
        let open =
            self.open.last().filter(|open| open.style == StructureStyle::Flow && open.at.line < at.line)?;
        let bracket = if matches!(open.kind, OpenKind::List(_)) { '[' } else { '{' };
        Some((bracket, open.at.line))
    }

    fn point(&self, marker: Marker) -> Span {
        self.span(RawSpan::empty(marker))
    }

    /// The place in the file's own terms. Of what reaches over several lines it is the first line that a person looks for.
    fn span(&self, raw: RawSpan) -> Span {
        let text = &self.file.text;
        let offset = |marker: Marker| {
            let known = marker.byte_offset().unwrap_or(text.len()).min(text.len());
            (known..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
        };
        let (start, end) = (offset(raw.start), offset(raw.end).max(offset(raw.start)));
        let len = text[start..end].find('\n').unwrap_or(end - start);
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        Span {
            source: 0,
            line: number(raw.start.line()),
            column: number(raw.start.col() + 1),
            offset: start,
            len,
        }
    }
}

/// How many values a value is made of.
fn size(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => items.iter().map(size).fold(1, usize::saturating_add),
        Value::Map(entries) => entries.iter().map(|(_, node)| size(node)).fold(1, usize::saturating_add),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn read(text: &str) -> Node {
        parse(&SourceFile::new("a.yaml", text)).expect("well-formed")
    }

    #[track_caller]
    fn refused(text: &str) -> String {
        let problem = parse(&SourceFile::new("a.yaml", text)).expect_err("a mistake");
        let help = miette::Diagnostic::help(&problem).map(|help| help.to_string()).unwrap_or_default();
        format!("{}:{}: {problem}: {help}", problem.place().line, problem.place().column)
    }

    fn entries(node: &Node) -> Vec<(&str, &Value)> {
        match &node.value {
            Value::Map(entries) => {
                entries.iter().map(|(key, node)| (key.text.as_str(), &node.value)).collect()
            }
            other => panic!("{other:?} is no map"),
        }
    }

    #[test]
    fn every_value_knows_its_place() {
        let node = read("steps:\n  - create a token:\n      post: /x\n      json: { ttl: 60, on: yes }\n");
        let steps = node.get("steps").expect("steps");
        let Value::List(items) = &steps.value else { panic!("a list") };
        let Value::Map(step) = &items[0].value else { panic!("a step") };
        assert_eq!(step[0].0.text, "create a token");
        assert_eq!((step[0].0.at.line, step[0].0.at.column), (2, 5));
        let post = step[0].1.get("post").expect("a request");
        assert_eq!(post.at, Span { source: 0, line: 3, column: 13, offset: post.at.offset, len: 2 });
        let json = step[0].1.get("json").expect("a body");
        assert_eq!(json.get("ttl").expect("a number").value, Value::Int(60));
    }

    #[test]
    fn places_count_characters_and_offsets_bytes() {
        let node = read("é: ü\nb: x\n");
        let b = node.get("b").expect("b");
        assert_eq!((b.at.line, b.at.column, b.at.offset, b.at.len), (2, 4, 10, 1));
    }

    #[test]
    fn plain_scalars_are_what_yaml_1_2_says() {
        let node = read(
            "a: true\nb: null\nc: -7\nd: 1.5\ne: True\nf: ~\ng:\nh: '60'\ni: \"true\"\nj: a: b\n"
                .replace("j: a: b", "j: 2026-01-01")
                .as_str(),
        );
        let values: Vec<_> = entries(&node).into_iter().map(|(_, value)| value.clone()).collect();
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(
            values,
            [
                Value::Bool(true),
                Value::Null,
                Value::Int(-7),
                Value::Float(1.5),
                Value::Ambiguous("True".to_owned()),
                Value::Null,
                Value::Null,
                text("60"),
                text("true"),
                text("2026-01-01"),
            ]
        );
    }

    #[test]
    fn keys_are_texts_as_they_are_written() {
        let node = read("yes: 1\non: 2\n007: 3\n1.10: 4\n");
        let keys: Vec<_> = entries(&node).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["yes", "on", "007", "1.10"]);
    }

    #[test]
    fn keys_that_fall_together_are_refused_with_their_place() {
        assert!(refused("a: 1\nb: 2\na: 3\n").starts_with("3:1: duplicate key `a`: the first is on line 1"));
        assert!(refused("{ 1: a, \"1\": b }").contains("duplicate key `1`"));
        assert!(refused("null: 1").contains("a key must be a string"));
        assert!(refused("? [ a ]\n: 1").contains("a key must be a string, not a list"));
        assert!(refused("a: &b { c: 1 }\nd: { <<: *b }").contains("merge keys"));
    }

    #[test]
    fn what_is_no_yaml_is_explained_with_its_place() {
        for (text, told) in [
            ("a: 1\nb: [1, 2\nc: 3\n", "the `[` of line 2 is not closed yet"),
            ("needs: [clock}\n", "1:8: `[` is closed by `}`"),
            ("a:\n\t- b\n", "2:1: the indentation"),
            ("a: 1\n\tb: 2\n", "2:1: the indentation contains a tab: indent with spaces"),
            ("a: 1\r\n \tb: 2\r\n", "2:2: the indentation contains a tab: indent with spaces"),
            ("a: |\n\tb\n", "2:1: the indentation contains a tab: indent with spaces"),
            ("a: {\n\tb: 2 }\n", "2:1: the indentation contains a tab: indent with spaces"),
            ("a: \"x\n", "1:4: the quote"),
            ("a: 1\n---\nb: 2\n", "a second document starts here"),
            ("a: *gone\n", "1:4: unknown anchor"),
            ("a: !!int 7\n", "unknown tag"),
            ("a: b: c\n", "1:5:"),
        ] {
            let said = refused(text);
            assert!(said.contains(told), "{text}: {said}");
        }
    }

    #[test]
    fn a_file_that_unfolds_without_end_is_refused() {
        let mut text = "a0: &a0 [ x, x, x, x, x, x, x, x, x, x ]\n".to_owned();
        for at in 1..12 {
            let again = format!("*a{}, ", at - 1).repeat(8);
            writeln!(text, "a{at}: &a{at} [ {again}x ]").unwrap();
        }
        assert!(refused(&text).contains("more than 200000 values"), "{}", refused(&text));
        let deep = format!("a: {}{}", "[".repeat(5_000), "]".repeat(5_000));
        assert!(refused(&deep).contains("nested too deeply"), "{}", refused(&deep));
    }

    #[test]
    fn an_empty_file_is_nothing() {
        assert_eq!(read("").value, Value::Null);
        assert_eq!(read("# only a comment\n").value, Value::Null);
    }
}
