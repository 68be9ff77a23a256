//! What a run would do, calculated without sending anything.

use serde::{Deserialize, Serialize};

use super::Budget;

/// What a run would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// The suite's name.
    pub suite: String,
    /// The target's name.
    pub target: String,
    /// Its base URL.
    pub base_url: String,
    /// The budgets that its profile declares.
    pub budgets: Option<Budget>,
    /// Rules chosen.
    pub rules: usize,
    /// The scenarios that would run, in the order of their files.
    pub scenarios: Vec<ForecastScenario>,
    /// What they send together.
    pub total: ForecastLoad,
    /// The least time that the budgets allow.
    pub pacing_seconds: f64,
    /// The longest real time that a scenario waits within the run.
    pub waiting_seconds: f64,
}

/// What one scenario would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastScenario {
    /// Its first line.
    pub name: String,
    /// Its file.
    pub file: String,
    /// The areas of the rules that it judges.
    pub area: String,
    /// What it sends.
    pub load: ForecastLoad,
    /// The real time that it has to wait for, in seconds.
    pub waits_seconds: u64,
    /// What becomes of it.
    pub fate: ForecastFate,
}

/// What becomes of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "how")]
pub enum ForecastFate {
    /// It runs to its end.
    Runs,
    /// It is suspended, and goes on by `uptake resume`.
    Suspended,
    /// It says nothing of this target.
    NotApplicable {
        /// Why.
        why: String,
    },
}

/// Requests and bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForecastLoad {
    /// Uploads.
    pub uploads: u64,
    /// Writes.
    pub writes: u64,
    /// Reads.
    pub reads: u64,
    /// Bytes of content.
    pub bytes: u64,
}

impl ForecastLoad {
    /// All requests.
    pub fn requests(self) -> u64 {
        self.uploads + self.writes + self.reads
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            uploads: self.uploads + other.uploads,
            writes: self.writes + other.writes,
            reads: self.reads + other.reads,
            bytes: self.bytes + other.bytes,
        }
    }
}
