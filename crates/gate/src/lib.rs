//! What a gate is told before it judges: which failures are excused, and which run it is held against.
//!
//! Files become plain data of `outcome`, with every mistake named by its place; and waivers are written for a person to go on
//! with. Nothing here judges: what waivers and a baseline mean stands in `outcome`.

mod baseline;
mod error;
mod read_waivers;
mod write_waivers;

pub use baseline::read_run;
pub use error::GateError;
pub use read_waivers::read_waivers;
pub use write_waivers::waivers_text;
