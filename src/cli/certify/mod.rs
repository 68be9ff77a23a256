//! `uptake certify`: runs a whole suite and writes a bundle that a vendor can publish, or verifies such a bundle.

mod bundle;

use std::path::PathBuf;

use clap::Args;

use self::bundle::Bundle;
use super::check::{Job, SideBySide, WholeRunArgs, result_of};
use super::error::CliError;
use super::output;
use super::suite::SuiteArgs;
use uptake_outcome::{Ending, Exit};
use uptake_report::{sentence, terminal};

/// The options of `uptake certify`.
#[derive(Debug, Args)]
pub(super) struct CertifyArgs {
    /// Directory for the bundle, which must be empty or not exist; with --verify the bundle
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Verify a bundle: that its files are unchanged and its verdicts are those of its report; send nothing
    #[arg(long, conflicts_with_all = ["target", "server", "server_version", "suite", "waivers", "quiet"])]
    verify: bool,
    /// Server to test: a target profile, or a URL with the API key in `UPTAKE_API_KEY` [env: `UPTAKE_TARGET`]
    #[arg(long, short, value_name = "FILE|URL", help_heading = "Target")]
    target: Option<String>,
    /// Name of the server in the certificate
    #[arg(long, value_name = "NAME", required_unless_present = "verify", help_heading = "Target")]
    server: Option<String>,
    /// Version of the server in the certificate
    #[arg(long, value_name = "VERSION", required_unless_present = "verify", help_heading = "Target")]
    server_version: Option<String>,
    /// Built-in suite (`uptake suite list`), or the directory of a suite [default: the built-in api.video suite]
    #[arg(long, value_name = "NAME|DIR")]
    suite: Option<PathBuf>,
    #[command(flatten)]
    options: WholeRunArgs,
    /// Waive the failures listed in this file; the bundle contains it
    #[arg(long, value_name = "FILE", help_heading = "Gate")]
    waivers: Option<PathBuf>,
    /// Print only errors
    #[arg(long, short, help_heading = "Reports")]
    quiet: bool,
}

impl CertifyArgs {
    /// The server to test. The variable is read here: where it is set for other commands, `--verify` must not mind.
    fn target(&self) -> Result<String, CliError> {
        let variable = || std::env::var("UPTAKE_TARGET").ok().filter(|target| !target.is_empty());
        self.target.clone().or_else(variable).ok_or_else(|| {
            CliError::Usage(
                "name the server to test: --target FILE|URL, or the variable UPTAKE_TARGET".to_owned(),
            )
        })
    }
}

/// Runs it.
pub(super) async fn run(args: CertifyArgs) -> Result<Exit, CliError> {
    if args.verify {
        return verify(&args);
    }
    let fail_on = args.options.fail_on();
    let target = args.target()?;
    let is_url = target.contains("://");
    let job = Job::side_by_side(SideBySide {
        suite: args.suite.clone(),
        waivers: args.waivers.clone(),
        profile: (!is_url).then(|| PathBuf::from(&target)),
        url: is_url.then(|| target.clone()),
        options: args.options,
        quiet: args.quiet,
    });
    job.check_input()?;
    let loaded = SuiteArgs::whole(args.suite).load()?;
    let bundle = Bundle::create(&args.folder)?;
    let run = Box::pin(result_of(job)).await?;
    if !args.quiet {
        output::data(&terminal(&run, output::style(), fail_on))?;
    }
    let exit = run.exit(fail_on);
    if run.ending != Ending::Completed {
        output::say(&format!("{} was not written: the run did not complete", args.folder.display()));
        return Ok(exit);
    }
    let server = (args.server.unwrap_or_default(), args.server_version.unwrap_or_default());
    bundle.write(&run, server, (&loaded.sources, args.waivers.as_deref()), fail_on)?;
    let message = format!("wrote {}; to verify it: uptake certify --verify {0}", args.folder.display());
    output::say(&if args.quiet && exit != Exit::Success { sentence(&run, fail_on) } else { message });
    Ok(exit)
}

fn verify(args: &CertifyArgs) -> Result<Exit, CliError> {
    let verified = bundle::verify(&args.folder)?;
    output::data(&verified.text)?;
    Ok(if verified.is_sound { Exit::Success } else { Exit::Failed })
}
