//! Counts of uploads, segments, bytes and requests, which threads add up.

/// Counts that are added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counters {
    /// Uploads started.
    pub(super) started: u64,
    /// Uploads completed.
    pub(super) uploads: u64,
    /// Uploads failed.
    pub(super) errors: u64,
    /// Uploads abandoned on purpose.
    pub(super) abandoned: u64,
    /// Uploads interrupted and resumed on purpose, and completed.
    pub(super) resumed: u64,
    /// Connections lost on purpose in the middle of a segment.
    pub(super) dropped: u64,
    /// Uploads given up because a segment lost too many of them.
    pub(super) given_up: u64,
    /// Uploads due but never started.
    pub(super) not_started: u64,
    /// Uploads still in progress at the end.
    pub(super) unfinished: u64,
    /// Segments acknowledged.
    pub(super) segments: u64,
    /// Bytes of files in them.
    pub(super) goodput_bytes: u64,
    /// Bytes of requests handed to the system or to TLS.
    pub(super) bytes_sent: u64,
    /// Bytes written to sockets, those of TLS and HTTP/2 framing included.
    pub(super) bytes_on_wire: u64,
    /// Responses that came before the last byte of their request had been sent.
    pub(super) early_responses: u64,
    /// Requests sent.
    pub(super) requests: u64,
    /// Requests repeated on a new connection.
    pub(super) retries: u64,
    /// Uploads verified.
    pub(super) verified: u64,
    /// Connections made.
    pub(super) connections: u64,
    /// Segments after the first that were sent without a video id, because no answer contained one.
    pub(super) lacking: u64,
    /// Uploads of the warm-up.
    pub(super) warm_up: u64,
}

impl Counters {
    /// Adds others.
    pub(super) fn add(&mut self, other: &Self) {
        self.started += other.started;
        self.uploads += other.uploads;
        self.errors += other.errors;
        self.abandoned += other.abandoned;
        self.resumed += other.resumed;
        self.dropped += other.dropped;
        self.given_up += other.given_up;
        self.not_started += other.not_started;
        self.unfinished += other.unfinished;
        self.segments += other.segments;
        self.goodput_bytes += other.goodput_bytes;
        self.bytes_sent += other.bytes_sent;
        self.bytes_on_wire += other.bytes_on_wire;
        self.early_responses += other.early_responses;
        self.requests += other.requests;
        self.retries += other.retries;
        self.verified += other.verified;
        self.connections += other.connections;
        self.lacking += other.lacking;
        self.warm_up += other.warm_up;
    }
}
