//! Spellings that a grammar allows: one that takes the first of every choice, and for each choice in it those that take
//! another.

use super::abnf::{AnyCase, Element, Grammar};

/// A text, in the pieces that the grammar made it of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Spelling(pub(super) Vec<String>);

impl Spelling {
    /// The whole text.
    pub(super) fn text(&self) -> String {
        self.0.concat()
    }
}

/// The spellings to try; the first is the plainest.
pub(super) fn all(grammar: &Grammar) -> Vec<Spelling> {
    let mut spellings: Vec<Spelling> = Vec::new();
    for spelling in of(grammar, grammar.rule(&grammar.start)) {
        if !spellings.iter().any(|known| known.text() == spelling.text()) {
            spellings.push(spelling);
        }
    }
    spellings
}

fn of(grammar: &Grammar, element: &Element) -> Vec<Spelling> {
    match element {
        Element::Text(text, AnyCase::No) => vec![piece(text)],
        Element::Text(text, AnyCase::Yes) => cases(text).iter().map(|text| piece(text)).collect(),
        Element::Range(first, last) if first == last => vec![piece(&first.to_string())],
        Element::Range(first, last) => vec![piece(&first.to_string()), piece(&last.to_string())],
        Element::Choice(items) => items.iter().flat_map(|item| of(grammar, item)).collect(),
        Element::Rule(name) => of(grammar, grammar.rule(name)),
        Element::Sequence(items) => {
            let each: Vec<_> = items.iter().map(|item| of(grammar, item)).collect();
            one_at_a_time(&each)
        }
        Element::Repeat(least, most, item) => {
            let one = of(grammar, item);
            let times = |count: usize| one_at_a_time(&vec![one.clone(); count]);
            let more = (least + 1).min(most.unwrap_or(usize::MAX));
            let mut spellings = times(*least);
            spellings.extend(times(more));
            // Two of what may be missing, and as many as there may be.
            let further = [least.saturating_add(2), most.unwrap_or(0)];
            for count in
                further.into_iter().filter(|count| *count > more && most.is_none_or(|most| *count <= most))
            {
                spellings.extend(times(count).into_iter().take(1));
            }
            spellings
        }
    }
}

fn piece(text: &str) -> Spelling {
    Spelling(vec![text.to_owned()])
}

/// The first of each, and then each other one with the first of all the rest.
fn one_at_a_time(each: &[Vec<Spelling>]) -> Vec<Spelling> {
    let join = |chosen: usize, other: usize| {
        let parts =
            each.iter().enumerate().map(|(at, list)| if at == chosen { &list[other] } else { &list[0] });
        Spelling(parts.flat_map(|spelling| spelling.0.clone()).collect())
    };
    let plain = join(usize::MAX, 0);
    let others = each.iter().enumerate().flat_map(|(at, list)| (1..list.len()).map(move |other| (at, other)));
    std::iter::once(plain).chain(others.map(|(at, other)| join(at, other))).collect()
}

/// A text as it is written, and with its letters in other cases; what stands in `${ }` is no letter.
fn cases(text: &str) -> Vec<String> {
    let title = |text: &str| {
        let mut chars = text.chars();
        let first = chars.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(chars.map(|c| c.to_ascii_lowercase())).collect::<String>()
    };
    let mut cases = vec![text.to_owned()];
    for change in [&str::to_ascii_uppercase as &dyn Fn(&str) -> String, &title, &str::to_ascii_lowercase] {
        let changed = outside_values(text, change);
        if !cases.contains(&changed) {
            cases.push(changed);
        }
    }
    cases
}

/// `text` with what stands outside of `${ }` changed.
fn outside_values(text: &str, change: &dyn Fn(&str) -> String) -> String {
    let mut changed = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let end = rest[start..].find('}').map_or(rest.len(), |end| start + end + 1);
        changed.push_str(&change(&rest[..start]));
        changed.push_str(&rest[start..end]);
        rest = &rest[end..];
    }
    changed + &change(rest)
}
