//! Removes what the journal of a run says is still there, and nothing else.

use super::keeper::Keep;
use super::run::{CheckError, Plan};
use super::sending::Pass;
use super::trial::{Made, Trial, lock};
use super::world::World;
use uptake_outcome::Leftover;
use uptake_stop::Stopper;
use uptake_suite::{Loaded, Scenario};
use uptake_target::Target;

/// What became of what was left.
#[derive(Debug)]
pub struct Cleaned {
    /// How much of it is gone now.
    pub removed: usize,
    /// What could not be removed.
    pub left: Vec<Leftover>,
    /// Whether the harness itself, or the way to the target, failed.
    pub ended_early: bool,
}

/// Removes what `keep`'s journal names, the last first.
pub async fn clean(
    loaded: &Loaded,
    target: &Target,
    (plan, keep): (&Plan, &Keep),
    stopper: Stopper,
) -> Result<Cleaned, CheckError> {
    let world = World::new(loaded, target, plan, stopper)?;
    let scenario = Scenario::nobodys("clean", &loaded.suite.name);
    let trial = Trial::new(&world, &scenario, Pass::none(&world));
    let names = super::scope::Names::new(world.given(), world.seed);
    let mut removed = 0;
    for made in keep.journal.left() {
        if !world.halt.is_on() {
            break;
        }
        world.secrets.taint(&made.resource, &made.id);
        let what = format!("{} {}", made.resource, made.id);
        let Some(resource) = loaded.suite.resources.iter().find(|known| known.name == made.resource) else {
            trial.leftover(what, "the suite does not say how it is removed".to_owned(), None);
            continue;
        };
        let before = lock(&trial.leftovers).len();
        trial.remove(&Made { resource, id: made.id.clone() }, &names).await;
        if lock(&trial.leftovers).len() == before {
            removed += 1;
            if let Err(error) = keep.journal.gone(&made.resource, &made.id) {
                world.halt.harness_failed(error.to_string());
            }
        }
    }
    let mut left = std::mem::take(&mut *lock(&trial.leftovers));
    for leftover in &mut left {
        leftover.what = world.secrets.mask(&leftover.what);
        leftover.why = world.secrets.mask(&leftover.why);
    }
    Ok(Cleaned { removed, left, ended_early: !world.halt.is_on() })
}
