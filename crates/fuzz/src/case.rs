//! A case: a generated history of tokens and uploads, as a small plain value that can be made smaller.

/// A case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    /// The tokens that are made first, each with its ttl in seconds; 0 is one that never expires.
    pub(super) tokens: Vec<u64>,
    /// What is done then, one after the other.
    pub(super) steps: Vec<Step>,
}

/// One thing that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A segment is sent.
    Send(Segment),
    /// Several are sent side by side, so that they end at the same moment.
    Together(Vec<Segment>),
    /// Something happens while all of a segment but its last byte is on the wire.
    During(Segment, Event),
    /// Something else happens.
    Event(Event),
}

/// Something that happens between segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// So many seconds pass on the target's clock.
    Advance(u64),
    /// A token is deleted.
    Delete(usize),
    /// A token is asked for by its id.
    Show(usize),
    /// The active tokens are listed, and a token is looked for.
    List(usize),
}

/// A segment, with all that can be response of the request that carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    /// Whose token.
    pub(super) token: usize,
    /// Which upload: its videoId is carried once it is known.
    pub(super) upload: usize,
    /// Which videoId it names.
    pub(super) link: VideoRef,
    /// Its Content-Range.
    pub(super) frame: Frame,
    /// Where the bytes stand in the upload's content.
    pub(super) offset: u64,
    /// How many bytes the file has.
    pub(super) length: u64,
    /// What is odd about its form.
    pub(super) form: Form,
    /// After how many bytes of the body it breaks off.
    pub(super) break_off: Option<u64>,
    /// Whether the body has no Content-Length and comes in the chunked transfer coding.
    pub(super) chunked: bool,
}

/// Which videoId a segment names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VideoRef {
    /// The upload's own, once there is one.
    Carried,
    /// One that does not exist.
    Unknown,
}

/// A Content-Range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Frame {
    /// No header.
    None,
    /// By bytes, both ends included.
    Bytes {
        /// The first byte.
        from: u64,
        /// The last.
        to: u64,
        /// How many there are; none while it is open.
        total: Option<u64>,
    },
    /// By parts.
    Part {
        /// The number.
        number: u64,
        /// How many there are; none while it is open.
        count: Option<u64>,
    },
    /// Anything else, to the letter.
    Malformed(&'static str),
}

/// What is odd about a form. The plain one has `videoId` before `file`, one file, and a plain name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    /// Where `videoId` stands.
    pub(super) order: Order,
    /// How many files there are.
    pub(super) files: u8,
    /// The name of the file's field.
    pub(super) field: &'static str,
    /// The file's name.
    pub(super) name: &'static str,
    /// What separates the fields.
    pub(super) boundary: &'static str,
    /// Whether there is something that the contract does not speak of.
    pub(super) extra: Extra,
}

/// Where `videoId` stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Before the file.
    IdFirst,
    /// Behind it.
    FileFirst,
}

/// What the contract does not speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extra {
    /// Nothing.
    None,
    /// A field that nobody asked for.
    Field,
    /// The same videoId twice.
    IdTwice,
}

impl Form {
    /// The form that everyone sends.
    pub(super) const PLAIN: Self = Self {
        order: Order::IdFirst,
        files: 1,
        field: "file",
        name: "movie.mp4",
        boundary: "uptake-boundary",
        extra: Extra::None,
    };
}

impl Frame {
    /// The header's value; none where there is no header.
    pub(super) fn header(&self) -> Option<String> {
        let open = |number: &Option<u64>| number.map_or_else(|| "*".to_owned(), |number| number.to_string());
        match self {
            Self::None => None,
            Self::Bytes { from, to, total } => Some(format!("bytes {from}-{to}/{}", open(total))),
            Self::Part { number, count } => Some(format!("part {number}/{}", open(count))),
            Self::Malformed(text) => Some((*text).to_owned()),
        }
    }
}

impl Segment {
    /// A plain segment of an upload.
    pub(super) fn new(upload: usize, frame: Frame, offset: u64, length: u64) -> Self {
        Self {
            token: 0,
            upload,
            link: VideoRef::Carried,
            frame,
            offset,
            length,
            form: Form::PLAIN,
            break_off: None,
            chunked: false,
        }
    }

    /// How many bytes of files it sends.
    pub(super) fn bytes(&self) -> u64 {
        self.length * u64::from(self.form.files)
    }
}

impl Step {
    /// The segments that it sends.
    pub(super) fn segments(&self) -> &[Segment] {
        match self {
            Self::Send(segment) | Self::During(segment, _) => std::slice::from_ref(segment),
            Self::Together(segments) => segments,
            Self::Event(_) => &[],
        }
    }

    /// The segments that it sends, to change them.
    pub(super) fn segments_mut(&mut self) -> &mut [Segment] {
        match self {
            Self::Send(segment) | Self::During(segment, _) => std::slice::from_mut(segment),
            Self::Together(segments) => segments,
            Self::Event(_) => &mut [],
        }
    }

    /// What else happens in it.
    pub(super) fn event(&self) -> Option<Event> {
        match self {
            Self::During(_, event) | Self::Event(event) => Some(*event),
            Self::Send(_) | Self::Together(_) => None,
        }
    }
}

impl Case {
    /// All segments, in turn.
    pub(super) fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.steps.iter().flat_map(Step::segments)
    }

    /// How many bytes of files it sends.
    pub(super) fn bytes(&self) -> u64 {
        self.segments().map(Segment::bytes).sum()
    }

    /// Whether it needs a clock that can be moved.
    pub(super) fn moves_the_clock(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.event(), Some(Event::Advance(_))))
    }
}
