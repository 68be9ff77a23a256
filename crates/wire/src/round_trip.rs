//! One exchange over one connection: the request goes out while the response comes in.

use std::time::Duration;

use http::Method;
use tokio::io::{AsyncWriteExt as _, WriteHalf, split};
use tokio::time::timeout;

use super::barriers::Barriers;
use super::connection::Duplex;
use super::reader::Reader;
use super::response::Limits;
use super::sender::{OutgoingRequest, Sender, Stopped};
use super::signals::Signals;
use super::{Answer, Closed, Fault, Interim, Reading, Then};

/// How long a server has to notice that we have broken off, before the connection is dropped under it.
const LINGER: Duration = Duration::from_secs(1);

/// What goes out.
pub(super) enum Outgoing<'a> {
    /// A request.
    Request(OutgoingRequest<'a>, Barriers),
    /// Bytes as they are.
    Raw { bytes: &'a [u8], then: Then },
}

/// An exchange over one connection, and the interim responses that it leaves behind.
pub(super) struct RoundTrip {
    signals: Signals,
    limits: Limits,
}

impl RoundTrip {
    pub(super) fn new(answer_timeout: Duration, limits: Limits) -> RoundTrip {
        RoundTrip { signals: Signals::new(answer_timeout), limits }
    }

    pub(super) fn interim(&self) -> Vec<Interim> {
        self.signals.interim()
    }

    /// Sends and receives at once. An answer that comes before everything was sent ends the sending; a server that
    /// takes no more is still heard out.
    pub(super) async fn run(
        &self,
        stream: Box<dyn Duplex>,
        method: &Method,
        outgoing: Outgoing<'_>,
    ) -> Result<Answer, Fault> {
        let reads_afterwards = matches!(
            &outgoing,
            Outgoing::Request(request, _) if request.delivery.reading == Reading::Afterwards
        );
        let (input, output) = split(stream);
        let mut reader = Reader::new(input, self.limits, &self.signals);
        let stopped = {
            let mut sending = Box::pin(self.send(output, outgoing));
            let mut reading = Box::pin(reader.read(method));
            let mut late = Box::pin(self.signals.timeout.expired());
            let sent = if reads_afterwards {
                tokio::select! {
                    biased;
                    sent = &mut sending => sent,
                    fault = &mut late => return Err(fault),
                }
            } else {
                tokio::select! {
                    biased;
                    sent = &mut sending => sent,
                    answer = &mut reading => return answer,
                    fault = &mut late => return Err(fault),
                }
            };
            match sent {
                Err(Stopped::Refused(_)) if reads_afterwards => {
                    return Err(Fault::ClosedEarly(Closed::Before));
                }
                Ok(()) | Err(Stopped::Refused(_)) => {
                    return tokio::select! {
                        biased;
                        answer = &mut reading => answer,
                        fault = &mut late => Err(fault),
                    };
                }
                Err(stopped) => stopped,
            }
        };
        match stopped {
            Stopped::BrokenOff { sent } => {
                if !reads_afterwards {
                    let _ = timeout(LINGER, reader.drain(method)).await;
                }
                Err(Fault::BrokenOff { sent })
            }
            Stopped::Harness(reason) => Err(Fault::Harness(reason)),
            Stopped::Refused(error) => Err(Fault::Harness(error.to_string())),
        }
    }

    async fn send(&self, mut out: WriteHalf<Box<dyn Duplex>>, outgoing: Outgoing<'_>) -> Result<(), Stopped> {
        match outgoing {
            Outgoing::Request(request, barriers) => {
                Sender::new(out, request, &self.signals, barriers).send().await
            }
            Outgoing::Raw { bytes, then } => {
                out.write_all(bytes).await?;
                out.flush().await?;
                if then == Then::HalfClose {
                    out.shutdown().await?;
                }
                self.signals.timeout.all_sent();
                Ok(())
            }
        }
    }
}
