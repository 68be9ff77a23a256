//! The secrets known so far, and the masking of text.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::search::{Hit, Index, SHORTEST};

/// The secrets known so far. Clones share them.
#[derive(Clone, Default)]
pub struct Secrets(Arc<RwLock<Known>>);

#[derive(Default)]
struct Known {
    values: HashSet<String>,
    /// The same in the order in which they came, as they were called.
    given: Vec<(String, String)>,
    names: Vec<Arc<str>>,
    index: Index,
}

/// A part of a text: what may be shown, or the name of what may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part<'t> {
    Text(&'t str),
    Secret(Arc<str>),
}

impl Secrets {
    /// No secrets yet.
    pub fn new() -> Secrets {
        Secrets::default()
    }

    /// Remembers a secret under the name by which it is shown: `api key` becomes `$API_KEY`. Values of fewer than four
    /// bytes are no secrets; the first name of a value stays.
    pub fn taint(&self, label: &str, value: &str) {
        if value.len() < SHORTEST || self.read().values.contains(value) {
            return;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.values.insert(value.to_owned()) {
            let secret = known.names.len();
            known.names.push(name(label).into());
            known.given.push((label.to_owned(), value.to_owned()));
            known.index.add(value, secret);
        }
    }

    /// The name of the shell variable for a label: `api key` becomes `API_KEY`.
    pub(crate) fn variable(label: &str) -> String {
        name(label)
    }

    /// The beginning of a text, at most about `longest` bytes, with every secret replaced. Only as much is searched as decides
    /// what is shown, however long the text is.
    pub fn mask_start(&self, text: &str, longest: usize) -> String {
        let reach = self.read().index.reach();
        let within = longest.saturating_add(reach);
        if text.len() <= within {
            return self.mask(text);
        }
        let boundary = |most: usize| (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let known = self.read();
        let window = &text[..boundary(within)];
        let end = boundary(longest);
        // A secret that begins before the end is whole within the window, and is replaced as a whole.
        let hits = known.index.find(window);
        let end = hits.iter().find(|hit| hit.place.contains(&end)).map_or(end, |hit| hit.place.end);
        drop(known);
        self.mask(&window[..end])
    }

    /// All of them, with the labels that they came under: to be sealed, and nothing else.
    pub fn all(&self) -> Vec<(String, String)> {
        self.read().given.clone()
    }

    /// The text with every secret, in whatever form, replaced by `$` and its name.
    pub fn mask(&self, text: &str) -> String {
        let known = self.read();
        let hits = known.index.find(text);
        let mut masked: String = known.parts(text, &hits).iter().map(Part::to_string).collect();
        // A name can make a secret anew with what stands beside it. Where naming does not help, leaving out does: the
        // text gets shorter each time.
        loop {
            let hits = known.index.find(&masked);
            if hits.is_empty() {
                return masked;
            }
            let shown = |part: &Part<'_>| match part {
                Part::Text(text) => (*text).to_owned(),
                Part::Secret(_) => String::new(),
            };
            masked = known.parts(&masked, &hits).iter().map(shown).collect();
        }
    }

    /// The text, cut into what may be shown and what may not.
    pub(crate) fn parts<'t>(&self, text: &'t str) -> Vec<Part<'t>> {
        let known = self.read();
        known.parts(text, &known.index.find(text))
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn parts<'t>(&self, text: &'t str, hits: &[Hit]) -> Vec<Part<'t>> {
        let mut parts = Vec::with_capacity(hits.len() * 2 + 1);
        let mut at = 0;
        for Hit { place, secret, .. } in hits {
            parts.push(Part::Text(&text[at..place.start]));
            parts.push(Part::Secret(Arc::clone(&self.names[*secret])));
            at = place.end;
        }
        parts.push(Part::Text(&text[at..]));
        parts.retain(|part| *part != Part::Text(""));
        parts
    }
}

impl fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Text(text) => f.write_str(text),
            Part::Secret(name) => write!(f, "${name}"),
        }
    }
}

/// Tells how many secrets there are, and nothing of them.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.read().names.len())
    }
}

/// A label as the name of a shell variable.
fn name(label: &str) -> String {
    let sign = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let name: String = label.chars().map(sign).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() { format!("_{name}") } else { name }
}
