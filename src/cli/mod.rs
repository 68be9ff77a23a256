//! The face: nothing else knows the command line. Each command has a file; they compose the rooms below and print.

mod check;
mod error;
mod fuzz;
mod lint;
mod output;
mod progress;
mod prove;
mod rules;
mod schema;
mod serve;

use clap::{Parser, Subcommand};

use self::error::CliError;
use crate::outcome::Exit;

/// Proves that an upload endpoint keeps its contract.
///
/// Exit codes: 0 all is well; 1 a rule failed, a counterexample was found, or a defect survived; 2 the input is wrong; 3 nothing can be said (the target is out of reach, or
/// the harness itself failed); 4 nothing was judged; 130 interrupted.
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

/// Runs what the command line says.
pub fn main() -> Exit {
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
