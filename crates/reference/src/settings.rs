//! What holds for the whole life of a server, handed to whatever decides something.

use std::sync::Arc;
use std::time::Duration;

use crate::config::Config;
use crate::limits::Limits;
use crate::policy::decisions::Policy;

/// The limits, the times, and the policy that is asked for every decision of the contract.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) limits: Limits,
    pub(crate) grace: Duration,
    pub(crate) access_token_life: Duration,
    /// How long a client may send nothing while the server waits for it.
    pub(crate) timeout: Duration,
    pub(crate) policy: Arc<Policy>,
}

impl Settings {
    /// The settings of a server whose decisions `policy` makes.
    pub(crate) fn new(config: &Config, policy: Policy) -> Self {
        let Config { limits, grace, access_token_life, patience, .. } = *config;
        Self { limits, grace, access_token_life, timeout: patience, policy: Arc::new(policy) }
    }

    /// The contract's settings, for tests.
    #[cfg(test)]
    pub(crate) fn contract() -> Self {
        Self::new(&Config::default(), Policy::default())
    }
}
