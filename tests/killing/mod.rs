//! What the test that kills a server is made of: the server as a process, callers that notice when it dies, and a book of
//! what each was told.

mod caller;
mod ledger;
mod process;
mod random;
mod upload;
mod work;

pub(crate) use caller::Caller;
pub(crate) use ledger::Ledger;
pub(crate) use process::Process;
pub(crate) use random::Random;
pub(crate) use work::Work;
