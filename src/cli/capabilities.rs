//! The names that a profile uses of its suite, and the capabilities that it leaves to be detected.

use super::error::CliError;
use uptake_check::detect_capabilities;
use uptake_stop::Stopper;
use uptake_suite::{Loaded, Suite, check_signing_keys};
use uptake_target::Target;

/// Refuses capabilities and variables of a profile that the suite does not know, and keys that cannot sign.
pub(super) fn check_names(target: &Target, suite: &Suite) -> Result<(), CliError> {
    let vars: Vec<&str> = suite.vars.iter().map(|(name, _)| name.as_str()).collect();
    target.check_names(&suite.capabilities, &vars).map_err(CliError::Capabilities)?;
    Ok(check_signing_keys(suite, target)?)
}

/// Asks the target what it can do, where its profile says so, or where there is no profile and the suite can see every capability: by
/// one request that shows them all, or by one for each.
pub(super) async fn detect(
    loaded: &Loaded,
    target: &mut Target,
    (seed, stopper): (u64, Stopper),
) -> Result<(), CliError> {
    let Suite { detect, capabilities, .. } = &loaded.suite;
    let sees_each = |name: &String| detect.iter().any(|detection| detection.step.name == *name);
    let shows_all = detect.iter().any(|detection| detection.gives.is_some())
        || (!capabilities.is_empty() && capabilities.iter().all(sees_each));
    if target.detects || (target.profile.is_none() && shows_all) {
        target.detects = true;
        target.capabilities.clear();
        Box::pin(detect_capabilities(loaded, target, seed, stopper)).await?;
    }
    Ok(())
}
