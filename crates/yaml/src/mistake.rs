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
        return say("the indentation contains a tab", "indent with spaces: YAML does not allow tabs there");
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
            say("this bracket has no opening bracket", "delete it, or quote the string")
        }
        ErrorKind::UnexpectedEofFlowSequence => say("a list is not closed", "add the `]`"),
        ErrorKind::ExpectedFlowSequenceSeparator => {
            say("expected `,` or `]` before this", "separate the items of a list in brackets with commas")
        }
        ErrorKind::UnexpectedEofFlowMapping | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            say("a map is not closed", "add the `}`")
        }
        ErrorKind::ExpectedFlowMappingSeparator => say(
            "expected `,` or `}` before this",
            "separate the entries of a map in braces with commas; quote strings that contain `{`, `}` or `,`",
        ),
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            say("the quote is not closed", "add the same quote at the end of the string")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => say(
            "unexpected text after the closing quote",
            "quote the whole string; inside '…', write '' for a quote",
        ),
        ErrorKind::UnknownQuotedScalarEscape => say(
            "unknown escape sequence",
            "write `\\\\` for a backslash, or use single quotes, in which backslashes are literal",
        ),
        ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => {
            say("invalid escape sequence", "write \\xHH or \\uHHHH with hexadecimal digits")
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => say("YAML does not allow a tab here", "use spaces"),
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            say("unexpected `:`", "quote strings that contain `: `, or start a new line for the key")
        }
        ErrorKind::MappingKeyNotAllowed => say("unexpected key", "start a new line for it"),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            say("expected `:` after this", "write `KEY: VALUE`, with a space after the colon")
        }
        ErrorKind::InvalidMappingValueWhitespace | ErrorKind::FlowMappingValueAdjacentCollection => {
            say("expected a space after the `:`", "write `KEY: VALUE`")
        }
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::InvalidIndentation
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::InvalidBlockScalarIndent
        | ErrorKind::UnexpectedEndOfPlainScalar => say(
            "the indentation of this line does not match the lines above",
            "indent it like the keys or items of the same level",
        ),
        ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::BlockEntryInFlowCollection => {
            say("unexpected list item", "start a new line for `- `, and indent it below its key")
        }
        ErrorKind::InvalidBlockEntryWhitespace | ErrorKind::PlainScalarStartsWithDashFlowIndicator => {
            say("expected a space after the `-`", "write `- ITEM`")
        }
        ErrorKind::CommentNotSeparated | ErrorKind::CommentInterceptedScalar => {
            say("unexpected comment inside a value", "put a space before the `#`, or quote the string")
        }
        ErrorKind::UnknownAnchor => say("unknown anchor", "quote strings that begin with `*`"),
        ErrorKind::MissingAnchorOrAliasName => {
            say("expected a name after `&` or `*`", "quote strings that begin with one of them")
        }
        ErrorKind::UnexpectedCharacter { character } => {
            (format!("a value cannot begin with `{character}`"), "quote the string".to_owned())
        }
        ErrorKind::RecursionLimitExceeded => {
            say("this is nested too deeply", "the limit is 100 levels of maps and lists")
        }
        ErrorKind::BomInsideDocument => say("unexpected byte order mark inside the file", "delete it"),
        ErrorKind::InvalidDocumentEnd
        | ErrorKind::ExpectedDocumentStart
        | ErrorKind::MissingDocumentEndBeforeDirective => say(
            "the document ends before this",
            "a file contains one document; indent this like the lines above it",
        ),
        ErrorKind::ZeroBlockScalarIndent | ErrorKind::InvalidBlockScalarHeader => {
            say("unexpected text after the `|` or `>`", "start the text on the next line")
        }
        _ => say("this cannot be read as YAML", "the file is valid up to here"),
    }
}
