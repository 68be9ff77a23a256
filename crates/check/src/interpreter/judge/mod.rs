//! Holds an answer against what was wanted of it. Pure: it sends nothing and keeps nothing.

mod matcher;
mod mismatch;
mod problem;
#[cfg(test)]
mod tests;
mod wants;
mod words;

pub(crate) use matcher::json;
pub(crate) use mismatch::{Judged, Mismatch};
pub(crate) use wants::{Seen, judge};
pub(crate) use words::{brief, describe};
