//! Moves the content of a request into an upload, and tells of the progress.

use std::io;

use bytes::Bytes;

use super::body::Body;
use super::defects::RufhDefect;
use super::digests::Digests;
use super::interop::INTEROP_VERSION;
use super::service::Service;
use super::upload::{Turn, Upload};

/// Progress is told after so many bytes, and whenever twice as many have come: a client that reads nothing is not flooded.
const FIRST_PROGRESS: u64 = 32 << 10;

/// How a transfer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// All of the content was appended.
    Whole,
    /// The client broke off, or another request took over: no response can be sent.
    Broken,
    /// The content is longer than the upload's length.
    PastLength,
    /// It is longer than the server takes.
    TooLarge,
    /// Its digest is another; nothing of it was appended.
    Damaged,
    /// Its transfer coding cannot be read.
    Malformed,
}

/// One request's content on its way.
pub(super) struct Transfer<'t, 'u> {
    pub(super) service: &'t Service,
    pub(super) upload: &'u Upload,
    pub(super) turn: &'t mut Turn<'u>,
    /// The value of `Content-Digest`.
    pub(super) digest: Option<&'t str>,
    /// Whether the client is in the version that the upload was created with, so that interim responses may be sent.
    pub(super) tells: bool,
}

impl Transfer<'_, '_> {
    /// Receives all of the content.
    pub(super) async fn receive(&mut self, body: &mut Body<'_>) -> Ended {
        let begun = self.turn.state().clone();
        // What a digest may still refuse is not in the upload yet.
        let mut pending = self.digest.is_some().then(|| begun.clone());
        let mut content = Digests::new();
        let (mut received, mut next_progress) = (0_u64, FIRST_PROGRESS);
        let ended = loop {
            let piece = tokio::select! {
                biased;
                () = self.turn.interrupted() => break Ended::Broken,
                piece = body.next() => piece,
            };
            let piece = match piece {
                Ok(Some(piece)) => piece,
                Ok(None) => break Ended::Whole,
                Err(error) if error.kind() == io::ErrorKind::InvalidData => break Ended::Malformed,
                Err(_) => break Ended::Broken,
            };
            let offset = pending.as_ref().map_or_else(|| self.turn.state().offset, |state| state.offset);
            let room = self.room(offset, received);
            let taken = usize::try_from(room.bytes).unwrap_or(usize::MAX).min(piece.len());
            content.update(&piece);
            received += piece.len() as u64;
            let stored = self.stored(piece.slice(..taken), begun.offset);
            match &mut pending {
                Some(state) => state.append(&stored),
                None => self.turn.state().append(&stored),
            }
            if taken < piece.len() {
                break room.past;
            }
            if self.tells && pending.is_none() && received >= next_progress {
                next_progress = received.saturating_mul(2);
                if self.tell(body).await.is_err() {
                    break Ended::Broken;
                }
            }
        };
        let Some(pending) = pending else { return ended };
        let is_damaged = self.digest.is_some_and(|wanted| !content.agree_with(wanted));
        if ended == Ended::Whole && is_damaged && !self.service.has(RufhDefect::KeepsDamagedContent) {
            return Ended::Damaged;
        }
        // What arrived of a request that broke off is kept, whatever its digest was to be.
        *self.turn.state() = pending;
        ended
    }

    fn stored(&self, piece: Bytes, begun: u64) -> Bytes {
        let is_damaged = begun > 0 && self.service.has(RufhDefect::StoresOtherBytes);
        if is_damaged { vec![0; piece.len()].into() } else { piece }
    }

    /// How much more is taken, and what more than that means.
    fn room(&self, offset: u64, received: u64) -> Room {
        let limits = &self.service.limits;
        let max_size = limits.max_size.saturating_sub(offset);
        let max_append = limits.max_append.saturating_sub(received);
        let length = self.turn.state().length.map(|length| length.saturating_sub(offset));
        let most = max_size.min(max_append);
        match length {
            Some(length) if length <= most && !self.service.has(RufhDefect::ExceedsLength) => {
                Room { bytes: length, past: Ended::PastLength }
            }
            _ => Room { bytes: most, past: Ended::TooLarge },
        }
    }

    async fn tell(&self, body: &mut Body<'_>) -> io::Result<()> {
        // More than any test sends.
        let unsent = if self.service.has(RufhDefect::TellsUnsentOffset) { 1 << 40 } else { 0 };
        let (version, offset) = (self.upload.interop.text(), (self.turn.state().offset + unsent).to_string());
        body.interim(104, &[(INTEROP_VERSION, version), ("Upload-Offset", &offset)]).await
    }
}

struct Room {
    bytes: u64,
    past: Ended,
}

/// Announces an upload.
pub(super) async fn announce(service: &Service, upload: &Upload, body: &mut Body<'_>) -> io::Result<()> {
    let limits = service.limits.field(upload.interop, upload.created.elapsed());
    let version = upload.interop.text();
    body.interim(104, &[(INTEROP_VERSION, version), ("Location", &upload.path), ("Upload-Limit", &limits)])
        .await
}
