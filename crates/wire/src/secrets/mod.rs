//! Secrets, and how they are kept out of everything that leaves the program.
//!
//! A secret leaves in many disguises: percent-encoded in a URL (with more encoded than need be), escaped in JSON, as hex, in
//! base64 at whatever offset its neighbours put it. [`Secrets`] knows them all and puts a name in the secret's place. It
//! rather masks too much than too little.

mod decoder;
mod forms;
mod search;
mod store;
#[cfg(test)]
mod tests;

pub(super) use store::Part;
pub use store::Secrets;
