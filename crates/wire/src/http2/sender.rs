//! Sends a request's body in DATA frames, with the oddities that its delivery asks for.

use std::future::poll_fn;

use bytes::{Bytes, BytesMut};
use h2::{Reason, SendStream};

use super::in_flight::{InFlight, Piece};
use crate::barriers::Barriers;
use crate::body::BodyReader;
use crate::signals::Signals;
use crate::{Body, Delivery, Stall};

/// How much of a body is made at a time.
const CHUNK: u64 = 128 * 1024;

/// How sending ended.
pub(super) enum Sent {
    /// The whole body is on its way.
    All,
    /// The server takes no more: it has reset the stream, or closed the connection.
    Refused,
    /// The stream was reset as asked, after so many bytes of the body.
    BrokenOff(u64),
    /// The bytes could not be made.
    Harness(String),
}

/// Sends one body.
pub(super) struct Sender<'a> {
    pub(super) stream: SendStream<Piece>,
    pub(super) flight: InFlight,
    pub(super) body: &'a Body,
    pub(super) delivery: &'a Delivery,
    pub(super) signals: &'a Signals,
    pub(super) barriers: Barriers,
}

/// The stream takes no more.
struct Closed;

impl Sender<'_> {
    /// Sends the body; an empty one has ended with its head.
    pub(super) async fn send(mut self) -> Sent {
        let sent = if self.body.is_empty() { Ok(Sent::All) } else { self.send_body().await };
        let ended = match sent {
            Ok(Sent::All) => {
                self.flight.landed().await;
                self.signals.timeout.all_sent();
                Sent::All
            }
            Ok(other) => other,
            Err(Closed) => Sent::Refused,
        };
        if let Sent::BrokenOff(sent) = ended {
            // What is still queued would be dropped with the stream: the head, too, unless something behind it has left.
            if sent == 0 {
                let _ = self.stream.send_data(self.flight.piece(Bytes::new()), false);
            }
            self.flight.landed().await;
            self.stream.send_reset(Reason::CANCEL);
        }
        ended
    }

    async fn send_body(&mut self) -> Result<Sent, Closed> {
        let len = self.body.len();
        let end = self.delivery.break_off.map_or(len, |after| after.min(len));
        let mut reader = self.body.reader();
        let mut at = 0;
        loop {
            if let Some(Stall { after, pause }) = self.delivery.stall
                && after == at
            {
                self.flight.landed().await;
                self.signals.timeout.pause(pause);
                tokio::time::sleep(pause).await;
                self.signals.timeout.sent();
            }
            if at == end {
                break;
            }
            if at + 1 == len && !self.barriers.is_empty() {
                self.flight.landed().await;
                self.signals.timeout.wait_for_others();
                self.barriers.wait().await;
                self.signals.timeout.sent();
            }
            let step = (self.next_stop(at, len).min(end) - at).min(CHUNK);
            let bytes = match made(&mut reader, step) {
                Ok(bytes) => bytes,
                Err(why) => return Ok(Sent::Harness(why)),
            };
            at += step;
            self.write(bytes, at == len && self.delivery.break_off.is_none()).await?;
        }
        Ok(if self.delivery.break_off.is_some() { Sent::BrokenOff(at) } else { Sent::All })
    }

    /// Writes bytes as the server's windows allow.
    async fn write(&mut self, mut bytes: Bytes, ends: bool) -> Result<(), Closed> {
        while !bytes.is_empty() {
            self.stream.reserve_capacity(bytes.len());
            let room = poll_fn(|context| self.stream.poll_capacity(context)).await;
            let Some(Ok(room)) = room else { return Err(Closed) };
            let now = bytes.split_to(room.min(bytes.len()));
            let is_last = ends && bytes.is_empty();
            self.stream.send_data(self.flight.piece(now), is_last).map_err(|_| Closed)?;
            self.signals.timeout.sent();
        }
        Ok(())
    }

    /// The next place in the body where something is to be done, or its end.
    fn next_stop(&self, at: u64, len: u64) -> u64 {
        let stall = self.delivery.stall.map(|stall| stall.after);
        let last = (!self.barriers.is_empty()).then(|| len - 1);
        [stall, last].into_iter().flatten().filter(|stop| *stop > at).fold(len, u64::min)
    }
}

fn made(reader: &mut BodyReader<'_>, step: u64) -> Result<Bytes, String> {
    let mut buffer = BytesMut::zeroed(usize::try_from(step).expect("no more than a chunk"));
    reader.fill(&mut buffer).map_err(|error| error.to_string())?;
    Ok(buffer.freeze())
}
