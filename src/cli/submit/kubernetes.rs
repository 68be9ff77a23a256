//! Kubernetes: an Indexed Job, and a Job that waits for its results. Kubernetes starts both at once, since no Job can depend on another.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;

use super::args::KubernetesArgs;
use super::files::{self, CarriedFile};
use super::template::{fill, yaml_block, yaml_string};
use super::work::Work;
use crate::cli::error::CliError;

/// Pods of one job are launched within this time, mostly.
const START_IN: Duration = Duration::from_secs(60);
/// How long a merge waits where the run's length is not known.
const WAIT: Duration = Duration::from_secs(3_600);
/// What images and scheduling may take beside the run.
const LAUNCH: Duration = Duration::from_secs(600);

/// The manifest.
pub(super) fn text(args: &KubernetesArgs, work: &Work) -> Result<String, CliError> {
    let common = &args.common;
    let claim = claim(args)?;
    let files = files::read(&work.reads)?;
    // Applied again, a manifest of the same name would change a Job, which cannot be: so each has a name of its own.
    let name =
        common.name.clone().unwrap_or_else(|| Timestamp::now().strftime("uptake-%Y%m%d-%H%M%S").to_string());
    let start_in = common.start_in.unwrap_or(START_IN);
    // Shards that start together do so at most twice that time after their launch.
    let wait =
        common.wait.unwrap_or_else(|| work.longest.map_or(WAIT, |longest| longest + 2 * start_in + LAUNCH));
    let results = args.results.below(&name);
    let start = if work.starts_together() {
        format!("- {{ name: UPTAKE_START_AT, value: +{}s }}", start_in.as_secs())
    } else {
        String::new()
    };
    let values = [
        ("secret", args.secret.clone()),
        ("config_map", config_map(&name, &files)),
        ("shards", common.shards.to_string()),
        ("image", yaml_string(&args.image)),
        ("args", arguments(&work.words)),
        ("results", yaml_string(&results)),
        ("start", start),
        ("cpus", args.cpus.to_string()),
        ("mounts", mounts(&files, claim.as_deref())),
        ("volumes", volumes(&name, &files, args)),
        ("merge_args", arguments(&work.merge_words(&results, common.shards, wait))),
        ("merge_mounts", mounts(&[], claim.as_deref())),
        ("merge_volumes", volumes(&name, &[], args)),
        ("name", name),
    ];
    Ok(fill(include_str!("kubernetes.yaml"), &values))
}

/// The folder at which a volume is mounted, if results go to one.
fn claim(args: &KubernetesArgs) -> Result<Option<String>, CliError> {
    let results = args.results.to_string();
    let wrong = |why: &str| Err(CliError::Usage(format!("--results {results}: {why}")));
    match (&args.volume_claim, args.results.is_object_store()) {
        (None, true) => Ok(None),
        (None, false) => wrong(
            "pods share no folder; write s3://BUCKET/PREFIX, gs://… or az://…, or name a volume by --volume-claim",
        ),
        (Some(_), true) => {
            wrong("with --volume-claim, write the absolute path at which the volume is mounted")
        }
        (Some(_), false) if !results.starts_with('/') || results.trim_matches('/').is_empty() => wrong(
            "write the absolute path at which the volume of --volume-claim is mounted, such as /results",
        ),
        (Some(_), false) => Ok(Some(results)),
    }
}

/// The words as a list. Kubernetes would expand `$(NAME)`; a doubled dollar sign is a dollar sign.
fn arguments(words: &[String]) -> String {
    let items = words.iter().map(|word| yaml_string(&word.replace('$', "$$")));
    items.fold(String::new(), |list, item| list + "- " + &item + "\n")
}

fn config_map(name: &str, files: &[CarriedFile]) -> String {
    if files.is_empty() {
        return "---".to_owned();
    }
    let mut text = format!(
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  labels: {{ app.kubernetes.io/name: uptake }}\ndata:\n"
    );
    for (number, file) in files.iter().enumerate() {
        let key = format!("file-{number}: {}", yaml_block(&file.text));
        for line in key.lines() {
            let indentation = if line.is_empty() { "" } else { "  " };
            let _ = writeln!(text, "{indentation}{line}");
        }
    }
    text + "---"
}

fn mounts(files: &[CarriedFile], claim: Option<&str>) -> String {
    if files.is_empty() && claim.is_none() {
        return String::new();
    }
    let mut text = "volumeMounts:\n".to_owned();
    for (number, file) in files.iter().enumerate() {
        let path = yaml_string(&format!("/work/{}", file.path));
        let _ = writeln!(
            text,
            "  - {{ name: files, mountPath: {path}, subPath: file-{number}, readOnly: true }}"
        );
    }
    if let Some(folder) = claim {
        let _ = writeln!(text, "  - {{ name: results, mountPath: {} }}", yaml_string(folder));
    }
    text
}

fn volumes(name: &str, files: &[CarriedFile], args: &KubernetesArgs) -> String {
    if files.is_empty() && args.volume_claim.is_none() {
        return String::new();
    }
    let mut text = "volumes:\n".to_owned();
    if !files.is_empty() {
        let _ = writeln!(text, "  - name: files\n    configMap: {{ name: {name} }}");
    }
    if let Some(claim) = &args.volume_claim {
        let _ = writeln!(text, "  - name: results\n    persistentVolumeClaim: {{ claimName: {claim} }}");
    }
    text
}
