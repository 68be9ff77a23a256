//! The server as users start it, on a folder.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use super::Caller;

pub(crate) const KEY: &str = "a-key-of-the-tests";
/// The smallest segment.
pub(crate) const SEGMENT: usize = 64 * 1024;

pub(crate) struct Process {
    child: Mutex<Child>,
    address: String,
    control: String,
}

impl Process {
    pub(crate) fn start(store: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_uptake"))
            .args(["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--min-segment", "64KiB"])
            .args(["--api-key", KEY, "--store"])
            .arg(store)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = |what: &str| {
            let line = lines.next().expect("it starts on what another left").unwrap();
            line.strip_prefix(what).unwrap_or_else(|| panic!("it said {line}")).to_owned()
        };
        let (api, control) = (address("listening on http://"), address("control on http://"));
        Self { child: Mutex::new(child), address: api, control }
    }

    pub(crate) fn caller(&self) -> Caller {
        Caller::new(&self.address, &self.control)
    }

    /// Kills it without a warning.
    pub(crate) fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Asks it to end.
    pub(crate) fn terminate(self) {
        let mut child = self.child.lock().unwrap();
        let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let mut child = self.child.lock().unwrap();
        // It has ended already, unless the test has failed.
        drop(child.kill());
        drop(child.wait());
    }
}
