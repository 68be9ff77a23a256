//! The HTTP client of the load generator: requests over connections that are reused.
//!
//! The crate `wire` opens a connection for each exchange and records everything. This client is made for speed: each
//! connection writes heads into one buffer, files are slices of shared memory (or go from a memory file to the socket by
//! `sendfile`), and a response body is read only when the caller asks for it. It records no samples; it returns instants.

mod content;
mod counted;
mod endpoint;
mod exchange;
mod http1;
mod http2;
mod pacing;
mod pool;
mod request_body;
mod response;
mod send_queue;
mod transport;
mod upload_body;
mod within;

pub(super) use content::{BLOCK, Content};
pub(super) use endpoint::Endpoint;
pub(super) use exchange::{ContentSlice, ExchangeError, ExchangeStats, Request, Response, ResponseBody};
pub(super) use pacing::{Pause, RequestPacing, UploadPacing};
pub(super) use pool::ConnectionPool;
