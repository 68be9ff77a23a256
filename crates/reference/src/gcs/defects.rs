//! Planted defects: each makes the server break the public reference in one point.

/// A defect of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GcsDefect {
    /// Every byte of a chunk is stored, though its size is not a multiple of 256 KiB and it is not the last.
    StoresOddChunks,
    /// Bytes that are sent again from the beginning replace those that are stored.
    ReplacesStoredBytes,
    /// A chunk past the stored bytes is appended to them.
    ClosesGaps,
    /// An interrupted chunk counts up to the next multiple of 256 KiB; what did not arrive is stored as zeros.
    CountsUnsentBytes,
    /// The first byte of each chunk but the first is stored as another.
    DamagesLaterChunks,
    /// A chunk that leaves the total unknown is taken for the last.
    EndsAtUnknownTotal,
    /// A request with a malformed Content-Range discards what is stored.
    DiscardsWhenRefused,
    /// An object is created though its content is refused for its hash.
    StoresDamagedContent,
    /// The CRC-32C of the metadata is not compared with the content's.
    IgnoresCrc32c,
    /// Starting a session for a name returns the session of this name that is open.
    SharesSessions,
    /// A cancelled session stays open.
    KeepsCancelledSessions,
    /// Cancelling a session cancels every session of the same name.
    CancelsSessionsOfName,
    /// An empty object is there as soon as a chunk is stored.
    ShowsIncompleteObjects,
    /// Completing an upload does not replace an object of the name.
    KeepsOldObject,
}

impl GcsDefect {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::StoresOddChunks,
        Self::ReplacesStoredBytes,
        Self::ClosesGaps,
        Self::CountsUnsentBytes,
        Self::DamagesLaterChunks,
        Self::EndsAtUnknownTotal,
        Self::DiscardsWhenRefused,
        Self::StoresDamagedContent,
        Self::IgnoresCrc32c,
        Self::SharesSessions,
        Self::KeepsCancelledSessions,
        Self::CancelsSessionsOfName,
        Self::ShowsIncompleteObjects,
        Self::KeepsOldObject,
    ];

    /// Its name, as `uptake serve --protocol gcs --defect` takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StoresOddChunks => "odd-chunks-stored",
            Self::ReplacesStoredBytes => "stored-bytes-replaced",
            Self::ClosesGaps => "gaps-closed",
            Self::CountsUnsentBytes => "unsent-bytes-counted",
            Self::DamagesLaterChunks => "later-chunks-damaged",
            Self::EndsAtUnknownTotal => "unknown-total-ends",
            Self::DiscardsWhenRefused => "refused-range-discards",
            Self::StoresDamagedContent => "damaged-content-stored",
            Self::IgnoresCrc32c => "crc32c-ignored",
            Self::SharesSessions => "sessions-shared",
            Self::KeepsCancelledSessions => "cancelled-session-open",
            Self::CancelsSessionsOfName => "cancels-sessions-of-name",
            Self::ShowsIncompleteObjects => "incomplete-object-shown",
            Self::KeepsOldObject => "old-object-kept",
        }
    }

    /// What the server does wrong.
    pub const fn description(self) -> &'static str {
        match self {
            Self::StoresOddChunks => {
                "every byte of a chunk is stored, though its size is not a multiple of 256 KiB"
            }
            Self::ReplacesStoredBytes => "bytes sent again from the beginning replace the stored ones",
            Self::ClosesGaps => "a chunk past the stored bytes is appended to them",
            Self::CountsUnsentBytes => "an interrupted chunk counts up to the next multiple of 256 KiB",
            Self::DamagesLaterChunks => "the first byte of each chunk but the first is changed",
            Self::EndsAtUnknownTotal => "a chunk that leaves the total unknown completes the upload",
            Self::DiscardsWhenRefused => "a malformed Content-Range discards the stored bytes",
            Self::StoresDamagedContent => "content refused for its hash creates an object",
            Self::IgnoresCrc32c => "the CRC-32C of the metadata is not compared",
            Self::SharesSessions => "starting a session returns the open session of the name",
            Self::KeepsCancelledSessions => "a cancelled session stays open",
            Self::CancelsSessionsOfName => "cancelling a session cancels every session of the name",
            Self::ShowsIncompleteObjects => "an empty object is there before the last chunk",
            Self::KeepsOldObject => "completing an upload does not replace an object of the name",
        }
    }
}
