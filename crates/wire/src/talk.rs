//! One talk over one connection: the request goes out while the answer comes in.

use std::sync::Mutex;
use std::time::Duration;

use http::Method;
use tokio::io::{AsyncWriteExt as _, split};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::connection::Duplex;
use super::holds::Holds;
use super::pulse::Pulse;
use super::reader::{News, Reader, lock};
use super::response::Limits;
use super::sender::{Sender, Stopped, Way};
use super::{Answer, Body, Closed, Delivery, Fault, Interim, Reading, Then};

/// How long a server has to notice that we have broken off, before the connection is dropped under it.
const LINGER: Duration = Duration::from_secs(1);

/// What goes out.
pub(super) enum Outgoing<'a> {
    /// A request.
    Request { head: &'a [u8], body: &'a Body, delivery: &'a Delivery, holds: Holds },
    /// Bytes as they are.
    Raw { bytes: &'a [u8], then: Then },
}

/// A talk, and what it leaves behind.
pub(super) struct Talk {
    pulse: Pulse,
    go_on: Notify,
    interim: Mutex<Vec<Interim>>,
    limits: Limits,
}

impl Talk {
    pub(super) fn new(answer_timeout: Duration, limits: Limits) -> Talk {
        Talk { pulse: Pulse::new(answer_timeout), go_on: Notify::new(), interim: Mutex::default(), limits }
    }

    pub(super) fn interim(&self) -> Vec<Interim> {
        lock(&self.interim).clone()
    }

    /// Sends and receives at once. An answer that comes before everything was sent ends the sending; a server that
    /// takes no more is still heard out.
    pub(super) async fn hold(
        &self,
        stream: Box<dyn Duplex>,
        method: &Method,
        outgoing: Outgoing<'_>,
    ) -> Result<Answer, Fault> {
        let reading_waits = matches!(
            &outgoing,
            Outgoing::Request { delivery, .. } if delivery.reading == Reading::Afterwards
        );
        let (input, output) = split(stream);
        let news = News { pulse: &self.pulse, go_on: &self.go_on, interim: &self.interim };
        let mut reader = Reader::new(input, self.limits, news);
        let stopped = {
            let mut sending = Box::pin(self.send(output, outgoing));
            let mut reading = Box::pin(reader.read(method));
            let mut late = Box::pin(self.pulse.ran_out());
            if reading_waits {
                let sent = tokio::select! {
                    biased;
                    sent = &mut sending => sent,
                    fault = &mut late => return Err(fault),
                };
                return match sent {
                    Ok(()) => tokio::select! {
                        biased;
                        answer = &mut reading => answer,
                        fault = &mut late => Err(fault),
                    },
                    Err(Stopped::Refused(_)) => Err(Fault::ClosedEarly(Closed::Before)),
                    Err(Stopped::BrokenOff { sent }) => Err(Fault::BrokenOff { sent }),
                    Err(Stopped::Harness(reason)) => Err(Fault::Harness(reason)),
                };
            }
            let first = tokio::select! {
                biased;
                sent = &mut sending => sent,
                answer = &mut reading => return answer,
                fault = &mut late => return Err(fault),
            };
            match first {
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
                let _ = timeout(LINGER, reader.drain(method)).await;
                Err(Fault::BrokenOff { sent })
            }
            Stopped::Harness(reason) => Err(Fault::Harness(reason)),
            Stopped::Refused(error) => Err(Fault::Harness(error.to_string())),
        }
    }

    async fn send(
        &self,
        mut out: tokio::io::WriteHalf<Box<dyn Duplex>>,
        outgoing: Outgoing<'_>,
    ) -> Result<(), Stopped> {
        match outgoing {
            Outgoing::Request { head, body, delivery, holds } => {
                let way = Way { pulse: &self.pulse, go_on: &self.go_on, holds };
                Sender::new(out, (head, body), delivery, way).send().await
            }
            Outgoing::Raw { bytes, then } => {
                out.write_all(bytes).await?;
                out.flush().await?;
                if then == Then::HalfClose {
                    out.shutdown().await?;
                }
                self.pulse.all_sent();
                Ok(())
            }
        }
    }
}
