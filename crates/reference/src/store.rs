//! Where the bytes of segments go: to files, or to nothing. It knows neither videos nor rules.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;

use crate::config::Storage;
use crate::error::ReferenceError;
use crate::policy::decisions::Policy;

/// The folder of segments that are not put together yet, and how their names begin.
pub(crate) const SEGMENTS: &str = "segments";
const SEGMENT: &str = "segment-";
/// The folder of finished files.
const VIDEOS: &str = "videos";
/// How much of a segment waits in memory to be written.
const WRITE_BUFFER: usize = 256 * 1024;

/// The place for segments and finished files.
pub(crate) enum Store {
    /// Nothing is kept.
    Nothing,
    /// Everything is kept in one folder.
    Folder(Folder),
}

/// A folder with files in it.
pub(crate) struct Folder {
    root: PathBuf,
    /// Whether what is acknowledged must outlast the server, and the machine's power.
    lasting: bool,
    /// Set when files are to stay though they are let go: what is remembered elsewhere is not lost with the memory.
    spared: Arc<AtomicBool>,
    /// Held so that a temporary folder goes away with the server.
    _temporary: Option<TempDir>,
}

/// A file that goes away when it is let go.
#[derive(Debug)]
pub(crate) struct Held {
    path: PathBuf,
    spared: Arc<AtomicBool>,
}

/// A segment that is arriving. What was written is gone when it is dropped unfinished.
pub(crate) enum Sink {
    /// To nothing.
    Nothing,
    /// To a file.
    File {
        /// It is written here.
        file: tokio::fs::File,
        /// Its name.
        held: Held,
        /// Whether it must be on the disk before it has arrived.
        lasting: bool,
    },
}

/// A segment that has arrived. Its file goes away with it.
#[derive(Debug)]
pub(crate) enum Piece {
    /// It was not kept.
    Nothing,
    /// It is in a file.
    File(Held),
}

/// Bytes that nobody can use any more; they go away with this.
#[derive(Debug)]
pub(crate) struct Discarded(#[expect(dead_code, reason = "it is held to be dropped")] Bytes);

#[derive(Debug)]
#[expect(dead_code, reason = "they are held to be dropped")]
enum Bytes {
    Pieces(Vec<Piece>),
    Whole(Held),
}

/// Segments that could not be put together; they are still there.
pub(crate) struct Unassembled {
    pub(crate) error: io::Error,
    pub(crate) pieces: Vec<Piece>,
}

/// The file of a video, and the segments that it was made of: they may go once it is known to be there.
pub(crate) struct Assembled {
    pub(crate) file: Option<Held>,
    pub(crate) pieces: Vec<Piece>,
}

impl Store {
    pub(crate) fn open(storage: &Storage) -> Result<Self, ReferenceError> {
        let failed = |folder: &Path| {
            let folder = folder.to_owned();
            move |source| ReferenceError::Storage { folder, source }
        };
        let (root, temporary) = match storage {
            Storage::Discard => return Ok(Self::Nothing),
            Storage::Temporary => {
                let folder = tempfile::Builder::new().prefix("uptake-").tempdir();
                let folder = folder.map_err(failed(&std::env::temp_dir()))?;
                (folder.path().to_owned(), Some(folder))
            }
            Storage::Directory(root) => (root.clone(), None),
        };
        for folder in [SEGMENTS, VIDEOS].map(|name| root.join(name)) {
            fs::create_dir_all(&folder).map_err(failed(&folder))?;
        }
        let lasting = temporary.is_none();
        // Nothing is let go before it is known what belongs to whom.
        let spared = Arc::new(AtomicBool::new(lasting));
        Ok(Self::Folder(Folder { root, lasting, spared, _temporary: temporary }))
    }

    /// From now on files go when they are let go.
    pub(crate) fn serve(&self) {
        if let Self::Folder(folder) = self {
            folder.spared.store(false, Ordering::SeqCst);
        }
    }

    /// From now on files stay though the memory lets them go, if they are to last.
    pub(crate) fn spare(&self) {
        if let Self::Folder(folder) = self {
            folder.spared.store(folder.lasting, Ordering::SeqCst);
        }
    }

    /// Whether bytes are kept at all.
    pub(crate) const fn keeps(&self) -> bool {
        matches!(self, Self::Folder(_))
    }

    /// Opens a place for a segment that arrives.
    pub(crate) async fn sink(&self) -> io::Result<Sink> {
        let Self::Folder(folder) = self else { return Ok(Sink::Nothing) };
        let (root, spared, lasting) =
            (folder.root.join(SEGMENTS), Arc::clone(&folder.spared), folder.lasting);
        blocking(move || {
            let file = tempfile::Builder::new().prefix(SEGMENT).rand_bytes(16).tempfile_in(root)?;
            let (file, path) = file.into_parts();
            let held = Held { path: path.keep()?, spared };
            let mut file = tokio::fs::File::from_std(file);
            file.set_max_buf_size(WRITE_BUFFER);
            Ok(Sink::File { file, held, lasting })
        })
        .await
    }

    /// Puts segments together, one after the other, into the file of a video. The first one becomes that file, and so is
    /// never copied; the others are copied behind it by the kernel, which shares their bytes where the file system can.
    pub(crate) async fn assemble(
        &self,
        video: &str,
        pieces: Vec<Piece>,
        policy: Arc<Policy>,
    ) -> Result<Assembled, Unassembled> {
        let Self::Folder(folder) = self else { return Ok(Assembled { file: None, pieces }) };
        let whole = Held { path: folder.whole(video), spared: Arc::clone(&folder.spared) };
        let lasting = folder.lasting;
        let work = move || match assemble(&whole.path, &pieces, lasting, &policy) {
            Ok(true) => Ok(Assembled { file: Some(whole), pieces }),
            Ok(false) => Ok(Assembled { file: None, pieces }),
            Err(error) => Err(Unassembled { error, pieces }),
        };
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|error| Err(Unassembled { error: io::Error::other(error), pieces: Vec::new() }))
    }

    /// The file of a video that was put together before this server was started.
    pub(crate) fn whole_again(&self, video: &str) -> io::Result<Option<Held>> {
        let Self::Folder(folder) = self else { return Ok(None) };
        let path = folder.whole(video);
        fs::metadata(&path)?;
        Ok(Some(Held { path, spared: Arc::clone(&folder.spared) }))
    }

    /// A segment that arrived before this server was started. What stands behind its length was put there by an assembly
    /// that was broken off.
    pub(crate) fn piece_again(&self, name: Option<&str>, length: u64) -> io::Result<Piece> {
        let (Self::Folder(folder), Some(name)) = (self, name) else { return Ok(Piece::Nothing) };
        let path = folder.root.join(SEGMENTS).join(name);
        match fs::metadata(&path)?.len() {
            there if there < length => {
                return Err(io::Error::other(format!("it has {there} of {length} bytes")));
            }
            there if there > length => OpenOptions::new().write(true).open(&path)?.set_len(length)?,
            _ => {}
        }
        Ok(Piece::File(Held { path, spared: Arc::clone(&folder.spared) }))
    }

    /// Removes the files of segments and videos that nobody knows: what was arriving, or being put together, when a server
    /// was killed.
    pub(crate) fn clean(&self, known: impl Fn(&str) -> bool) -> io::Result<()> {
        let Self::Folder(folder) = self else { return Ok(()) };
        for (name, prefix) in [(SEGMENTS, SEGMENT), (VIDEOS, "")] {
            for entry in fs::read_dir(folder.root.join(name))? {
                let entry = entry?;
                let name = entry.file_name();
                let name = name.to_string_lossy();
                if entry.file_type()?.is_file() && name.starts_with(prefix) && !known(&name) {
                    fs::remove_file(entry.path())?;
                }
            }
        }
        Ok(())
    }
}

impl Folder {
    fn whole(&self, video: &str) -> PathBuf {
        self.root.join(VIDEOS).join(video)
    }
}

/// Whether there was anything to put together.
fn assemble(whole: &Path, pieces: &[Piece], lasting: bool, policy: &Policy) -> io::Result<bool> {
    let mut paths = pieces.iter().filter_map(Piece::path).peekable();
    let Some(first) = paths.next() else { return Ok(false) };
    let mut file = OpenOptions::new().append(true).open(first)?;
    loop {
        policy.segment_appended(&file, paths.peek().is_none(), Ok(()))?;
        let Some(piece) = paths.next() else { break };
        io::copy(&mut File::open(piece)?, &mut file)?;
    }
    if lasting {
        file.sync_data()?;
    }
    // A file that was put together before has the same name.
    drop(fs::remove_file(whole));
    // The segment keeps its name until the file is known to be there, so that it can be found again.
    if fs::hard_link(first, whole).is_err() {
        fs::copy(first, whole)?;
        File::open(whole)?.sync_all()?;
    }
    if lasting && let Some(folder) = whole.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(true)
}

impl Sink {
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::File { file, .. } => file.write_all(bytes).await,
        }
    }

    /// Everything has arrived.
    pub(crate) async fn finish(self) -> io::Result<Piece> {
        match self {
            Self::Nothing => Ok(Piece::Nothing),
            Self::File { mut file, held, lasting } => {
                file.flush().await?;
                if lasting {
                    file.sync_data().await?;
                }
                Ok(Piece::File(held))
            }
        }
    }
}

impl Piece {
    /// The name of its file.
    pub(crate) fn name(&self) -> Option<String> {
        self.path()?.file_name().map(|name| name.to_string_lossy().into_owned())
    }

    fn path(&self) -> Option<&Path> {
        match self {
            Self::Nothing => None,
            Self::File(held) => Some(&held.path),
        }
    }
}

impl Held {
    /// The SHA-256 of the file, in hexadecimal digits.
    pub(crate) fn sum(&self) -> impl Future<Output = io::Result<String>> + use<> {
        let file = self.path.clone();
        blocking(move || {
            let mut digest = Sha256::new();
            io::copy(&mut File::open(file)?, &mut digest)?;
            Ok(format!("{:x}", digest.finalize()))
        })
    }
}

impl Held {
    /// Lets the name go, and leaves the file to whoever bears it now.
    pub(crate) fn forget(self) {
        std::mem::forget(self);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.spared.load(Ordering::SeqCst) {
            // One that is gone already is what was wanted.
            drop(fs::remove_file(&self.path));
        }
    }
}

impl Discarded {
    /// Keeps the bytes after all.
    pub(crate) fn spare(self) {
        std::mem::forget(self);
    }
}

impl From<Vec<Piece>> for Discarded {
    fn from(pieces: Vec<Piece>) -> Self {
        Self(Bytes::Pieces(pieces))
    }
}

impl From<Held> for Discarded {
    fn from(whole: Held) -> Self {
        Self(Bytes::Whole(whole))
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}
