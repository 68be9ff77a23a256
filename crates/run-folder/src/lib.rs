//! What a run leaves on the disk, so that another process can resume it or clean up after it: a folder with the state
//! of a suspended run and a journal of what the run made.
//!
//! Whatever may be secret is sealed with a key derived from the target's own credential; the rest can be read by anybody.
//! Files are replaced as a whole or appended to, so that a process that is killed leaves either the old or the new. This
//! room knows nothing of suites and targets: it keeps texts and bytes for the rooms above.

mod error;
mod folder;
mod format;
mod journal;
mod seal;

pub use error::RunFolderError;
pub use folder::{Found, RunFolder, State};
pub use format::FORMAT;
pub use journal::{Header, Journal, Made};
pub use seal::{KEY_VARIABLE, SealKey};
