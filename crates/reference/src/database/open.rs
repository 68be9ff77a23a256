//! Opens the database of a folder: alone, whole, and with everything that was written down.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::path::Path;

use redb::{Database, DatabaseError, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use serde::de::DeserializeOwned;

use super::record::{SegmentRecord, StoredState};
use super::tables::{
    ACCESS, FORMAT, NUMBER_ADVANCED, NUMBER_FORMAT, NUMBER_STARTS, NUMBERS, REFRESH, SEGMENTS, TOKENS, VIDEOS,
};
use super::writer::DatabaseWriter;
use crate::error::ReferenceError;
use crate::timestamp::Timestamp;

/// The embedded store.
const STORE: &str = "uptake.redb";
/// The same while it is made: a store that was broken off while it was made is none.
const UNFINISHED: &str = "uptake.redb.new";
/// Who holds a lock on this holds the folder.
const LOCK: &str = "lock";
/// Pages that are kept in memory.
const CACHE: usize = 8 * 1024 * 1024;

/// A folder that is this server's alone.
pub(crate) struct Opened {
    pub(crate) writer: DatabaseWriter,
    pub(crate) stored: StoredState,
}

/// Opens the database of a folder, or begins one. A folder that holds anything else is left alone.
pub(crate) fn open(folder: &Path, segments: &str) -> Result<Opened, ReferenceError> {
    let failed = |source| ReferenceError::Storage { folder: folder.to_owned(), source };
    create(folder).map_err(failed)?;
    let (store, unfinished) = (folder.join(STORE), folder.join(UNFINISHED));
    if !fs::exists(&store).map_err(failed)?
        && let Some(name) = stranger(folder).map_err(failed)?
    {
        let why = format!("it is not a store, and contains {name}");
        return Err(ReferenceError::StoreDamaged { folder: folder.to_owned(), why });
    }
    let lock = lock(folder)?;
    if fs::exists(&unfinished).map_err(failed)? {
        fs::remove_file(&unfinished).map_err(failed)?;
    }
    if !fs::exists(&store).map_err(failed)? {
        begin(&unfinished).map_err(|error| damaged(folder, &error))?;
        fs::rename(&unfinished, &store).map_err(failed)?;
        sync_folder(folder).map_err(failed)?;
    }
    let database = database(&store).map_err(|error| damaged(folder, &error))?;
    let stored = read(&database).map_err(|error| damaged(folder, &error))?;
    fs::create_dir_all(folder.join(segments)).map_err(failed)?;
    let segments = File::open(folder.join(segments)).map_err(failed)?;
    let writer = DatabaseWriter::new(database, segments, lock).map_err(failed)?;
    Ok(Opened { writer, stored })
}

/// Makes what was created in a folder outlast a loss of power.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Tokens are secrets, so a folder that is made is its owner's alone.
fn create(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn lock(folder: &Path) -> Result<File, ReferenceError> {
    let failed = |source| ReferenceError::Storage { folder: folder.to_owned(), source };
    let file = File::options().create(true).append(true).open(folder.join(LOCK)).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ReferenceError::StoreTaken { folder: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Something in the folder that no server put there.
fn stranger(folder: &Path) -> io::Result<Option<String>> {
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if name != LOCK && name != UNFINISHED {
            return Ok(Some(name.to_string_lossy().into_owned()));
        }
    }
    Ok(None)
}

/// What can be wrong with a store.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Open(#[from] DatabaseError),
    #[error(transparent)]
    Transaction(#[from] redb::TransactionError),
    #[error(transparent)]
    Table(#[from] redb::TableError),
    #[error(transparent)]
    Storage(#[from] redb::StorageError),
    #[error(transparent)]
    Commit(#[from] redb::CommitError),
    #[error("a row of `{table}` cannot be read: {error}")]
    Row { table: &'static str, error: serde_json::Error },
    #[error("another version of uptake wrote it (format {0}, not {FORMAT})")]
    Format(i64),
}

fn damaged(folder: &Path, fault: &Fault) -> ReferenceError {
    let folder = folder.to_owned();
    match fault {
        Fault::Open(DatabaseError::DatabaseAlreadyOpen) => ReferenceError::StoreTaken { folder },
        other => ReferenceError::StoreDamaged { folder, why: other.to_string() },
    }
}

fn database(file: &Path) -> Result<Database, Fault> {
    // A store that was altered is told as such, and not trusted until it misleads.
    Ok(Database::builder().set_cache_size(CACHE).set_check_integrity_on_open(true).create(file)?)
}

/// An empty store.
fn begin(file: &Path) -> Result<(), Fault> {
    let database = database(file)?;
    let transaction = database.begin_write()?;
    {
        for table in [TOKENS, VIDEOS] {
            transaction.open_table(table)?;
        }
        transaction.open_table(SEGMENTS)?;
        transaction.open_table(ACCESS)?;
        transaction.open_table(REFRESH)?;
        transaction.open_table(NUMBERS)?.insert(NUMBER_FORMAT, FORMAT)?;
    }
    transaction.commit()?;
    Ok(())
}

fn read(database: &Database) -> Result<StoredState, Fault> {
    let transaction = database.begin_read()?;
    let numbers = transaction.open_table(NUMBERS)?;
    let number = |name: &str| Ok::<_, Fault>(numbers.get(name)?.map_or(0, |value| value.value()));
    match number(NUMBER_FORMAT)? {
        FORMAT => {}
        other => return Err(Fault::Format(other)),
    }
    let starts = number(NUMBER_STARTS)?;
    let mut stored = StoredState {
        tokens: rows(&transaction, TOKENS, "tokens")?,
        advanced: number(NUMBER_ADVANCED)?,
        starts: u64::try_from(starts).unwrap_or(0),
        ..StoredState::default()
    };
    let segments = transaction.open_table(SEGMENTS)?;
    for (id, video) in rows(&transaction, VIDEOS, "videos")? {
        let mut own: Vec<(u64, SegmentRecord)> = Vec::new();
        for row in segments.range((id.as_str(), 0)..=(id.as_str(), u64::MAX))? {
            let (key, value) = row?;
            own.push((key.value().1, parse("segments", value.value())?));
        }
        stored.videos.push((id, video, own));
    }
    for row in transaction.open_table(ACCESS)?.iter()? {
        let (token, expires) = row?;
        stored.access.push((token.value().to_owned(), Timestamp::from_millis(expires.value())));
    }
    stored.access.sort_by_key(|(_, expires)| *expires);
    for row in transaction.open_table(REFRESH)?.iter()? {
        let (token, serial) = row?;
        stored.refresh.push((token.value().to_owned(), serial.value()));
    }
    stored.refresh.sort_by_key(|(_, serial)| *serial);
    drop(numbers);
    drop(transaction);
    let transaction = database.begin_write()?;
    transaction.open_table(NUMBERS)?.insert(NUMBER_STARTS, starts + 1)?;
    transaction.commit()?;
    Ok(stored)
}

fn rows<T: DeserializeOwned>(
    transaction: &redb::ReadTransaction,
    table: TableDefinition<'static, &'static str, &'static [u8]>,
    name: &'static str,
) -> Result<Vec<(String, T)>, Fault> {
    let mut rows = Vec::new();
    for row in transaction.open_table(table)?.iter()? {
        let (key, value) = row?;
        rows.push((key.value().to_owned(), parse(name, value.value())?));
    }
    Ok(rows)
}

fn parse<T: DeserializeOwned>(table: &'static str, row: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(row).map_err(|error| Fault::Row { table, error })
}
