//! Sends a request's bytes, with the oddities that its delivery asks for.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::time::{sleep, timeout};

use super::barriers::Barriers;
use super::body::BodyReader;
use super::signals::Signals;
use super::{Body, Delivery, Length, Stall};

/// How much of a body is made and written at a time.
const CHUNK: u64 = 128 * 1024;

/// Why the sending stopped before the request was whole.
pub(super) enum Stopped {
    /// The other end takes no more.
    Refused(io::Error),
    /// We stop here, as asked.
    BrokenOff {
        /// How many bytes of the body were sent.
        sent: u64,
    },
    /// The bytes could not be made.
    Harness(String),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Stopped {
        Stopped::Refused(error)
    }
}

/// A request as it goes out.
#[derive(Clone, Copy)]
pub(super) struct OutgoingRequest<'a> {
    pub(super) head: &'a [u8],
    pub(super) body: &'a Body,
    pub(super) delivery: &'a Delivery,
}

/// Sends one request.
pub(super) struct Sender<'a, W> {
    out: W,
    request: OutgoingRequest<'a>,
    signals: &'a Signals,
    /// Where to wait for other requests.
    barriers: Barriers,
}

impl<'a, W: AsyncWrite + Unpin> Sender<'a, W> {
    pub(super) fn new(
        out: W,
        request: OutgoingRequest<'a>,
        signals: &'a Signals,
        barriers: Barriers,
    ) -> Self {
        Sender { out, request, signals, barriers }
    }

    /// Sends everything. Our side of the connection stays open.
    pub(super) async fn send(mut self) -> Result<(), Stopped> {
        self.send_head().await?;
        let sent = self.send_body().await?;
        self.out.flush().await?;
        if self.request.delivery.break_off.is_some() {
            // The server must see an end, not a silence.
            self.out.shutdown().await?;
            return Err(Stopped::BrokenOff { sent });
        }
        self.signals.timeout.all_sent();
        Ok(())
    }

    async fn send_head(&mut self) -> Result<(), Stopped> {
        let (now, last) = match self.request.head.split_last_chunk::<1>() {
            Some((now, last)) if self.request.body.is_empty() && !self.barriers.is_empty() => {
                (now, last.as_slice())
            }
            _ => (self.request.head, [].as_slice()),
        };
        self.out.write_all(now).await?;
        if !last.is_empty() {
            self.wait_for_others().await?;
            self.out.write_all(last).await?;
        }
        self.out.flush().await?;
        self.signals.timeout.sent();
        if let Some(patience) = self.request.delivery.expect_continue {
            self.signals.timeout.pause(patience);
            // A server that says nothing is one that does not know the expectation: the body follows all the same.
            let _ = timeout(patience, self.signals.continued.notified()).await;
            self.signals.timeout.sent();
        }
        Ok(())
    }

    async fn send_body(&mut self) -> Result<u64, Stopped> {
        let len = self.request.body.len();
        let end = self.request.delivery.break_off.map_or(len, |after| after.min(len));
        let mut reader = self.request.body.reader();
        let mut buffer = Vec::new();
        let mut at = 0;
        loop {
            if let Some(Stall { after, pause }) = self.request.delivery.stall
                && after == at
            {
                self.pause(pause).await?;
            }
            if at == end {
                break;
            }
            if at + 1 == len && !self.barriers.is_empty() {
                self.wait_for_others().await?;
            }
            let step = (self.next_stop(at, len).min(end) - at).min(CHUNK);
            let filled = self.fill(&mut reader, &mut buffer, step)?;
            self.out.write_all(&buffer[..filled]).await?;
            self.signals.timeout.sent();
            at += step;
        }
        if self.request.delivery.length == Length::Chunked && at == len {
            self.out.write_all(b"0\r\n\r\n").await?;
        }
        Ok(at)
    }

    /// The next place in the body where something is to be done, or its end.
    fn next_stop(&self, at: u64, len: u64) -> u64 {
        let stall = self.request.delivery.stall.map(|stall| stall.after);
        let last = (!self.barriers.is_empty()).then(|| len - 1);
        [stall, last].into_iter().flatten().filter(|stop| *stop > at).fold(len, u64::min)
    }

    /// Puts the next bytes of the body into the front of the buffer, within their transfer coding, and says how many bytes
    /// that makes. The buffer only grows: clearing it would fill it with zeros once a step.
    fn fill(&self, reader: &mut BodyReader<'_>, buffer: &mut Vec<u8>, step: u64) -> Result<usize, Stopped> {
        let step = usize::try_from(step).expect("no more than a chunk");
        let (head, tail) = match self.request.delivery.length {
            Length::Chunked => (format!("{step:x}\r\n"), "\r\n"),
            _ => (String::new(), ""),
        };
        let end = head.len() + step + tail.len();
        if buffer.len() < end {
            buffer.resize(end, 0);
        }
        buffer[..head.len()].copy_from_slice(head.as_bytes());
        reader
            .fill(&mut buffer[head.len()..head.len() + step])
            .map_err(|error| Stopped::Harness(error.to_string()))?;
        buffer[head.len() + step..end].copy_from_slice(tail.as_bytes());
        Ok(end)
    }

    async fn pause(&mut self, pause: Duration) -> io::Result<()> {
        self.out.flush().await?;
        self.signals.timeout.pause(pause);
        sleep(pause).await;
        self.signals.timeout.sent();
        Ok(())
    }

    /// Waits for the others, with everything that was sent so far really under way.
    async fn wait_for_others(&mut self) -> io::Result<()> {
        self.out.flush().await?;
        self.signals.timeout.wait_for_others();
        self.barriers.wait().await;
        self.signals.timeout.sent();
        Ok(())
    }
}
