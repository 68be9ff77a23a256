//! The load generator: uploads started by a schedule or by a fixed number of uploaders, and how long each took.
//!
//! A [`LoadPlan`] says what is offered. Arrivals are due at instants that are fixed before the run. An uploader takes the next
//! arrival and sends it; the recorder of its thread takes each phase's time, from the due instant as well as from the start,
//! without a lock or an allocation. Once a second the recorders are merged into a row of the series, and at the end into one
//! mergeable result. When the generator itself was the bottleneck, the result says so.
//!
//! This crate knows no command line and prints nothing; a [`ProgressListener`] is told how the run goes.

mod aggregator;
mod answer;
mod ask;
mod call;
mod capacity;
mod client;
mod clock;
mod context;
mod counters;
mod cpu;
mod descriptors;
mod early_end;
mod error;
mod failure;
mod plan;
mod poll;
mod prepare;
mod protocol;
mod random;
mod recorder;
mod result;
mod run;
mod saturation;
mod schedule;
mod segment;
mod share;
mod start;
mod stored;
mod threshold;
mod timer;
mod trace;
mod unique;
mod upload;
mod uploader;
mod worker;
mod worker_report;
mod worker_state;
mod workload;

pub use aggregator::{IntervalHistograms, IntervalReport, PhaseSamples, ProgressListener, RunningTotals};
pub use capacity::{CapacityEvent, CapacityListener, CapacityOptions, find_capacity};
pub use clock::{ClockOffset, clock_offset};
pub use error::LoadError;
pub use plan::{KEYS, LoadPlan, RawPlan, TokenPolicy, is_plan, read};
pub use run::{RunOptions, run};
pub use threshold::judge;
