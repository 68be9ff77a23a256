//! Results in a folder: written to a temporary file beside them and renamed, so that no reader sees half of one.

use std::fs::{self, File, Permissions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use crate::bounds::{MOST_BYTES, MOST_OBJECTS};

pub(crate) fn check_writable(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    tempfile::tempfile_in(folder).map(drop)
}

pub(crate) fn put(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new()
        .prefix(".shard-")
        .suffix(".tmp")
        .permissions(readable())
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(folder.join(name)).map_err(|error| error.error)?;
    // The name too must survive a crash.
    File::open(folder)?.sync_all()
}

/// A temporary file is its owner's alone; a result is read by the step that merges, which may be another user.
#[cfg(unix)]
fn readable() -> Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o644)
}

pub(crate) fn list(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        // The first shard makes it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries.take(MOST_OBJECTS) {
        names.extend(entry?.file_name().into_string());
    }
    Ok(names)
}

pub(crate) fn get(folder: &Path, name: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(folder.join(name))?.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}
