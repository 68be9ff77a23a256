//! Signatures of whole requests, in their headers or in their URL.
//!
//! Nothing here reads a clock or the environment.

mod canonical;
mod error;
mod key;
mod sas;
#[cfg(test)]
mod tests;
mod v4;

pub use error::{KeyFault, SignError};
pub use key::SigningKey;
pub use sas::{Sas, SasResource};
pub use v4::{Dialect, V4};
