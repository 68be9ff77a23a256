//! An expression as a tree.

use serde_json::Value;

use super::functions::Function;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A value as written.
    Literal(Value),
    /// A name, perhaps with members: `video.assets.player`.
    Name(String),
    /// `not x`.
    Not(Box<Expr>),
    /// `-x`.
    Negative(Box<Expr>),
    /// `x + y` and the like.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `min(x, y)`.
    Call(Function, Vec<Expr>),
    /// `[x, y]`.
    List(Vec<Expr>),
}

/// What stands between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Either holds.
    Or,
    /// Both hold.
    And,
    /// The same value.
    Equal,
    /// Not the same value.
    Unequal,
    /// Less.
    Less,
    /// Less or the same.
    AtMost,
    /// More.
    More,
    /// More or the same.
    AtLeast,
    /// Sum, or texts joined.
    Add,
    /// Difference.
    Subtract,
    /// Product.
    Multiply,
    /// Quotient, rounded towards zero.
    Divide,
    /// Remainder.
    Remainder,
}

impl Operator {
    /// How tightly it binds; more is tighter.
    pub(super) fn binding(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Equal | Self::Unequal | Self::Less | Self::AtMost | Self::More | Self::AtLeast => 3,
            Self::Add | Self::Subtract => 4,
            Self::Multiply | Self::Divide | Self::Remainder => 5,
        }
    }
}

impl Expr {
    /// Every name that the expression needs.
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.collect_names(&mut names);
        names
    }

    /// The same with what `with` gives in place of names; `None` leaves a name as it is.
    pub(crate) fn bind(self, with: &dyn Fn(&str) -> Option<Result<Self, String>>) -> Result<Self, String> {
        let inner = |expr: Box<Self>| expr.bind(with).map(Box::new);
        let all = |items: Vec<Self>| items.into_iter().map(|item| item.bind(with)).collect::<Result<_, _>>();
        Ok(match self {
            Self::Name(name) => return with(&name).unwrap_or(Ok(Self::Name(name))),
            Self::Literal(value) => Self::Literal(value),
            Self::Not(expr) => Self::Not(inner(expr)?),
            Self::Negative(expr) => Self::Negative(inner(expr)?),
            Self::Binary(operator, left, right) => Self::Binary(operator, inner(left)?, inner(right)?),
            Self::Call(function, items) => Self::Call(function, all(items)?),
            Self::List(items) => Self::List(all(items)?),
        })
    }

    /// Whether it asks for the time.
    pub fn asks_the_time(&self) -> bool {
        match self {
            Self::Literal(_) | Self::Name(_) => false,
            Self::Not(inner) | Self::Negative(inner) => inner.asks_the_time(),
            Self::Binary(_, left, right) => left.asks_the_time() || right.asks_the_time(),
            Self::Call(function, items) => {
                *function == Function::Now || items.iter().any(Self::asks_the_time)
            }
            Self::List(items) => items.iter().any(Self::asks_the_time),
        }
    }

    fn collect_names<'e>(&'e self, names: &mut Vec<&'e str>) {
        match self {
            Self::Literal(_) => {}
            Self::Name(name) => names.push(name),
            Self::Not(inner) | Self::Negative(inner) => inner.collect_names(names),
            Self::Binary(_, left, right) => {
                left.collect_names(names);
                right.collect_names(names);
            }
            Self::Call(_, items) | Self::List(items) => {
                for item in items {
                    item.collect_names(names);
                }
            }
        }
    }
}
