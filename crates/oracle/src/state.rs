//! One possible state of the target: its tokens, and what has arrived of each upload.

use std::collections::BTreeMap;

/// The sizes and times that the contract names. Times are in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContractLimits {
    /// The least segment that is not the last.
    pub min_segment: u64,
    /// The greatest segment.
    pub max_segment: u64,
    /// The greatest file in one request.
    pub max_request: u64,
    /// The greatest file.
    pub max_total: u64,
    /// The most parts.
    pub max_parts: u64,
    /// How long after expiry an upload may be completed.
    pub grace: u64,
    /// How near to an instant nothing is said.
    pub margin: u64,
}

/// An instant that is known only to lie between two others, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Not before.
    pub from: u64,
    /// Not after.
    pub to: u64,
}

/// The video that a request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VideoRef {
    /// None: it begins an upload, which is known by this number from then on.
    Begins(usize),
    /// That of an upload which was begun.
    Upload(usize),
    /// One that does not exist.
    Nowhere,
}

/// A request that carries a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Whose token.
    pub token: usize,
    /// Which video.
    pub link: VideoRef,
    /// Its Content-Range.
    pub range: Option<String>,
    /// Where the file's bytes stand in what is uploaded.
    pub offset: u64,
    /// The lengths of the files in the form.
    pub files: Vec<u64>,
    /// Whether its body breaks off before its end.
    pub broken_off: bool,
    /// Whether the form has what the contract does not speak of.
    pub odd: bool,
    /// When its head went out.
    pub began: Span,
    /// When it had arrived.
    pub arrived: Span,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Active,
    Grace,
    Over,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) ttl: u64,
    pub(super) created: Span,
    pub(super) deleted: Option<Deleted>,
    /// Whether a first segment of it was refused for a fault of its own.
    pub(super) refused: bool,
}

/// When a token was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Deleted {
    pub(super) at: Span,
    pub(super) phase: Phase,
}

/// What has arrived of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Upload {
    pub(super) owner: Owner,
    pub(super) progress: Progress,
}

/// Who began an upload, and alone may go on with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The upload token of this number.
    Token(usize),
    /// Whoever has the API key: the upload goes into a container.
    Key,
}

/// A run of bytes of what is uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) offset: u64,
    pub(super) length: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Progress {
    Whole(Piece),
    /// By first byte: the last byte, and the piece.
    Bytes {
        total: Option<u128>,
        ranges: BTreeMap<u128, (u128, Piece)>,
    },
    Parts {
        count: Option<u128>,
        parts: BTreeMap<u128, Piece>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct State {
    pub(super) tokens: Vec<Token>,
    pub(super) uploads: BTreeMap<usize, Upload>,
}

impl Span {
    /// An instant that is known exactly.
    pub const fn at(instant: u64) -> Self {
        Self { from: instant, to: instant }
    }
}

impl Token {
    /// What it may do at that time; several where the margin does not let us say.
    pub(super) fn phases(&self, at: Span, limits: &ContractLimits) -> Vec<Phase> {
        if self.ttl == 0 {
            return vec![Phase::Active];
        }
        let (earliest, latest) = (self.created.from + self.ttl * 1000, self.created.to + self.ttl * 1000);
        let mut phases = Vec::new();
        if at.from < latest + limits.margin {
            phases.push(Phase::Active);
        }
        if at.to + limits.margin > earliest && at.from < latest + limits.grace + limits.margin {
            phases.push(Phase::Grace);
        }
        if at.to + limits.margin > earliest + limits.grace {
            phases.push(Phase::Over);
        }
        phases
    }
}

impl Progress {
    /// Whether everything is there.
    pub(super) fn is_complete(&self) -> bool {
        match self {
            Self::Whole(_) => true,
            Self::Bytes { total, ranges } => {
                let there: u128 = ranges.iter().map(|(from, (to, _))| to - from + 1).sum();
                *total == Some(there)
            }
            Self::Parts { count, parts } => *count == Some(parts.len() as u128),
        }
    }

    /// The pieces in the order of the file.
    pub(super) fn pieces(&self) -> Vec<Piece> {
        match self {
            Self::Whole(piece) => vec![*piece],
            Self::Bytes { ranges, .. } => ranges.values().map(|(_, piece)| *piece).collect(),
            Self::Parts { parts, .. } => parts.values().copied().collect(),
        }
    }
}
