//! From bytes to events.

use super::chunked::{Chunked, Wants};
use super::error::SPEAKS_TLS;
use super::{Bound, Framing, Head, Limits, RequestKind, ResponseError};

/// What the bytes hold next.
#[derive(Debug, Clone, Copy)]
pub enum Event<'b> {
    /// Nothing without more bytes: read some, and call again with what was not consumed and what came after it.
    NeedMore,
    /// An interim (1xx) response. A 101 is a final one: what follows it is another protocol.
    Interim(Head<'b>),
    /// The final response's head.
    Head(Head<'b>),
    /// A piece of its body, without the transfer coding; never empty.
    Data(&'b [u8]),
    /// Its end.
    End,
}

/// What the end of the connection means for a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Nothing of a final response came.
    BeforeHead,
    /// Its head is not whole.
    InHead,
    /// Its body is not whole.
    InBody,
    /// It is whole.
    Complete,
}

/// Parses one response, interim responses before it included.
#[derive(Debug, Clone, Copy)]
pub struct ResponseParser {
    to: RequestKind,
    limits: Limits,
    state: State,
    /// How many bytes of interim responses there were.
    interim: usize,
    /// How many bytes of the body there were.
    body: u64,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// A head is next. Of the bytes at hand so many were looked at, and hold no end of it.
    Head {
        seen: usize,
    },
    /// So many bytes of the body are still to come.
    Length(u64),
    Chunked(Chunked),
    UntilClose,
    Done,
}

impl ResponseParser {
    /// A parser for the response to a request.
    pub fn new(to: RequestKind, limits: Limits) -> Self {
        Self { to, limits, state: State::Head { seen: 0 }, interim: 0, body: 0 }
    }

    /// What `input` holds next, and how many of its bytes are consumed by that. `input` begins with the bytes that the
    /// previous call did not consume. After an error there is nothing more to be had.
    pub fn next<'b>(&mut self, input: &'b [u8]) -> Result<(usize, Event<'b>), ResponseError> {
        match &mut self.state {
            State::Head { seen } => {
                let seen = *seen;
                self.head(input, seen)
            }
            State::Length(0) | State::Done => {
                self.state = State::Done;
                Ok((0, Event::End))
            }
            State::Length(left) => {
                let left = *left;
                let data = self.data(input, left)?;
                self.state = State::Length(left - data.len() as u64);
                Ok((data.len(), piece(data)))
            }
            State::UntilClose => {
                if input.is_empty() {
                    return Ok((0, Event::NeedMore));
                }
                let data = self.data(input, u64::MAX)?;
                Ok((data.len(), piece(data)))
            }
            State::Chunked(chunked) => {
                let mut chunked = *chunked;
                let lines = chunked.lines(input, self.limits.trailers)?;
                let rest = &input[lines..];
                let (consumed, event) = match chunked.wants() {
                    Wants::Line => (lines, Event::NeedMore),
                    Wants::Nothing => (lines, Event::End),
                    Wants::Data(left) => {
                        let data = self.data(rest, left)?;
                        chunked.took(data.len() as u64);
                        (lines + data.len(), piece(data))
                    }
                };
                self.state =
                    if chunked.wants() == Wants::Nothing { State::Done } else { State::Chunked(chunked) };
                Ok((consumed, event))
            }
        }
    }

    /// What it means that the connection ends where `left` was received and not consumed.
    pub fn ending(&self, left: &[u8]) -> Ending {
        match self.state {
            State::Head { .. } if left.is_empty() => Ending::BeforeHead,
            State::Head { .. } => Ending::InHead,
            State::Length(1..) | State::Chunked(_) => Ending::InBody,
            State::Length(0) | State::UntilClose | State::Done => Ending::Complete,
        }
    }

    fn head<'b>(&mut self, input: &'b [u8], seen: usize) -> Result<(usize, Event<'b>), ResponseError> {
        check_start(input)?;
        let input = &input[..input.len().min(self.limits.head)];
        let seen = seen.min(input.len());
        // Only whole lines are parsed, and only where there are new ones: a head that comes byte by byte costs no more.
        if let Some(end) = input[seen..].iter().rposition(|byte| *byte == b'\n') {
            let lines = &input[..=seen + end];
            if let Some((length, head)) = Head::parse(lines, self.to)? {
                return self.begin(length, head);
            }
        }
        if input.len() == self.limits.head {
            return Err(ResponseError::Exceeded(Bound::Head(self.limits.head)));
        }
        self.state = State::Head { seen: input.len() };
        Ok((0, Event::NeedMore))
    }

    fn begin<'b>(&mut self, length: usize, head: Head<'b>) -> Result<(usize, Event<'b>), ResponseError> {
        if head.status < 200 && head.status != 101 {
            self.interim += length;
            if self.interim > self.limits.interim {
                return Err(ResponseError::Exceeded(Bound::Interim(self.limits.interim)));
            }
            self.state = State::Head { seen: 0 };
            return Ok((length, Event::Interim(head)));
        }
        self.state = match head.framing {
            Framing::None => State::Done,
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::Chunked(Chunked::new()),
            Framing::UntilClose => State::UntilClose,
        };
        Ok((length, Event::Head(head)))
    }

    /// Of the next `left` bytes of the body as many as are at hand and within the limit. That there are more than the limit
    /// allows is an error once those that it allows were given.
    fn data<'b>(&mut self, input: &'b [u8], left: u64) -> Result<&'b [u8], ResponseError> {
        let allowed = self.limits.body - self.body;
        if allowed == 0 {
            return Err(ResponseError::Exceeded(Bound::Body(self.limits.body)));
        }
        let count = usize::try_from(left.min(allowed)).unwrap_or(usize::MAX).min(input.len());
        self.body += count as u64;
        Ok(&input[..count])
    }
}

fn piece(data: &[u8]) -> Event<'_> {
    if data.is_empty() { Event::NeedMore } else { Event::Data(data) }
}

/// Refuses what does not begin as a response of HTTP/1 does, at the first byte that differs: a server that speaks another
/// protocol may never end a line.
fn check_start(input: &[u8]) -> Result<(), ResponseError> {
    const START: &[u8] = b"HTTP/1.d ddd";
    let fits = |(byte, want): (&u8, &u8)| if *want == b'd' { byte.is_ascii_digit() } else { byte == want };
    if input.iter().zip(START).all(fits) {
        return Ok(());
    }
    Err(match input {
        [0x15 | 0x16, 3, ..] => ResponseError::malformed(SPEAKS_TLS),
        [0, 0, _, 4, ..] => ResponseError::malformed("it speaks HTTP/2 only"),
        _ => ResponseError::in_bytes("it begins with", input),
    })
}
