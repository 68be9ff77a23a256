//! Runs scenarios against a target: step, exchange, findings, verdicts.
//!
//! A scenario is a [`trial`](trial::Trial): its steps become requests (`build`), the exchanges come back (`exchange`) and are
//! held against what is expected (`conclude`, `judge`); findings fold into one verdict a rule (`fold`). This room prints
//! nothing; what goes on is told to a listener.

mod branch;
mod build;
mod clean;
mod clean_up;
mod conclude;
mod detect;
mod estimate;
mod exchange;
mod fold;
mod forecast;
mod halt;
mod judge;
mod keeper;
mod lane;
mod moment;
mod passing;
mod progress;
mod queue;
mod run;
mod saved;
mod saving;
mod scope;
mod selection;
mod sending;
mod steps;
mod stop;
mod tally;
mod trial;
mod uploads;
mod watch;
mod world;

pub use clean::{Cleaned, clean};
pub use forecast::forecast;
pub use keeper::Keep;
pub use passing::{Waits, spoken};
pub use progress::{Event, Listener};
pub use run::{CheckError, Keeping, Plan, run, run_kept};
pub use saved::{Saved, SavedError};
pub use selection::Selection;
