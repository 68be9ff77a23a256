//! HTTP/2 by the crate h2, one request on each connection.
//!
//! h2 and not hyper: hyper hides interim (1xx) responses, the code of a reset, and the moment at which a byte of the body leaves.

mod exchange;
mod fault;
mod first_bytes;
mod head;
mod in_flight;
mod reader;
mod sender;

pub(super) use exchange::{Http2Exchange, Outgoing};
pub use head::needs_http1;
pub(super) use head::{AUTHORITY, Head};
