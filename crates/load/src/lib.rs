//! Load: uploads offered by a schedule or by uploaders, and how long each took.
//!
//! A plan says what is offered. Arrivals are due at instants that were fixed before the run; an uploader takes the next one,
//! sends it, and the recorder of its own thread takes each phase's time, from the due instant as well as from the start. No
//! lock and no allocation on that way. Once a second the recorders are merged into a row of the series, at the end into one
//! mergeable result. Where the generator itself was the bottleneck, the result says so.
//!
//! It knows no command line and prints nothing; what goes on is told to a listener.

mod desk;
mod draw;
mod error;
mod job;
mod merger;
mod plan;
mod processor;
mod recorder;
mod result;
mod run;
mod saturation;
mod schedule;
mod stop;
mod threshold;
mod timer;
mod upload;
mod verify;
mod wire;
mod worker;

pub use draw::{Draw, Draws};
pub use error::LoadError;
pub use merger::{Event, Intervals, Listener, SoFar};
pub use plan::{
    Arrivals, Choice, Draft, Fate, Fates, KEYS, Model, Offer, OpenModel, Order, Plan, Protocol, Saturation,
    Shape, Spread, Stage, Think, TokenPolicy, VerifyBy, WorkUnit, is_plan, read,
};
pub use recorder::{Class, Failure, Recorder, Sample, Step, Tally};
pub use run::{Setting, run};
pub use schedule::{Cursor, Schedule};
pub use threshold::{Counts, Figures, Threshold};
