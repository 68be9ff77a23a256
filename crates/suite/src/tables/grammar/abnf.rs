//! ABNF, as RFC 5234, RFC 7405 and RFC 9110 (for lists) have it.

use std::collections::BTreeMap;

use uptake_yaml::{Node, Reader, Value};

/// More than a hand writes, and far from the end of the stack.
const DEEPEST: usize = 40;

/// Rules by name; the first is what a spelling is of.
#[derive(Debug)]
pub(super) struct Grammar {
    pub(super) start: String,
    rules: BTreeMap<String, Element>,
}

/// What a rule is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Element {
    /// A string; whether its letters may have either case.
    Text(String, AnyCase),
    /// A character in a range.
    Range(char, char),
    /// One after the other.
    Sequence(Vec<Element>),
    /// One of these.
    Choice(Vec<Element>),
    /// So many times, at the least and at the most.
    Repeat(usize, Option<usize>, Box<Element>),
    /// Another rule.
    Rule(String),
}

/// Whether a string's letters may have either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnyCase {
    Yes,
    No,
}

/// The rules that every grammar has (RFC 5234, appendix B; RFC 9110, 5.6.2 and 5.6.3).
const CORE: [(&str, &str); 9] = [
    ("ALPHA", "%x61-7A / %x41-5A"),
    ("DIGIT", "%x30-39"),
    ("HEXDIG", "DIGIT / \"A\" / \"B\" / \"C\" / \"D\" / \"E\" / \"F\""),
    ("SP", "%x20"),
    ("HTAB", "%x09"),
    ("DQUOTE", "%x22"),
    ("OWS", "*( SP / HTAB )"),
    ("RWS", "1*( SP / HTAB )"),
    (
        "tchar",
        "ALPHA / DIGIT / \"!\" / \"#\" / \"$\" / \"%\" / \"&\" / \"'\" / \"*\" / \"+\" / \"-\" / \".\" / \"^\" / \"_\" / \"`\" / \"|\" / \"~\"",
    ),
];

impl Grammar {
    /// Reads `{ rule: definition, … }`.
    pub(super) fn read(reader: &Reader, node: &Node) -> Option<Self> {
        let entries = reader.entries(node, "grammar")?;
        let Some((first, _)) = entries.first() else {
            return reader.problem(
                node.at,
                "a grammar without rules",
                "write `rule: '\"bytes\" SP 1*DIGIT'`",
            );
        };
        let mut rules = BTreeMap::new();
        for (name, definition) in CORE {
            rules.insert(name.to_owned(), parse(definition).expect("the core rules are well-formed"));
        }
        let mut places = Vec::new();
        for (key, node) in entries {
            let Value::Text(text) = &node.value else {
                return reader.problem(
                    node.at,
                    "the definition of a rule must be a string",
                    "write it in ABNF, between single quotes",
                );
            };
            match parse(text) {
                Ok(element) => {
                    places.push((node.at, element.clone()));
                    rules.insert(key.text.clone(), element);
                }
                Err(why) => {
                    return reader.problem(
                        node.at,
                        format!("the rule `{}`: {why}", key.text),
                        "ABNF (RFC 5234): \"text\", %s\"Case\", %x30-39, [ optional ], *DIGIT, 1*4DIGIT, 1#list, a / b, ( group ), rule",
                    );
                }
            }
        }
        let grammar = Self { start: first.text.clone(), rules };
        for (at, element) in &places {
            if let Some(name) = element.unknown(&grammar) {
                return reader.problem(
                    *at,
                    format!("the grammar has no rule `{name}`"),
                    "add it; ALPHA, DIGIT, HEXDIG, SP, HTAB, DQUOTE, OWS, RWS and tchar are there in any case",
                );
            }
        }
        if grammar.depth(&Element::Rule(grammar.start.clone()), 0).is_none() {
            return reader.problem(
                node.at,
                "the grammar's rules refer to each other in a circle, or are nested too deeply",
                "write the repetition as `*rule`",
            );
        }
        Some(grammar)
    }

    /// What a rule is made of.
    pub(super) fn rule(&self, name: &str) -> &Element {
        self.rules.get(name).expect("every name was looked up as the grammar was read")
    }

    /// How deep an element goes, unless that is too deep.
    fn depth(&self, element: &Element, above: usize) -> Option<usize> {
        if above > DEEPEST {
            return None;
        }
        let all = |items: &[Element]| {
            items.iter().try_fold(above, |deepest, item| Some(deepest.max(self.depth(item, above + 1)?)))
        };
        match element {
            Element::Text(..) | Element::Range(..) => Some(above),
            Element::Sequence(items) | Element::Choice(items) => all(items),
            Element::Repeat(_, _, item) => self.depth(item, above + 1),
            Element::Rule(name) => self.depth(self.rule(name), above + 1),
        }
    }
}

impl Element {
    fn unknown(&self, grammar: &Grammar) -> Option<&str> {
        match self {
            Self::Text(..) | Self::Range(..) => None,
            Self::Sequence(items) | Self::Choice(items) => {
                items.iter().find_map(|item| item.unknown(grammar))
            }
            Self::Repeat(_, _, item) => item.unknown(grammar),
            Self::Rule(name) => (!grammar.rules.contains_key(name)).then_some(name),
        }
    }
}

/// Reads a definition.
pub(super) fn parse(text: &str) -> Result<Element, String> {
    let mut cursor = Cursor { rest: text.trim(), depth: 0 };
    let element = cursor.choice()?;
    if cursor.rest.is_empty() {
        return Ok(element);
    }
    Err(format!("unexpected `{}`", cursor.rest))
}

struct Cursor<'t> {
    rest: &'t str,
    depth: usize,
}

impl<'t> Cursor<'t> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, symbol: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(symbol) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn take_while(&mut self, chosen: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !chosen(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn choice(&mut self) -> Result<Element, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("it is nested too deeply".to_owned());
        }
        let mut items = vec![self.sequence()?];
        while self.take("/") {
            items.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(one_or(items, Element::Choice))
    }

    fn sequence(&mut self) -> Result<Element, String> {
        let mut items = Vec::new();
        loop {
            self.skip();
            if self.rest.is_empty() || self.rest.starts_with(['/', ')', ']']) {
                break;
            }
            items.push(self.repetition()?);
        }
        if items.is_empty() {
            return Err("something is missing".to_owned());
        }
        Ok(one_or(items, Element::Sequence))
    }

    fn repetition(&mut self) -> Result<Element, String> {
        let least = self.number()?;
        let is_list = self.rest.starts_with('#');
        if !is_list && !self.rest.starts_with('*') {
            let element = self.element()?;
            return Ok(match least {
                Some(count) => Element::Repeat(count, Some(count), Box::new(element)),
                None => element,
            });
        }
        self.rest = &self.rest[1..];
        let most = self.number()?;
        let least = least.unwrap_or(0);
        if most.is_some_and(|most| most < least) {
            return Err("the maximum of a repetition is below its minimum".to_owned());
        }
        let element = self.element()?;
        if !is_list {
            return Ok(Element::Repeat(least, most, Box::new(element)));
        }
        let more = |count: usize| count.saturating_sub(1);
        let comma = Element::Sequence(vec![
            Element::Rule("OWS".to_owned()),
            Element::Text(",".to_owned(), AnyCase::No),
            Element::Rule("OWS".to_owned()),
            element.clone(),
        ]);
        let more = Element::Repeat(more(least), most.map(more), Box::new(comma));
        let list = Element::Sequence(vec![element, more]);
        Ok(if least == 0 { Element::Repeat(0, Some(1), Box::new(list)) } else { list })
    }

    fn number(&mut self) -> Result<Option<usize>, String> {
        let digits = self.take_while(|c| c.is_ascii_digit());
        if digits.is_empty() {
            return Ok(None);
        }
        digits
            .parse()
            .ok()
            .filter(|count| *count <= 100)
            .map(Some)
            .ok_or_else(|| format!("{digits} repetitions are too many"))
    }

    fn element(&mut self) -> Result<Element, String> {
        if self.take("(") {
            let inner = self.choice()?;
            return if self.take(")") { Ok(inner) } else { Err("`)` is missing".to_owned()) };
        }
        if self.take("[") {
            let inner = self.choice()?;
            let optional = Element::Repeat(0, Some(1), Box::new(inner));
            return if self.take("]") { Ok(optional) } else { Err("`]` is missing".to_owned()) };
        }
        for (prefix, case) in [("%s\"", AnyCase::No), ("%i\"", AnyCase::Yes), ("\"", AnyCase::Yes)] {
            if self.take(prefix) {
                let text = self.take_while(|c| c != '"').to_owned();
                return if self.take("\"") {
                    Ok(Element::Text(text, case))
                } else {
                    Err("unterminated string".to_owned())
                };
            }
        }
        for (prefix, radix) in [("%x", 16), ("%d", 10)] {
            if self.take(prefix) {
                let first = self.character(radix)?;
                let last = if self.rest.starts_with('-') {
                    self.rest = &self.rest[1..];
                    self.character(radix)?
                } else {
                    first
                };
                return Ok(Element::Range(first, last));
            }
        }
        let name = self.take_while(|c| c.is_ascii_alphanumeric() || c == '-');
        if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Ok(Element::Rule(name.to_owned()));
        }
        Err(format!("unexpected `{}{}`", name, self.rest))
    }

    fn character(&mut self, radix: u32) -> Result<char, String> {
        let digits = self.take_while(|c| c.is_digit(radix));
        let number = u32::from_str_radix(digits, radix).ok();
        number.and_then(char::from_u32).ok_or_else(|| format!("`{digits}` is not a character"))
    }
}

fn one_or(mut items: Vec<Element>, several: fn(Vec<Element>) -> Element) -> Element {
    if items.len() == 1 { items.remove(0) } else { several(items) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_definition_is_read_as_abnf_has_it() {
        let text = |text: &str| Element::Text(text.to_owned(), AnyCase::Yes);
        assert_eq!(parse("\"a\" / \"b\""), Ok(Element::Choice(vec![text("a"), text("b")])));
        assert_eq!(parse("%s\"Ab\""), Ok(Element::Text("Ab".to_owned(), AnyCase::No)));
        assert_eq!(
            parse("1*2DIGIT"),
            Ok(Element::Repeat(1, Some(2), Box::new(Element::Rule("DIGIT".to_owned()))))
        );
        assert_eq!(parse("[ \"a\" ]"), Ok(Element::Repeat(0, Some(1), Box::new(text("a")))));
        assert_eq!(parse("%x30-39"), Ok(Element::Range('0', '9')));
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        for (definition, why) in [
            ("", "something is missing"),
            ("\"a", "unterminated string"),
            ("( \"a\"", "`)` is missing"),
            ("\"a\" )", "unexpected `)`"),
            ("2*1DIGIT", "is below its minimum"),
            ("%xZZ", "is not a character"),
            ("?", "unexpected `?`"),
        ] {
            let error = parse(definition).expect_err(definition);
            assert!(error.contains(why), "{definition}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_fall(text in "[ -~]{0,60}") {
            let _ = parse(&text);
        }
    }
}
