//! Passes bytes between suite and server, records the server's, and changes the answer of one exchange.

use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf, split};

use super::answer::{Answer, AnswerReader};
use super::change::Change;
use super::connect::{MAX_HEAD, RequestLine, end_of_head};

/// The most bytes of an answer that are recorded.
const MAX_RECORDED: usize = 256 << 10;
const BUFFER: usize = 64 << 10;

/// What went over one connection.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    /// The beginning of the request, its first line at least where it is well formed.
    head: Vec<u8>,
    /// What the server sent; none where it was too much.
    answer: Option<Vec<u8>>,
}

/// Traffic that both directions of a connection write down.
#[derive(Debug)]
pub(super) struct Record(Mutex<Traffic>);

impl Record {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Traffic { head: Vec::new(), answer: Some(Vec::new()) }))
    }

    fn with<T>(&self, look: impl FnOnce(&mut Traffic) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes down a request that was not passed on.
    pub(super) fn unsent(&self, line: &RequestLine) {
        self.with(|traffic| traffic.head = format!("{} {} ", line.method, line.target).into_bytes());
    }

    fn sent(&self, bytes: &[u8]) {
        self.with(|traffic| {
            if traffic.head.len() < MAX_HEAD && end_of_head(&traffic.head).is_none() {
                traffic.head.extend_from_slice(&bytes[..bytes.len().min(MAX_HEAD)]);
            }
        });
    }

    fn received(&self, bytes: &[u8]) {
        self.with(|traffic| {
            if let Some(answer) =
                traffic.answer.take().filter(|answer| answer.len() + bytes.len() <= MAX_RECORDED)
            {
                traffic.answer = Some([answer.as_slice(), bytes].concat());
            }
        });
    }

    /// The request's first line.
    pub(super) fn line(&self) -> RequestLine {
        self.with(|traffic| RequestLine::of(&traffic.head))
    }

    /// The answer, where all of it was recorded.
    pub(super) fn answer(&self) -> Option<Answer> {
        let kind = self.line().kind();
        self.with(|traffic| AnswerReader::whole(traffic.answer.as_ref()?, kind))
    }
}

/// Passes everything on until both sides have ended.
pub(super) async fn pass_on<C, S>(client: C, server: S, record: &Record) -> io::Result<()>
where
    C: AsyncRead + AsyncWrite + Unpin,
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (from_client, to_client) = split(client);
    let (from_server, to_server) = split(server);
    let up = copy(from_client, to_server, |bytes| record.sent(bytes));
    let down = copy(from_server, to_client, |bytes| record.received(bytes));
    tokio::try_join!(up, down).map(drop)
}

/// What a change of an answer needs to know, and tells.
pub(super) trait Changing {
    /// The last answer to the same request.
    fn earlier(&self, line: &RequestLine) -> Option<Answer>;
    /// The change applies. Told before the answer leaves, since a run may end with it.
    fn applies(&self);
}

/// Passes the request on, and the answer with a change; where that does not apply, the answer as it is.
pub(super) async fn pass_on_changed<C, S>(
    client: C,
    server: S,
    record: &Record,
    change: &Change,
    changing: &impl Changing,
) -> io::Result<()>
where
    C: AsyncRead + AsyncWrite + Unpin,
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (from_client, mut to_client) = split(client);
    let (mut from_server, to_server) = split(server);
    let up = copy(from_client, to_server, |bytes| record.sent(bytes));
    let down = async {
        let mut held = Held { raw: Vec::new(), record };
        let Some(answer) = held.read(&mut from_server, &mut to_client, change).await? else {
            to_client.write_all(&held.raw).await?;
            return copy(from_server, to_client, |_| {}).await;
        };
        let line = record.line();
        let changed = change.apply(&answer, changing.earlier(&line).as_ref());
        if changed.is_some() {
            changing.applies();
        }
        let bytes =
            changed.as_ref().map_or_else(|| held.raw.clone(), |changed| changed.to_bytes(line.kind()));
        to_client.write_all(&bytes).await?;
        to_client.shutdown().await
    };
    // The answer is what counts: what the client still sends after it is nobody's.
    let mut up = Box::pin(up);
    let mut down = Box::pin(down);
    tokio::select! {
        biased;
        received = &mut down => received,
        sent = &mut up => { sent?; down.await }
    }
}

/// An answer that is held back until it is whole.
struct Held<'r> {
    /// The bytes that were not passed on.
    raw: Vec<u8>,
    record: &'r Record,
}

impl Held<'_> {
    /// Reads the answer; interim ones are passed on at once. None where it is malformed, not whole, or too long.
    async fn read<S, C>(
        &mut self,
        from: &mut ReadHalf<S>,
        to: &mut WriteHalf<C>,
        change: &Change,
    ) -> io::Result<Option<Answer>>
    where
        S: AsyncRead + AsyncWrite,
        C: AsyncRead + AsyncWrite,
    {
        let mut reader: Option<AnswerReader> = None;
        let mut buffer = vec![0; BUFFER];
        loop {
            let count = from.read(&mut buffer).await?;
            // The server may answer before the request has come, but not before its first line was seen here.
            let reader = reader.get_or_insert_with(|| AnswerReader::new(self.record.line().kind()));
            if count == 0 {
                let is_whole = reader.is_whole_at_end();
                return Ok(is_whole.then(|| {
                    std::mem::replace(reader, AnswerReader::new(self.record.line().kind())).into_answer()
                }));
            }
            self.record.received(&buffer[..count]);
            self.raw.extend_from_slice(&buffer[..count]);
            let Ok(is_whole) = reader.feed(&buffer[..count]) else { return Ok(None) };
            for (status, bytes) in reader.take_interim() {
                self.raw.drain(..bytes.len());
                if status == 100 || *change != Change::DropInterim {
                    to.write_all(&bytes).await?;
                }
            }
            if is_whole {
                return Ok(Some(
                    std::mem::replace(reader, AnswerReader::new(self.record.line().kind())).into_answer(),
                ));
            }
        }
    }
}

/// Copies until the end of one side, and ends the other.
async fn copy<R, W>(mut from: ReadHalf<R>, mut to: WriteHalf<W>, mut see: impl FnMut(&[u8])) -> io::Result<()>
where
    R: AsyncRead + AsyncWrite,
    W: AsyncRead + AsyncWrite,
{
    let mut buffer = vec![0; BUFFER];
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return to.shutdown().await;
        }
        see(&buffer[..count]);
        to.write_all(&buffer[..count]).await?;
    }
}
