//! One exchange over one connection: the request goes out while the response comes in.

use std::time::Duration;

use http::Method;
use tokio::io::{AsyncWriteExt as _, ReadHalf, WriteHalf, split};
use tokio::time::timeout;

use super::barriers::Barriers;
use super::connection::Duplex;
use super::reader::Reader;
use super::response::Limits;
use super::sender::{OutgoingRequest, Sender, Stopped};
use super::signals::Signals;
use super::{Answer, Closed, Fault, Interim, RawBytes, Reading, Then};

/// How long a server has to notice that we have broken off, before the connection is dropped under it.
const LINGER: Duration = Duration::from_secs(1);

/// What goes out.
pub(super) enum Outgoing<'a> {
    /// A request.
    Request(OutgoingRequest<'a>, Barriers),
    /// Bytes as they are.
    Raw(&'a RawBytes),
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
        let (input, mut output) = split(stream);
        let mut reader = Reader::new(input, self.limits, &self.signals);
        if let Outgoing::Raw(raw) = &outgoing {
            for bytes in &raw.earlier {
                tokio::select! {
                    biased;
                    answer = self.exchange(&mut output, &mut reader, bytes) => drop(answer?),
                    fault = self.signals.timeout.expired() => return Err(fault),
                }
            }
            self.signals.timeout.sent();
        }
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

    /// Writes a request, and reads its answer. A server that takes no more has closed the connection.
    async fn exchange(
        &self,
        out: &mut WriteHalf<Box<dyn Duplex>>,
        reader: &mut Reader<'_, ReadHalf<Box<dyn Duplex>>>,
        bytes: &[u8],
    ) -> Result<Answer, Fault> {
        self.signals.timeout.sent();
        if out.write_all(bytes).await.is_err() || out.flush().await.is_err() {
            return Err(Fault::ClosedEarly(Closed::Before));
        }
        self.signals.timeout.all_sent();
        reader.read(&method_of(bytes)).await
    }

    async fn send(&self, mut out: WriteHalf<Box<dyn Duplex>>, outgoing: Outgoing<'_>) -> Result<(), Stopped> {
        match outgoing {
            Outgoing::Request(request, barriers) => {
                Sender::new(out, request, &self.signals, barriers).send().await
            }
            Outgoing::Raw(raw) => {
                out.write_all(&raw.bytes).await?;
                out.flush().await?;
                if raw.then == Then::HalfClose {
                    out.shutdown().await?;
                }
                self.signals.timeout.all_sent();
                Ok(())
            }
        }
    }
}

/// The method of raw bytes, as far as it decides how their answer is read: that to HEAD has no body, however it was asked for.
pub(super) fn method_of(bytes: &[u8]) -> Method {
    if bytes.starts_with(b"HEAD ") { Method::HEAD } else { Method::GET }
}
