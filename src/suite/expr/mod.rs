//! The tiny, total language of `${ … }`: integers, texts, comparisons, a few functions. No loops; overflow is an error.

mod ast;
mod functions;
mod eval;
mod lexer;
mod parser;
mod template;

pub use ast::Expr;
pub use eval::{EvalError, Scope};
pub(crate) use eval::same;
pub(crate) use functions::UNRESERVED;
pub use functions::Digests;
pub use parser::{SyntaxError, parse};
pub use template::Template;
