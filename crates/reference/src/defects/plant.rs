//! Makes the policy of a server: the contract, overridden by the defects that its configuration names.

use crate::config::Config;
use crate::policy::decisions::{Overrides, Policy};

/// The policy of a server.
pub(crate) fn policy(config: &Config) -> Policy {
    let mut overrides = Overrides::new(config.limits);
    for defect in config.defects.iter() {
        defect.plant(&mut overrides);
    }
    overrides.into_policy()
}
