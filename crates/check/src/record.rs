//! Where a run is written down.

use serde_json::Value;

use uptake_run_folder::{Journal, RunFolder, SealKey};

/// The run folder that a run is written down in.
#[derive(Debug)]
pub struct RunRecord {
    /// The folder.
    pub folder: RunFolder,
    /// What secrets are sealed with.
    pub key: SealKey,
    /// What was made.
    pub journal: Journal,
    /// What the command line asked for.
    pub command: Value,
}
