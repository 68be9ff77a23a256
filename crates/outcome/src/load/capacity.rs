//! What a search for the capacity of a target found, as plain data.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::run::LoadTarget;
use crate::Exit;
use crate::text::{bytes, count};

/// The version of the JSON form of a [`CapacityRun`].
pub const CAPACITY_FORMAT: u32 = 1;

/// A search for the highest load that meets a condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CapacityRun {
    /// The version of this form.
    #[schemars(extend("const" = CAPACITY_FORMAT))]
    pub format: u32,
    /// The version of uptake that measured.
    pub uptake: String,
    /// What the plan is called.
    pub name: String,
    /// The server under load.
    pub target: LoadTarget,
    /// The condition that the load must meet, as written.
    pub condition: String,
    /// The unit of all loads.
    pub unit: LoadUnit,
    /// The values of the plan that decide what an upload is.
    pub plan: BTreeMap<String, String>,
    /// The seed of sizes, arrivals and content.
    pub seed: u64,
    /// When the search began, in UTC.
    pub started_at: String,
    /// How long it took.
    pub took_seconds: f64,
    /// The highest load that met the condition; `None` if none did. It was confirmed by a hold unless the search ended early.
    pub capacity: Option<f64>,
    /// The lowest load above it that did not meet the condition, or that the generator could not offer.
    pub above: Option<f64>,
    /// What bounds the capacity.
    pub bound: CapacityBound,
    /// The load from which on the latency rises steeply; `None` if too few loads were measured to tell.
    pub knee: Option<f64>,
    /// Every step, in the order in which they were measured.
    pub steps: Vec<CapacityStep>,
    /// Whether `--allow-saturated` was given: then the generator's own limit is no error.
    pub saturation_allowed: bool,
    /// What a reader should know beside the figures.
    pub warnings: Vec<String>,
}

/// What a load counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LoadUnit {
    /// Uploads a second (open model).
    Uploads,
    /// Segments a second (open model).
    Segments,
    /// Bytes a second (open model).
    Bytes,
    /// Uploaders (closed model).
    Uploaders,
}

/// What bounds the capacity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "by")]
pub enum CapacityBound {
    /// The target: the condition failed at the next load.
    Target,
    /// The load generator: the target may be able to do more.
    Generator {
        /// Why the generator could not offer more.
        why: String,
    },
    /// The search: it ended after the most steps that it takes, before both bounds were confirmed.
    Steps,
    /// The target did not meet the condition under any load.
    Nothing,
    /// The user, who stopped the search.
    Interrupted,
    /// It is not known: a report could not be written after the search.
    NotWritten {
        /// Which one, and why.
        why: String,
    },
}

/// What a step of the search is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// Finds the order of magnitude.
    Ramp,
    /// Narrows the range.
    Bisect,
    /// Confirms a load by measuring it for longer.
    Hold,
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StepVerdict {
    /// The condition held.
    Met,
    /// It did not.
    NotMet,
    /// The latency kept growing, however long the load was held.
    Unstable,
    /// The generator was the bottleneck.
    GeneratorLimit,
}

/// A load that was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CapacityStep {
    /// What it was for.
    pub kind: StepKind,
    /// The load.
    pub load: f64,
    /// For how long it was measured, without the warm-up.
    pub seconds: f64,
    /// Uploads completed.
    pub uploads: u64,
    /// Completed work a second, in the unit of the load; uploads a second in the closed model.
    pub reached: f64,
    /// The share of uploads that failed.
    pub error_share: f64,
    /// The median response time, in microseconds; 0 if no upload was completed.
    pub upload_p50: u64,
    /// The 99th percentile.
    pub upload_p99: u64,
    /// Each part of the condition with its value, such as `upload.p99 1.20 s`.
    pub values: Vec<String>,
    /// What came of it.
    pub verdict: StepVerdict,
}

impl LoadUnit {
    /// A load in this unit: `85.3/s`, `20.0 segments/s`, `12.0 MiB/s`, `64 uploaders`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "loads are positive and far below 2^63"
    )]
    pub fn written(self, load: f64) -> String {
        match self {
            Self::Uploads => format!("{}/s", digits(load)),
            Self::Segments => format!("{} segments/s", digits(load)),
            Self::Bytes => format!("{}/s", bytes(load.round() as u64)),
            Self::Uploaders => count(load.round() as u64, "uploader"),
        }
    }
}

/// Three significant digits, and all digits before the point.
fn digits(number: f64) -> String {
    match number {
        number if number >= 99.95 => format!("{number:.0}"),
        number if number >= 9.995 => format!("{number:.1}"),
        number => format!("{number:.2}"),
    }
}

impl CapacityRun {
    /// The exit code. A generator that was the bottleneck says nothing about the target, unless the user allows it.
    pub fn exit(&self) -> Exit {
        match (&self.bound, self.capacity) {
            (CapacityBound::Interrupted, _) => Exit::Interrupted,
            (CapacityBound::Generator { .. }, Some(_)) if self.saturation_allowed => Exit::Success,
            (
                CapacityBound::Generator { .. } | CapacityBound::Steps | CapacityBound::NotWritten { .. },
                _,
            ) => Exit::CouldNotTest,
            _ if self.steps.iter().all(|step| step.uploads == 0) => Exit::NothingTested,
            (CapacityBound::Nothing, _) | (CapacityBound::Target, None) => Exit::Failed,
            (CapacityBound::Target, Some(_)) => Exit::Success,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LoadUnit;

    #[test]
    fn a_load_is_written_in_its_unit_with_three_digits() {
        let written = [
            LoadUnit::Uploads.written(85.34),
            LoadUnit::Uploads.written(0.5),
            LoadUnit::Segments.written(1_234.5),
            LoadUnit::Bytes.written(12.5 * 1_048_576.0),
            LoadUnit::Uploaders.written(1.0),
        ];
        assert_eq!(written, ["85.3/s", "0.50/s", "1234 segments/s", "12.5 MiB/s", "1 uploader"]);
    }
}
