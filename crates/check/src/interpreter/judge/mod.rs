//! Holds an answer against what was wanted of it. Pure: it sends nothing and keeps nothing.

mod body;
mod interim;
mod matcher;
mod mismatch;
mod problem;
mod seen;
#[cfg(test)]
mod tests;
mod wants;
mod words;

pub(crate) use matcher::json;
pub(crate) use mismatch::{Judged, Mismatch};
pub(crate) use problem::problem;
pub(crate) use seen::{Seen, SeenAnswer};
pub(crate) use wants::judge;
pub(crate) use words::{brief, describe};
