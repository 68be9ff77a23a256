//! `uptake submit`: prints what runs a command as shards on an engine: Kubernetes, Slurm, GitHub or GitLab. It runs nothing itself.

mod args;
mod files;
mod github;
mod gitlab;
mod kubernetes;
mod location;
mod slurm;
mod template;
mod work;

pub(super) use args::SubmitArgs;

use self::args::Engine;
use self::work::{NoWork, Work};
use super::error::CliError;
use super::output;
use uptake_outcome::Exit;

/// Runs it.
pub(super) fn run(args: SubmitArgs) -> Result<Exit, CliError> {
    let engine = args.engine;
    engine.check()?;
    let work = match Work::read(engine.common(), engine.reports()) {
        Ok(work) => work,
        Err(NoWork::Wrong(error)) => return Err(*error),
        Err(NoWork::Arguments(error)) => {
            // The help of the command goes to stdout and is a success.
            let _ = error.print();
            return Ok(if error.use_stderr() { Exit::BadInput } else { Exit::Success });
        }
    };
    if work.target.is_none() {
        output::say("note: the command has no --target: each shard tests its own reference server");
    }
    let text = match &engine {
        Engine::Kubernetes(args) => kubernetes::text(args, &work)?,
        Engine::Slurm(args) => slurm::text(args, &work),
        Engine::Github(args) => github::text(args, &work),
        Engine::Gitlab(args) => gitlab::text(args, &work),
    };
    output::data(&text)?;
    Ok(Exit::Success)
}
