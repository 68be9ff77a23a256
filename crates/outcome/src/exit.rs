//! The exit codes, which are the same for every command.

use serde::{Deserialize, Serialize};

use super::{Ending, Level, RuleResult, Run, Verdict};

/// The exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Success.
    Success = 0,
    /// A rule or a threshold failed.
    Failed = 1,
    /// Invalid input: usage, scenario, target profile.
    BadInput = 2,
    /// Could not test: the target is unreachable, a report could not be written, or an internal error.
    CouldNotTest = 3,
    /// Nothing was tested: no scenario matched, or all were blocked. An empty run is no success.
    NothingTested = 4,
    /// Suspended; continue with `uptake resume`.
    Suspended = 75,
    /// Interrupted by the user.
    Interrupted = 130,
}

impl Exit {
    /// The exit code of the process.
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// The lowest level whose failure fails the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Only `must` rules.
    Must,
    /// `should` rules too.
    Should,
}

impl FailOn {
    /// Whether a failure of a rule of this level fails the run.
    pub fn counts(self, level: Level) -> bool {
        match self {
            Self::Must => level == Level::Must,
            Self::Should => level >= Level::Should,
        }
    }
}

impl Run {
    /// The exit code that this run deserves.
    ///
    /// A failure outranks what could not be said; a binding rule that could not be judged is no success either: the
    /// gate must not turn green because half of it was blocked. Where the run was held against a baseline, only what is worse
    /// than it was counts.
    pub fn exit(&self, fail_on: FailOn) -> Exit {
        let counts = |rule: &&RuleResult| fail_on.counts(rule.level) && self.is_new(rule);
        let binding = |verdict| self.rules.iter().filter(counts).any(|rule| rule.verdict == verdict);
        let judged = self.rules.iter().any(|rule| rule.verdict.is_judged());
        let waits = self.rules.iter().any(|rule| rule.verdict == Verdict::Suspended);
        let unsaid = self.rules.iter().any(|rule| rule.verdict == Verdict::Inconclusive);
        match self.ending {
            Ending::Interrupted => return Exit::Interrupted,
            Ending::OutOfReach { .. }
            | Ending::CredentialRefused { .. }
            | Ending::HarnessFailed { .. }
            | Ending::NotWritten { .. } => {
                return Exit::CouldNotTest;
            }
            Ending::FirstFailure => return Exit::Failed,
            Ending::Completed => {}
        }
        if binding(Verdict::Failed) {
            Exit::Failed
        } else if !judged && waits {
            Exit::Suspended
        } else if !judged && unsaid {
            Exit::CouldNotTest
        } else if !judged {
            Exit::NothingTested
        } else if binding(Verdict::Inconclusive) || binding(Verdict::Blocked) {
            Exit::CouldNotTest
        } else if waits {
            Exit::Suspended
        } else {
            Exit::Success
        }
    }
}
