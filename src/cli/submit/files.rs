//! The files that a command reads, for pods that have no folder of ours: they are carried in a config map.

use std::io::Read as _;
use std::path::{Component, Path};

use crate::cli::error::CliError;

/// A file that a command reads.
#[derive(Debug)]
pub(super) struct CarriedFile {
    /// Its path, relative to the folder of the command.
    pub(super) path: String,
    pub(super) text: String,
}

/// A config map holds 1 MiB, its names and other fields included.
const MOST_BYTES: u64 = 900 << 10;

/// Reads the files with relative paths. Absolute paths are those of the image.
pub(super) fn read(paths: &[String]) -> Result<Vec<CarriedFile>, CliError> {
    let mut files: Vec<CarriedFile> = Vec::new();
    let mut bytes = 0;
    for path in paths.iter().filter(|path| Path::new(path).is_relative()) {
        let path = below(path)?;
        if files.iter().any(|known| known.path == path) {
            continue;
        }
        let text = contents(&path)?;
        bytes += text.len() as u64;
        if bytes > MOST_BYTES {
            return Err(cannot_carry(
                &path,
                "the files of the command are larger than the 900 KiB that a ConfigMap takes",
            ));
        }
        files.push(CarriedFile { path, text });
    }
    Ok(files)
}

/// The path without `.`; what lies above the folder has no place in a pod.
fn below(path: &str) -> Result<String, CliError> {
    let mut parts = Vec::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_string_lossy()),
            Component::CurDir => {}
            _ => return Err(cannot_carry(path, "it is not below this folder")),
        }
    }
    Ok(parts.join("/"))
}

fn contents(path: &str) -> Result<String, CliError> {
    let wrong = |error: std::io::Error| CliError::Usage(format!("cannot read {path}: {}", error.kind()));
    let file = std::fs::File::open(path).map_err(wrong)?;
    let about = file.metadata().map_err(wrong)?;
    if !about.is_file() {
        return Err(cannot_carry(path, "it is not a file"));
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(wrong)?;
    String::from_utf8(bytes).map_err(|_| cannot_carry(path, "it is not text"))
}

fn cannot_carry(path: &str, why: &str) -> CliError {
    CliError::Usage(format!(
        "{path} cannot be put into a ConfigMap: {why}. Put it into the image, and name it by its absolute path there"
    ))
}
