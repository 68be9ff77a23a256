//! From a case that failed to a counterexample: it is repeated, made smaller as long as it fails in the same way, drawn
//! and written down.

use std::time::Instant;

use super::attempt::{Attempt, End, Manner};
use super::case::Case;
use super::lane::Lane;
use super::misfit::Misfit;
use super::picture::picture;
use super::scenario::{Draft, scenario};
use super::shrink::simpler;
use uptake_outcome::{Counterexample, Stability};
use uptake_stop::Stopper;

/// So often a case is tried again before it is called unstable.
const REPEATS: u32 = 4;
/// So many smaller cases are tried at most.
const TRIES: u32 = 600;

/// A case that failed.
pub(super) struct Failure {
    pub(super) index: u64,
    pub(super) property: super::Property,
    pub(super) case: Case,
    pub(super) attempt: Attempt,
    pub(super) misfit: Misfit,
}

/// What a reduction may take, and what stands above the scenario.
pub(super) struct Means<'m> {
    pub(super) lane: &'m Lane,
    pub(super) manner: Manner,
    pub(super) until: Option<Instant>,
    pub(super) stopper: &'m Stopper,
    pub(super) remarks: Vec<String>,
}

/// A counterexample, with the text of its scenario where it has one.
pub(super) struct Reduced {
    pub(super) counterexample: Counterexample,
    pub(super) scenario: Option<String>,
    /// The target was lost on the way.
    pub(super) lost: Option<String>,
}

impl Means<'_> {
    fn goes_on(&self) -> bool {
        !self.stopper.is_stopped() && self.until.is_none_or(|until| Instant::now() < until)
    }

    /// One attempt; nothing where the run was stopped meanwhile.
    async fn attempt(&self, case: &Case) -> Option<Attempt> {
        tokio::select! {
            attempt = self.lane.attempt(case, self.manner) => Some(attempt),
            () = self.stopper.stopped() => None,
        }
    }

    /// Repeats a failure and makes it smaller.
    pub(super) async fn reduce(&self, failure: Failure) -> Reduced {
        let Failure { index, property, case, attempt, misfit } = failure;
        let kind = misfit.kind();
        let mut transcripts = vec![attempt.transcript.clone()];
        let mut repeated = None;
        let mut repeats = 0;
        let mut lost = None;
        while repeats < REPEATS && self.goes_on() && lost.is_none() {
            let Some(again) = self.attempt(&case).await else { break };
            repeats += 1;
            match &again.end {
                End::Broken(same) if same.kind() == kind => {
                    repeated = Some((again.clone(), (**same).clone()));
                    break;
                }
                End::Lost(why) => lost = Some(why.clone()),
                End::Broken(_) | End::Kept | End::Unsaid(_) => transcripts.push(again.transcript),
            }
        }
        // What fails only now and then is given more than one chance to fail again.
        let chances = repeats.max(1);
        let stability = match (&repeated, repeats) {
            (Some(_), _) => Stability::Stable,
            (None, 0) => Stability::NotRepeated,
            (None, _) if lost.is_some() => Stability::NotRepeated,
            (None, _) => Stability::Unstable,
        };
        let mut best = (case, attempt, misfit);
        let mut tries = 0;
        if let Some((attempt, misfit)) = repeated {
            best = (best.0, attempt, misfit);
            let min = self.lane.target().limits.min_segment;
            'smaller: while tries < TRIES {
                for candidate in simpler(&best.0, best.2.step, min) {
                    if !self.goes_on() || tries >= TRIES {
                        break 'smaller;
                    }
                    for _ in 0..chances {
                        tries += 1;
                        let Some(attempt) = self.attempt(&candidate).await else { break 'smaller };
                        match &attempt.end {
                            End::Broken(same) if same.kind() == kind => {
                                let misfit = (**same).clone();
                                best = (candidate, attempt, misfit);
                                continue 'smaller;
                            }
                            End::Lost(why) => {
                                lost = Some(why.clone());
                                break 'smaller;
                            }
                            End::Broken(_) | End::Kept | End::Unsaid(_) => {}
                        }
                    }
                }
                break;
            }
        }
        let (case, attempt, misfit) = best;
        let limits = self.lane.target().limits;
        let draft = Draft {
            case: &case,
            fates: &attempt.fates,
            misfit: &misfit,
            limits,
            patience: self.manner.patience,
            remarks: &self.remarks,
        };
        let scenario = (stability != Stability::Unstable).then(|| scenario(&draft));
        let counterexample = Counterexample {
            property: property.name().to_owned(),
            rule: misfit.rule.to_owned(),
            case: index,
            stability,
            expected: misfit.expected.clone(),
            got: misfit.got.clone(),
            segments: case.segments().count(),
            tries,
            seen: 1,
            picture: picture(&case, &attempt.fates, &misfit),
            transcripts: if stability == Stability::Unstable { transcripts } else { Vec::new() },
            scenario: None,
        };
        Reduced { counterexample, scenario, lost }
    }
}
