//! The conversations, one an area of the catalogue.

pub(crate) mod auth;
pub(crate) mod bytes;
pub(crate) mod grace;
pub(crate) mod http;
pub(crate) mod part;
pub(crate) mod revoke;
pub(crate) mod schema;
pub(crate) mod token;
pub(crate) mod ttl;
pub(crate) mod upload;
