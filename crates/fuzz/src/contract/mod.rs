//! The property `contract`: any calls, about several tokens and videos, by up to three callers at once.

mod at_once;
mod case;
mod describe;
mod generate;
mod made;
mod names;
mod perform;
mod request;
mod scenario;
mod simpler;
mod table;

pub(crate) use case::ContractCase;
pub(crate) use generate::case as generate;
pub(crate) use perform::perform;
pub(crate) use scenario::{ContractScenario, scenario};
pub(crate) use simpler::simpler;
pub(crate) use table::table;
