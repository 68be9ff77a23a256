//! Runs of the commands, with what they took and printed.

use std::fs::File;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::common::{Folder, command};

/// A command that talks to servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Check,
    Load,
    Fuzz,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Run {
    /// None where it had to be killed.
    pub(crate) exit: Option<i32>,
    pub(crate) took: Duration,
    /// The most memory that it had resident, in KiB.
    pub(crate) peak: u64,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// The reports that it wrote, by name.
    pub(crate) reports: Vec<(String, Vec<u8>)>,
}

const SUITE: &str = "
suite: hostile
areas: { x: all }
rules:
  - { id: X-01, area: x, level: must, text: An upload is answered 201, source: [test] }
";

const SCENARIO: &str = "
scenario: A file is uploaded
steps:
  - upload it:
      post: /upload
      body: { size: 65536 }
      expect: { X-01: { status: 201 } }
";

impl Command {
    pub(crate) const ALL: [Command; 3] = [Command::Check, Command::Load, Command::Fuzz];

    fn arguments(self, folder: &Folder, target: &str) -> Vec<String> {
        let words = match self {
            Command::Check => {
                folder.write("suite/suite.yaml", SUITE);
                folder.write("suite/x/upload.yaml", SCENARIO);
                let reports = ["json", "junit", "markdown"]
                    .map(|name| format!("--report {name}={}", folder.path(&format!("report.{name}"))));
                format!(
                    "check {} --runs {} {}",
                    folder.path("suite/x"),
                    folder.path("runs"),
                    reports.join(" ")
                )
            }
            Command::Load => format!(
                "load --upload-token a-token-of-the-tests --uploaders 2 --duration 300ms --linger 1s --size 64KiB --allow-saturated \
                 --report json={}",
                folder.path("report.json")
            ),
            Command::Fuzz => format!(
                "fuzz --cases 1 --enough 1 --jobs 1 --time 2s --max-bytes 1MiB --out {} --report json={}",
                folder.path("found"),
                folder.path("report.json")
            ),
        };
        format!("{words} --target {target}").split_whitespace().map(ToOwned::to_owned).collect()
    }
}

impl Run {
    /// Runs a command against the server at this address; it is killed when the time is up.
    pub(crate) async fn of(what: Command, server: SocketAddr, bound: Duration) -> Self {
        let folder = Folder::new();
        folder.write("api.key", "a-key-of-the-tests");
        let profile = format!(
            "target: hostile\nbase-url: http://{server}\ncredentials: {{ api-key: {{ file: api.key }} }}\n\
             limits: {{ min-segment: 1KiB, max-segment: 64KiB, max-request: 64KiB }}\n\
             timeouts: {{ connect: 1s, answer: 1s }}\n"
        );
        let target = folder.write("target.yaml", &profile);
        let mut process = command(&what.arguments(&folder, &target));
        process.current_dir(folder.root());
        let watching = tokio::task::spawn_blocking(move || Self::watch(process, &folder, bound));
        watching.await.expect("the run is watched to its end")
    }

    /// Looks at a process every few milliseconds until it ends.
    fn watch(mut process: std::process::Command, folder: &Folder, bound: Duration) -> Self {
        let output = |name| File::create(folder.root().join(name)).expect("a file can be made");
        process.stdout(output("stdout")).stderr(output("stderr"));
        let began = Instant::now();
        let mut child = process.spawn().expect("the binary starts");
        let mut peak = 0;
        let exit = loop {
            if let Some(status) = child.try_wait().expect("it is our child") {
                break status.code();
            }
            if began.elapsed() > bound {
                child.kill().expect("it is our child");
                child.wait().expect("it is our child");
                break None;
            }
            peak = resident(child.id()).unwrap_or(0).max(peak);
            std::thread::sleep(Duration::from_millis(5));
        };
        let read = |name| std::fs::read(folder.root().join(name)).expect("it was made");
        let (stdout, stderr) = (read("stdout"), read("stderr"));
        Self { exit, took: began.elapsed(), peak, stdout, stderr, reports: reports(folder) }
    }

    pub(crate) fn excerpt(&self) -> String {
        let text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.chars().take(1_500).flat_map(char::escape_debug).collect::<String>().replace("\\n", "\n    ")
        };
        format!("    after {:?}\n    {}\n    {}", self.took, text(&self.stdout), text(&self.stderr))
    }
}

/// The most memory that a process had resident so far, in KiB; nothing while it still has the memory of this process, which it
/// shares until its program is loaded.
fn resident(process: u32) -> Option<u64> {
    let program = |process: &str| std::fs::read_link(format!("/proc/{process}/exe")).ok();
    if program(&process.to_string())? == program("self")? {
        return None;
    }
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn reports(folder: &Folder) -> Vec<(String, Vec<u8>)> {
    ["report.json", "report.junit", "report.markdown"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), std::fs::read(folder.root().join(name)).ok()?)))
        .collect()
}
