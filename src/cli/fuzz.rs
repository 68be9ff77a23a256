//! `uptake fuzz`: sends generated uploads and shrinks each failure to a minimal case.

mod args;
mod described;
mod progress;
mod replay;
mod shard;

use std::path::Path;

pub(super) use self::args::FuzzArgs;
use self::described::Described;
use self::progress::Shown;
use super::error::CliError;
use super::output;
use super::signals::{CLEANING_UP, stop_on_ctrl_c};
use uptake_outcome::{Ending, Exit};
use uptake_prove::Sandbox;
use uptake_report::{Outputs, fuzz_sentence, fuzz_terminal};
use uptake_stop::Stopper;

/// Runs it.
pub(super) async fn run(args: FuzzArgs) -> Result<Exit, CliError> {
    if let Some(folder) = args.replay.clone() {
        return replay::run(&args, &folder).await;
    }
    let mut described = described::read(&args)?;
    let mut named = args.named()?;
    writable(&args.out)?;
    let outputs = Outputs::open(args.reports.clone())?;
    let stopper = Stopper::default();
    stop_on_ctrl_c(&CLEANING_UP, stopper.clone())?;
    let sharing = args.shards.open().await?;
    if let (Some(described), Some(target)) = (&mut described, &mut named) {
        described.prepare(target, (args.seed, stopper.clone())).await?;
    }
    let suite = described.map(Described::into_suite);
    let config = args.fuzz_config(suite, named.as_ref(), sharing.shard)?;
    let mut servers = Vec::new();
    let mut targets = Vec::new();
    if let Some(target) = named {
        targets.push(target);
    } else {
        // One server for each job, so that a job that advances the clock does not disturb the others.
        for _ in 0..args.jobs.get() {
            let Sandbox { server, target } = Sandbox::start(args.config()).await?;
            servers.push(server);
            targets.push(target);
        }
    }
    let shown = Shown::new(args.quiet);
    let mut run = uptake_fuzz::fuzz(targets, &config, stopper, &|progress| shown.show(&progress)).await?;
    shown.end();
    for server in servers {
        server.shutdown().await;
    }
    shard::store(&sharing, &args, &mut run).await;
    let takes_stdout = outputs.take_stdout();
    // Before the summary, which names the exit code.
    if let Err(error) = outputs.write(|format| format.render(&run)) {
        run.ending = Ending::NotWritten { why: CliError::from(error).bare() };
    }
    if (args.quiet || takes_stdout) && run.exit() != Exit::Success {
        output::say(&fuzz_sentence(&run));
    } else if !args.quiet && !takes_stdout {
        output::data(&fuzz_terminal(&run, &config.replay))?;
    }
    Ok(run.exit())
}

/// A directory that cannot be written to is reported before anything is sent.
fn writable(folder: &Path) -> Result<(), CliError> {
    let failed = |error: std::io::Error| {
        CliError::Usage(format!("cannot write counterexamples to {}: {error}", folder.display()))
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    tempfile::tempfile_in(folder).map(drop).map_err(failed)
}
