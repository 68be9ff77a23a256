//! The journal of what a run made: one line when an answer says that something is there, one when it is gone.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::error::RunFolderError;
use super::seal::{FileKey, Lock, SealKey, Sealed};

/// Whose journal it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The version of the form.
    pub format: u32,
    /// The suite's name.
    pub suite: String,
    /// The base URL of the target.
    pub base_url: String,
    /// What the command line said, for the command that goes on.
    pub command: serde_json::Value,
}

/// Something that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What it is, by the suite's name for it.
    pub resource: String,
    /// Its id, which may be a secret.
    pub id: String,
}

/// A journal that can be added to.
#[derive(Debug)]
pub struct Journal {
    header: Header,
    key: FileKey,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    file: File,
    /// All that was made, and whether it is still there.
    made: Vec<(Made, bool)>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Line {
    Journal {
        header: Header,
        lock: Lock,
    },
    Made {
        resource: String,
        id: Sealed,
    },
    /// What the n-th line of `made` told of is gone.
    Gone(usize),
}

impl Journal {
    /// Begins a journal.
    pub fn create(path: &Path, key: &SealKey, header: Header) -> Result<Self, RunFolderError> {
        let (key, lock) = key.fresh();
        let failed = RunFolderError::write(path);
        let file = OpenOptions::new().create_new(true).append(true).open(path).map_err(&failed)?;
        let inner = Mutex::new(Inner { path: path.to_owned(), file, made: Vec::new() });
        let journal = Self { header: header.clone(), key, inner };
        journal.lock().append(&Line::Journal { header, lock })?;
        Ok(journal)
    }

    /// Opens one that is there. A last line that was not written to its end is what a process leaves that was killed.
    pub(super) fn open(path: &Path, key: &SealKey) -> Result<Self, RunFolderError> {
        let text = fs::read_to_string(path).map_err(RunFolderError::read(path))?;
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        let damaged =
            |number: usize, why: &str| RunFolderError::damaged(path, format!("line {}: {why}", number + 1));
        let mut header = None;
        let mut made: Vec<(Made, bool)> = Vec::new();
        for (number, line) in text[..whole].lines().enumerate() {
            let value: serde_json::Value =
                serde_json::from_str(line).map_err(|error| damaged(number, &error.to_string()))?;
            if let Some(found) = value.pointer("/journal/header/format").and_then(serde_json::Value::as_u64)
                && found != u64::from(super::format::FORMAT)
            {
                return Err(RunFolderError::Version { path: path.to_owned(), found });
            }
            let line = serde_json::from_value(value).map_err(|error| damaged(number, &error.to_string()))?;
            match (line, &header) {
                (Line::Journal { header: given, lock }, None) => {
                    let key = key.open(&lock).map_err(|why| damaged(number, &why))?;
                    header = Some((given, key.ok_or_else(|| RunFolderError::Key { path: path.to_owned() })?));
                }
                (Line::Made { resource, id }, Some((_, key))) => {
                    let id = key.unseal(&context(made.len(), &resource), &id);
                    let id = id.and_then(|id| String::from_utf8(id).ok());
                    let id = id.ok_or_else(|| damaged(number, "it was changed after it was sealed"))?;
                    made.push((Made { resource, id }, true));
                }
                (Line::Gone(at), Some(_)) if at < made.len() => made[at].1 = false,
                _ => return Err(damaged(number, "it does not belong there")),
            }
        }
        let (header, key) =
            header.ok_or_else(|| RunFolderError::damaged(path, "its first line is missing"))?;
        let failed = RunFolderError::write(path);
        let file = OpenOptions::new().append(true).open(path).map_err(&failed)?;
        file.set_len(whole as u64).map_err(&failed)?;
        Ok(Self { header, key, inner: Mutex::new(Inner { path: path.to_owned(), file, made }) })
    }

    /// Whose journal it is, without opening what is sealed.
    pub fn peek(path: &Path) -> Result<Header, RunFolderError> {
        let text = fs::read_to_string(path).map_err(RunFolderError::read(path))?;
        let line = text.lines().next().unwrap_or_default();
        let damaged = |error: serde_json::Error| RunFolderError::damaged(path, format!("line 1: {error}"));
        let value: serde_json::Value = serde_json::from_str(line).map_err(damaged)?;
        match value.pointer("/journal/header/format").and_then(serde_json::Value::as_u64) {
            Some(found) if found != u64::from(super::format::FORMAT) => {
                return Err(RunFolderError::Version { path: path.to_owned(), found });
            }
            _ => {}
        }
        match serde_json::from_value(value).map_err(damaged)? {
            Line::Journal { header, .. } => Ok(header),
            _ => Err(RunFolderError::damaged(path, "its first line is missing")),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().expect("no holder of this lock panics")
    }

    /// Whose journal it is.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Something was made.
    pub fn made(&self, resource: &str, id: &str) -> Result<(), RunFolderError> {
        let mut inner = self.lock();
        if inner.made.iter().any(|(made, there)| *there && made.resource == resource && made.id == id) {
            return Ok(());
        }
        let sealed = self.key.seal(&context(inner.made.len(), resource), id.as_bytes());
        inner.append(&Line::Made { resource: resource.to_owned(), id: sealed })?;
        inner.made.push((Made { resource: resource.to_owned(), id: id.to_owned() }, true));
        Ok(())
    }

    /// Something is gone.
    pub fn gone(&self, resource: &str, id: &str) -> Result<(), RunFolderError> {
        let mut inner = self.lock();
        let place =
            inner.made.iter().position(|(made, there)| *there && made.resource == resource && made.id == id);
        let Some(at) = place else { return Ok(()) };
        inner.append(&Line::Gone(at))?;
        inner.made[at].1 = false;
        Ok(())
    }

    /// What is still there, the last first.
    pub fn left(&self) -> Vec<Made> {
        self.lock().made.iter().rev().filter(|(_, there)| *there).map(|(made, _)| made.clone()).collect()
    }
}

impl Inner {
    fn append(&mut self, line: &Line) -> Result<(), RunFolderError> {
        let line = serde_json::to_string(line).expect("it is plain data") + "\n";
        // One write: a process that is killed leaves a whole line, or a part of the last.
        self.file.write_all(line.as_bytes()).map_err(RunFolderError::write(&self.path))
    }
}

/// A line opens at its own place only.
fn context(number: usize, resource: &str) -> Vec<u8> {
    format!("{number} {resource}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SealKey {
        SealKey::new(["a secret of the tests"]).expect("there is a secret")
    }

    fn header() -> Header {
        Header {
            format: super::super::format::FORMAT,
            suite: "api-video".to_owned(),
            base_url: "http://127.0.0.1:1/".to_owned(),
            command: serde_json::json!({ "paths": [] }),
        }
    }

    fn written(folder: &Path) -> PathBuf {
        let path = folder.join("journal.jsonl");
        let journal = Journal::create(&path, &key(), header()).expect("begun");
        journal.made("token", "to1secret").expect("written");
        journal.made("video", "vi1").expect("written");
        journal.made("video", "vi1").expect("known already");
        journal.gone("token", "to1secret").expect("written");
        journal.gone("token", "nobody's").expect("it was never made");
        journal.made("token", "to2secret").expect("written");
        path
    }

    #[test]
    fn what_is_left_is_what_was_made_and_is_not_gone_the_last_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = written(folder.path());
        let journal = Journal::open(&path, &key()).expect("it is whole");
        let left: Vec<_> = journal.left().into_iter().map(|made| (made.resource, made.id)).collect();
        let pair = |resource: &str, id: &str| (resource.to_owned(), id.to_owned());
        assert_eq!(left, [pair("token", "to2secret"), pair("video", "vi1")]);
        assert_eq!(journal.header(), &header());
        let text = fs::read_to_string(&path).expect("a string");
        assert!(!text.contains("secret"), "{text}");
    }

    #[test]
    fn a_line_that_was_cut_off_is_forgotten_and_the_journal_goes_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = written(folder.path());
        let text = fs::read_to_string(&path).expect("a string");
        fs::write(&path, &text[..text.len() - 5]).expect("written");
        Journal::open(&path, &key())
            .expect("it is whole but for the end")
            .made("video", "vi2")
            .expect("written");
        let left: Vec<_> = Journal::open(&path, &key())
            .expect("it is whole")
            .left()
            .into_iter()
            .map(|made| made.id)
            .collect();
        assert_eq!(left, ["vi2", "vi1"]);
    }

    #[test]
    fn a_line_at_another_place_is_damage() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = written(folder.path());
        let text = fs::read_to_string(&path).expect("a string");
        let mut lines: Vec<_> = text.lines().collect();
        lines.swap(1, 2);
        fs::write(&path, lines.join("\n") + "\n").expect("written");
        assert!(matches!(Journal::open(&path, &key()), Err(RunFolderError::Damaged { .. })));
        let other = SealKey::new(["another secret"]).expect("there is a secret");
        assert!(matches!(Journal::open(&path, &other), Err(RunFolderError::Key { .. })));
    }
}
