//! Sockets and HTTP: the server's life, its connections, what all answers have in common, and bodies that are read to
//! their end.

pub(crate) mod answer;
pub(crate) mod background;
pub(crate) mod connection;
pub(crate) mod lifecycle;
pub(crate) mod listener;
pub(crate) mod middleware;
pub(crate) mod rate_limit;
pub(crate) mod request_body;
pub(crate) mod tls;
