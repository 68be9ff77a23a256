//! Lets time pass: on the target's clock where that can be turned, in real time elsewhere.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::estimate::Estimate;
use super::moment::Moment;
use super::scope::Names;
use super::stop::{Obstacle, Stop};
use super::trial::Trial;
use uptake_outcome::{CauseKind, Place};
use uptake_suite::expr::Expr;
use uptake_suite::step::Step;

/// How long scenarios may wait for real time to pass, where the target's clock cannot be turned.
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    /// So long within the run; what takes longer is suspended.
    pub within: Duration,
    /// So long at all; what takes longer is not applicable. Nothing is suspended where that is no more than `within`.
    pub longest: Duration,
}

/// A wait that is longer than the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Suspension {
    /// The step that lets time pass.
    pub(super) step: String,
    /// Where it is written.
    pub(super) place: Place,
    /// When the next step may begin.
    pub(super) due: Moment,
    /// When it is too late for it.
    pub(super) latest: Option<Moment>,
}

type Flow = Result<(), Stop>;

/// So far apart are two looks at the clock, which may be set while we wait.
const LOOK: Duration = Duration::from_secs(10);

impl<'r> Trial<'r> {
    /// Lets the time of an `advance` step pass.
    pub(super) async fn advance(&self, step: &'r Step, expr: &Expr, names: &Names) -> Flow {
        let seconds = self.seconds(step, expr, names)?;
        if let Some(text) = self.world.clocks_apart() {
            let obstacle =
                Obstacle { kind: CauseKind::Time, text, place: step.place.clone(), exchange: None };
            return Err(self.give_up(step, self.stop(obstacle)));
        }
        if let Some(clock) = &self.world.target.clock {
            let done = clock.advance(seconds).await;
            let passed = Duration::from_secs(seconds);
            return match done {
                Ok(()) => {
                    self.world.turned(passed);
                    Ok(())
                }
                Err(error) => Err(self.give_up(step, self.stop(precondition(step, error.to_string())))),
            };
        }
        let Some(waits) = self.world.waits else {
            let why = "the target's clock cannot be turned".to_owned();
            return Err(self.give_up(step, Stop::NotApplicable(why)));
        };
        let now = Moment::now();
        let time = Duration::from_secs(seconds);
        let latest = match &step.at_latest {
            Some(expr) => Some(now.plus(Duration::from_secs(self.seconds(step, expr, names)?))),
            None => None,
        };
        let suspension =
            Suspension { step: step.name.clone(), place: step.place.clone(), due: now.plus(time), latest };
        if time <= waits.within {
            return self.wait_until(step, &suspension).await;
        }
        let is_own = self.scenario.steps.iter().any(|own| std::ptr::eq(own, step));
        let why = if time > waits.longest {
            too_long(time)
        } else if !is_own {
            under_way(time)
        } else {
            return Err(self.give_up(step, Stop::Suspended(Box::new(suspension))));
        };
        Err(self.give_up(step, Stop::NotApplicable(why)))
    }

    fn seconds(&self, step: &'r Step, expr: &Expr, names: &Names) -> Result<u64, Stop> {
        match expr.integer(names) {
            Ok(seconds) => u64::try_from(seconds).map_err(|_| {
                let why = "time does not run backwards".to_owned();
                self.give_up(step, self.stop(precondition(step, why)))
            }),
            Err(error) => Err(self.give_up(step, self.evaluation(error, &step.place))),
        }
    }

    /// Waits in real time, and leaves calls and place to others meanwhile.
    pub(super) async fn wait_until(&self, step: &'r Step, suspension: &Suspension) -> Flow {
        let at = self.scenario.steps.iter().position(|own| std::ptr::eq(own, step));
        if at.is_some() {
            self.pass.kept.give_back();
        }
        {
            let _place = self.world.lull.wait();
            loop {
                let ahead = suspension.due.ahead();
                if ahead.is_zero() {
                    break;
                }
                self.rest(ahead.min(LOOK)).await?;
            }
        }
        if let Some(at) = at {
            let need = Estimate::of(self.world, self.scenario, &self.scenario.steps[at + 1..]);
            while let Err(wait) = self.world.pacer.reserve(need.calls).map(|kept| self.pass.kept.add(&kept)) {
                let began = std::time::Instant::now();
                self.rest(wait).await?;
                self.world.tally.waited(began.elapsed());
            }
        }
        match suspension.latest {
            Some(latest) if Moment::now() > latest => {
                let late = Moment::now().since(latest);
                let text = format!(
                    "`{}` was to be over by {latest} and it is {} later: what follows would not show what it is to show",
                    step.name,
                    spoken(late.max(Duration::from_secs(1)))
                );
                let obstacle =
                    Obstacle { kind: CauseKind::Time, text, place: step.place.clone(), exchange: None };
                Err(self.give_up(step, self.stop(obstacle)))
            }
            _ => Ok(()),
        }
    }
}

/// Why a scenario that takes so long is not applicable.
pub(super) fn too_long(time: Duration) -> String {
    format!(
        "the target's clock cannot be turned, and it would have to wait for {} in real time",
        spoken(time)
    )
}

/// Why a scenario is not applicable that would have to be suspended in the middle of something.
pub(super) fn under_way(time: Duration) -> String {
    format!(
        "the target's clock cannot be turned, and it would have to wait for {} with requests under way",
        spoken(time)
    )
}

fn precondition(step: &Step, text: String) -> Obstacle {
    Obstacle { kind: CauseKind::Precondition, text, place: step.place.clone(), exchange: None }
}

/// A time in the two largest units that it has.
pub fn spoken(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes, seconds % 60) {
        (0, 0, 0, seconds) => format!("{seconds} s"),
        (0, 0, minutes, 0) => format!("{minutes} min"),
        (0, 0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (0, hours, 0, _) => format!("{hours} h"),
        (0, hours, minutes, _) => format!("{hours} h {minutes} min"),
        (days, 0, ..) => format!("{days} d"),
        (days, hours, ..) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_the_two_largest_units() {
        let said = |seconds| spoken(Duration::from_secs(seconds));
        assert_eq!(
            [5, 60, 62, 3_600, 86_452, 90_000, 31_536_000].map(said),
            ["5 s", "1 min", "1 min 2 s", "1 h", "1 d", "1 d 1 h", "365 d"]
        );
    }
}
