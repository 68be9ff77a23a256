//! One exchange: a request in, what came back (or why nothing did) out.
//!
//! This room does what the request says and nothing else: it follows no redirect, repeats no request, keeps no cookie, adds no
//! credential and no header but `Host`, the body's framing and those that the settings name. It speaks HTTP/1.1 by hand over a connection of its own for each
//! exchange, or HTTP/2 by h2 where the settings ask for it. A pooled client hides exactly what is asked here: interim responses, the answer of a server that stops reading
//! early, the moment at which a byte leaves; and a pooled connection that the server has just closed makes a fault that is
//! nobody's. It may not judge: whether an answer is right is for the rooms above. It may never take a fault of the harness
//! for one of the server.

mod barriers;
mod body;
mod client;
mod coding;
mod connection;
mod curl;
mod delivery;
mod dialer;
mod error;
mod exchange;
mod fault;
mod form;
mod http2;
mod message;
mod progress_timeout;
mod proxy;
mod raw;
mod reader;
mod request;
pub mod response;
mod round_trip;
mod script;
mod secrets;
mod sender;
mod shell;
mod signals;
mod signing;
mod size;
mod summary;
#[cfg(test)]
mod tests;
mod tls;
mod tls_error;
mod trust;
mod version;

pub use body::Body;
pub use client::{Client, Settings};
pub use connection::Duplex;
pub use curl::curl;
pub use delivery::{Delivery, Length, Reading, Stall};
pub use dialer::Dialer;
pub use error::WireError;
pub use exchange::{Answer, Exchange, Interim, Sent};
pub use fault::{Closed, Fault, Phase};
pub use form::{FilePart, Form};
pub use http2::needs_http1;
pub use message::host;
pub use proxy::{Proxies, Proxy};
pub use raw::{RawBytes, Then};
pub use request::Request;
pub use script::script;
pub use secrets::Secrets;
pub use shell::literal as shell_word;
pub use signing::{Dialect, KeyFault, Sas, SasResource, SignError, SigningKey, V4};
pub use summary::{BodySummary, FieldSummary};
pub use tls::{TlsSettings, Verify, configure as tls_config};
pub use tls_error::{explain as explain_tls, explain_cause as explain_tls_cause};
pub use version::Version;
