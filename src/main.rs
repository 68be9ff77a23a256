//! uptake tests that an upload endpoint keeps its contract, and measures it under load.
//!
//! This package is the command line: it parses arguments, runs one command, and turns its outcome into an exit code.
//! Everything else is in the crates under `crates/`; `ARCHITECTURE.md` is their map.

mod cli;

use std::process::ExitCode;

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(cli::main().code())
}
