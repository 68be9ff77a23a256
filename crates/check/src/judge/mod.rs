//! Holds an answer against what was wanted of it. Pure: it sends nothing and keeps nothing.

mod matcher;
#[cfg(test)]
mod tests;
mod wants;
mod words;

pub(super) use matcher::json;
pub(super) use wants::{Judged, Mismatch, Seen, judge};
pub(super) use words::{brief, describe, excerpt};
