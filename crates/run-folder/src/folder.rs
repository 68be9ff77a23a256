//! The folder of a run.
//!
//! `state.jsonl` has two lines: what anybody may read, and what is sealed. The seal covers both, so that a change of a
//! single letter is noticed. `journal.jsonl` is the journal. `lock` is held by the process that is at work. `key` is there only
//! where the target has no credential to derive a key from.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::RunFolderError;
use super::journal::Journal;
use super::seal::{Lock, SealKey, Sealed};

const STATE: &str = "state.jsonl";
const JOURNAL: &str = "journal.jsonl";
const LOCK: &str = "lock";
const KEY: &str = "key";

/// A run folder that this process may write.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// The folder around it, where that was made for it.
    parent: Option<PathBuf>,
    /// Held as long as the folder is in use; the system lets go of it whatever becomes of the process.
    _lock: File,
}

/// What a folder holds that has been opened.
#[derive(Debug)]
pub struct State {
    /// What anybody may read.
    pub clear: Value,
    /// What was sealed.
    pub sealed: Vec<u8>,
}

/// A folder of a run that has not come to its end.
#[derive(Debug)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// What anybody may read of its state; none where only a journal is there, an error where it cannot be read.
    pub clear: Option<Result<Value, RunFolderError>>,
}

/// The second line of the state.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Secret {
    lock: Lock,
    sealed: Sealed,
}

impl RunFolder {
    /// A new folder below `parent`, named by the run's beginning.
    pub fn create(parent: &Path, name: &str) -> Result<Self, RunFolderError> {
        let made = (!parent.exists()).then(|| parent.to_owned());
        fs::create_dir_all(parent).map_err(RunFolderError::write(parent))?;
        for number in 1.. {
            let name = if number == 1 { name.to_owned() } else { format!("{name}-{number}") };
            let path = parent.join(name);
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self { parent: made, ..Self::hold(path)? }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(RunFolderError::write(&path)(error)),
            }
        }
        unreachable!("there is always a next number")
    }

    /// A folder that is there.
    pub fn open(path: &Path) -> Result<Self, RunFolderError> {
        if !path.join(STATE).is_file() && !path.join(JOURNAL).is_file() {
            return Err(RunFolderError::Missing { path: path.to_owned() });
        }
        Self::hold(path.to_owned())
    }

    fn hold(path: PathBuf) -> Result<Self, RunFolderError> {
        let file = path.join(LOCK);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&file);
        let lock = lock.map_err(RunFolderError::write(&file))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, parent: None, _lock: lock }),
            Err(fs::TryLockError::WouldBlock) => Err(RunFolderError::Busy { path }),
            Err(fs::TryLockError::Error(error)) => Err(RunFolderError::write(&file)(error)),
        }
    }

    /// The key that seals what is written here: derived from `secrets`, or from the environment. Without either, the folder has a
    /// key of its own, in a file that only its owner may read: a target that asks nobody for credentials keeps nobody out.
    pub fn key<'s>(&self, secrets: impl IntoIterator<Item = &'s str>) -> Result<SealKey, RunFolderError> {
        if let Some(key) = SealKey::new(secrets) {
            return Ok(key);
        }
        let file = self.path.join(KEY);
        match fs::read_to_string(&file) {
            Ok(text) => return Ok(SealKey::from_text(&text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(RunFolderError::read(&file)(error)),
        }
        if self.has_state() || self.journal_path().is_file() {
            return Err(RunFolderError::NoKey { path: file });
        }
        let text = SealKey::new_text();
        let failed = RunFolderError::write(&file);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&file).and_then(|mut open| writeln!(open, "{text}")).map_err(failed)?;
        Ok(SealKey::from_text(&text))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The runs below `parent` that have not come to their end, by name.
    pub fn list(parent: &Path) -> Result<Vec<Found>, RunFolderError> {
        let entries = match fs::read_dir(parent) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(RunFolderError::read(parent)(error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(RunFolderError::read(parent))?.path();
            if path.join(STATE).is_file() {
                let clear = Some(Self::clear(&path));
                found.push(Found { path, clear });
            } else if path.join(JOURNAL).is_file() {
                found.push(Found { path, clear: None });
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// What anybody may read of the state at `path`.
    pub fn clear(path: &Path) -> Result<Value, RunFolderError> {
        if !path.join(STATE).is_file() {
            return Err(RunFolderError::Missing { path: path.to_owned() });
        }
        read(path).map(|(_, clear, _)| clear)
    }

    /// Whether the folder has a state.
    pub fn has_state(&self) -> bool {
        self.path.join(STATE).is_file()
    }

    /// The whole state.
    pub fn state(&self, key: &SealKey) -> Result<State, RunFolderError> {
        let file = self.path.join(STATE);
        let (line, clear, secret) = read(&self.path)?;
        let key = key.open(&secret.lock).map_err(|why| RunFolderError::damaged(&file, why))?;
        let key = key.ok_or_else(|| RunFolderError::Key { path: file.clone() })?;
        let sealed = key
            .unseal(line.as_bytes(), &secret.sealed)
            .ok_or_else(|| RunFolderError::damaged(&file, "it was changed after it was sealed"))?;
        Ok(State { clear, sealed })
    }

    /// Replaces the state as a whole. `clear` is an object; its format is written with it.
    pub fn write(&self, key: &SealKey, clear: &Value, sealed: &[u8]) -> Result<(), RunFolderError> {
        let line = clear.to_string();
        let (key, lock) = key.fresh();
        let secret = Secret { lock, sealed: key.seal(line.as_bytes(), sealed) };
        let secret = serde_json::to_string(&secret).expect("it is plain data");
        let file = self.path.join(STATE);
        let failed = RunFolderError::write(&file);
        let mut fresh = tempfile::NamedTempFile::new_in(&self.path).map_err(&failed)?;
        // To the file itself: errors of the temporary file name a path that nobody knows.
        write!(fresh.as_file_mut(), "{line}\n{secret}\n").map_err(&failed)?;
        fresh.as_file().sync_all().map_err(&failed)?;
        fresh.persist(&file).map_err(|error| failed(error.error))?;
        // The name is on the disk when its folder is.
        File::open(&self.path).and_then(|folder| folder.sync_all()).map_err(&failed)
    }

    /// The journal, where there is one.
    pub fn journal(&self, key: &SealKey) -> Result<Option<Journal>, RunFolderError> {
        let path = self.path.join(JOURNAL);
        if path.is_file() { Journal::open(&path, key).map(Some) } else { Ok(None) }
    }

    /// Where the journal is, or will be.
    pub fn journal_path(&self) -> PathBuf {
        self.path.join(JOURNAL)
    }

    /// Takes away the state, since nothing waits any more.
    pub fn forget_state(&self) -> Result<(), RunFolderError> {
        remove(&self.path.join(STATE))
    }

    /// Takes away all that uptake has put there, and the folder where nothing else is in it.
    pub fn remove(self) -> Result<(), RunFolderError> {
        for name in [STATE, JOURNAL, KEY, LOCK] {
            remove(&self.path.join(name))?;
        }
        // What others have put there stays.
        let _ = fs::remove_dir(&self.path);
        if let Some(parent) = &self.parent {
            let _ = fs::remove_dir(parent);
        }
        Ok(())
    }
}

fn remove(file: &Path) -> Result<(), RunFolderError> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(RunFolderError::write(file)(error)),
        _ => Ok(()),
    }
}

/// Both lines of the state; the first as it is written, and read.
fn read(folder: &Path) -> Result<(String, Value, Secret), RunFolderError> {
    let file = folder.join(STATE);
    let text = fs::read(&file).map_err(RunFolderError::read(&file))?;
    let text = String::from_utf8(text).map_err(|_| RunFolderError::damaged(&file, "it is not text"))?;
    let damaged = |why: String| RunFolderError::damaged(&file, why);
    let (line, rest) = text.split_once('\n').ok_or_else(|| damaged("it ends too early".to_owned()))?;
    let clear: Value = serde_json::from_str(line).map_err(|error| damaged(error.to_string()))?;
    match clear.get("format").and_then(Value::as_u64) {
        Some(format) if format == u64::from(super::format::FORMAT) => {}
        Some(found) => return Err(RunFolderError::Version { path: file, found }),
        None => return Err(damaged("it does not say its format".to_owned())),
    }
    let secret = rest.strip_suffix('\n').ok_or_else(|| damaged("it ends too early".to_owned()))?;
    let secret = serde_json::from_str(secret).map_err(|error| damaged(error.to_string()))?;
    Ok((line.to_owned(), clear, secret))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key() -> SealKey {
        SealKey::new(["a secret of the tests"]).expect("there is a secret")
    }

    fn written() -> (tempfile::TempDir, RunFolder) {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = RunFolder::create(parent.path(), "run").expect("made");
        let clear = json!({ "format": super::super::format::FORMAT, "suite": "api-video", "took": 0.1 });
        folder.write(&key(), &clear, b"to7token").expect("written");
        (parent, folder)
    }

    #[test]
    fn what_is_written_is_read_and_what_is_secret_cannot_be_seen() {
        let (_parent, folder) = written();
        let state = folder.state(&key()).expect("it is whole");
        assert_eq!(
            (state.clear["suite"].as_str(), state.sealed.as_slice()),
            (Some("api-video"), &b"to7token"[..])
        );
        let text = fs::read_to_string(folder.path().join(STATE)).expect("a string");
        assert!(!text.contains("to7token") && text.contains("api-video"));
        let other = SealKey::new(["another secret"]).expect("there is a secret");
        assert!(matches!(folder.state(&other), Err(RunFolderError::Key { .. })));
    }

    #[test]
    fn a_change_of_any_byte_is_noticed_and_so_is_every_end_that_comes_too_early() {
        let (_parent, folder) = written();
        let file = folder.path().join(STATE);
        let whole = fs::read(&file).expect("bytes");
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&file, &changed).expect("written");
            assert!(folder.state(&key()).is_err(), "byte {at} of {}", String::from_utf8_lossy(&changed));
            fs::write(&file, &whole[..at]).expect("written");
            assert!(folder.state(&key()).is_err(), "cut off after {at}");
        }
    }

    #[test]
    fn another_format_is_told_from_damage() {
        let (_parent, folder) = written();
        let file = folder.path().join(STATE);
        let text = fs::read_to_string(&file).expect("a string").replacen("\"format\":2", "\"format\":7", 1);
        fs::write(&file, text).expect("written");
        assert!(matches!(folder.state(&key()), Err(RunFolderError::Version { found: 7, .. })));
    }

    #[test]
    fn a_folder_has_one_user_at_a_time() {
        let (_parent, folder) = written();
        assert!(matches!(RunFolder::open(folder.path()), Err(RunFolderError::Busy { .. })));
        let path = folder.path().to_owned();
        drop(folder);
        assert!(RunFolder::open(&path).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn without_a_secret_the_folder_keeps_a_key_of_its_own_which_only_its_owner_may_read() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().expect("a folder");
        let folder = RunFolder::create(parent.path(), "run").expect("made");
        let clear = json!({ "format": super::super::format::FORMAT });
        let key = folder.key([]).expect("made");
        folder.write(&key, &clear, b"to7token").expect("written");
        let mode = fs::metadata(folder.path().join(KEY)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let again = folder.key([]).expect("it is there");
        assert_eq!(folder.state(&again).expect("it is whole").sealed, b"to7token");
        fs::remove_file(folder.path().join(KEY)).expect("removed");
        assert!(matches!(folder.key([]), Err(RunFolderError::NoKey { .. })));
        let path = folder.path().to_owned();
        folder.remove().expect("removed");
        assert!(!path.exists());
    }

    #[test]
    fn what_others_put_into_the_folder_stays() {
        let (_parent, folder) = written();
        let path = folder.path().to_owned();
        fs::write(path.join("notes.txt"), "mine").expect("written");
        folder.remove().expect("removed");
        let left: Vec<_> =
            fs::read_dir(&path).expect("it is there").flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(left, ["notes.txt"]);
    }
}
