//! The binary as a user runs it, in an environment that says nothing.

use std::ffi::OsStr;
use std::process::{Command, Output, Stdio};

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// `uptake` with these arguments, not run yet.
pub(crate) fn command<A: AsRef<OsStr>>(arguments: &[A]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uptake"));
    command.args(arguments).stdin(Stdio::null());
    for variable in [
        "UPTAKE_API_KEY",
        "UPTAKE_TARGET",
        "UPTAKE_UPLOAD_TOKEN",
        "UPTAKE_RUN_KEY",
        "UPTAKE_SHARD",
        "UPTAKE_RESULTS",
        "UPTAKE_START_AT",
        "CI",
        "COLUMNS",
        "NO_COLOR",
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Ended {
    command.output().expect("the binary starts").into()
}

/// Runs `uptake` with these arguments.
pub(crate) fn uptake<A: AsRef<OsStr>>(arguments: &[A]) -> Ended {
    run(&mut command(arguments))
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("what is printed is UTF-8");
        let code = output.status.code().expect("no signal ended it");
        Self { code, stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Ended {
    /// Holds the exit code, and shows what was printed where it is another.
    #[track_caller]
    pub(crate) fn with_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}
