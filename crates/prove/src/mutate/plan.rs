//! What to mutate, and how much.

use std::num::NonZeroUsize;

use uptake_check::Selection;
use uptake_target::Target;

/// A proof by mutations of answers.
#[derive(Debug, Clone)]
pub struct MutationPlan {
    /// Whose answers are changed.
    pub server: Server,
    /// The rules to prove.
    pub selection: Selection,
    /// Whether every mutation is tried, also those that only proven rules could fail by.
    pub full: bool,
    /// The most mutations of each scenario.
    pub most: NonZeroUsize,
    /// How many scenarios are mutated side by side. A server whose clock is moved, or that limits calls, has one at a time.
    pub jobs: NonZeroUsize,
    /// The seed of content and order.
    pub seed: u64,
}

/// Whose answers are changed.
#[derive(Debug, Clone)]
pub enum Server {
    /// The server of a target.
    Target(Box<Target>),
    /// A reference server of its own for each scenario.
    Reference,
}

impl MutationPlan {
    pub(super) fn jobs(&self) -> usize {
        match &self.server {
            Server::Target(target) if target.clock.is_some() || target.budgets.is_some() => 1,
            _ => self.jobs.get(),
        }
    }
}
