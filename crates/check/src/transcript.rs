//! What a scenario has exchanged so far, for the reports of one that fails. It holds no more than its bounds, whatever the
//! target answers.

use super::interpreter::sent;
use uptake_outcome::SentExchange;
use uptake_wire::{Exchange, Secrets, script};

/// The most exchanges that are kept; a scenario that polls for hours has more.
const MOST: usize = 500;
/// The most bytes of responses that are kept together; a larger response is left out.
const MOST_BYTES: usize = 4 << 20;

/// The exchanges in their order.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    exchanges: Vec<(String, Exchange)>,
    bytes: usize,
    /// How time passed in front of an exchange, by its number: as the words of a command.
    pauses: Vec<(usize, Vec<String>)>,
}

impl Transcript {
    /// Keeps an exchange, where there is room for it.
    pub(crate) fn keep(&mut self, label: &str, exchange: &Exchange) {
        let bytes = self.bytes.saturating_add(size(exchange));
        if self.exchanges.len() < MOST && bytes <= MOST_BYTES {
            self.bytes = bytes;
            self.exchanges.push((label.to_owned(), exchange.clone()));
        }
    }

    /// Notes that time passed, and the command that lets it pass.
    pub(crate) fn pause(&mut self, command: Vec<String>) {
        if self.pauses.len() < MOST {
            self.pauses.push((self.exchanges.len(), command));
        }
    }

    /// The exchanges as reports show them.
    pub(crate) fn shown(&self, secrets: &Secrets) -> Vec<SentExchange> {
        self.exchanges.iter().map(|(label, exchange)| sent(label, exchange, secrets)).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.exchanges.is_empty()
    }

    /// A shell script that repeats them, and the time between them.
    pub(crate) fn script(&self, secrets: &Secrets) -> String {
        secrets.mask(&script(&self.exchanges, &self.pauses, secrets))
    }
}

/// How many bytes a response holds.
fn size(exchange: &Exchange) -> usize {
    exchange.outcome.as_ref().map_or(0, |answer| {
        let headers = answer.headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        headers + answer.body.len()
    })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use uptake_wire::{Answer, BodySummary, Sent, Version};

    use super::*;

    fn exchange(bytes: usize) -> Exchange {
        Exchange {
            request: Sent {
                version: Version::Http1,
                method: Some(http::Method::GET),
                url: url::Url::parse("http://127.0.0.1:1/").expect("a URL"),
                headers: Vec::new(),
                body: BodySummary::default(),
                delivery: String::new(),
            },
            outcome: Ok(Answer {
                status: 200,
                headers: Vec::new(),
                interim: Vec::new(),
                body: vec![b'x'; bytes].into(),
            }),
            interim: Vec::new(),
            started: SystemTime::UNIX_EPOCH,
            took: Duration::ZERO,
        }
    }

    /// How many of the exchanges with responses of these sizes are shown.
    fn shown(sizes: impl IntoIterator<Item = usize>) -> usize {
        let mut transcript = Transcript::default();
        for size in sizes {
            transcript.keep("ask", &exchange(size));
        }
        transcript.shown(&Secrets::new()).len()
    }

    #[test]
    fn exchanges_are_kept_up_to_a_number_and_a_size() {
        assert_eq!(shown([10; 3]), 3);
        assert_eq!(shown([0; MOST + 1]), MOST);
        assert_eq!(shown([1 << 20; 10]), 4);
        assert_eq!(shown([MOST_BYTES + 1, 10]), 1, "a large response leaves room for others");
    }
}
