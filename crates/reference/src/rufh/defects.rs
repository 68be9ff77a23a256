//! Planted defects: each makes the server break the draft in one point that no changed answer could show.

/// A defect of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RufhDefect {
    /// What arrived of a request that broke off is thrown away.
    ForgetsBrokenOff,
    /// An upload counts as complete though the request that was to complete it broke off.
    CompletesBrokenOff,
    /// A new request waits for the running one instead of ending it.
    WaitsForPrevious,
    /// The offset is told while a request goes on appending.
    TellsMovingOffset,
    /// Requests append side by side, and none ends another.
    AppendsInParallel,
    /// An upload is complete as soon as it has all of its length.
    CompletesByLength,
    /// Content whose digest does not match is kept.
    KeepsDamagedContent,
    /// The bytes that resume an upload are stored as zeros.
    StoresOtherBytes,
    /// A cancelled upload stays.
    KeepsCancelled,
    /// A request that is running when its upload is cancelled goes on.
    CancelsWithoutEnding,
    /// An upload takes more than its length.
    ExceedsLength,
    /// An append at another offset is stored, though it is refused.
    AppendsAtOtherOffset,
    /// A completed upload takes more content, though it is refused.
    AppendsToCompleted,
    /// Requests that create no upload get a 104, too.
    AnnouncesToEveryone,
    /// The offset in a 104 is beyond what was sent.
    TellsUnsentOffset,
    /// HEAD and DELETE are answered 302.
    Redirects,
}

impl RufhDefect {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::ForgetsBrokenOff,
        Self::CompletesBrokenOff,
        Self::WaitsForPrevious,
        Self::TellsMovingOffset,
        Self::AppendsInParallel,
        Self::CompletesByLength,
        Self::KeepsDamagedContent,
        Self::StoresOtherBytes,
        Self::KeepsCancelled,
        Self::CancelsWithoutEnding,
        Self::ExceedsLength,
        Self::AppendsAtOtherOffset,
        Self::AppendsToCompleted,
        Self::AnnouncesToEveryone,
        Self::TellsUnsentOffset,
        Self::Redirects,
    ];
}
