//! A folder with the files that a test writes; it goes away with the test.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use uptake_outcome::Run;

/// A temporary folder.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder can be made"))
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    /// The path of `name` in here, as an argument.
    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// Writes a file, and gives its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("it is in the folder")).expect("a folder can be made");
        fs::write(&path, text).expect("a file can be written");
        path.display().to_string()
    }

    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.0.path().join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// A JSON report that was written here.
    pub(crate) fn run(&self, name: &str) -> Run {
        serde_json::from_str(&self.read(name)).expect("a report is a run")
    }

    /// The names of all files in here.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.root()).expect("the folder is there");
        entries.map(|entry| entry.expect("an entry can be read").path()).collect()
    }
}
