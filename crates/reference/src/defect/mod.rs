//! The planted defects: deviations as real servers have them, each one small place in this room that asks
//! `has(Defect::…)`. All are off by default, and then each costs the test of one bit.

mod catalogue;
mod set;

pub use catalogue::Defect;
pub use set::Defects;
