//! The one thread that writes. Decisions that wait together are written in one go, so that many callers share the time
//! that a disk takes.

use std::fs::File;
use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use redb::{Database, Durability, ReadableTable as _, WriteTransaction};
use serde::Serialize;
use tokio::sync::oneshot;

use super::change::{Change, ChangeSet};
use super::tables::{ACCESS, NUMBER_ADVANCED, NUMBERS, REFRESH, SEGMENTS, TOKENS, VIDEOS};
use crate::problem::{Problem, kind};
use crate::store::Discarded;

/// Decisions that are written in one go at most.
const GROUP: usize = 256;

/// How a decision went into the database.
type Outcome = Result<(), Arc<str>>;

/// A decision on its way into the database.
struct Entry {
    changes: ChangeSet,
    recorded: oneshot::Sender<Outcome>,
}

/// The database, open for writing.
pub(crate) struct DatabaseWriter {
    entries: Mutex<Option<Sender<Entry>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What must be awaited before a decision is answered.
#[must_use = "a response is sent only after its state is written"]
pub(crate) struct Recorded(Option<oneshot::Receiver<Outcome>>);

impl Recorded {
    /// Of a decision that nobody writes down.
    pub(crate) const fn at_once() -> Self {
        Self(None)
    }

    /// Waits until the decision is on the disk.
    pub(crate) async fn wait(self) -> Result<(), Problem> {
        let Some(receiver) = self.0 else { return Ok(()) };
        let outcome = receiver.await.unwrap_or_else(|_| Err("the server stops".into()));
        outcome.map_err(|why| {
            Problem::new(kind::INTERNAL, format!("What was decided could not be written down: {why}."))
        })
    }
}

impl DatabaseWriter {
    /// Begins to write. `segments` is the folder of the segments, `lock` is held as long as anything is written.
    pub(crate) fn new(database: Database, segments: File, lock: File) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel();
        let writer = Writer { database, segments, _lock: lock };
        let thread =
            thread::Builder::new().name("database".to_owned()).spawn(move || writer.run(&receiver))?;
        Ok(Self { entries: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)) })
    }

    /// Takes a decision. The order in which this is called is the order in which decisions are written.
    pub(crate) fn record(&self, changes: ChangeSet) -> Recorded {
        if changes.changes.is_empty() {
            return Recorded::at_once();
        }
        let (recorded, receiver) = oneshot::channel();
        let entries = self.entries.lock().expect("nothing panics while it holds this");
        if let Some(entries) = entries.as_ref() {
            // A writer that is gone drops the recorded, which tells the caller.
            drop(entries.send(Entry { changes, recorded }));
        }
        Recorded(Some(receiver))
    }

    /// Writes what was taken, and lets the folder go.
    pub(crate) fn close(&self) {
        drop(self.entries.lock().expect("nothing panics while it holds this").take());
        let thread = self.thread.lock().expect("nothing panics while it holds this").take();
        if let Some(thread) = thread {
            drop(thread.join());
        }
    }
}

impl Drop for DatabaseWriter {
    fn drop(&mut self) {
        self.close();
    }
}

struct Writer {
    database: Database,
    segments: File,
    _lock: File,
}

impl Writer {
    fn run(self, entries: &Receiver<Entry>) {
        while let Ok(first) = entries.recv() {
            let mut group = vec![first];
            group.extend(entries.try_iter().take(GROUP - 1));
            let outcome = self.write(&group).map_err(|error| Arc::from(error.to_string()));
            for Entry { changes, recorded } in group {
                // Bytes go before the caller is told that they are gone.
                match outcome {
                    Ok(()) => drop(changes),
                    // The rows that speak of them are still there.
                    Err(_) => changes.discarded.into_iter().for_each(Discarded::spare),
                }
                // A caller that has gone away has missed its answer.
                drop(recorded.send(outcome.clone()));
            }
        }
    }

    fn write(&self, group: &[Entry]) -> Result<(), redb::Error> {
        let changes = || group.iter().flat_map(|entry| &entry.changes.changes);
        if changes().any(|change| matches!(change, Change::Segment(..))) {
            // The segments' own bytes are on the disk already; now their names are, too.
            self.segments.sync_all()?;
        }
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        for change in changes() {
            write(&transaction, change)?;
        }
        transaction.commit()?;
        Ok(())
    }
}

fn write(transaction: &WriteTransaction, change: &Change) -> Result<(), redb::Error> {
    match change {
        Change::Token(token, record) => {
            transaction.open_table(TOKENS)?.insert(token.as_str(), row(record).as_slice())?;
        }
        Change::TokenGone(token) => {
            transaction.open_table(TOKENS)?.remove(token.as_str())?;
        }
        Change::Video(id, record) => {
            transaction.open_table(VIDEOS)?.insert(id.as_str(), row(record).as_slice())?;
        }
        Change::VideoGone(id) => {
            transaction.open_table(VIDEOS)?.remove(id.as_str())?;
            remove_segments(transaction, id)?;
        }
        Change::Segment(id, key, record) => {
            transaction.open_table(SEGMENTS)?.insert((id.as_str(), *key), row(record).as_slice())?;
        }
        Change::SegmentsGone(id) => remove_segments(transaction, id)?,
        Change::Access(token, expires) => {
            transaction.open_table(ACCESS)?.insert(token.as_str(), expires.millis())?;
        }
        Change::AccessGone(token) => {
            transaction.open_table(ACCESS)?.remove(token.as_str())?;
        }
        Change::Refresh(token, serial) => {
            transaction.open_table(REFRESH)?.insert(token.as_str(), serial)?;
        }
        Change::RefreshGone(token) => {
            transaction.open_table(REFRESH)?.remove(token.as_str())?;
        }
        Change::Advanced(millis) => {
            transaction.open_table(NUMBERS)?.insert(NUMBER_ADVANCED, millis)?;
        }
    }
    Ok(())
}

fn remove_segments(transaction: &WriteTransaction, id: &str) -> Result<(), redb::Error> {
    let mut segments = transaction.open_table(SEGMENTS)?;
    let own = (id, 0)..=(id, u64::MAX);
    // Looked at first: most videos have none, and a range that is retained is written anew.
    if segments.range(own.clone())?.next().is_some() {
        segments.retain_in(own, |_, _| false)?;
    }
    Ok(())
}

fn row(record: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(record).expect("a record has no keys but texts")
}
