//! What a server finds on a folder that another served before it: it remembers what was written down, holds it against
//! the files that there are, and removes the others.

use std::collections::HashSet;
use std::path::Path;

use super::server_state::{Complete, ServerState};
use super::video::Video;
use crate::database::record::{Kept, SegmentRecord, StoredState, VideoRecord};
use crate::error::ReferenceError;
use crate::store::{Piece, Store};
use crate::upload::progress::Progress;
use crate::upload::segment::RestoredSegment;

/// Fills the state, and gives the uploads that are complete and were never put together.
pub(crate) fn restore(
    state: &mut ServerState,
    mut stored: StoredState,
    store: &Store,
    folder: &Path,
) -> Result<Vec<Complete>, ReferenceError> {
    let damaged = |why: String| ReferenceError::StoreDamaged { folder: folder.to_owned(), why };
    state.restore(&stored);
    let mut known = HashSet::new();
    let mut complete = Vec::new();
    for (id, record, segments) in std::mem::take(&mut stored.videos) {
        let mut file = None;
        if record.kept == Kept::File {
            let found = store.whole_again(&id);
            file = found.map_err(|error| damaged(format!("the file of video {id} is missing: {error}")))?;
            known.insert(id.clone());
        }
        let mut restored: Vec<RestoredSegment> = Vec::new();
        for (key, segment) in segments {
            let piece = piece(store, &record, &segment);
            let name = segment.file.clone().unwrap_or_default();
            let piece = piece
                .map_err(|error| damaged(format!("segment {name} of video {id} is missing: {error}")))?;
            known.extend(piece.name());
            restored.push((key, segment, piece));
        }
        let progress = record.framing.and_then(|framing| Progress::restored(framing, record.total, restored));
        complete.extend(state.restore_video(Video::restored(id, record, progress), file));
    }
    let cleaned = store.clean(|name| known.contains(name));
    cleaned.map_err(|source| ReferenceError::Storage { folder: folder.to_owned(), source })?;
    Ok(complete)
}

fn piece(store: &Store, record: &VideoRecord, segment: &SegmentRecord) -> std::io::Result<Piece> {
    match record.kept {
        Kept::Segments => store.piece_again(segment.file.as_deref(), segment.length),
        Kept::File | Kept::Nowhere => Ok(Piece::Nothing),
    }
}
