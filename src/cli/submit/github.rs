//! GitHub: a workflow whose matrix runs the shards, and a job that merges.

use std::fmt::Write as _;
use std::time::Duration;

use super::args::GithubArgs;
use super::template::fill;
use super::work::Work;

/// Runners are assigned within this time, mostly.
const START_IN: Duration = Duration::from_secs(180);
/// An object store shows what is stored at once; artifacts are there or not.
const WAIT: Duration = Duration::from_secs(60);
/// What checkout and installation may take.
const SETUP_MINUTES: u64 = 15;
/// The longest that GitHub lets a job run.
const MOST_MINUTES: u64 = 360;
/// The folder of results that become artifacts.
const FOLDER: &str = "uptake-results";

const START_JOB: &str = r#"# One instant for all shards.
start:
  name: Choose the start
  runs-on: %{runs_on}
  timeout-minutes: 5
  permissions: {}
  outputs:
    at: ${{ steps.instant.outputs.at }}
  steps:
    - name: Choose the start
      id: instant
      run: echo "at=$(date -u -d "@$(($(date +%s) + %{start_in}))" +%Y-%m-%dT%H:%M:%SZ)" >> "$GITHUB_OUTPUT"
"#;

const UPLOAD: &str = "\
- uses: actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2
  if: ${{ !cancelled() }}
  with:
    name: uptake-shard-${{ matrix.shard }}
    path: uptake-results
    if-no-files-found: ignore
    overwrite: true
";

const DOWNLOAD: &str = "\
- uses: actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0
  with:
    pattern: uptake-shard-*
    path: uptake-results
    merge-multiple: true
";

const REPORTS: &str = "\
- uses: actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2
  if: ${{ !cancelled() }}
  with:
    name: uptake-reports
    path: |
      %{files}
    if-no-files-found: ignore
";

/// The workflow.
pub(super) fn text(args: &GithubArgs, work: &Work) -> String {
    let common = &args.common;
    let numbers: Vec<String> = (1..=common.shards).map(|number| number.to_string()).collect();
    let start_in = common.start_in.unwrap_or(START_IN);
    let wait = common.wait.unwrap_or(WAIT);
    let start_values = [("start_in", start_in.as_secs().to_string()), ("runs_on", args.runs_on.clone())];
    let if_start = |text: &str| if work.starts_together() { text.to_owned() } else { String::new() };
    let store = args.results.as_ref();
    let if_artifacts = |text: &str| if store.is_none() { text.to_owned() } else { String::new() };
    let results = store.map_or_else(
        || FOLDER.to_owned(),
        |store| store.below("${{ github.run_id }}-${{ github.run_attempt }}"),
    );
    let store_secrets: Vec<&str> = store.map_or_else(Vec::new, |store| store.variables().to_vec());
    let shard_secrets = ["UPTAKE_API_KEY"].into_iter().chain(store_secrets.iter().copied());
    let more = args.secrets.iter().map(String::as_str);
    let merge_env = if store.is_none() && args.secrets.is_empty() {
        String::new()
    } else {
        let secrets = secrets(store_secrets.iter().copied().chain(more.clone()));
        secrets.lines().fold("env:\n".to_owned(), |text, line| text + "  " + line + "\n")
    };
    let merge = work.merge_shell(&results, common.shards, wait);
    let values = [
        ("name", common.name.clone().unwrap_or_else(|| "uptake".to_owned())),
        ("start_job", if_start(&fill(START_JOB, &start_values))),
        ("needs_start", if_start("needs: start")),
        ("start_env", if_start("UPTAKE_START_AT: ${{ needs.start.outputs.at }}")),
        ("runs_on", args.runs_on.clone()),
        ("shards", common.shards.to_string()),
        ("timeout", work.longest.map_or(MOST_MINUTES, |longest| minutes(longest + start_in)).to_string()),
        ("merge_timeout", minutes(wait).to_string()),
        ("numbers", numbers.join(", ")),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("command", no_expressions(&work.shell())),
        ("results", results),
        ("secrets", secrets(shard_secrets.chain(more))),
        ("upload", if_artifacts(UPLOAD)),
        ("download", if_artifacts(DOWNLOAD)),
        ("merge", merge),
        ("merge_env", merge_env),
        ("reports", reports(&args.reports)),
    ];
    fill(include_str!("github.yml"), &values)
}

/// The minutes that a job may take which works for this long.
fn minutes(length: Duration) -> u64 {
    (length.as_secs().div_ceil(60) + SETUP_MINUTES).min(MOST_MINUTES)
}

/// Each secret as a variable, once.
fn secrets<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut text = String::new();
    let mut known = Vec::new();
    for name in names {
        if !known.contains(&name) {
            known.push(name);
            let _ = writeln!(text, "{name}: ${{{{ secrets.{name} }}}}");
        }
    }
    text
}

/// GitHub would evaluate an expression in a command; as the text of an expression it stays what it is.
fn no_expressions(command: &str) -> String {
    command.replace("${{", "${{ '${{' }}")
}

/// Uploads the files of the reports.
fn reports(reports: &[String]) -> String {
    let files = reports.iter().filter_map(|report| report.split_once('=')).map(|(_, file)| file);
    let files: Vec<&str> = files.filter(|file| *file != "-").collect();
    if files.is_empty() { String::new() } else { fill(REPORTS, &[("files", files.join("\n"))]) }
}
