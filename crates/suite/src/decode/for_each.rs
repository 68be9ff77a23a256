//! `for-each`: the rows of tables that a step or a scenario is written out for.

use serde_json::Value as Json;

use super::context::Context;
use super::rows::plain;
use crate::expr::{Digests, EvalError, Expr, Piece, Scope, Template};
use crate::tables::{self, Binding, Found, PairPart};
use uptake_yaml::{Key, Node, Reader, Span, Value, advice};

/// The keys that say which rows there are.
const KEYS: [&str; 4] = ["for-each", "where", "combine", "independent"];

/// More combinations than anybody reads, and fewer than take long to find.
const MOST: usize = 5_000;

/// Rows that come together, one for each variable.
pub(super) type Combination = Vec<Binding>;

/// The combinations of rows, and what is written out for each.
pub(super) struct Walk {
    /// What is written out now.
    pub(super) chosen: Vec<Combination>,
    /// What `combine: pairwise` leaves to another scenario.
    pub(super) rest: Vec<Combination>,
    /// Where it says that its rows are independent of each other and of the steps around them.
    pub(super) independent: Option<Span>,
    /// What is written out, without the keys that say for what.
    pub(super) body: Node,
}

impl Context<'_> {
    /// The rows for which `body` is written out; `Some(None)` where it stands for itself.
    pub(super) fn walk(&self, body: &Node) -> Option<Option<Walk>> {
        let Value::Map(entries) = &body.value else { return Some(None) };
        let Some(tables) = body.get("for-each") else {
            return match entries.iter().find(|(key, _)| KEYS.contains(&key.text.as_str())) {
                Some((key, _)) => self.reader.problem(
                    key.at,
                    format!("`{}` cannot be used with `for-each`", key.text),
                    "write `for-each: { row: NAME OF A TABLE }`",
                ),
                None => Some(None),
            };
        };
        let mut all = self.combinations(tables)?;
        if let Some(node) = body.get("where") {
            all = self.only_where(node, all)?;
        }
        let (chosen, rest) = self.combine(body.get("combine"), tables, all)?;
        let independent = match body.get("independent") {
            Some(node) => self.reader.truth(node, "independent")?.then_some(node.at),
            None => None,
        };
        let left = entries.iter().filter(|(key, _)| !KEYS.contains(&key.text.as_str())).cloned().collect();
        Some(Some(Walk { chosen, rest, independent, body: Node { at: body.at, value: Value::Map(left) } }))
    }

    /// The same where rows cannot be moved to a scenario of their own.
    pub(super) fn walk_here(&self, body: &Node) -> Option<Option<Walk>> {
        match self.walk(body)? {
            Some(Walk { independent: Some(at), .. }) => self.reader.problem(
                at,
                "`independent` has no effect here",
                "use it in a `for-each` of the scenario's own steps, whose rows may run in several scenarios",
            ),
            walk => Some(walk),
        }
    }

    fn combinations(&self, node: &Node) -> Option<Vec<Combination>> {
        let entries = self.reader.entries(node, "for-each")?;
        if entries.is_empty() {
            return self.reader.problem(
                node.at,
                "`for-each` has no table",
                "write `for-each: { row: NAME OF A TABLE }`",
            );
        }
        let mut walked = Vec::new();
        for (key, node) in entries {
            self.check_variable(key)?;
            let table = match &node.value {
                Value::Text(name) | Value::Ambiguous(name) => self.table(node, name)?,
                _ => std::sync::Arc::new(tables::inline(self.reader, node)?),
            };
            walked.push((key.text.as_str(), table));
        }
        let count = walked.iter().try_fold(1_usize, |count, (_, table)| count.checked_mul(table.rows.len()));
        if count.is_none_or(|count| count > MOST) {
            return self.reader.problem(
                node.at,
                format!("these tables have more than {MOST} combinations"),
                "split them: several scenarios, each with some of the rows",
            );
        }
        let sizes: Vec<_> = walked.iter().map(|(_, table)| table.rows.len()).collect();
        let rows = |numbers: &Vec<usize>| {
            let rows = walked.iter().zip(numbers);
            rows.map(|((variable, table), at)| Binding::new(variable, table, *at)).collect()
        };
        Some(tables::product(&sizes).iter().map(rows).collect())
    }

    fn table(&self, node: &Node, name: &str) -> Option<std::sync::Arc<tables::Table>> {
        self.known.tables.get(name).map(std::sync::Arc::clone).or_else(|| {
            let names = self.known.tables.names();
            let help = if names.is_empty() {
                "write the rows here, or put them into a file in the suite's folder `tables`".to_owned()
            } else {
                advice(name, &names)
            };
            self.reader.problem(node.at, format!("unknown table `{name}`"), help)
        })
    }

    pub(super) fn check_variable(&self, key: &Key) -> Option<()> {
        let is_name = key.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && key.text.chars().all(|c| c.is_alphanumeric() || c == '_');
        if !is_name {
            return self.reader.problem(
                key.at,
                format!("a variable cannot be called `{}`", key.text),
                "use letters, digits and `_`: `for-each: { row: … }`",
            );
        }
        if self.has(&key.text) {
            return self.reader.problem(
                key.at,
                format!("`{}` is already defined", key.text),
                "give the variable of `for-each` another name",
            );
        }
        Some(())
    }

    fn only_where(&self, node: &Node, all: Vec<Combination>) -> Option<Vec<Combination>> {
        let expr = self.unbound_expr(node, "where")?;
        let mut kept = Vec::new();
        for combination in all {
            let asked = expr.clone().bind(&|name| match tables::lookup(&combination, name)? {
                Ok(Found::Lacking(_)) => Some(Ok(Expr::Literal(Json::Null))),
                Ok(Found::Name(name)) => Some(Ok(Expr::Literal(name.into()))),
                Ok(Found::Cell(node)) => Some(Ok(Expr::Literal(plain(node)))),
                Err(why) => Some(Err(why)),
            });
            let holds = asked.and_then(|expr| expr.holds(&Nothing).map_err(|error| error.to_string()));
            match holds {
                Ok(true) => kept.push(combination),
                Ok(false) => {}
                Err(why) => {
                    let rows = names(&combination).join(", ");
                    let help = "`where` is evaluated when the suite is loaded, so it can only use values of the rows";
                    return self.reader.problem(node.at, format!("where: {why} (for {rows})"), help);
                }
            }
        }
        if kept.is_empty() {
            return self.reader.problem(
                node.at,
                "`where` excludes every row",
                "a scenario without rows tests nothing",
            );
        }
        Some(kept)
    }

    fn combine(
        &self,
        node: Option<&Node>,
        tables: &Node,
        all: Vec<Combination>,
    ) -> Option<(Vec<Combination>, Vec<Combination>)> {
        let words = [("all", false), ("pairwise", true)];
        let is_pairwise = match node {
            Some(node) => self.reader.word(node, "combine", &words)?,
            None => false,
        };
        if !is_pairwise {
            return Some((all, Vec::new()));
        }
        let count = all.first().map_or(0, Vec::len);
        if count < 3 {
            return self.reader.problem(
                tables.at,
                "`combine: pairwise` has no effect here",
                "it selects from the combinations of three or more tables",
            );
        }
        let numbers: Vec<Vec<usize>> = numbered(&all);
        let picked = tables::pairwise(&numbers);
        let (chosen, rest): (Vec<_>, Vec<_>) = all.into_iter().zip(picked).partition(|(_, picked)| *picked);
        let plain =
            |list: Vec<(Combination, bool)>| list.into_iter().map(|(rows, _)| rows).collect::<Vec<_>>();
        Some((plain(chosen), plain(rest)))
    }

    /// Writes `key: body` out for each row that is to be written now.
    pub(super) fn for_each_row<T>(
        &self,
        key: &Key,
        walk: &Walk,
        mut write: impl FnMut(&Key, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let rows = match self.selection() {
            PairPart::Picked => &walk.chosen,
            PairPart::LeftOut if walk.rest.is_empty() => &walk.chosen,
            PairPart::LeftOut => &walk.rest,
        };
        if !walk.rest.is_empty() {
            self.note_rest();
        }
        let mut written = Vec::new();
        let mut good = Some(());
        for combination in rows {
            let one = self.with_rows(combination, |bindings| {
                let text = self.named_by_rows(key.at, &key.text, bindings)?;
                let body = tables::fill(self.reader, bindings, &walk.body)?;
                write(&Key { at: key.at, text }, &body)
            });
            match one {
                Some(one) => written.push(one),
                None => good = None,
            }
        }
        good.map(|()| written)
    }

    /// A name that tells the rows apart: those that it does not speak of stand behind it.
    pub(super) fn named_by_rows(&self, at: Span, written: &str, bindings: &[Binding]) -> Option<String> {
        let node = Node { at, value: Value::Text(written.to_owned()) };
        let filled = tables::fill(self.reader, bindings, &node)?;
        let text = filled.scalar().unwrap_or_default();
        let outer = bindings.len() - self.newest_rows();
        let unsaid: Vec<_> = bindings[outer..]
            .iter()
            .filter(|binding| !speaks_of(written, &binding.variable))
            .map(|binding| binding.row.name.as_str())
            .collect();
        if unsaid.is_empty() { Some(text) } else { Some(format!("{text} ({})", unsaid.join(", "))) }
    }
}

/// Whether the rows' variable stands in one of a text's references.
fn speaks_of(text: &str, variable: &str) -> bool {
    Template::parse(text)
        .is_ok_and(|template| template.names().iter().any(|name| name.split('.').next() == Some(variable)))
}

/// The names of the rows.
pub(super) fn names(combination: &[Binding]) -> Vec<&str> {
    combination.iter().map(|binding| binding.row.name.as_str()).collect()
}

/// The combinations by the numbers of their rows: the rows of each variable are counted as they come.
fn numbered(all: &[Combination]) -> Vec<Vec<usize>> {
    let mut seen: Vec<Vec<Span>> = Vec::new();
    all.iter()
        .map(|combination| {
            combination
                .iter()
                .enumerate()
                .map(|(variable, binding)| {
                    if seen.len() <= variable {
                        seen.push(Vec::new());
                    }
                    let rows = &mut seen[variable];
                    rows.iter().position(|at| *at == binding.row.at).unwrap_or_else(|| {
                        rows.push(binding.row.at);
                        rows.len() - 1
                    })
                })
                .collect()
        })
        .collect()
}

/// A scope in which nothing has a value: what is decided as the suite is loaded knows the rows alone.
struct Nothing;

impl Scope for Nothing {
    fn value(&self, _: &str) -> Option<Json> {
        None
    }

    fn digests(&self) -> &dyn Digests {
        self
    }

    fn unique_text(&self) -> String {
        String::new()
    }
}

impl Digests for Nothing {
    fn digest(&self, _: &str, piece: Piece<'_>) -> Result<Vec<u8>, EvalError> {
        Err(EvalError::Undefined(piece.content.to_owned()))
    }
}

/// The items of a group, each named behind the row that it is written out for.
pub(super) fn group(reader: &Reader, key: &Key, steps: &Node) -> Option<Vec<Node>> {
    let items = reader.list(steps, "steps")?;
    if items.is_empty() {
        return reader.problem(steps.at, "steps is empty", "write at least one step: `- NAME: { get: / }`");
    }
    items
        .iter()
        .map(|item| {
            let (inner, body) = reader.named(item, "a step")?;
            let text = format!("{}: {}", key.text, inner.text);
            let key = Key { at: inner.at, text };
            Some(Node { at: item.at, value: Value::Map(vec![(key, body.clone())]) })
        })
        .collect()
}
