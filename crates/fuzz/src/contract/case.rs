//! A case of the contract: any calls, by name instead of by what the server answers, as a small value that can be shrunk.

use crate::case::Segment;
use uptake_oracle::contract::{ListQuery, TtlGiven};

/// A case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ContractCase {
    pub(crate) steps: Vec<ContractStep>,
}

/// One step of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ContractStep {
    /// One call.
    Call(Call),
    /// Callers that begin at once; each makes its calls one after the other.
    AtOnce(Vec<Vec<Call>>),
    /// Calls while all of a segment but its last byte was sent; then the clock moves, and then the last byte goes.
    During {
        /// The call with the segment.
        held: Call,
        /// What is called meanwhile.
        calls: Vec<Call>,
        /// How far the clock moves, in seconds.
        advance: u64,
    },
    /// The target's clock moves by this many seconds.
    Advance(u64),
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) action: Action,
    pub(crate) auth: Auth,
    /// Whether a page of another origin makes it.
    pub(crate) from_page: bool,
}

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Auth {
    None,
    Key,
    UnknownKey,
    Malformed,
    /// The access token of this number.
    Bearer(usize),
    UnknownBearer,
    /// The upload token of this number as Bearer.
    TokenAsBearer(usize),
    /// The upload token of this number as API key.
    TokenAsKey(usize),
}

/// What is called. Tokens, videos and access tokens are numbered as the case creates them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    Exchange {
        saves: usize,
        body: JsonBody,
    },
    Refresh {
        of: usize,
        saves: usize,
        body: JsonBody,
    },
    CreateToken {
        saves: usize,
        ttl: TtlGiven,
    },
    List(ListQuery),
    ShowToken(TokenName),
    DeleteToken(TokenName),
    /// The segment names its video once that is known.
    Upload {
        token: TokenName,
        segment: Segment,
    },
    CreateVideo {
        saves: usize,
        body: JsonBody,
    },
    ShowVideo(usize),
    DeleteVideo(usize),
    ShowStatus(usize),
    /// The segment goes to the source of its video.
    Source(Segment),
    Preflight(&'static str),
    UnknownPath(&'static str),
    WrongMethod(WrongMethod),
}

/// The JSON body of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonBody {
    /// As it should be.
    Right,
    /// As it should be, labelled as browsers label it.
    AsText,
    /// With a value that does not exist.
    Unknown,
    /// An empty object.
    Missing,
    /// No JSON.
    NotJson,
}

/// An upload token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenName {
    /// By its number.
    Nth(usize),
    /// One that does not exist.
    Unknown,
    /// None at all.
    Absent,
}

/// A path with a method that it does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WrongMethod {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// The methods that the path has.
    pub(crate) allowed: &'static [&'static str],
}

impl ContractStep {
    /// The calls, caller by caller.
    pub(crate) fn calls(&self) -> Vec<&Call> {
        match self {
            Self::Call(call) => vec![call],
            Self::AtOnce(callers) => callers.iter().flatten().collect(),
            Self::During { held, calls, .. } => std::iter::once(held).chain(calls).collect(),
            Self::Advance(_) => Vec::new(),
        }
    }

    /// The same calls, to change them.
    pub(crate) fn calls_mut(&mut self) -> Vec<&mut Call> {
        match self {
            Self::Call(call) => vec![call],
            Self::AtOnce(callers) => callers.iter_mut().flatten().collect(),
            Self::During { held, calls, .. } => std::iter::once(held).chain(calls).collect(),
            Self::Advance(_) => Vec::new(),
        }
    }

    fn moves_the_clock(&self) -> bool {
        matches!(self, Self::Advance(_) | Self::During { advance: 1.., .. })
    }
}

impl Call {
    /// A call with the API key.
    pub(crate) const fn by_key(action: Action) -> Self {
        Self { action, auth: Auth::Key, from_page: false }
    }

    /// A call without credentials.
    pub(crate) const fn open(action: Action) -> Self {
        Self { action, auth: Auth::None, from_page: false }
    }

    /// The segment that it carries.
    pub(crate) const fn segment(&self) -> Option<&Segment> {
        match &self.action {
            Action::Upload { segment, .. } | Action::Source(segment) => Some(segment),
            _ => None,
        }
    }
}

impl ContractCase {
    /// Every call, in order.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &Call> {
        self.steps.iter().flat_map(ContractStep::calls)
    }

    /// How many bytes of files it sends.
    pub(crate) fn bytes(&self) -> u64 {
        self.calls().filter_map(Call::segment).map(Segment::bytes).sum()
    }

    /// Whether it needs a clock that can be moved.
    pub(crate) fn moves_the_clock(&self) -> bool {
        self.steps.iter().any(ContractStep::moves_the_clock)
    }
}

impl Action {
    /// Whether it is allowed to holders of the key or an access token only.
    pub(crate) const fn needs_key(&self) -> bool {
        !matches!(
            self,
            Self::Exchange { .. }
                | Self::Refresh { .. }
                | Self::Upload { .. }
                | Self::Preflight(_)
                | Self::UnknownPath(_)
                | Self::WrongMethod(_)
        )
    }
}
