//! `uptake check --watch`: runs again each time one of the files changes that the run reads.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc::{Receiver, channel};

use super::execute;
use super::job::{Job, ServerChoice};
use crate::cli::error::CliError;
use crate::cli::output;
use crate::cli::signals::Signals;
use uptake_outcome::Exit;
use uptake_outcome::text::count;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_millis(300);

/// More files than any suite has; a directory may be named by mistake.
const MOST_FILES: usize = 10_000;

/// When each file was written, and its size.
type Seen = BTreeMap<PathBuf, Option<(SystemTime, u64)>>;

/// Runs, and runs again after each change, until the user stops it.
pub(super) async fn run(job: Job) -> Result<Exit, CliError> {
    let mut enter = lines();
    loop {
        // Looked at before the run: what changes meanwhile is run again too.
        let seen = look(&job);
        // A mistake in a file is what one repairs while watching.
        let exit = Box::pin(execute::run(job.clone())).await.unwrap_or_else(|error| error.report());
        if exit == Exit::Interrupted {
            return Ok(exit);
        }
        let mut signals = Signals::listen().map_err(CliError::Signal)?;
        output::say(&format!("watching {}; Enter runs again, Ctrl-C ends", count(seen.len(), "file")));
        tokio::select! {
            () = changed(&job, &seen) => output::say("a file has changed"),
            () = next(&mut enter) => {}
            () = signals.next() => return Ok(Exit::Interrupted),
        }
    }
}

/// Comes back when a file is no longer as it was seen.
async fn changed(job: &Job, seen: &Seen) {
    loop {
        tokio::time::sleep(LOOK).await;
        if look(job) != *seen {
            return;
        }
    }
}

fn look(job: &Job) -> Seen {
    let mut seen = Seen::new();
    let target = match &job.server {
        ServerChoice::Target { target, .. } if !target.contains("://") => Some(Path::new(target)),
        _ => None,
    };
    for place in job.suite.places().chain(job.gate.files()).chain(target) {
        add(&mut seen, place);
    }
    seen
}

fn add(seen: &mut Seen, place: &Path) {
    if seen.len() >= MOST_FILES {
        return;
    }
    let metadata = std::fs::metadata(place).ok();
    if metadata.as_ref().is_some_and(std::fs::Metadata::is_dir) {
        for entry in std::fs::read_dir(place).into_iter().flatten().flatten() {
            let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            if !(is_link && entry.path().is_dir()) {
                add(seen, &entry.path());
            }
        }
        return;
    }
    let written = metadata.and_then(|metadata| Some((metadata.modified().ok()?, metadata.len())));
    seen.insert(place.to_owned(), written);
}

/// A message for each line that is typed; none where nobody types.
fn lines() -> Receiver<()> {
    let (sender, receiver) = channel(1);
    if io::stdin().is_terminal() {
        std::thread::spawn(move || {
            for line in io::stdin().lock().lines() {
                if line.is_err() || sender.blocking_send(()).is_err() {
                    return;
                }
            }
        });
    }
    receiver
}

async fn next(lines: &mut Receiver<()>) {
    if lines.recv().await.is_none() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::{Seen, add};

    fn seen(folder: &std::path::Path) -> Seen {
        let mut seen = Seen::new();
        add(&mut seen, folder);
        seen
    }

    #[test]
    fn a_file_that_is_written_added_or_removed_is_a_change() {
        let folder = tempfile::tempdir().expect("a folder");
        let (one, other) = (folder.path().join("one.yaml"), folder.path().join("below/other.yaml"));
        std::fs::write(&one, "a").expect("written");
        let first = seen(folder.path());
        assert_eq!(first, seen(folder.path()));
        std::fs::write(&one, "longer").expect("written");
        let second = seen(folder.path());
        assert_ne!(first, second);
        std::fs::create_dir(folder.path().join("below")).expect("made");
        std::fs::write(&other, "b").expect("written");
        let third = seen(folder.path());
        assert_ne!(second, third);
        std::fs::remove_file(&other).expect("removed");
        assert_eq!(seen(folder.path()), second);
    }
}
