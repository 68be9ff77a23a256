//! The suite whose upload is tested, where `--suite` names one.

use std::sync::Arc;

use super::args::FuzzArgs;
use crate::cli::capabilities;
use crate::cli::error::CliError;
use uptake_fuzz::needed_secrets;
use uptake_prove::REFERENCE_SUITE;
use uptake_stop::Stopper;
use uptake_suite::{Loaded, Suite, load_suite};
use uptake_target::Target;

/// A suite that says what an upload is.
pub(super) struct Described(Loaded);

/// Reads the suite that `--suite` names. One that does not say what an upload is, is refused before anything is sent.
pub(super) fn read(args: &FuzzArgs) -> Result<Option<Described>, CliError> {
    let Some(folder) = &args.suite else { return Ok(None) };
    let loaded = load_suite(folder, &[])?;
    let name = &loaded.suite.name;
    if loaded.suite.upload.is_none() {
        return Err(CliError::Usage(format!(
            "the suite `{name}` does not say what an upload is; add the section `upload` to its suite.yaml"
        )));
    }
    if args.target.is_none() && name != REFERENCE_SUITE {
        return Err(CliError::Usage(format!(
            "the built-in server does not implement the suite `{name}`; name the server to test with --target"
        )));
    }
    Ok(Some(Described(loaded)))
}

impl Described {
    /// Asks the target what it can do, and refuses one that lacks what the suite needs.
    pub(super) async fn prepare(
        &mut self,
        target: &mut Target,
        (seed, stopper): (u64, Stopper),
    ) -> Result<(), CliError> {
        *target = target.clone().within(self.0.suite.limits)?;
        capabilities::check_names(target, &self.0.suite)?;
        target.check_secrets(needed_secrets(&self.0.suite))?;
        capabilities::detect(&self.0, target, (seed, stopper)).await
    }

    pub(super) fn into_suite(self) -> Arc<Suite> {
        Arc::new(self.0.suite)
    }
}
