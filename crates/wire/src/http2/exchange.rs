//! One exchange over one connection: the request goes out while the response comes in.

use std::future::{Future, poll_fn};
use std::time::Duration;

use h2::client::{Builder, SendRequest};
use tokio::time::timeout;

use super::fault::Explained;
use super::first_bytes::{FirstBytes, Watched};
use super::in_flight::{InFlight, Piece};
use super::reader::Reader;
use super::sender::{Sender, Sent};
use crate::barriers::Barriers;
use crate::connection::Duplex;
use crate::response::Limits;
use crate::signals::Signals;
use crate::{Answer, Body, Closed, Delivery, Fault, Interim, Reading};

/// The most of a body that waits in h2 for the server to take it.
const SEND_BUFFER: usize = 256 * 1024;
/// How many times the limit of a head h2 reads: it does not say that a head is too long, and one that was read is measured.
const HEAD_MARGIN: usize = 4;
/// How long a server may take to notice that we have broken off, before the connection is dropped under it.
const LINGER: Duration = Duration::from_secs(1);

/// A request to send.
pub(crate) struct Outgoing<'a> {
    pub(crate) message: http::Request<()>,
    pub(crate) body: &'a Body,
    pub(crate) delivery: &'a Delivery,
    pub(crate) barriers: Barriers,
}

/// An exchange over one connection, and the interim responses that it leaves behind.
pub(crate) struct Http2Exchange<'a> {
    signals: Signals,
    limits: Limits,
    to: &'a str,
}

impl<'a> Http2Exchange<'a> {
    /// An exchange with `to` (`HOST:PORT`).
    pub(crate) fn new(answer_timeout: Duration, limits: Limits, to: &'a str) -> Self {
        Self { signals: Signals::new(answer_timeout), limits, to }
    }

    pub(crate) fn interim(&self) -> Vec<Interim> {
        self.signals.interim()
    }

    /// Sends and receives at once. A response that comes before everything was sent ends the sending; a server that takes no more is
    /// still heard out.
    pub(crate) async fn run(&self, stream: Box<dyn Duplex>, outgoing: Outgoing<'_>) -> Result<Answer, Fault> {
        let first = FirstBytes::default();
        let explained = Explained { to: self.to, first: &first, head: self.limits.head };
        let mut late = Box::pin(self.signals.timeout.expired());
        let builder = self.builder();
        let opening = builder.handshake::<_, Piece>(Watched::new(stream, first.clone()));
        let (sender, connection) = tokio::select! {
            biased;
            opened = opening => opened.map_err(|error| explained.fault(&error, Closed::Before))?,
            fault = &mut late => return Err(fault),
        };
        let mut driving = Box::pin(connection);
        let outcome = {
            let exchange = std::pin::pin!(self.exchange(sender, outgoing, &explained));
            tokio::select! {
                biased;
                outcome = alongside(exchange, driving.as_mut()) => outcome,
                fault = late => Err(fault),
            }
        };
        if matches!(outcome, Err(Fault::BrokenOff { .. })) {
            let _ = timeout(LINGER, driving).await;
        }
        outcome
    }

    fn builder(&self) -> Builder {
        let mut builder = Builder::new();
        builder
            .enable_push(false)
            .max_header_list_size(u32::try_from(self.limits.head * HEAD_MARGIN).unwrap_or(u32::MAX))
            .max_send_buffer_size(SEND_BUFFER);
        builder
    }

    async fn exchange(
        &self,
        mut sender: SendRequest<Piece>,
        outgoing: Outgoing<'_>,
        explained: &Explained<'_>,
    ) -> Result<Answer, Fault> {
        let Outgoing { message, body, delivery, mut barriers } = outgoing;
        let before = |error: h2::Error| explained.fault(&error, Closed::Before);
        let is_bodiless = body.is_empty();
        if is_bodiless && !barriers.is_empty() {
            // The whole head is held back: h2 sends it at once.
            self.signals.timeout.wait_for_others();
            barriers.wait().await;
            self.signals.timeout.sent();
        }
        poll_fn(|context| sender.poll_ready(context)).await.map_err(before)?;
        let (response, stream) = sender.send_request(message, is_bodiless).map_err(before)?;
        let reader = Reader { signals: &self.signals, limits: self.limits, explained };
        let flight = InFlight::default();
        let sending = Sender { stream, flight, body, delivery, signals: &self.signals, barriers };
        let mut sending = Box::pin(sending.send());
        let mut reading = Box::pin(reader.read(response));
        let sent = if delivery.reading == Reading::Afterwards {
            sending.await
        } else {
            tokio::select! {
                biased;
                sent = &mut sending => sent,
                answer = &mut reading => return answer,
            }
        };
        match sent {
            Sent::All | Sent::Refused => reading.await,
            Sent::BrokenOff(sent) => Err(Fault::BrokenOff { sent }),
            Sent::Harness(why) => Err(Fault::Harness(why)),
        }
    }
}

/// Waits for `exchange`, and drives its connection meanwhile. That the connection has ended the exchange learns by itself.
async fn alongside<T>(
    mut exchange: std::pin::Pin<&mut impl Future<Output = T>>,
    mut connection: std::pin::Pin<&mut impl Future>,
) -> T {
    tokio::select! {
        biased;
        outcome = exchange.as_mut() => return outcome,
        _ = connection.as_mut() => {}
    }
    exchange.await
}
