//! From a failure to a counterexample: the case is repeated, shrunk as long as it fails in the same way, drawn and
//! written as a scenario.

use super::interrupt::Interrupt;
use super::mismatch::{Kind, Mismatch};
use super::outcome::{Attempt, AttemptOptions, Outcome};
use super::schedule::GeneratedCase;
use super::test_case::TestCase;
use super::worker::Worker;
use uptake_outcome::{Counterexample, Stability};

/// A case is repeated this often before it is called unstable.
const MAX_REPEATS: u32 = 4;
/// The most smaller cases that are tried.
const MAX_TRIES: u32 = 600;

/// A case that failed.
pub(super) struct Failure {
    pub(super) generated: GeneratedCase,
    pub(super) attempt: Attempt,
    pub(super) mismatch: Mismatch,
}

/// Repeats and shrinks failures.
pub(super) struct Shrinker<'s> {
    pub(super) worker: &'s Worker,
    pub(super) options: AttemptOptions,
    pub(super) interrupt: &'s Interrupt,
}

/// A counterexample, with the text of its scenario where it has one.
pub(super) struct Shrunk {
    pub(super) counterexample: Counterexample,
    pub(super) scenario: Option<String>,
    /// Why the target was lost meanwhile, if it was.
    pub(super) unreachable: Option<String>,
}

/// The smallest case so far that fails, with how it failed.
struct Failing {
    case: TestCase,
    attempt: Attempt,
    mismatch: Mismatch,
}

/// The result of repeating a failure.
struct Repeated {
    stability: Stability,
    attempts: u32,
    transcripts: Vec<Vec<String>>,
}

/// What one try of a smaller case came to.
enum Tried {
    FailedAlike(Box<(Attempt, Mismatch)>),
    Otherwise,
    Unreachable(String),
    Stopped,
}

impl Shrinker<'_> {
    /// Repeats a failure, shrinks it, and writes its scenario below these remarks.
    pub(super) async fn shrink(&self, failure: Failure, remarks: &[String]) -> Shrunk {
        let Failure { generated, attempt, mismatch } = failure;
        let mut failing = Failing { case: generated.case, attempt, mismatch };
        let mut unreachable = None;
        let repeated = self.repeat(&mut failing, &mut unreachable).await;
        let mut tries = 0;
        if repeated.stability == Stability::Stable {
            // What fails only now and then is given more than one chance to fail again.
            tries = self.minimize(&mut failing, repeated.attempts, &mut unreachable).await;
        }
        let Failing { case, attempt, mismatch } = failing;
        let unstable = repeated.stability == Stability::Unstable;
        let (client, form) = (self.worker.client(), (self.options, remarks));
        let scenario = if unstable { None } else { case.scenario(&attempt, &mismatch, client, form) };
        let counterexample = Counterexample {
            property: generated.property.name().to_owned(),
            rule: mismatch.rule.clone(),
            case: generated.index,
            stability: repeated.stability,
            expected: mismatch.expected.clone(),
            got: mismatch.got.clone(),
            segments: case.requests(),
            tries,
            seen: 1,
            picture: case.picture(&attempt, &mismatch),
            transcripts: if unstable { repeated.transcripts } else { Vec::new() },
            scenario: None,
        };
        Shrunk { counterexample, scenario, unreachable }
    }

    /// Repeats a case until it fails in the same way again.
    async fn repeat(&self, failing: &mut Failing, unreachable: &mut Option<String>) -> Repeated {
        let kind = failing.mismatch.kind();
        let mut transcripts = vec![failing.attempt.transcript.clone()];
        let mut attempts = 0;
        while attempts < MAX_REPEATS && self.may_go_on() {
            let Some(again) = self.attempt(&failing.case).await else { break };
            attempts += 1;
            match again.outcome.clone() {
                Outcome::Failed(same) if same.kind() == kind => {
                    (failing.attempt, failing.mismatch) = (again, *same);
                    return Repeated { stability: Stability::Stable, attempts, transcripts };
                }
                Outcome::Unreachable(why) => {
                    *unreachable = Some(why);
                    break;
                }
                Outcome::Failed(_) | Outcome::Passed | Outcome::Inconclusive(_) => {
                    transcripts.push(again.transcript);
                }
            }
        }
        let judged = attempts > 0 && unreachable.is_none();
        let stability = if judged { Stability::Unstable } else { Stability::NotRepeated };
        Repeated { stability, attempts, transcripts }
    }

    /// Replaces a case by simpler ones that fail in the same way; how many were tried.
    async fn minimize(&self, failing: &mut Failing, chances: u32, unreachable: &mut Option<String>) -> u32 {
        let min_segment = self.worker.target().limits.min_segment;
        let mut tries = 0;
        'smaller: loop {
            let kind = failing.mismatch.kind();
            for candidate in failing.case.simpler(failing.mismatch.step, min_segment) {
                for _ in 0..chances {
                    if tries >= MAX_TRIES {
                        return tries;
                    }
                    tries += 1;
                    match self.try_case(&candidate, &failing.mismatch, &kind).await {
                        Tried::FailedAlike(failed) => {
                            let (attempt, mismatch) = *failed;
                            *failing = Failing { case: candidate, attempt, mismatch };
                            continue 'smaller;
                        }
                        Tried::Otherwise => {}
                        Tried::Unreachable(why) => {
                            *unreachable = Some(why);
                            return tries;
                        }
                        Tried::Stopped => return tries,
                    }
                }
            }
            return tries;
        }
    }

    async fn try_case(&self, case: &TestCase, failed: &Mismatch, kind: &Kind) -> Tried {
        if !self.may_go_on() {
            return Tried::Stopped;
        }
        let Some(attempt) = self.attempt(case).await else { return Tried::Stopped };
        match attempt.outcome.clone() {
            Outcome::Failed(same) if same.kind() == *kind || same.is_plainer_than(failed) => {
                Tried::FailedAlike(Box::new((attempt, *same)))
            }
            Outcome::Unreachable(why) => Tried::Unreachable(why),
            Outcome::Failed(_) | Outcome::Passed | Outcome::Inconclusive(_) => Tried::Otherwise,
        }
    }

    fn may_go_on(&self) -> bool {
        !self.interrupt.is_due()
    }

    /// One attempt; none if the run was stopped meanwhile.
    async fn attempt(&self, case: &TestCase) -> Option<Attempt> {
        self.worker.attempt(case, self.options, self.interrupt).await
    }
}
