//! What is asked: the catalogue of rules, the documented shapes, and scenarios made of steps.
//!
//! Everything here is data that was read from YAML with its places; nothing is sent and nothing is judged. The
//! language's reference is `scenarios/README.md`.

mod coverage;
mod decode;
pub mod expect;
pub mod expr;
mod files;
mod layers;
mod load;
pub mod matcher;
mod rule;
pub mod save;
mod scenario;
mod schema;
pub mod step;
mod suite;
mod tables;

pub use coverage::{Coverage, facts};
pub use files::{FileError, Files};
pub use load::{LoadError, Loaded, load, load_suite};
pub use rule::{Answer, Refusal, Rule};
pub use scenario::{Company, Cost, Scenario};
pub use schema::{Misfit, Schema};
pub use suite::{Carrier, Credential, Everywhere, MediaFile, Resource, Suite, UploadDefaults};
