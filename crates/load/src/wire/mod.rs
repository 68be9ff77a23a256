//! The hot path: requests over connections that are kept.
//!
//! Where the room `wire` makes a connection for each exchange and looks at everything, this one is made for speed: heads are
//! written into one buffer a connection, files are slices of shared memory (or go from a memory file to the socket by
//! sendfile), and of an answer nothing is kept that nobody asked for. It may not measure for itself: instants go up.

mod answer;
mod ask;
mod content;
mod http1;
mod http2;
mod pace;
mod pool;
mod site;
mod stream;

pub(super) use ask::{Ask, Cost, Fault, Keep, Reply, Window};
pub(super) use content::{BLOCK, Content};
pub(super) use pace::Pace;
pub(super) use pool::Pool;
pub(super) use site::Site;
