//! The values that the names of an expression have.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::Value;

use super::contents::Recipe;
use super::environment::{Environment, Mode, Program};
use super::state::Shared;
use super::variables::Variables;
use uptake_payload::{Algorithm, Seed};
use uptake_suite::expr::{self, Digests, EvalError, Piece};

/// A view of what an expression may use. It owns nothing but a few names more.
#[derive(Clone)]
pub(crate) struct Scope<'s> {
    pub(crate) environment: &'s Environment<'s>,
    mode: Mode,
    variables: &'s Variables,
    contents: &'s BTreeMap<String, Recipe>,
    /// The scenario's own seed, so that a run can be repeated to the letter.
    seed: Seed,
    /// How many unique texts have been drawn, in all branches together.
    drawn: &'s Cell<u64>,
    /// By how many seconds the target's clock is ahead of this machine's.
    ahead: i64,
    extra: Vec<(&'s str, Value)>,
}

impl<'s> Scope<'s> {
    /// What the expressions of a scenario may use.
    pub(crate) fn new<'p: 's>(program: Program<'p>, shared: &'s Shared, variables: &'s Variables) -> Self {
        Self {
            environment: program.environment,
            mode: program.mode,
            variables,
            contents: &shared.contents,
            seed: shared.seed,
            drawn: &shared.drawn,
            ahead: 0,
            extra: Vec::new(),
        }
    }

    /// The same names and one more.
    pub(crate) fn and(&self, name: &'s str, value: Value) -> Self {
        let mut scope = self.clone();
        scope.extra.push((name, value));
        scope
    }

    /// The same names, for a target whose clock is so many seconds ahead.
    pub(crate) fn ahead(&self, seconds: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "no clock is ages away")]
        let ahead = seconds.round() as i64;
        Self { ahead, ..self.clone() }
    }

    /// What a named content is made of.
    pub(crate) fn recipe(&self, name: &str) -> Result<&'s Recipe, EvalError> {
        self.contents.get(name).ok_or_else(|| EvalError::Undefined(name.to_owned()))
    }
}

impl expr::Scope for Scope<'_> {
    fn now(&self) -> i64 {
        jiff::Timestamp::now().as_second().saturating_add(self.ahead)
    }

    fn value(&self, name: &str) -> Option<Value> {
        let extra = self.extra.iter().rev().find(|(extra, _)| *extra == name).map(|(_, value)| value);
        extra.or_else(|| self.variables.get(name)).or_else(|| self.environment.given.get(name)).cloned()
    }

    fn digests(&self) -> &dyn Digests {
        self
    }

    fn unique_text(&self) -> String {
        let call = self.drawn.get();
        self.drawn.set(call + 1);
        format!("{:016x}", self.seed.derive(&format!("unique text {call}")).0)
    }
}

impl Digests for Scope<'_> {
    fn digest(&self, algorithm: &str, piece: Piece<'_>) -> Result<Vec<u8>, EvalError> {
        let known: Algorithm =
            algorithm.parse().map_err(|_| EvalError::Type(format!("unknown digest `{algorithm}`")))?;
        let recipe = self.recipe(piece.content)?;
        if self.mode == Mode::Forecast {
            // A forecast sends nothing, and reads no gigabytes for a header that nobody sees.
            return Ok(vec![0; 16]);
        }
        let content = recipe.content(self.environment)?;
        let length = piece.length.unwrap_or_else(|| content.len().saturating_sub(piece.from));
        content.slice(piece.from, length).digest(known).map_err(|error| EvalError::Harness(error.to_string()))
    }
}
