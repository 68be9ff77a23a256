//! What a scenario may refer to, and which names have a value by now.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::expr::Template;
use crate::suite::{NamedStep, Suite};
use crate::tables::{Binding, PairPart, Tables};
use uptake_yaml::{Node, Reader, Span};

/// The names that every expression may use.
pub(crate) const GIVEN: [&str; 12] = [
    "limit.min_segment",
    "limit.max_segment",
    "limit.max_request",
    "limit.max_total",
    "limit.max_parts",
    "grace",
    "margin",
    "origin",
    "base_url",
    "host",
    "base_path",
    "stored",
];

/// The name by which expressions know a secret of the target.
fn variable_of(secret: &str) -> String {
    format!("credential.{}", secret.replace('-', "_"))
}

/// A credential of the suite.
#[derive(Debug, Clone)]
pub(crate) struct KnownCredential {
    pub(crate) name: String,
    /// The target's secrets without which it cannot be used.
    pub(crate) needed: Vec<String>,
    /// Whether it has a value of its own; without one each use gives it.
    pub(crate) has_value: bool,
}

/// What can be referred to by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// Rules, with whether they say how to refuse.
    pub(crate) rules: Vec<(String, bool)>,
    pub(crate) schemas: Vec<String>,
    pub(crate) capabilities: Vec<String>,
    /// The suite's credentials.
    pub(crate) credentials: Vec<KnownCredential>,
    /// The credential of requests that do not name one.
    pub(crate) auth: Option<String>,
    /// The target's secrets that credentials come from.
    pub(crate) secrets: Vec<String>,
    /// The form fields that later segments carry.
    pub(crate) carried: Vec<String>,
    pub(crate) contents: Vec<String>,
    pub(crate) uploads: Vec<String>,
    /// The real files there are.
    pub(crate) media: Vec<String>,
    /// The tables that can be walked.
    pub(crate) tables: Tables,
    /// The suite's named steps.
    pub(crate) steps: BTreeMap<String, Arc<NamedStep>>,
    /// The names that a profile may give a value.
    pub(crate) vars: Vec<String>,
    /// The headers of requests that do not name them themselves.
    pub(crate) headers: Vec<(String, Template)>,
}

impl Known {
    /// What every scenario of `suite` can refer to.
    pub(crate) fn of(suite: &Suite) -> Self {
        Self {
            rules: suite.rules.iter().map(|rule| (rule.id.clone(), rule.refusal.is_some())).collect(),
            schemas: suite.schemas.keys().cloned().collect(),
            capabilities: suite.capabilities.clone(),
            credentials: suite
                .credentials
                .iter()
                .map(|(name, credential)| KnownCredential {
                    name: name.clone(),
                    needed: if credential.is_optional { Vec::new() } else { credential.from.clone() },
                    has_value: !credential.from.is_empty(),
                })
                .collect(),
            auth: suite.auth.clone(),
            secrets: suite.credentials.values().flat_map(|credential| credential.from.clone()).collect(),
            carried: suite.uploads.carry.iter().map(|(field, _)| field.clone()).collect(),
            media: suite.media.keys().cloned().collect(),
            tables: suite.tables.clone(),
            steps: suite.steps.clone(),
            vars: suite.vars.iter().map(|(name, _)| name.clone()).collect(),
            headers: suite.headers.clone(),
            ..Self::default()
        }
    }
}

/// A reader that knows what may be referred to.
pub(crate) struct Context<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) known: &'a Known,
    names: RefCell<BTreeSet<String>>,
    /// Barriers can be met inside `parallel` only.
    barriers: RefCell<u32>,
    /// The rows that are being written out, and how many of them the innermost `for-each` has.
    rows: RefCell<(Vec<Binding>, usize)>,
    /// The named steps that are being written out.
    uses: RefCell<Vec<String>>,
    selection: PairPart,
    /// The target's secrets that are used.
    secrets: RefCell<BTreeSet<String>>,
    /// Whether a `for-each` left something to another scenario.
    has_rest: Cell<bool>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(reader: &'a Reader, known: &'a Known) -> Self {
        let credentials = known.secrets.iter().map(|name| variable_of(name));
        let given = GIVEN.iter().map(|name| (*name).to_owned());
        let names = given.chain(credentials).chain(known.vars.iter().cloned()).collect();
        Self {
            reader,
            known,
            names: RefCell::new(names),
            barriers: RefCell::new(0),
            rows: RefCell::default(),
            uses: RefCell::default(),
            selection: PairPart::Picked,
            secrets: RefCell::default(),
            has_rest: Cell::new(false),
        }
    }

    /// One that writes out these combinations of rows.
    pub(crate) fn selecting(self, selection: PairPart) -> Self {
        Self { selection, ..self }
    }

    pub(super) fn selection(&self) -> PairPart {
        self.selection
    }

    /// A `for-each` left something to another scenario.
    pub(super) fn note_rest(&self) {
        self.has_rest.set(true);
    }

    pub(super) fn has_rest(&self) -> bool {
        self.has_rest.get()
    }

    /// All rows that are being written out, the innermost last.
    pub(super) fn rows(&self) -> Vec<Binding> {
        self.rows.borrow().0.clone()
    }

    /// How many of them the innermost `for-each` has.
    pub(super) fn newest_rows(&self) -> usize {
        self.rows.borrow().1
    }

    pub(super) fn push_rows(&self, rows: &[Binding]) -> Vec<Binding> {
        let mut all = self.rows.borrow_mut();
        all.0.extend_from_slice(rows);
        all.1 = rows.len();
        all.0.clone()
    }

    pub(super) fn pop_rows(&self, count: usize) {
        let mut all = self.rows.borrow_mut();
        let left = all.0.len() - count;
        all.0.truncate(left);
    }

    /// Whether a named step is being written out.
    pub(super) fn is_used(&self, name: &str) -> bool {
        self.uses.borrow().iter().any(|used| used == name)
    }

    /// A named step is written out from here on.
    pub(super) fn begin_use(&self, name: &str) {
        self.uses.borrow_mut().push(name.to_owned());
    }

    /// The named step that began last is written out.
    pub(super) fn end_use(&self) {
        self.uses.borrow_mut().pop();
    }

    /// Whether `name` has a value, or stands for a row.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.borrow().contains(name)
            || self.rows.borrow().0.iter().any(|binding| binding.variable == name)
    }

    /// From here on `name` has a value.
    pub(crate) fn define(&self, name: &str) {
        self.names.borrow_mut().insert(name.to_owned());
    }

    /// The target's secret `name` is needed.
    pub(super) fn use_secret(&self, name: &str) {
        self.secrets.borrow_mut().insert(name.to_owned());
    }

    /// The target's secrets that are needed.
    pub(crate) fn used_secrets(&self) -> Vec<String> {
        self.secrets.borrow().iter().cloned().collect()
    }

    /// From here on `name` has none.
    pub(crate) fn forget(&self, name: &str) {
        self.names.borrow_mut().remove(name);
    }

    /// The names that have a value, to come back to.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        self.names.borrow().clone()
    }

    /// Goes back to `names`; gives those there were.
    pub(crate) fn swap_names(&self, names: BTreeSet<String>) -> BTreeSet<String> {
        self.names.replace(names)
    }

    /// Complains about names without a value.
    pub(crate) fn check_names<'n>(&self, at: Span, used: impl IntoIterator<Item = &'n str>) -> Option<()> {
        let names = self.names.borrow();
        let mut good = Some(());
        for name in used {
            if let Some(secret) = self.known.secrets.iter().find(|secret| variable_of(secret) == name) {
                self.use_secret(secret);
            }
            let mut ends = name.match_indices('.').map(|(end, _)| end).chain([name.len()]);
            if !ends.any(|end| names.contains(&name[..end])) {
                let known: Vec<_> = names.iter().map(String::as_str).collect();
                good = self.reader.problem(
                    at,
                    format!("`{name}` is not defined here"),
                    format!(
                        "save it in an earlier step, or set it under `let`; defined: {}",
                        known.join(", ")
                    ),
                );
            }
        }
        good
    }

    /// Complains about a name that is not one of `known`.
    pub(crate) fn check_known(&self, node: &Node, what: &str, known: &[String]) -> Option<String> {
        let name = self.reader.text(node, what)?;
        let words: Vec<_> = known.iter().map(|word| (word.as_str(), ())).collect();
        self.reader.word(node, what, &words)?;
        Some(name)
    }

    /// Runs `inside` where barriers can be met.
    pub(crate) fn in_parallel<T>(&self, inside: impl FnOnce() -> T) -> T {
        *self.barriers.borrow_mut() += 1;
        let value = inside();
        *self.barriers.borrow_mut() -= 1;
        value
    }

    /// Complains where barriers cannot be met.
    pub(crate) fn check_barrier(&self, at: Span, what: &str) -> Option<()> {
        if *self.barriers.borrow() > 0 {
            return Some(());
        }
        self.reader.problem(
            at,
            format!("{what} waits for other steps, but no other step runs in parallel here"),
            "put it and the steps that it waits for into one `parallel`",
        )
    }
}
