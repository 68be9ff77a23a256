//! A body that is read from files as it is sent.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::content_file::StoredContent;

/// How much is read at a time.
const STRIDE: u64 = 64 << 10;

/// A piece of a file that is still to be sent.
struct Piece {
    stored: Arc<StoredContent>,
    from: u64,
    left: u64,
    file: Option<File>,
}

/// The bytes of one file or several, one after the other.
pub(crate) struct FileBody {
    pieces: VecDeque<Piece>,
    left: u64,
    damages: bool,
    sent: u64,
}

impl FileBody {
    /// Bytes `first` to `last` of the content of these files.
    pub(crate) fn new<'a>(
        parts: impl Iterator<Item = &'a Arc<StoredContent>>,
        (first, last): (u64, u64),
    ) -> Self {
        let (mut start, mut pieces) = (0, VecDeque::new());
        for stored in parts {
            let end = start + stored.size;
            let (from, to) = (first.max(start), (last + 1).min(end));
            if from < to {
                pieces.push_back(Piece {
                    stored: Arc::clone(stored),
                    from: from - start,
                    left: to - from,
                    file: None,
                });
            }
            start = end;
        }
        let left = pieces.iter().map(|piece| piece.left).sum();
        Self { pieces, left, damages: false, sent: 0 }
    }

    /// For a planted defect: sends the first byte of each file but the first as zero.
    pub(crate) fn damaged(self) -> Self {
        Self { damages: true, ..self }
    }

    fn read(&mut self) -> io::Result<Option<Bytes>> {
        let Some(piece) = self.pieces.front_mut() else { return Ok(None) };
        let file = match &mut piece.file {
            Some(file) => file,
            none => {
                let mut file = File::open(&piece.stored.path)?;
                file.seek(SeekFrom::Start(piece.from))?;
                none.insert(file)
            }
        };
        let now = piece.left.min(STRIDE);
        let mut buffer = vec![0; usize::try_from(now).expect("a stride fits into memory")];
        file.read_exact(&mut buffer)?;
        if self.damages && self.sent > 0 && piece.from == 0 {
            buffer[0] = 0;
        }
        piece.from += now;
        piece.left -= now;
        self.left -= now;
        self.sent += now;
        if piece.left == 0 {
            self.pieces.pop_front();
        }
        Ok(Some(buffer.into()))
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    /// Reads at once: the files are local, and most of them are in the system's cache.
    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(self.get_mut().read().map(|bytes| bytes.map(Frame::data)).transpose())
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
