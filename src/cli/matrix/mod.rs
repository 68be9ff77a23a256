//! `uptake matrix`: runs suites against several servers and shows them side by side.

mod plan;
mod process;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use self::plan::{MatrixPlan, PORT, PlannedServer, PlannedSuite};
pub(super) use self::plan::{check_plan, is_matrix_plan};
use self::process::Process;
use super::check::{Job, SideBySide, WholeRunArgs, result_of};
use super::error::CliError;
use super::output;
use uptake_outcome::{Ending, Exit, SERVERS_FORMAT, ServerEntry, Servers};
use uptake_report::{
    Destination, Outputs, ServersFormat, badge, read_servers, servers_sentence, servers_terminal,
};

/// The options of `uptake matrix`.
#[derive(Debug, Args)]
pub(super) struct MatrixArgs {
    /// Plan: the servers, how to start them, and the suites to run
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Test only this server (repeatable)
    #[arg(long = "server", value_name = "NAME", help_heading = "Filters")]
    servers: Vec<String>,
    #[command(flatten)]
    options: WholeRunArgs,
    /// Show what changed since this JSON report of an earlier comparison
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    since: Option<PathBuf>,
    /// Write the comparison: html=FILE or json=FILE (repeatable; `-` is stdout)
    #[arg(long = "report", value_name = "FORMAT=FILE", help_heading = "Reports")]
    reports: Vec<Destination<ServersFormat>>,
    /// Write a badge for each server and suite to this directory: SERVER-SUITE.svg, and SERVER-SUITE.json for badge services
    #[arg(long, value_name = "DIR", help_heading = "Reports")]
    badges: Option<PathBuf>,
    /// Print only errors
    #[arg(long, short, help_heading = "Reports")]
    quiet: bool,
}

/// Runs it.
pub(super) async fn run(args: MatrixArgs) -> Result<Exit, CliError> {
    let plan = MatrixPlan::read(&args.plan)?.only(&args.servers)?;
    let earlier = args.since.as_deref().map(earlier).transpose()?;
    if let Some(folder) = &args.badges {
        std::fs::create_dir_all(folder).map_err(|error| {
            CliError::Usage(format!("cannot create the directory {}: {error}", folder.display()))
        })?;
    }
    // Every suite, profile and waiver file is read before the first server starts.
    for server in &plan.servers {
        for suite in &server.suites {
            // Any port will do to read the rest of the URL.
            let url = server.url.as_ref().map(|url| url.replace(PORT, "1"));
            args.job(server, suite, url).check_input()?;
        }
    }
    let outputs = Outputs::open(args.reports.clone())?;
    let started_at = format!("{:.0}", jiff::Timestamp::now());
    let began = Instant::now();
    let mut servers = Servers {
        format: SERVERS_FORMAT,
        uptake: env!("CARGO_PKG_VERSION").to_owned(),
        title: plan.title.clone(),
        started_at,
        took_seconds: 0.0,
        ending: Ending::Completed,
        entries: Vec::new(),
        since: None,
    };
    for server in &plan.servers {
        let entries = args.test(server).await?;
        servers.entries.extend(entries);
        let last = servers.entries.last().and_then(|entry| entry.run.as_ref());
        if last.is_some_and(|run| run.ending == Ending::Interrupted) {
            servers.ending = Ending::Interrupted;
            break;
        }
    }
    servers.took_seconds = began.elapsed().as_secs_f64();
    if let Some(earlier) = &earlier {
        servers.compare(earlier);
    }
    report(&args, servers, outputs)
}

impl MatrixArgs {
    /// Runs every suite of a server against it.
    async fn test(&self, server: &PlannedServer) -> Result<Vec<ServerEntry>, CliError> {
        let url = server.url.as_deref().unwrap_or_default();
        let process = match &server.start {
            Some(start) => match Process::start(start, url).await {
                Ok(process) => Some(process),
                Err(why) => {
                    self.say(&format!("{} {}: {why}", server.name, server.version));
                    let failed =
                        |suite| entry(server, suite, None, Some(format!("the server did not start: {why}")));
                    return Ok(server.suites.iter().map(failed).collect());
                }
            },
            None => None,
        };
        let url = match &process {
            Some(process) => Some(process.placed(url)),
            None => server.url.clone(),
        };
        let mut entries = Vec::new();
        for suite in &server.suites {
            self.say(&format!("testing {} {} with {}", server.name, server.version, suite.suite.display()));
            let run = Box::pin(result_of(self.job(server, suite, url.clone()))).await;
            let run = match run {
                Ok(run) => run,
                Err(error) => {
                    if let Some(process) = process {
                        process.end().await;
                    }
                    return Err(error);
                }
            };
            let is_interrupted = run.ending == Ending::Interrupted;
            entries.push(entry(server, suite, Some(run), None));
            if is_interrupted {
                break;
            }
        }
        if let Some(process) = process {
            process.end().await;
        }
        Ok(entries)
    }

    fn job(&self, server: &PlannedServer, suite: &PlannedSuite, url: Option<String>) -> Job {
        Job::side_by_side(SideBySide {
            suite: Some(suite.suite.clone()),
            waivers: suite.waivers.clone(),
            profile: server.profile.clone(),
            url,
            options: self.options,
            quiet: self.quiet,
        })
    }

    fn say(&self, text: &str) {
        if !self.quiet {
            output::say(text);
        }
    }
}

impl MatrixPlan {
    /// With the servers of these names alone; with all, where none is named.
    fn only(mut self, names: &[String]) -> Result<Self, CliError> {
        if let Some(strange) =
            names.iter().find(|name| !self.servers.iter().any(|server| server.name == **name))
        {
            let known: Vec<&str> = self.servers.iter().map(|server| server.name.as_str()).collect();
            return Err(CliError::Usage(format!(
                "the plan has no server `{strange}`; it has: {}",
                known.join(", ")
            )));
        }
        self.servers.retain(|server| names.is_empty() || names.contains(&server.name));
        Ok(self)
    }
}

fn entry(
    server: &PlannedServer,
    suite: &PlannedSuite,
    run: Option<uptake_outcome::Run>,
    error: Option<String>,
) -> ServerEntry {
    let named =
        || suite.suite.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    ServerEntry {
        server: server.name.clone(),
        version: server.version.clone(),
        suite: run.as_ref().map_or_else(named, |run| run.suite.clone()),
        run,
        error,
    }
}

fn earlier(path: &Path) -> Result<Servers, CliError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| CliError::Usage(format!("cannot read {}: {error}", path.display())))?;
    read_servers(&text).map_err(|why| CliError::Usage(format!("--since: {}: {why}", path.display())))
}

/// Writes the reports and badges, and prints the summary.
fn report(
    args: &MatrixArgs,
    mut servers: Servers,
    outputs: Outputs<ServersFormat>,
) -> Result<Exit, CliError> {
    let fail_on = args.options.fail_on();
    let takes_stdout = outputs.take_stdout();
    let written = outputs.write(|format| format.render(&servers, fail_on)).map_err(CliError::from);
    if let Err(error) = written.and_then(|()| badges(args.badges.as_deref(), &servers)) {
        servers.ending = Ending::NotWritten { why: error.bare() };
    }
    let exit = servers.exit(fail_on);
    if !args.quiet && !takes_stdout {
        output::data(&servers_terminal(&servers, output::style(), fail_on))?;
    } else if exit != Exit::Success {
        output::say(&servers_sentence(&servers, fail_on));
    }
    Ok(exit)
}

fn badges(folder: Option<&Path>, servers: &Servers) -> Result<(), CliError> {
    let Some(folder) = folder else { return Ok(()) };
    for entry in &servers.entries {
        let badge = badge(entry);
        for (extension, text) in [("svg", &badge.svg), ("json", &badge.json)] {
            let path = folder.join(format!("{}.{extension}", file_name(entry)));
            std::fs::write(&path, text)
                .map_err(|source| CliError::Write { path: path.display().to_string(), source })?;
        }
    }
    Ok(())
}

/// The name of a server and its suite as a file's.
fn file_name(entry: &ServerEntry) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let name: String = format!("{}-{}", entry.server, entry.suite).chars().map(plain).collect();
    name.trim_start_matches(['-', '.']).to_owned()
}
