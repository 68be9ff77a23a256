//! Text as reports show it: control characters escaped, lines broken or cut.

use std::borrow::Cow;
use std::fmt::Write;

/// `text` with everything spelt out that would act on a terminal or in a CI system's log instead of being shown, or that XML
/// cannot hold.
///
/// What a server answered stands in reports; it must not be able to move the cursor, recolour the log, reorder a line, or give
/// the CI system a command.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) && !text.contains("::") && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if acts(c) || begins_command(&text[at..], before) {
            write!(shown, "{}", c.escape_unicode()).expect("writing to a String cannot fail");
        } else {
            shown.push(c);
        }
        before = c;
    }
    Cow::Owned(shown)
}

/// `text` with control characters spelt out, for pages on which no text is a command.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let spelt = text.chars().map(|c| if acts(c) { c.escape_unicode().to_string() } else { c.to_string() });
    Cow::Owned(spelt.collect())
}

/// Whether a CI system would take this for a command of a workflow: GitHub `::error::` at the beginning of a line (where wrapping
/// may put any word) and `##[error]` anywhere, Azure `##vso[task]`.
fn begins_command(text: &str, before: char) -> bool {
    let word = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic());
    let begins_word = before.is_whitespace() && !acts(before);
    (begins_word && text.strip_prefix("::").is_some_and(word))
        || text.starts_with("##[")
        || text.starts_with("##vso[")
}

fn acts(c: char) -> bool {
    let line = c == '\n' || c == '\t';
    let reorders = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (c.is_control() && !line) || reorders || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// `text` on one line.
pub(super) fn one_line(text: &str) -> String {
    visible(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `text` on one line of at most `width` characters, with an ellipsis where something had to go.
pub(super) fn clipped(text: &str, width: usize) -> String {
    let line = one_line(text);
    if line.chars().count() <= width {
        return line;
    }
    let mut short: String = line.chars().take(width.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short + "…"
}

/// `text` on at most `most` lines of `width` characters, broken behind a space or a comma where there is one; and how many
/// characters were left out.
pub(super) fn excerpt(text: &str, width: usize, most: usize) -> (Vec<String>, usize) {
    let line: Vec<char> = one_line(text).chars().collect();
    let width = width.max(1);
    let mut rest = &line[..];
    let mut lines = Vec::new();
    while !rest.is_empty() && lines.len() < most {
        let room = &rest[..rest.len().min(width)];
        let gap =
            room.iter().skip(width / 2).rposition(|c| matches!(c, ' ' | ',')).map(|at| at + width / 2 + 1);
        let taken = if rest.len() <= width { rest.len() } else { gap.unwrap_or(width) };
        lines.push(rest[..taken].iter().collect::<String>().trim_end().to_owned());
        rest = &rest[taken..];
    }
    (lines, rest.len())
}

/// `text` broken between words into lines of at most `width` characters. A word that is longer stays whole, so that it
/// can be copied; line ends in the text stay.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in visible(text).trim_end().split('\n') {
        let mut line = String::new();
        let mut taken = 0;
        for word in paragraph.split_whitespace() {
            let length = word.chars().count();
            if taken > 0 && taken + 1 + length > width {
                lines.push(std::mem::take(&mut line));
                taken = 0;
            }
            if taken > 0 {
                line.push(' ');
                taken += 1;
            }
            line.push_str(word);
            taken += length;
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{clipped, excerpt, visible, wrapped};

    #[test]
    fn what_would_act_is_spelt_out() {
        assert_eq!(visible("plain ü ✓\nand a\ttab"), "plain ü ✓\nand a\ttab");
        assert_eq!(visible("\u{1b}[2Jgone\r"), "\\u{1b}[2Jgone\\u{d}");
        assert_eq!(visible("gpj.\u{202e}exe"), "gpj.\\u{202e}exe");
        assert_eq!(
            visible("::error::x\n ::warning file=a::y"),
            "\\u{3a}:error::x\n \\u{3a}:warning file=a::y"
        );
        assert_eq!(visible("a ##[error]x ##vso[task.x]"), "a \\u{23}#[error]x \\u{23}#vso[task.x]");
        assert_eq!(visible("crate::name, ::1 and ## title"), "crate::name, ::1 and ## title");
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("a-word-longer-than-that is", 5), ["a-word-longer-than-that", "is"]);
        assert_eq!(wrapped("one\ntwo\n", 80), ["one", "two"]);
        assert_eq!(wrapped("", 80), [""]);
    }

    #[test]
    fn what_is_too_long_is_clipped() {
        assert_eq!(clipped("one two", 7), "one two");
        assert_eq!(clipped("one two three", 8), "one two…");
        assert_eq!(clipped("one\n  two", 20), "one two");
    }

    #[test]
    fn an_excerpt_says_how_much_it_leaves_out() {
        assert_eq!(excerpt("one two", 7, 2), (vec!["one two".to_owned()], 0));
        assert_eq!(excerpt("abcdefgh ij", 3, 2), (vec!["abc".to_owned(), "def".to_owned()], 5));
        assert_eq!(excerpt("one two three", 9, 2), (vec!["one two".to_owned(), "three".to_owned()], 0));
    }

    proptest! {
        #[test]
        fn breaking_lines_loses_no_word(text in "[a-z ]{0,60}", width in 1_usize..20) {
            let lines = wrapped(&text, width);
            let words: Vec<_> = lines.iter().flat_map(|line| line.split_whitespace()).collect();
            prop_assert_eq!(words, text.split_whitespace().collect::<Vec<_>>());
            for line in &lines {
                prop_assert!(line.chars().count() <= width || !line.contains(' '));
            }
        }
    }
}
