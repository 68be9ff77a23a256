//! Exchanges that have ended and that the listener of the run has not heard of yet. They wait here until the scenario has
//! taken in the response, because it may declare secret what it saves of it.

use std::sync::{Mutex, PoisonError};

use super::interpreter::{Environment, sent};
use uptake_outcome::SentExchange;
use uptake_wire::Exchange;

/// Exchanges to report, each with its scenario and its label.
#[derive(Debug, Default)]
pub(crate) struct Unreported {
    /// Whether anybody wants to hear of them.
    is_wanted: bool,
    exchanges: Mutex<Vec<(String, String, Exchange)>>,
}

impl Unreported {
    pub(crate) fn new(is_wanted: bool) -> Self {
        Self { is_wanted, ..Self::default() }
    }

    /// Adds an exchange that has ended.
    pub(crate) fn push(&self, scenario: &str, label: &str, exchange: &Exchange) {
        if self.is_wanted {
            let waiting = (scenario.to_owned(), label.to_owned(), exchange.clone());
            self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).push(waiting);
        }
    }

    /// Takes what has been added, each exchange with its scenario, secrets masked.
    pub(crate) fn take(&self, environment: &Environment<'_>) -> Vec<(String, SentExchange)> {
        let waiting = std::mem::take(&mut *self.exchanges.lock().unwrap_or_else(PoisonError::into_inner));
        waiting
            .into_iter()
            .map(|(scenario, label, exchange)| {
                // A response that nobody waits for, such as one with status 429, may hold a secret too.
                let body = exchange.outcome.as_ref().ok().and_then(|answer| answer.json().ok());
                environment.taint(&exchange, body.as_ref());
                (scenario, sent(&label, &exchange, &environment.secrets))
            })
            .collect()
    }
}
