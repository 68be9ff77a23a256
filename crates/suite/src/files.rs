//! Where a suite's files come from: a folder, or a suite that is built into the binary.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The name of a suite's own file.
pub(super) const SUITE_FILE: &str = "suite.yaml";
/// The folder of all suites that are built in.
const BUILT_IN_FOLDER: &str = "scenarios/";

/// The files of a suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Files {
    /// A folder on disk.
    Folder(PathBuf),
    /// A folder that is built in, named from the repository's root.
    BuiltIn(Cow<'static, str>),
}

/// A file that cannot be read.
#[derive(Debug, Error)]
#[error("cannot read {path}: {why}")]
pub struct FileError {
    path: String,
    why: String,
}

mod built_in {
    include!(concat!(env!("OUT_DIR"), "/built_in.rs"));
}

impl Files {
    /// The directory of the default suite among the files that are built in.
    pub const DEFAULT_FOLDER: &'static str = "scenarios/api-video";

    /// The suite that is used where none is named.
    pub const DEFAULT: Self = Self::BuiltIn(Cow::Borrowed(Self::DEFAULT_FOLDER));

    /// Every file that is built in, by its path.
    pub fn all_built_in() -> impl Iterator<Item = (&'static str, &'static [u8])> {
        built_in::FILES.iter().copied()
    }

    /// The suite that is built in under this name.
    pub fn built_in(name: &str) -> Option<Self> {
        Self::built_in_suites()
            .any(|suite| suite == name)
            .then(|| Self::BuiltIn(format!("{BUILT_IN_FOLDER}{name}").into()))
    }

    /// The names of the suites that are built in, sorted.
    pub fn built_in_suites() -> impl Iterator<Item = &'static str> {
        built_in::FILES.iter().filter_map(|(path, _)| {
            let name = path.strip_prefix(BUILT_IN_FOLDER)?.strip_suffix(SUITE_FILE)?.strip_suffix('/')?;
            (!name.contains('/')).then_some(name)
        })
    }

    /// Another folder, named from this one.
    #[must_use]
    pub fn beside(&self, folder: &str) -> Self {
        match self {
            Self::Folder(here) => Self::Folder(normal(&here.join(folder))),
            Self::BuiltIn(here) => {
                Self::BuiltIn(normal(&Path::new(here.as_ref()).join(folder)).display().to_string().into())
            }
        }
    }

    /// The name of a file as a user would type it.
    pub fn name(&self, relative: &str) -> String {
        match self {
            Self::Folder(folder) => normal(&folder.join(relative)).display().to_string(),
            // A user has no such file: `uptake suite export` writes it.
            Self::BuiltIn(folder) => {
                let path = built_in_path(folder, relative);
                format!("built-in:{}", path.strip_prefix(BUILT_IN_FOLDER).unwrap_or(&path))
            }
        }
    }

    /// All files below the suite's folder, by relative path, sorted.
    pub fn list(&self) -> Result<Vec<String>, FileError> {
        let mut files = Vec::new();
        match self {
            Self::Folder(folder) => walk(folder, folder, &mut files)?,
            Self::BuiltIn(folder) => {
                let prefix = format!("{folder}/");
                files.extend(
                    built_in::FILES
                        .iter()
                        .filter_map(|(path, _)| path.strip_prefix(&prefix))
                        .map(str::to_owned),
                );
            }
        }
        files.sort();
        Ok(files)
    }

    /// A file's bytes.
    pub fn bytes(&self, relative: &str) -> Result<Vec<u8>, FileError> {
        let name = self.name(relative);
        match self {
            Self::Folder(folder) => std::fs::read(folder.join(relative))
                .map_err(|error| FileError { path: name, why: error.to_string() }),
            Self::BuiltIn(folder) => {
                let wanted = built_in_path(folder, relative);
                let found = built_in::FILES.iter().find(|(path, _)| *path == wanted);
                found.map(|(_, bytes)| bytes.to_vec()).ok_or_else(|| FileError {
                    path: name,
                    why: "it is not built into this binary".to_owned(),
                })
            }
        }
    }

    /// A file as a text.
    pub fn text(&self, relative: &str) -> Result<String, FileError> {
        let name = self.name(relative);
        String::from_utf8(self.bytes(relative)?)
            .map_err(|_| FileError { path: name, why: "it is not UTF-8 text".to_owned() })
    }
}

/// The path of a file among those that are built in.
fn built_in_path(folder: &str, relative: &str) -> String {
    normal(&Path::new(folder).join(relative)).display().to_string()
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<String>) -> Result<(), FileError> {
    let fault =
        |error: std::io::Error| FileError { path: folder.display().to_string(), why: error.to_string() };
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.is_dir() {
            walk(root, &path, files)?;
        } else if let Ok(relative) = path.strip_prefix(root) {
            files.push(relative.display().to_string());
        }
    }
    Ok(())
}

/// Resolves `..` by the letter, so that names read well.
fn normal(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir if parts.file_name().is_some() => {
                parts.pop();
            }
            std::path::Component::CurDir => {}
            other => parts.push(other),
        }
    }
    parts
}
