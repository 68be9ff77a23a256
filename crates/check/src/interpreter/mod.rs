//! The interpreter of scenarios: pure functions over plain data.
//!
//! A scenario's whole state is one serialisable value ([`ScenarioState`]). [`step`] takes that state and what just happened,
//! changes the state, and gives the effects that follow: send this, sleep, let time pass, note what was made. A driver
//! carries them out and reports back. So a scenario is suspended by writing its state down, a forecast is a driver that
//! sends nothing, and every judgement can be tested without a network.
//!
//! Nothing in here sends, sleeps, reads a clock but for `now()` of the expression language, or knows of other scenarios.

mod actions;
mod address;
mod answer;
mod assume;
mod barrier;
mod caller;
mod clean_up;
mod conclude;
mod contents;
mod effect;
mod environment;
mod findings;
mod held;
mod judge;
mod loss;
mod machine;
mod parallel;
pub(crate) mod probe;
mod removed_by;
mod request;
mod save;
mod scope;
mod segments;
mod sends;
mod signing;
mod state;
mod stop;
#[cfg(test)]
mod tests;
mod turn;
mod variables;

pub(crate) use answer::{Done, http_version, sent};
pub(crate) use barrier::BarrierId;
pub use caller::Caller;
pub(crate) use conclude::TOO_MANY;
pub(crate) use effect::{
    ClockView, Effect, Happened, NotPassed, Now, OnLoss, Outgoing, Sending, Ticket, TimeAdvance,
};
pub(crate) use environment::{CLOCK, Environment, Mode, Program};
pub(crate) use findings::{Lost, ScenarioResult};
pub(crate) use loss::{is_loss, never_arrived};
pub(crate) use machine::{new_state, not_begun, result_so_far, start, start_clean_up, step};
pub(crate) use state::{Made, ScenarioState, Undo};
pub(crate) use stop::{Obstacle, Stop, Suspension};
