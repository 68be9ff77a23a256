//! The tiny, total language of `${ … }`: integers, texts, comparisons, a few functions. No loops; overflow is an error.

mod ast;
mod eval;
mod functions;
mod lexer;
mod parser;
mod template;

pub use ast::Expr;
pub use eval::same;
pub use eval::{EvalError, Scope};
pub use functions::Digests;
pub use functions::UNRESERVED;
pub use parser::{SyntaxError, parse};
pub use template::Template;
