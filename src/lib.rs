//! uptake proves that an upload endpoint keeps its contract, and measures how it holds under load.
//!
//! The rooms of the house, from the roof down; imports run downhill only, never in a circle, and rooms on one floor
//! never import each other:
//!
//! ```text
//! cli > check, reference, report > suite > target > wire > payload, yaml > outcome
//! ```
//!
//! `report` reads `outcome` alone; `reference` reads nothing of ours: two that agree because they are the same code
//! prove nothing. A unit test at the end of this file holds the table.

pub mod check;
pub mod cli;
pub mod outcome;
pub mod payload;
pub mod reference;
pub mod report;
pub mod suite;
pub mod target;
pub mod wire;
pub mod yaml;
