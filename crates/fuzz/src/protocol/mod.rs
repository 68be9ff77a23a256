//! Uploads of any protocol, by what a suite's section `upload` says of them. Nothing in here knows a protocol.

mod case;
mod generate;
mod perform;
mod picture;
mod report;
mod requests;
mod run;
mod scenario;
mod simpler;

pub(crate) use case::ProtocolCase;
pub(crate) use generate::{case as generate, is_applicable};
pub(crate) use perform::perform;
pub(crate) use picture::picture;
pub(crate) use scenario::{ProtocolScenario, scenario};
pub(crate) use simpler::simpler;
