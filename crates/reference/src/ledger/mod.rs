//! What a server with a folder of its own remembers across restarts: an embedded store, written by one thread.
//!
//! The memory decides, the ledger writes down: what was decided is answered only once it is on the disk. It knows no
//! rules and opens no segment; which bytes belong to what is a row, and the bytes are files of `store`'s.

mod change;
mod open;
mod record;
mod tables;
mod writer;

pub(super) use change::{Change, Journal};
pub(super) use open::open;
pub(super) use record::{Framing, Kept, Remembered, SegmentRecord, TokenRecord, VideoRecord};
pub(super) use writer::{Ledger, Receipt};
