//! GitLab: a parallel job that runs the shards, and a job that merges.

use std::fmt::Write as _;
use std::time::Duration;

use super::args::GitlabArgs;
use super::template::{fill, yaml_string};
use super::work::Work;

/// Runners are assigned within this time, mostly.
const START_IN: Duration = Duration::from_secs(180);
/// An object store shows what is stored at once; artifacts are there or not.
const WAIT: Duration = Duration::from_secs(60);
/// The folder of results that become artifacts.
const FOLDER: &str = "uptake-results";
/// An image in which pip installs uptake.
const PYTHON: &str = "python:3-slim";

const START_JOB: &str = r#"# One instant for all shards.
%{name}-start:
  image: %{image}
  script:
    - echo "UPTAKE_START_AT=$(date -u -d "@$(($(date +%s) + %{start_in}))" +%Y-%m-%dT%H:%M:%SZ)" > start.env
  artifacts:
    reports: { dotenv: start.env }

"#;

const ARTIFACTS: &str = "\
artifacts:
  when: always
  paths: [uptake-results]
  expire_in: 1 week
";

/// The jobs.
pub(super) fn text(args: &GitlabArgs, work: &Work) -> String {
    let common = &args.common;
    let name = common.name.clone().unwrap_or_else(|| "uptake".to_owned());
    // The entry point of an image with uptake may be uptake; GitLab needs a shell.
    let image = match &args.image {
        Some(image) => format!("{{ name: {}, entrypoint: [\"\"] }}", yaml_string(image)),
        None => PYTHON.to_owned(),
    };
    let start_in = common.start_in.unwrap_or(START_IN).as_secs().to_string();
    let start_values = [("name", name.clone()), ("image", image.clone()), ("start_in", start_in)];
    let if_start = |text: String| if work.starts_together() { text } else { String::new() };
    let store = args.results.as_ref();
    let results = store.map_or_else(|| FOLDER.to_owned(), |store| store.below("$CI_PIPELINE_ID"));
    let install = match args.image {
        Some(_) => String::new(),
        None => format!("before_script:\n  - pip install --quiet uptake=={}", env!("CARGO_PKG_VERSION")),
    };
    let values = [
        ("start_job", if_start(fill(START_JOB, &start_values))),
        ("needs_start", if_start(format!("needs: [{name}-start]"))),
        ("image", image),
        ("shards", common.shards.to_string()),
        ("install", install),
        ("command", work.shell()),
        ("artifacts", if store.is_none() { ARTIFACTS.to_owned() } else { String::new() }),
        ("merge", work.merge_shell(&format!("\"{results}\""), common.shards, common.wait.unwrap_or(WAIT))),
        ("results", yaml_string(&results)),
        ("reports", reports(&args.reports)),
        ("name", name),
    ];
    fill(include_str!("gitlab.yml"), &values)
}

/// Keeps the files of the reports; those of JUnit are shown by GitLab.
fn reports(reports: &[String]) -> String {
    let files =
        || reports.iter().filter_map(|report| report.split_once('=')).filter(|(_, file)| *file != "-");
    let list = |files: Vec<String>| files.join(", ");
    let all = list(files().map(|(_, file)| yaml_string(file)).collect());
    let junit =
        list(files().filter(|(format, _)| *format == "junit").map(|(_, file)| yaml_string(file)).collect());
    if all.is_empty() {
        return String::new();
    }
    let mut text = format!("artifacts:\n  when: always\n  paths: [{all}]\n");
    if !junit.is_empty() {
        let _ = writeln!(text, "  reports: {{ junit: [{junit}] }}");
    }
    text
}
