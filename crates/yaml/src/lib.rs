//! YAML whose every value knows its place, and the problems a person must fix in it.
//!
//! The scenario files and the target profiles are read through this room alone: a text becomes a tree of [`Node`]s,
//! a [`Reader`] turns the tree into domain values and collects every [`Problem`] on the way instead of stopping at the
//! first. `parse.rs` is the only file that names the YAML crate.

mod fields;
mod node;
mod parse;
mod problem;
mod quantity;
mod reader;

pub use fields::{Fields, advice};
pub use node::{Key, Node, SourceFile, Span, Value};
pub use parse::parse;
pub use problem::{Problem, Problems};
pub use quantity::{parse_duration, parse_integer, parse_share, parse_size};
pub use reader::Reader;
