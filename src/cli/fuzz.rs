//! `uptake fuzz`: tests a target with generated uploads and shrinks each failure to a minimal case.

mod args;
mod progress;
mod replay;

use std::path::Path;

pub(super) use self::args::FuzzArgs;
use self::progress::Shown;
use super::error::CliError;
use super::output;
use super::progress::{CLEANING_UP, stop_on_ctrl_c};
use uptake_outcome::Exit;
use uptake_prove::Sandbox;
use uptake_report::{Format, Outputs, fuzz_json, fuzz_sentence, fuzz_terminal};
use uptake_stop::Stopper;

/// Runs it.
pub(super) async fn run(args: FuzzArgs) -> Result<Exit, CliError> {
    if let Some(folder) = args.replay.clone() {
        return replay::run(&args, &folder).await;
    }
    if let Some(other) = args.reports.iter().find(|report| report.format != Format::Json) {
        return Err(CliError::Usage(format!(
            "`uptake fuzz` writes reports as json only, not as {}",
            other.format
        )));
    }
    let named = args.named()?;
    writable(&args.out)?;
    let outputs = Outputs::open(args.reports.clone())?;
    let stopper = Stopper::default();
    stop_on_ctrl_c(&CLEANING_UP, stopper.clone())?;
    let config = args.fuzz_config(named.as_ref());
    let mut servers = Vec::new();
    let mut targets = Vec::new();
    if let Some(target) = named {
        targets.push(target);
    } else {
        // One server for each job, so that cases that move the clock need not wait for each other.
        for _ in 0..args.jobs.get() {
            let Sandbox { server, target } = Sandbox::start(args.config()).await?;
            servers.push(server);
            targets.push(target);
        }
    }
    let shown = Shown::new(args.quiet);
    let run = uptake_fuzz::fuzz(targets, &config, stopper, &|progress| shown.show(&progress)).await?;
    shown.end();
    for server in servers {
        server.shutdown().await;
    }
    if args.quiet && run.exit() != Exit::Well {
        output::say(&fuzz_sentence(&run));
    } else if !args.quiet && !outputs.take_stdout() {
        output::data(&fuzz_terminal(&run, &config.replay))?;
    }
    outputs.fill(|_| fuzz_json(&run))?;
    Ok(run.exit())
}

/// Fails before anything is sent if the folder cannot be written to.
fn writable(folder: &Path) -> Result<(), CliError> {
    let told = |error: std::io::Error| {
        CliError::Usage(format!("cannot write counterexamples to {}: {error}", folder.display()))
    };
    std::fs::create_dir_all(folder).map_err(told)?;
    tempfile::tempfile_in(folder).map(drop).map_err(told)
}
