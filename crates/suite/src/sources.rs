//! The files that a suite consists of, and their digest: which suite a result belongs to, to the byte.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::error::LoadError;
use super::files::{Files, SUITE_FILE};
use super::layers::{Layer, is_scenario};
use uptake_payload::hex;

/// The files of a suite.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// The suite's own files by path, sorted; not those of a suite that it extends.
    pub files: Vec<(String, Vec<u8>)>,
    /// The SHA-256 of these files and of those of the suites that it extends, in hex.
    pub digest: String,
}

/// The files of the uppermost layer, and the digest of all layers, the ground first.
pub(super) fn sources(layers: &[Layer]) -> Result<Sources, LoadError> {
    let mut files = layers.iter().map(|layer| of(&layer.files)).collect::<Result<Vec<_>, _>>()?;
    let digest = digest_of(files.iter().map(Vec::as_slice));
    Ok(Sources { files: files.pop().unwrap_or_default(), digest })
}

/// The digest of a suite: of its files by path, sorted, and of those of the suites that it extends, the ground first.
pub fn digest_of<'l>(layers: impl IntoIterator<Item = &'l [(String, Vec<u8>)]>) -> String {
    let mut sum = Sha256::new();
    for files in layers {
        sum.update((files.len() as u64).to_be_bytes());
        for (path, bytes) in files {
            for part in [path.as_bytes(), bytes] {
                sum.update((part.len() as u64).to_be_bytes());
                sum.update(part);
            }
        }
    }
    hex(&sum.finalize())
}

/// The SHA-256 of a file, in hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// What decides a verdict: not notes beside it, nor the record of what was proven.
fn of(files: &Files) -> Result<Vec<(String, Vec<u8>)>, LoadError> {
    let decides = |path: &String| {
        path == SUITE_FILE
            || is_scenario(path)
            || is_in(path, "schemas", "json")
            || is_in(path, "tables", "yaml")
    };
    files.list()?.into_iter().filter(decides).map(|path| Ok((path.clone(), files.bytes(&path)?))).collect()
}

fn is_in(path: &str, folder: &str, extension: &str) -> bool {
    let path = Path::new(path);
    path.starts_with(folder) && path.extension().is_some_and(|found| found == extension)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use crate::{Sources, load_suite};

    fn read(folder: &Path) -> Sources {
        load_suite(folder, &[]).expect("a suite").sources
    }

    #[test]
    fn the_digest_is_of_what_decides_and_of_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
        let suite =
            "suite: mine\nareas: { x: All }\nrules: [ { id: X-01, area: x, level: must, text: It holds } ]\n";
        write("suite.yaml", suite);
        let first = read(folder.path());
        assert_eq!(first.files, [("suite.yaml".to_owned(), suite.as_bytes().to_vec())]);
        write("notes.txt", "not a part of it");
        assert_eq!(read(folder.path()), first);
        write("one.yaml", "scenario: One\nsteps: [ { ask: { get: / } } ]\n");
        assert_ne!(read(folder.path()).digest, first.digest);
    }

    #[test]
    fn a_change_in_the_suite_that_is_extended_changes_the_digest() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        };
        let base =
            "suite: base\nareas: { x: All }\nrules: [ { id: X-01, area: x, level: must, text: It holds } ]\n";
        write("base/suite.yaml", base);
        write("mine/suite.yaml", "suite: mine\nextends: ../base\n");
        let first = read(&folder.path().join("mine"));
        write("base/suite.yaml", &base.replace("must", "may"));
        let second = read(&folder.path().join("mine"));
        assert_eq!(first.files, second.files);
        assert_ne!(first.digest, second.digest);
    }
}
