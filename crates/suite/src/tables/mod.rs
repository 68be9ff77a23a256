//! Tables of data, and what a scenario makes of them: a `for-each` is written out, row by row, as the suite is loaded. No
//! other room knows of tables.
//!
//! `table.rs` reads a table, `file.rs` a file that holds one, `grammar` generates one, `combine.rs` pairs the rows of several, and `binding.rs` puts a row's
//! values where a scenario asks for them.

mod binding;
mod combine;
mod file;
mod grammar;
mod table;

pub(super) use binding::{Binding, Found, INPUTS, fill, lookup};
pub(super) use combine::{PairPart, pairwise, product};
pub(super) use file::read;
pub(super) use table::{Row, Table, Tables, inline};
