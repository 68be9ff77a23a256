//! What a YAML file holds: a load plan, a plan of servers, a target profile, waivers, or a part of a suite.

use std::path::{Path, PathBuf};

use crate::cli::matrix::is_matrix_plan;
use uptake_load::is_plan;
use uptake_yaml::{SourceFile, Value, parse};

/// The paths of one command, by what they hold.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub(super) plans: Vec<PathBuf>,
    pub(super) matrix_plans: Vec<PathBuf>,
    pub(super) profiles: Vec<PathBuf>,
    pub(super) waivers: Vec<PathBuf>,
    /// Suites and scenarios, and whatever is nothing of the above.
    pub(super) others: Vec<PathBuf>,
}

/// The kind of a YAML file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    LoadPlan,
    MatrixPlan,
    Profile,
    Waivers,
    Suite,
}

impl Sorted {
    /// Sorts paths by what they hold; a directory can hold all of it.
    pub(super) fn of(paths: &[PathBuf]) -> Self {
        let mut sorted = Self::default();
        for path in paths {
            let files = yaml_files(path);
            let mut is_for_suite = files.is_empty();
            for file in files {
                match kind(&file) {
                    Kind::LoadPlan => sorted.plans.push(file),
                    Kind::MatrixPlan => sorted.matrix_plans.push(file),
                    Kind::Profile => sorted.profiles.push(file),
                    Kind::Waivers => sorted.waivers.push(file),
                    Kind::Suite => is_for_suite = true,
                }
            }
            if is_for_suite {
                sorted.others.push(path.clone());
            }
        }
        sorted
    }
}

fn kind(file: &Path) -> Kind {
    // A directory called `load` holds plans only, whatever the file says.
    let is_kept_with_plans = file.parent().is_some_and(|folder| folder.ends_with("load"));
    if is_kept_with_plans || is_plan(file) {
        return Kind::LoadPlan;
    }
    let text = std::fs::read_to_string(file).unwrap_or_default();
    if is_matrix_plan(&text) {
        Kind::MatrixPlan
    } else if text.lines().any(|line| line.starts_with("target:")) {
        Kind::Profile
    } else if holds_waivers(file, text) {
        Kind::Waivers
    } else {
        Kind::Suite
    }
}

/// Whether a file is a list in which a rule is waived. A file of this name may have no waiver left.
fn holds_waivers(file: &Path, text: String) -> bool {
    let is_named_so = file.file_stem().is_some_and(|name| name.to_string_lossy().contains("waivers"));
    let Ok(node) = parse(&SourceFile::new(String::new(), text)) else { return is_named_so };
    match &node.value {
        Value::List(items) => {
            is_named_so
                || items.iter().any(|item| {
                    item.get("rule").is_some()
                        && (item.get("until").is_some() || item.get("reason").is_some())
                })
        }
        Value::Null => is_named_so,
        _ => false,
    }
}

/// The YAML files that `path` is or holds.
fn yaml_files(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    let is_yaml =
        |entry: &Path| entry.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    entries
        .iter()
        .filter(|entry| entry.is_dir() || is_yaml(entry))
        .flat_map(|entry| yaml_files(entry))
        .collect()
}
