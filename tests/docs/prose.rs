//! What people read, told apart from code: of pages, scenarios, snapshots and Rust sources.

use std::path::Path;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A piece of text and the line at which it begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Passage {
    pub(crate) text: String,
    pub(crate) line: usize,
    /// Not a comment of a source.
    pub(crate) is_printed: bool,
}

/// The passages of a file, by the kind that its name shows. A page is one passage in which code is blank.
pub(crate) fn passages(path: &Path, text: &str) -> Vec<Passage> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("md") => vec![Passage { text: without_spans(&page(text)), line: 1, is_printed: true }],
        Some("snap") => snapshot(text),
        Some("yaml") => text.lines().zip(1..).filter_map(|(line, number)| yaml(line, number)).collect(),
        Some("rs") => {
            let tokens = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let mut read = source(tokens);
            // clap prints the comments of the command line; those of other sources are for their contributors.
            read.retain(|passage| {
                passage.is_printed || path.components().any(|part| part.as_os_str() == "cli")
            });
            read
        }
        _ => Vec::new(),
    }
}

/// A page without the lines of its blocks of code; blocks of `text` show what uptake prints.
fn page(text: &str) -> String {
    let mut block: Option<bool> = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            block = if block.is_some() { None } else { Some(language == "text") };
            lines.push("");
        } else {
            lines.push(if block == Some(false) { "" } else { line });
        }
    }
    lines.join("\n")
}

/// The text with the contents of its `code spans` blank, lines kept.
fn without_spans(text: &str) -> String {
    let pieces = text.split('`').enumerate().map(|(index, piece)| {
        if index % 2 == 0 { piece.to_owned() } else { piece.chars().filter(|&c| c == '\n').collect() }
    });
    pieces.collect::<Vec<_>>().join("`")
}

/// What a snapshot holds below its header, line by line: what wraps is the width of a terminal, not a text.
fn snapshot(text: &str) -> Vec<Passage> {
    let start = text.match_indices("---\n").nth(1).map_or(0, |(at, mark)| at + mark.len());
    let above = text[..start].lines().count();
    let lines = text[start..].lines().zip(above + 1..);
    lines
        .map(|(line, number)| Passage { text: without_spans(line), line: number, is_printed: true })
        .collect()
}

/// A comment, a statement, or a name of several words: a key with a space in it, or the value of a key whose values are read.
fn yaml(line: &str, number: usize) -> Option<Passage> {
    const STATEMENTS: [&str; 5] = ["scenario", "table", "text", "reason", "name"];
    let trimmed = line.trim_start().trim_start_matches("- ");
    let text = match trimmed.split_once(':') {
        _ if trimmed.starts_with('#') => trimmed,
        Some((key, value))
            if STATEMENTS.contains(&key) && !value.trim_start().starts_with(['[', '<', '{']) =>
        {
            value
        }
        Some((key, _)) if key.trim_matches('"').contains(' ') && !key.contains(['{', '[', '$']) => key,
        _ => return None,
    };
    Some(Passage { text: without_spans(text), line: number, is_printed: true })
}

/// The doc comments and those string literals that are sentences, without the modules of tests.
fn source(tokens: TokenStream) -> Vec<Passage> {
    let mut found = Vec::new();
    collect(tokens, &mut found);
    found
}

fn collect(tokens: TokenStream, found: &mut Vec<Passage>) {
    let mut tokens = tokens.into_iter().peekable();
    let mut comment: Option<Passage> = None;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(ref mark) if mark.as_char() == '#' => {
                let inner = matches!(tokens.peek(), Some(TokenTree::Punct(bang)) if bang.as_char() == '!');
                if inner {
                    tokens.next();
                }
                let Some(TokenTree::Group(attribute)) = tokens.peek().cloned() else { continue };
                tokens.next();
                if let Some((line, text)) = doc(&attribute) {
                    // A paragraph may be wrapped anywhere: the lines of one comment are one passage.
                    match &mut comment {
                        Some(open) => open.text = format!("{}\n{text}", open.text),
                        None => comment = Some(Passage { text, line, is_printed: false }),
                    }
                } else if attribute.stream().to_string() == "cfg (test)" {
                    skip_item(&mut tokens);
                } else {
                    collect(attribute.stream(), found);
                }
            }
            other => {
                found.extend(comment.take().as_ref().map(finished));
                match other {
                    TokenTree::Group(group) => collect(group.stream(), found),
                    TokenTree::Literal(literal) => found.extend(sentence(&literal)),
                    _ => {}
                }
            }
        }
    }
    found.extend(comment.take().as_ref().map(finished));
}

fn finished(comment: &Passage) -> Passage {
    Passage { text: without_spans(&page(&comment.text)), line: comment.line, is_printed: false }
}

/// Skips what stands after an attribute: to its block or its semicolon.
fn skip_item(tokens: &mut impl Iterator<Item = TokenTree>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
            TokenTree::Punct(mark) if mark.as_char() == ';' => return,
            _ => {}
        }
    }
}

/// The line of a doc comment and its text, if an attribute is one.
fn doc(attribute: &Group) -> Option<(usize, String)> {
    let mut tokens = attribute.stream().into_iter();
    let (Some(TokenTree::Ident(name)), _, Some(TokenTree::Literal(text)), None) =
        (tokens.next(), tokens.next(), tokens.next(), tokens.next())
    else {
        return None;
    };
    let value = syn::parse_str::<syn::LitStr>(&text.to_string()).ok()?.value();
    (name == "doc").then(|| (attribute.span().start().line, value))
}

/// A string literal of several words. A single word is a key, a name or an id.
fn sentence(literal: &proc_macro2::Literal) -> Option<Passage> {
    let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).ok()?.value();
    let text = without_spans(&text);
    text.trim().contains(' ').then(|| Passage { text, line: literal.span().start().line, is_printed: true })
}

mod tests {
    use std::path::Path;

    use super::{Passage, passages};

    /// The lines and texts of the passages of a file of this name.
    fn read(name: &str, text: &str) -> Vec<(usize, String)> {
        passages(Path::new(name), text).into_iter().map(|Passage { text, line, .. }| (line, text)).collect()
    }

    #[test]
    fn code_of_a_page_is_blank_and_its_lines_stay() {
        let page = "One `answer` here.\n```yaml\nanswered: true\n```\n```text\nan answer\n```\nEnd.";
        assert_eq!(read("page.md", page), [(1, "One `` here.\n\n\n\n\nan answer\n\nEnd.".to_owned())]);
    }

    #[test]
    fn names_statements_and_comments_of_a_scenario_are_read() {
        let scenario =
            "# A comment\nscenario: A name\nsteps:\n  - send it:\n      expect: { answered: true }\n";
        let expected = [(1, "# A comment"), (2, " A name"), (4, "send it")];
        assert_eq!(read("one.yaml", scenario), expected.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn comments_and_sentences_of_a_source_are_read_and_its_tests_are_not() {
        let source = "//! Of a module.\n\n/// One line\n/// and another `answer`.\nfn f() { g(\"key\", \"two words\", 1); }\n\
            #[cfg(test)]\nmod tests { const T: &str = \"not read\"; }\nconst S: &str = \"read again\";\n";
        let expected =
            [(1, " Of a module.\n One line\n and another ``."), (5, "two words"), (8, "read again")];
        assert_eq!(read("cli/lib.rs", source), expected.map(|(line, text)| (line, text.to_owned())));
    }
}
