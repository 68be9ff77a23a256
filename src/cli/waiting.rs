//! The options for waiting: how long a run may wait, and where it is stored when it is suspended.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::parsers::duration;
use uptake_check::WaitLimits;

/// How long scenarios may wait for real time to pass, and where runs are stored.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunFolderArgs {
    /// Longest time that the run waits for real time to pass, where the target's clock cannot be advanced; scenarios that
    /// need longer are suspended
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = duration, help_heading = "Run")]
    pub(super) max_wait: Duration,
    /// Longest time that a scenario stays suspended; scenarios that need longer are not applicable
    #[arg(long, value_name = "TIME", default_value = "48h", value_parser = duration, help_heading = "Run")]
    pub(super) max_suspend: Duration,
    /// Directory for suspended and interrupted runs
    #[arg(long, value_name = "DIR", default_value = "reports", help_heading = "Run")]
    pub(super) runs: PathBuf,
}

impl RunFolderArgs {
    pub(super) fn waits(&self) -> WaitLimits {
        WaitLimits { within: self.max_wait, longest: self.max_suspend }
    }
}
