//! YAML whose every value knows its place, and the problems a person must fix in it.
//!
//! The scenario files and the target profiles are read through this room alone: a text becomes a tree of [`Node`]s,
//! a [`Reader`] turns the tree into domain values and collects every [`Problem`] on the way instead of stopping at the
//! first. `parse.rs` and `mistake.rs` are the only files that name the YAML crate.

mod advice;
mod fields;
mod mistake;
mod node;
mod parse;
mod problem;
mod quantity;
mod reader;
mod scalar;

pub use advice::advice;
pub use fields::Fields;
pub use node::{Key, Node, SourceFile, Span, Value};
pub use parse::parse;
pub use problem::{Problem, Problems};
pub use quantity::{parse_duration, parse_integer, parse_share, parse_size};
pub use reader::Reader;
