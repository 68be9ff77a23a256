//! `uptake init`: writes what a project needs to test its server: a target profile, a waiver file and a CI workflow.

mod texts;

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::error::CliError;
use super::output;
use super::signals::{CLEANING_UP, stop_on_ctrl_c};
use uptake_outcome::{CapabilityFinding, Ending, Exit};
use uptake_stop::Stopper;
use uptake_suite::load;
use uptake_target::Target;

/// The options of `uptake init`.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// URL of the server; its API key is taken from `UPTAKE_API_KEY` [default: asked for, on a terminal]
    #[arg(long, short, value_name = "URL", env = "UPTAKE_TARGET")]
    target: Option<String>,
    /// Directory to write to
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// CI system to write a workflow for
    #[arg(long, value_enum, default_value_t = Ci::Github)]
    ci: Ci,
    /// Do not detect the server's capabilities; send nothing
    #[arg(long)]
    offline: bool,
    /// Overwrite files that exist
    #[arg(long)]
    force: bool,
}

/// A CI system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Ci {
    /// `.github/workflows/uptake.yml`
    Github,
    /// `uptake.gitlab-ci.yml`, to be included
    Gitlab,
    /// No workflow
    None,
}

/// A file to write.
struct NewFile {
    path: PathBuf,
    text: String,
}

/// Runs it.
pub(super) async fn run(args: InitArgs) -> Result<Exit, CliError> {
    let url = match &args.target {
        Some(url) => url.clone(),
        None => question("Server to test (URL): ")?,
    };
    if !url.contains("://") {
        let hint =
            if url.is_empty() { "https://host".to_owned() } else { format!("http://{url} or https://{url}") };
        return Err(CliError::Usage(format!(
            "invalid target `{url}`: a URL starts with its scheme: write {hint}"
        )));
    }
    // What is in the way is known before anything is sent.
    free(&args)?;
    let described = Target::described(&url)?;
    let found = if args.offline { None } else { Some(Box::pin(detected(&url)).await?) };
    let found = match found {
        Some(Err(exit)) => return Ok(exit),
        Some(Ok(found)) => Some(found),
        None => None,
    };
    let mut files = vec![
        NewFile {
            path: args.dir.join("target.yaml"),
            text: texts::profile(&described.name, &described.base_url, found.as_deref()),
        },
        NewFile { path: args.dir.join("waivers.yaml"), text: texts::WAIVERS.to_owned() },
    ];
    if let Some((path, text)) = workflow(&args) {
        files.push(NewFile { path, text });
    }
    for file in &files {
        write(file, args.force)?;
        output::say(&format!("wrote {}", file.path.display()));
    }
    output::say(&format!(
        "next: uptake check --target {} --waivers {}",
        args.dir.join("target.yaml").display(),
        args.dir.join("waivers.yaml").display()
    ));
    Ok(Exit::Success)
}

fn workflow(args: &InitArgs) -> Option<(PathBuf, String)> {
    match args.ci {
        Ci::Github => Some((args.dir.join(".github/workflows/uptake.yml"), texts::github())),
        Ci::Gitlab => Some((args.dir.join("uptake.gitlab-ci.yml"), texts::GITLAB.to_owned())),
        Ci::None => None,
    }
}

/// Refuses to start where a file is in the way.
fn free(args: &InitArgs) -> Result<(), CliError> {
    let mut paths = vec![args.dir.join("target.yaml"), args.dir.join("waivers.yaml")];
    paths.extend(workflow(args).map(|(path, _)| path));
    let there: Vec<String> = paths
        .iter()
        .filter(|path| !args.force && path.symlink_metadata().is_ok())
        .map(|path| path.display().to_string())
        .collect();
    if there.is_empty() {
        return Ok(());
    }
    let exist = if there.len() == 1 { "already exists" } else { "already exist" };
    Err(CliError::Usage(format!(
        "{} {exist}; nothing was written. --force overwrites them, --dir writes elsewhere",
        there.join(", ")
    )))
}

/// Asks the server what it can do, or says why that was not possible.
async fn detected(url: &str) -> Result<Result<Vec<CapabilityFinding>, Exit>, CliError> {
    let loaded = load(&[])?;
    let target = Target::named_with_optional_key(url)?;
    let needed = loaded.suite.credentials.values().filter(|credential| !credential.is_optional);
    let credentials = needed.flat_map(|credential| &credential.from).map(String::as_str);
    target.check_secrets(credentials)?;
    let stopper = Stopper::default();
    stop_on_ctrl_c(&CLEANING_UP, stopper.clone())?;
    let asked = uptake_check::ask(&loaded, &target, stopper).await?;
    let exit = match asked.ending {
        Ending::Completed => {
            let known = |finding: &CapabilityFinding| loaded.suite.capabilities.contains(&finding.name);
            return Ok(Ok(asked.capabilities.into_iter().filter(known).collect()));
        }
        Ending::Interrupted => Exit::Interrupted,
        _ => Exit::CouldNotTest,
    };
    let why = asked.ending.trouble().unwrap_or_else(|| "interrupted".to_owned());
    output::say(&format!(
        "error: {why}; nothing was written. --offline writes the files without contacting the server"
    ));
    Ok(Err(exit))
}

/// Asks a question on a terminal. Without one there is nobody to ask.
fn question(text: &str) -> Result<String, CliError> {
    let none = || CliError::Usage("no server given: add --target URL".to_owned());
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(none());
    }
    let _ = write!(io::stderr().lock(), "{text}");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(|_| none())?;
    let answer = answer.trim();
    if answer.is_empty() { Err(none()) } else { Ok(answer.to_owned()) }
}

fn write(file: &NewFile, force: bool) -> Result<(), CliError> {
    let NewFile { path, text } = file;
    let trouble = |source: io::Error| {
        let why = match source.kind() {
            ErrorKind::PermissionDenied => "permission denied".to_owned(),
            ErrorKind::IsADirectory => "it is a directory".to_owned(),
            ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
                "a file is in the place of one of its directories".to_owned()
            }
            _ => source.to_string(),
        };
        CliError::Usage(format!("cannot write {}: {why}", path.display()))
    };
    if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("")) {
        std::fs::create_dir_all(folder).map_err(trouble)?;
    }
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    options.open(path).and_then(|mut open| open.write_all(text.as_bytes())).map_err(trouble)
}
