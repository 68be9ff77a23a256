//! Whether a grammar allows a text.

use std::collections::BTreeSet;

use super::abnf::{AnyCase, Element, Grammar};

/// Whether the whole of `text` is a spelling of the grammar. White space around it does not count: fields are read without it.
pub(super) fn accepts(grammar: &Grammar, text: &str) -> bool {
    [text, text.trim_matches([' ', '\t'])]
        .into_iter()
        .any(|text| ends(grammar, grammar.rule(&grammar.start), text, 0).contains(&text.len()))
}

/// Where `element` can end when it begins at `from`.
fn ends(grammar: &Grammar, element: &Element, text: &str, from: usize) -> BTreeSet<usize> {
    let rest = &text[from..];
    match element {
        Element::Text(wanted, case) => {
            let is_there = rest.get(..wanted.len()).is_some_and(|found| match case {
                AnyCase::Yes => found.eq_ignore_ascii_case(wanted),
                AnyCase::No => found == wanted,
            });
            is_there.then(|| from + wanted.len()).into_iter().collect()
        }
        Element::Range(first, last) => rest
            .chars()
            .next()
            .filter(|c| (*first..=*last).contains(c))
            .map(|c| from + c.len_utf8())
            .into_iter()
            .collect(),
        Element::Choice(items) => items.iter().flat_map(|item| ends(grammar, item, text, from)).collect(),
        Element::Rule(name) => ends(grammar, grammar.rule(name), text, from),
        Element::Sequence(items) => items.iter().fold(BTreeSet::from([from]), |starts, item| {
            starts.into_iter().flat_map(|from| ends(grammar, item, text, from)).collect()
        }),
        Element::Repeat(least, most, item) => {
            let mut found = BTreeSet::new();
            let mut starts = BTreeSet::from([from]);
            let mut count = 0;
            loop {
                if count >= *least {
                    found.extend(&starts);
                }
                if starts.is_empty() || most.is_some_and(|most| count >= most) {
                    return found;
                }
                let next: BTreeSet<_> =
                    starts.iter().flat_map(|from| ends(grammar, item, text, *from)).collect();
                // What moves nowhere would never end.
                if count >= *least && next.is_subset(&found) {
                    return found;
                }
                starts = next;
                count += 1;
            }
        }
    }
}
