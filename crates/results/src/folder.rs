//! Results in a folder: written to a temporary file beside them and renamed, so that no reader sees half of one.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use tempfile::Builder;

use crate::bounds::{MOST_BYTES, MOST_OBJECTS};

pub(crate) fn check_writable(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    tempfile::tempfile_in(folder).map(drop)
}

pub(crate) fn put(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = readable(Builder::new().prefix(".shard-").suffix(".tmp")).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(folder.join(name)).map_err(|error| error.error)?;
    name_is_safe(folder)
}

/// A temporary file is its owner's alone; a result is read by the step that merges, which may be another user.
#[cfg(unix)]
fn readable<'a, 'b>(builder: &'b mut Builder<'a, 'a>) -> &'b mut Builder<'a, 'a> {
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable<'a, 'b>(builder: &'b mut Builder<'a, 'a>) -> &'b mut Builder<'a, 'a> {
    builder
}

/// The name too must survive a crash. Elsewhere no folder can be synced.
#[cfg(unix)]
fn name_is_safe(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn name_is_safe(_: &Path) -> io::Result<()> {
    Ok(())
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
