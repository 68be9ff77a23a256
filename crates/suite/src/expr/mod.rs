//! The tiny, total language of `${ … }`: integers, texts, comparisons, a few functions. No loops; overflow is an error.

mod ast;
mod eval;
mod functions;
mod lexer;
mod parser;
mod scope;
mod syntax;
mod template;
mod value;

pub use ast::Expr;
pub use functions::UNRESERVED;
pub use parser::parse;
pub use scope::{Digests, Piece, Scope};
pub use syntax::SyntaxError;
pub use template::{Part, Template};
pub use value::{EvalError, as_text, same};
