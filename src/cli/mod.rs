//! The command line: parses arguments, runs one command and prints its result. Nothing below this module knows clap.

mod capabilities;
mod certify;
mod check;
mod clean;
mod completions;
mod content;
mod error;
mod explain;
mod fuzz;
mod gate;
mod help;
mod init;
mod lint;
mod load;
mod load_results;
mod matrix;
mod merge;
mod output;
mod parsers;
mod process_group;
mod prove;
mod render;
mod report;
mod resume;
mod rules;
mod run_folder;
mod schema;
mod serve;
mod sharding;
mod signals;
mod submit;
mod suite;
mod suite_command;
mod tolerance;
mod waiting;

use clap::{CommandFactory as _, Parser, Subcommand};

use self::error::CliError;
use uptake_outcome::Exit;

/// Tests that an upload endpoint keeps its contract, and measures it under load.
///
/// Run `uptake check` without arguments to try it: it tests a built-in reference server.
#[derive(Debug, Parser)]
#[command(
    name = "uptake",
    version = env!("UPTAKE_LONG_VERSION"),
    about,
    long_about,
    max_term_width = 100,
    after_help = help::UPTAKE,
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// When to use colour
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value_t,
        global = true,
        help_heading = "Global options"
    )]
    color: output::ColorArg,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a target profile, a waiver file and a CI workflow for a server
    #[command(after_help = help::INIT)]
    Init(init::InitArgs),
    /// Test a server against the rules of a suite
    #[command(after_help = help::CHECK)]
    Check(Box<check::CheckArgs>),
    /// Resume suspended scenarios
    #[command(after_help = help::RESUME)]
    Resume(resume::ResumeArgs),
    /// Remove what an interrupted run created on the server
    #[command(after_help = help::CLEAN)]
    Clean(clean::CleanArgs),
    /// Generate upload load and measure latency
    #[command(after_help = help::LOAD)]
    Load(Box<load::LoadArgs>),
    /// Merge, compare and render stored results
    #[command(after_help = help::REPORT)]
    Report(report::ReportArgs),
    /// Send generated uploads and shrink each failure to a minimal case
    #[command(after_help = help::FUZZ)]
    Fuzz(Box<fuzz::FuzzArgs>),
    /// Run the suite against planted defects, to show that each rule can fail
    #[command(after_help = help::PROVE)]
    Prove(Box<prove::ProveArgs>),
    /// Run suites against several servers and show them side by side
    #[command(after_help = help::MATRIX)]
    Matrix(Box<matrix::MatrixArgs>),
    /// Test a server with a whole suite and write a bundle to publish, or verify such a bundle
    #[command(after_help = help::CERTIFY)]
    Certify(Box<certify::CertifyArgs>),
    /// Run the reference server
    #[command(after_help = help::SERVE)]
    Serve(Box<serve::ServeArgs>),
    /// Check scenarios, load plans, matrix plans, target profiles and waivers for mistakes; send nothing
    #[command(after_help = help::LINT)]
    Lint(lint::LintArgs),
    /// List or explain the rules of a suite
    #[command(after_help = help::RULES)]
    Rules(rules::RulesArgs),
    /// Explain exit codes, verdicts and kinds of mistakes
    #[command(after_help = help::EXPLAIN)]
    Explain(explain::ExplainArgs),
    /// Print a manifest, script or workflow that runs a command as shards; run nothing
    #[command(after_help = help::SUBMIT)]
    Submit(Box<submit::SubmitArgs>),
    /// Work with suites
    #[command(after_help = help::SUITE)]
    Suite(suite_command::SuiteCommandArgs),
    /// Print the content of a generated upload, to repeat a request with the bytes that were sent
    Content(content::ContentArgs),
    /// Print the JSON Schema of a report, or of a file that uptake reads
    #[command(after_help = help::SCHEMA)]
    Schema(schema::SchemaArgs),
    /// Print a completion script for a shell
    #[command(after_help = help::COMPLETIONS)]
    Completions(completions::CompletionsArgs),
    /// Write man pages
    #[command(hide = true)]
    Man(completions::ManArgs),
}

/// Runs what the command line says.
pub(crate) fn main() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            if error.use_stderr() {
                let _ = error.print();
                return Exit::BadInput;
            }
            // Help and version go to stdout and are a success; a broken pipe there is no failure either.
            return match error.print() {
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                    CliError::Output(output::OutputError(error)).report()
                }
                _ => Exit::Success,
            };
        }
    };
    output::use_color(cli.color);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return CliError::Runtime(error).report(),
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Init(args) => Box::pin(init::run(args)).await,
            Command::Check(args) => check::run(*args).await,
            Command::Resume(args) => Box::pin(resume::run(args)).await,
            Command::Clean(args) => clean::run(args).await,
            Command::Load(args) => Box::pin(load::run(*args)).await,
            Command::Report(args) => report::run(args).await,
            Command::Fuzz(args) => Box::pin(fuzz::run(*args)).await,
            Command::Prove(args) => prove::run(*args).await,
            Command::Certify(args) => certify::run(*args).await,
            Command::Matrix(args) => matrix::run(*args).await,
            Command::Serve(args) => serve::run(*args).await.map_err(CliError::from),
            Command::Lint(args) => lint::run(&args),
            Command::Rules(args) => rules::run(&args),
            Command::Explain(args) => explain::run(&args),
            Command::Submit(args) => submit::run(*args),
            Command::Suite(args) => suite_command::run(&args),
            Command::Content(args) => content::run(&args),
            Command::Schema(args) => schema::run(&args),
            Command::Completions(args) => completions::run(&args, &mut Cli::command()),
            Command::Man(args) => completions::man(&args, Cli::command()),
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

    /// The help of every command is what its snapshot says.
    #[test]
    fn help() {
        let mut command = super::Cli::command().term_width(100).version("VERSION");
        command.build();
        insta::assert_snapshot!("uptake", command.render_long_help());
        for sub in command.get_subcommands_mut() {
            let name = sub.get_name().to_owned();
            insta::assert_snapshot!(name, sub.render_long_help());
        }
    }
}
