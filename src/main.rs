//! Parses the command line, runs one command, and turns its outcome into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(uptake::cli::main().code())
}
