//! Servers that drip, flood, hang, lie about lengths, reset, speak other protocols or send nasty contents: `check`, `load` and
//! `fuzz` end in bounded time and memory against each, with the right exit code, and print nothing that a terminal or a CI
//! system would obey.
#![cfg(target_os = "linux")]
#![expect(clippy::format_collect, reason = "the texts are made once, and are small")]

#[path = "../common/mod.rs"]
mod common;

mod behaviours;
mod printed;
mod runs;
mod server;

use std::time::Duration;

use futures_util::{StreamExt as _, stream};

use self::behaviours::{Behaviour, Kind, table};
use self::runs::{Command, Run};
use self::server::Server;

/// How long a run may take. The profile's time-out for an answer is a second; `check` tries a lost request four times.
const BOUND: Duration = Duration::from_secs(20);
/// How far above its size against a server that behaves well a process may get, in KiB.
const ROOM: u64 = 64 << 10;
/// Most runs wait more than they work.
const AT_ONCE: usize = 24;

impl Kind {
    /// The exit codes that are right. 1 is the server's fault, 3 says that nothing can be said.
    fn exits(self, command: Command) -> &'static [i32] {
        match (self, command) {
            (Kind::Right | Kind::Last, Command::Check | Command::Load) => &[0],
            // A single case may be one that has to be refused.
            (Kind::Right, Command::Fuzz) => &[0, 1],
            (Kind::Last, Command::Fuzz) => &[0, 1, 4],
            (Kind::Wrong, Command::Check) => &[1],
            (Kind::Broken | Kind::Lost | Kind::Busy, Command::Check) => &[1, 3],
            // Nothing was accepted: no figure of an upload, and no case, says anything.
            (_, Command::Load | Command::Fuzz) => &[1, 3, 4],
        }
    }
}

async fn faults(behaviour: &Behaviour, command: Command, resting: u64) -> Vec<String> {
    let server = Server::start(behaviour.script.clone()).await;
    let run = Run::of(command, server.address, BOUND).await;
    let mut faults = Vec::new();
    let exits = behaviour.is.exits(command);
    match run.exit {
        None => faults.push(format!("it did not end within {BOUND:?}")),
        Some(exit) if !exits.contains(&exit) => faults.push(format!("exit code {exit}, not {exits:?}")),
        Some(_) => {}
    }
    if run.peak > resting + ROOM {
        faults.push(format!("{} MiB at its peak, {} MiB at rest", run.peak >> 10, resting >> 10));
    }
    faults.extend(printed::faults(&run));
    let shown = if faults.is_empty() { String::new() } else { run.excerpt() };
    faults.iter().map(|fault| format!("{command:?}, {}: {fault}\n{shown}", behaviour.name)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_server_makes_a_command_hang_swell_or_misspeak() {
    let table = table();
    assert!(table.len() >= 60, "{} behaviours", table.len());
    let mut resting = Vec::new();
    for command in Command::ALL {
        let server = Server::start(table[0].script.clone()).await;
        resting.push((command, Run::of(command, server.address, BOUND).await.peak));
    }
    let only = std::env::var("UPTAKE_HOSTILE").unwrap_or_default();
    let runs = table
        .iter()
        .filter(|behaviour| behaviour.name.contains(&only))
        .flat_map(|behaviour| resting.iter().map(move |(command, rest)| (behaviour, *command, *rest)))
        .map(|(behaviour, command, rest)| faults(behaviour, command, rest));
    let faults: Vec<Vec<String>> = stream::iter(runs).buffer_unordered(AT_ONCE).collect().await;
    let faults = faults.concat();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
