//! What is wrong with a file that is no YAML, in our own words.

use std::sync::Arc;

use granit_parser::ErrorKind;

use super::node::{SourceFile, Span};
use super::problem::Problem;

/// Explains what the parser stumbled over; `unclosed` is a bracket that is still open, and its line.
pub(super) fn explain(
    file: &Arc<SourceFile>,
    at: Span,
    kind: &ErrorKind,
    unclosed: Option<(char, u32)>,
) -> Problem {
    let at = tab_before(&file.text, at).or_else(|| tab_behind(&file.text, at, kind)).unwrap_or(at);
    let (message, help) = words(&file.text, at, kind);
    let help = match unclosed {
        Some((bracket, line)) => format!("{help}; the `{bracket}` of line {line} is not closed yet"),
        None => help,
    };
    Problem::new(file, at, message).with_help(help)
}

/// The tab that indents the line, where there is one: whatever else is said of such a line follows from it.
fn tab_before(text: &str, at: Span) -> Option<Span> {
    let start = text[..at.offset].rfind('\n').map_or(0, |end| end + 1);
    let line = &text[start..];
    let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
    let tab = line[..indentation].find('\t')?;
    let column = u32::try_from(tab + 1).unwrap_or(u32::MAX);
    Some(Span { column, offset: start + tab, len: 1, ..at })
}

/// The tab that indents the next line, where the parser names the value before it.
fn tab_behind(text: &str, at: Span, kind: &ErrorKind) -> Option<Span> {
    let is_tab = matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInPlainScalar
    );
    let (_, next) = text[at.offset..].split_once('\n')?;
    let line = Span { line: at.line + 1, offset: text.len() - next.len(), ..at };
    tab_before(text, line).filter(|_| is_tab)
}

#[expect(clippy::too_many_lines, reason = "a table: one arm for each kind of mistake")]
fn words(text: &str, at: Span, kind: &ErrorKind) -> (String, String) {
    let say = |message: &str, help: &str| (message.to_owned(), help.to_owned());
    if text[at.offset..].starts_with('\t') {
        return say("a tab stands in the indentation", "indent with spaces: YAML does not allow tabs there");
    }
    match kind {
        ErrorKind::UnclosedFlowCollection { open } => {
            let close = if *open == '{' { '}' } else { ']' };
            (format!("`{open}` is not closed"), format!("add the `{close}`"))
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            let right = if *open == '{' { '}' } else { ']' };
            (format!("`{open}` is closed by `{close}`"), format!("write `{right}`"))
        }
        ErrorKind::MisplacedFlowCollectionEnd => {
            say("this bracket closes nothing", "delete it, or put the text between quotes")
        }
        ErrorKind::UnexpectedEofFlowSequence => say("a list is not closed", "add the `]`"),
        ErrorKind::ExpectedFlowSequenceSeparator => say(
            "a `,` or a `]` is missing before this",
            "items of a list in brackets have commas between them",
        ),
        ErrorKind::UnexpectedEofFlowMapping | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            say("a map is not closed", "add the `}`")
        }
        ErrorKind::ExpectedFlowMappingSeparator => say(
            "a `,` or a `}` is missing before this",
            "entries of a map in braces have commas between them; put texts with `{`, `}` or `,` between quotes",
        ),
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            say("the quote is not closed", "add the same quote at the text's end")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => say(
            "something stands behind the closing quote",
            "put the whole text between quotes; within '…' a quote is written ''",
        ),
        ErrorKind::UnknownQuotedScalarEscape => say(
            "this `\\` is no escape of YAML",
            "write `\\\\` for a backslash, or use single quotes, in which it means itself",
        ),
        ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => {
            say("this escape is no character", "write \\xHH or \\uHHHH with hexadecimal digits")
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => say("a tab stands where YAML allows none", "use spaces"),
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => say(
            "a `:` is not expected here",
            "put a text that has `: ` in it between quotes, or begin a new line for the key",
        ),
        ErrorKind::MappingKeyNotAllowed => say("a key is not expected here", "begin a new line for it"),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            say("a `:` is missing behind this", "write `KEY: VALUE`, with a space behind the colon")
        }
        ErrorKind::InvalidMappingValueWhitespace | ErrorKind::FlowMappingValueAdjacentCollection => {
            say("a space is missing behind the `:`", "write `KEY: VALUE`")
        }
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::InvalidIndentation
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::InvalidBlockScalarIndent
        | ErrorKind::UnexpectedEndOfPlainScalar => {
            say("this line does not fit the lines above it", "indent it as the keys or items beside it are")
        }
        ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::BlockEntryInFlowCollection => say(
            "an item of a list is not expected here",
            "begin a new line for `- `, and indent it below the key that it belongs to",
        ),
        ErrorKind::InvalidBlockEntryWhitespace | ErrorKind::PlainScalarStartsWithDashFlowIndicator => {
            say("a space is missing behind the `-`", "write `- ITEM`")
        }
        ErrorKind::CommentNotSeparated | ErrorKind::CommentInterceptedScalar => {
            say("a comment stands amid a value", "put a space before the `#`, or the text between quotes")
        }
        ErrorKind::UnknownAnchor => {
            say("there is no anchor of this name", "a text that begins with `*` stands between quotes")
        }
        ErrorKind::MissingAnchorOrAliasName => say(
            "a name is missing behind `&` or `*`",
            "a text that begins with one of them stands between quotes",
        ),
        ErrorKind::UnexpectedCharacter { character } => {
            (format!("a value cannot begin with `{character}`"), "put the text between quotes".to_owned())
        }
        ErrorKind::RecursionLimitExceeded => {
            say("this is nested too deeply", "100 maps and lists within each other are the most")
        }
        ErrorKind::BomInsideDocument => say("a byte order mark stands amid the file", "delete it"),
        ErrorKind::InvalidDocumentEnd
        | ErrorKind::ExpectedDocumentStart
        | ErrorKind::MissingDocumentEndBeforeDirective => say(
            "the document ends before this",
            "a file holds one document; indent this as what stands above it",
        ),
        ErrorKind::ZeroBlockScalarIndent | ErrorKind::InvalidBlockScalarHeader => {
            say("something stands behind the `|` or `>`", "begin the text on the next line")
        }
        _ => say("this cannot be read as YAML", "up to here it can be read, and not from here on"),
    }
}
