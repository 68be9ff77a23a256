//! A load plan, read from YAML and overridden by flags.
//!
//! Both share one grammar: a key of the file is the name of a flag, and its value is what the flag takes. A [`RawPlan`] holds
//! the texts, a [`LoadPlan`] their meaning. Nothing here sends anything.

mod description;
mod distribution;
mod file;
mod fit;
mod load_plan;
mod model;
mod offered_load;
mod outcome;
mod pause;
mod raw;
mod recorded;
mod resolve;
mod share;
mod think_time;
mod upload_shape;
mod values;
mod weighted;

pub(crate) use load_plan::{EarlyResponses, Protocol, SaturationPolicy, Verification};
pub(crate) use model::{Arrivals, Model};
pub(crate) use offered_load::{OfferedLoad, Stage, WorkUnit};
pub(crate) use outcome::{Outcome, OutcomeShares};
pub(crate) use think_time::ThinkTime;
pub(crate) use upload_shape::{Order, UploadShape};
#[cfg(test)]
pub(crate) use {distribution::Distribution, pause::Pauses, weighted::Weighted};

pub use file::{is_plan, read};
pub use load_plan::{LoadPlan, TokenPolicy};
pub use raw::{KEYS, RawPlan};
