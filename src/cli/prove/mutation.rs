//! The options of `uptake prove --mutate`, and what they choose.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use crate::cli::capabilities::check_names;
use crate::cli::check::{known_areas, known_rules};
use crate::cli::error::CliError;
use crate::cli::parsers::at_least_one;
use uptake_check::Selection;
use uptake_gate::read_waivers;
use uptake_outcome::Waiver;
use uptake_prove::{MutationPlan, Server};
use uptake_suite::{Cost, Loaded, Suite};
use uptake_target::Target;

/// The options of a proof by mutations.
#[derive(Debug, Args)]
pub(super) struct MutationArgs {
    /// Change the responses of a server, one at a time, instead of planting defects: for any suite and any server
    #[arg(long, conflicts_with_all = ["defects", "record"], help_heading = "Mutations")]
    pub(super) mutate: bool,
    /// Server whose responses are changed: a target profile, or a URL; what the runs create may remain there [default: a built-in
    /// reference server]
    #[arg(long, short, value_name = "FILE|URL", requires = "mutate", help_heading = "Mutations")]
    target: Option<String>,
    /// PEM file with further certificates to trust, in addition to the well-known authorities
    #[arg(long, value_name = "FILE", requires = "target", help_heading = "Mutations")]
    ca: Option<PathBuf>,
    /// Accept any TLS certificate
    #[arg(long, requires = "target", help_heading = "Mutations")]
    insecure: bool,
    /// Waive the failures listed in this file; the server may fail these rules without a mutation
    #[arg(long, value_name = "FILE", requires = "mutate", help_heading = "Mutations")]
    waivers: Option<PathBuf>,
    /// Prove only this rule (repeatable)
    #[arg(long = "rule", value_name = "ID", requires = "mutate", help_heading = "Filters")]
    rules: Vec<String>,
    /// Prove only the rules of this area (repeatable)
    #[arg(long = "area", value_name = "NAME", requires = "mutate", help_heading = "Filters")]
    areas: Vec<String>,
    /// Maximum number of mutations per scenario
    #[arg(
        long,
        value_name = "N",
        default_value = "400",
        value_parser = at_least_one,
        help_heading = "Mutations"
    )]
    max_mutations: NonZeroUsize,
}

impl MutationArgs {
    /// What to mutate.
    pub(super) fn plan(
        &self,
        loaded: &Loaded,
        (full, jobs, seed): (bool, NonZeroUsize, u64),
    ) -> Result<MutationPlan, CliError> {
        let suite = &loaded.suite;
        let selection = Selection {
            rules: known_rules(&self.rules, suite)?,
            areas: known_areas(&self.areas, suite)?,
            cost: Cost::Normal,
            ..Selection::default()
        };
        let server = match &self.target {
            Some(named) => {
                let target = Target::named_with_optional_key(named)?;
                check_names(&target, suite)?;
                let target = target.within(suite.limits)?.trusting(self.ca.clone());
                let target = if self.insecure { target.insecure() } else { target };
                target.check_secrets(selection.secrets(loaded, &target))?;
                Server::Target(Box::new(target))
            }
            None => Server::Reference,
        };
        Ok(MutationPlan { server, selection, full, most: self.max_mutations, jobs, seed })
    }

    /// The failures that are waived.
    pub(super) fn waivers(&self, suite: &Suite) -> Result<Vec<Waiver>, CliError> {
        let rules: Vec<&str> = suite.rules.iter().map(|rule| rule.id.as_str()).collect();
        let Some(path) = &self.waivers else { return Ok(Vec::new()) };
        Ok(read_waivers(path, &rules)?)
    }
}
