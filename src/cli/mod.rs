//! The face: nothing else knows the command line. Each command has a file; they compose the rooms below and print.

mod check;
mod clean;
mod error;
mod fuzz;
mod gate;
mod kept;
mod lint;
mod load;
mod output;
mod progress;
mod prove;
mod render;
mod report;
mod resume;
mod rules;
mod schema;
mod serve;
mod suite;
mod tolerance;

use clap::{Parser, Subcommand};

use self::error::CliError;
use uptake_outcome::Exit;

/// Proves that an upload endpoint keeps its contract.
///
/// Exit codes: 0 all is well; 1 a rule or a threshold failed, a counterexample was found, or a defect survived; 2 the input is wrong; 3 nothing
/// can be said (the target is out of reach, or the harness itself failed); 4 nothing was judged; 75 suspended, come back with `uptake resume`; 130
/// interrupted.
#[derive(Debug, Parser)]
#[command(name = "uptake", version, about, long_about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios against a target; without --target, against a reference server of its own
    Check(Box<check::CheckArgs>),
    /// Go on with scenarios that wait for real time
    Resume(resume::ResumeArgs),
    /// Remove what a run made and left behind, as after a kill
    Clean(clean::CleanArgs),
    /// Offer uploads at a rate or by uploaders, and measure how long each takes
    Load(Box<load::LoadArgs>),
    /// Join and compare the results of load runs, and render stored results of any run
    Report(report::ReportArgs),
    /// Try generated uploads against a target, and make small what fails
    Fuzz(Box<fuzz::FuzzArgs>),
    /// Run the suite against every planted defect: is each rule able to fail?
    Prove(Box<prove::ProveArgs>),
    /// Run the reference server
    Serve(Box<serve::ServeArgs>),
    /// Explain what is wrong in scenario files, without sending anything
    Lint(lint::LintArgs),
    /// List the rules of the catalogue, or explain some
    Rules(rules::RulesArgs),
    /// Print a JSON Schema
    Schema(schema::SchemaArgs),
}

/// The options that a run of `check` was begun with.
fn parse_check(arguments: &[String]) -> Result<check::CheckArgs, CliError> {
    let words = std::iter::once("uptake").chain(arguments.iter().map(String::as_str));
    match Cli::try_parse_from(words).map(|cli| cli.command) {
        Ok(Command::Check(args)) => Ok(*args),
        Ok(_) => Err(CliError::Usage("the run was not begun by `uptake check`".to_owned())),
        Err(error) => {
            Err(CliError::Usage(format!("the run was begun with options that are not known: {error}")))
        }
    }
}

/// Runs what the command line says.
pub(crate) fn main() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout and are a success; a broken pipe there is no failure either.
            let _ = error.print();
            return if error.use_stderr() { Exit::BadInput } else { Exit::Well };
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return CliError::Runtime(error).report(),
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Check(args) => check::run(*args).await,
            Command::Resume(args) => resume::run(args).await,
            Command::Clean(args) => clean::run(args).await,
            Command::Load(args) => load::run(*args).await,
            Command::Report(args) => report::run(args),
            Command::Fuzz(args) => fuzz::run(*args).await,
            Command::Prove(args) => prove::run(*args).await,
            Command::Serve(args) => serve::run(*args).await.map_err(CliError::from),
            Command::Lint(args) => lint::run(&args),
            Command::Rules(args) => rules::run(&args),
            Command::Schema(args) => schema::run(&args),
        }
    });
    outcome.unwrap_or_else(|error| error.report())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
