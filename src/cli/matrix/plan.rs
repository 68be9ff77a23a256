//! Reads the plan of a comparison: which servers, how each is started, and which suites run against it.
//!
//! ```yaml
//! matrix: Upload servers
//! servers:
//!   - server: alpha
//!     version: 2.4.5
//!     start: [ node, alpha.js, "${port}" ]
//!     url: "http://127.0.0.1:${port}/"
//!     suites: [ { suite: tus, waivers: alpha-waivers.yaml } ]
//! ```

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::error::CliError;
use uptake_yaml::{Node, Problems, Reader, SourceFile, parse};

/// What stands for the port of a server that is started.
pub(super) const PORT: &str = "${port}";
/// How long a server may take to accept connections, unless the plan says otherwise.
const START_WITHIN: Duration = Duration::from_secs(30);

/// A plan.
#[derive(Debug, Clone)]
pub(super) struct MatrixPlan {
    pub(super) title: String,
    pub(super) servers: Vec<PlannedServer>,
}

/// A server, and what is tested of it.
#[derive(Debug, Clone)]
pub(super) struct PlannedServer {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) start: Option<Start>,
    /// Its base URL, which may contain `${port}`; without one the profile's.
    pub(super) url: Option<String>,
    pub(super) profile: Option<PathBuf>,
    pub(super) suites: Vec<PlannedSuite>,
}

/// How a server is started.
#[derive(Debug, Clone)]
pub(super) struct Start {
    /// The program and its arguments, which may contain `${port}`.
    pub(super) command: Vec<String>,
    pub(super) environment: Vec<(String, String)>,
    /// Where it runs: the directory of the plan.
    pub(super) directory: PathBuf,
    pub(super) within: Duration,
}

/// A suite, and what is waived of it.
#[derive(Debug, Clone)]
pub(super) struct PlannedSuite {
    /// The name of a built-in suite, or the directory of another.
    pub(super) suite: PathBuf,
    pub(super) waivers: Option<PathBuf>,
}

/// Whether a file is such a plan: whether it has the key `matrix`.
pub(in crate::cli) fn is_matrix_plan(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("matrix:"))
}

/// Finds the mistakes in a plan.
pub(in crate::cli) fn check_plan(path: &Path) -> Result<(), CliError> {
    MatrixPlan::read(path).map(drop)
}

impl MatrixPlan {
    /// Reads a plan.
    pub(super) fn read(path: &Path) -> Result<Self, CliError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| CliError::Usage(format!("cannot read {name}: {error}")))?;
        let file = SourceFile::new(name, text);
        let node = parse(&file).map_err(|problem| CliError::Lint(Problems::from(problem)))?;
        let reader = Reader::new(&file);
        let folder = path.parent().unwrap_or(Path::new(""));
        let plan = plan(&reader, folder, &node);
        Problems::or(reader.into_problems(), plan).map_err(CliError::Lint)
    }
}

fn plan(reader: &Reader, folder: &Path, node: &Node) -> Option<MatrixPlan> {
    let mut fields = reader.fields(node, "a matrix plan")?;
    let title = fields.require("matrix").and_then(|node| reader.text(node, "matrix"));
    let nodes = fields.require("servers").and_then(|node| reader.list(node, "servers"))?;
    if nodes.is_empty() {
        return reader.problem(node.at, "the plan has no servers", "add at least one under `servers`");
    }
    let servers: Option<Vec<PlannedServer>> =
        nodes.iter().map(|node| server(reader, folder, node)).collect::<Vec<_>>().into_iter().collect();
    let servers = servers?;
    for (index, one) in servers.iter().enumerate() {
        if servers[..index].iter().any(|other| (&other.name, &other.version) == (&one.name, &one.version)) {
            let message = format!("the server {} {} is in the plan twice", one.name, one.version);
            return reader.problem(nodes[index].at, message, "give each server a name or version of its own");
        }
    }
    Some(MatrixPlan { title: title?, servers })
}

fn server(reader: &Reader, folder: &Path, node: &Node) -> Option<PlannedServer> {
    let mut fields = reader.fields(node, "a server of a matrix plan")?;
    let name = fields.require("server").and_then(|node| reader.text(node, "server"));
    let version = fields.require("version").and_then(|node| reader.scalar(node, "version"));
    let command = fields.take("start");
    let environment = fields.take("env");
    let within = fields.take("start-within");
    let url = fields.take("url");
    let profile = fields.take("profile");
    let suites = fields.require("suites").and_then(|node| reader.list(node, "suites"));
    drop(fields);

    if let Some(only_with_start) =
        [environment, within].into_iter().flatten().next().filter(|_| command.is_none())
    {
        let help = "add `start`, or leave it out";
        return reader.problem(only_with_start.at, "this is only used when the plan starts the server", help);
    }
    if url.is_none() && (profile.is_none() || command.is_some()) {
        let help = "add `url: \"http://127.0.0.1:${port}/\"`";
        return reader.problem(node.at, "this server has no address", help);
    }
    let start = match command {
        Some(command) => Some(start(reader, folder, command, (environment, within))?),
        None => None,
    };
    let url = match url {
        Some(node) => {
            let url = reader.text(node, "url")?;
            if url.contains(PORT) && start.is_none() {
                let help = "write the port, or add `start`";
                return reader.problem(node.at, "only a server that the plan starts has a `${port}`", help);
            }
            Some(url)
        }
        None => None,
    };
    let suites: Option<Vec<PlannedSuite>> = suites?.iter().map(|node| suite(reader, folder, node)).collect();
    let suites = suites?;
    if suites.is_empty() {
        return reader.problem(node.at, "no suite runs against this server", "add one under `suites`");
    }
    let profile = match profile {
        Some(node) => Some(folder.join(reader.text(node, "profile")?)),
        None => None,
    };
    Some(PlannedServer { name: name?, version: version?, start, url, profile, suites })
}

fn start(
    reader: &Reader,
    folder: &Path,
    command: &Node,
    (environment, within): (Option<&Node>, Option<&Node>),
) -> Option<Start> {
    let words: Option<Vec<String>> =
        reader.list(command, "start")?.iter().map(|node| reader.scalar(node, "start")).collect();
    let words = words?;
    if words.is_empty() {
        return reader.problem(command.at, "the command is empty", "write a program and its arguments");
    }
    let mut variables = Vec::new();
    for (key, value) in environment.map_or(Some(&[][..]), |node| reader.entries(node, "env"))? {
        variables.push((key.text.clone(), reader.scalar(value, "env")?));
    }
    let within = within.map_or(Some(START_WITHIN), |node| reader.duration(node, "start-within"))?;
    let directory = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    Some(Start { command: words, environment: variables, directory: directory.to_owned(), within })
}

fn suite(reader: &Reader, folder: &Path, node: &Node) -> Option<PlannedSuite> {
    let (name, waivers) = if node.get("suite").is_some() {
        let mut fields = reader.fields(node, "a suite of a matrix plan")?;
        let name = fields.require("suite").and_then(|node| reader.text(node, "suite"));
        let waivers = fields.take("waivers").map(|node| reader.text(node, "waivers"));
        (name?, waivers)
    } else {
        (reader.text(node, "suite")?, None)
    };
    let beside = folder.join(&name);
    // As `--suite`: a directory, or the name of a built-in suite.
    let suite = if beside.is_dir() { beside } else { PathBuf::from(name) };
    let waivers = match waivers {
        Some(waivers) => Some(folder.join(waivers?)),
        None => None,
    };
    Some(PlannedSuite { suite, waivers })
}
