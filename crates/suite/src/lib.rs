//! What is asked: the catalogue of rules, the documented shapes, and scenarios made of steps.
//!
//! Everything here is data that was read from YAML with its places; nothing is sent and nothing is judged. The
//! language's reference is `scenarios/README.md`.

mod coverage;
mod credential;
mod decode;
mod error;
pub mod expect;
pub mod expr;
mod files;
mod given;
pub mod json;
mod layers;
mod load;
pub mod matcher;
mod needs;
mod predefined;
pub mod protocol;
pub mod request;
mod rule;
pub mod save;
pub mod saved;
mod scenario;
mod schema;
mod signing;
mod signing_keys;
mod sources;
pub mod status;
pub mod step;
pub mod structured;
mod suite;
mod tables;
pub mod upload;
pub mod xml;

pub use coverage::{Coverage, facts};
pub use credential::{
    Carrier, Credential, KeyTemplate, SasSignature, Signature, SignaturePlace, SignatureScheme, V4Signature,
};
pub use error::LoadError;
pub use files::{FileError, Files};
pub use load::{Loaded, load, load_suite, read_suite};
pub use needs::Needs;
pub use predefined::predefined;
pub use rule::{Answer, Refusal, Rule};
pub use scenario::{Cost, Isolation, Scenario};
pub use schema::{Schema, SchemaError};
pub use signing_keys::{BadSigningKey, check_signing_keys};
pub use sources::{Sources, digest_of, sha256};
pub use suite::{Detection, EveryAnswer, MediaFile, ProblemPath, Resource, Suite, UploadDefaults};
