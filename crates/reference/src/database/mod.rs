//! What a server with a folder of its own remembers across restarts: an embedded database, written by one thread.
//!
//! The state decides, the database records: a decision is answered only once it is on the disk. It knows no rules and
//! opens no segment; which bytes belong to what is a row, and the bytes are files of `store`.

pub(crate) mod change;
pub(crate) mod open;
pub(crate) mod record;
pub(crate) mod tables;
pub(crate) mod writer;
