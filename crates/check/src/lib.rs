//! Runs scenarios against a target: step, exchange, findings, verdicts.
//!
//! The [`interpreter`] holds a scenario's state as plain data, and decides what comes next; the `driver` carries that out over
//! the network; `scenario_run` runs one scenario, `queue` a few at a time, and `verdicts` folds what they found into one
//! verdict a rule. `recorder` writes a run down while it goes on. This crate prints nothing: it reports progress to a
//! listener.

mod ask;
mod clean;
mod clock_offset;
mod clocks;
mod context;
mod detect;
mod driver;
mod forecast;
mod greeting;
mod interpreter;
mod job;
mod mask;
mod need;
mod partition;
mod progress;
mod queue;
mod real_time;
mod record;
mod recorder;
mod request_counts;
mod retry_after;
mod run;
mod saved;
mod scenario_run;
mod selection;
mod sending;
mod standing;
mod stop_signal;
mod summary;
mod transcript;
mod unreported;
mod verdicts;
mod waiting;
mod wall_time;

pub use ask::{Asked, ask};
pub use clean::{CleanJob, Cleaned, clean, needed};
pub use detect::detect_capabilities;
pub use forecast::forecast;
pub use interpreter::Caller;
pub use job::{CheckError, KeepExchanges, Recording, RunJob, RunOptions};
pub use partition::{scenario_times, scenarios_of};
pub use progress::{Listener, RunEvent, WaitCause};
pub use real_time::WaitLimits;
pub use record::RunRecord;
pub use run::{run, run_recorded};
pub use saved::{SavedError, SavedRun};
pub use selection::Selection;
pub use summary::target_summary;
