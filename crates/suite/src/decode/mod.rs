//! From YAML to the suite's own types. What is wrong is collected with its place, and all of it is found here: nothing
//! that could have been seen in a file is left to the run.

mod body;
mod context;
mod credential;
mod expect;
mod for_each;
mod interim;
mod lists;
mod named_steps;
mod protocol;
mod request;
mod rows;
mod rules;
mod save;
mod scenario;
mod sense;
mod signature;
mod split;
mod step;
mod suite;
mod upload;
mod values;

pub(super) use context::Known;
pub(super) use scenario::scenarios;
pub(super) use suite::suite;
