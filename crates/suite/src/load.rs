//! Reads a suite and its scenarios.

use std::path::{Path, PathBuf};

use super::decode::{self, Known};
use super::error::LoadError;
use super::files::{Files, SUITE_FILE};
use super::layers::{flatten, is_scenario, layers, list};
use super::scenario::Scenario;
use super::sources::{Sources, sources};
use super::suite::Suite;
use uptake_yaml::{Problems, Reader, SourceFile, parse};

/// A suite with scenarios to run.
#[derive(Debug)]
pub struct Loaded {
    /// What they share.
    pub suite: Suite,
    /// The scenarios, in the order of their files.
    pub scenarios: Vec<Scenario>,
    /// Whether these are all that the suite has, so that a rule without one is not covered.
    pub is_whole: bool,
    /// The files that the suite consists of.
    pub sources: Sources,
}

/// Reads what `paths` name: folders of suites, folders or files of scenarios; none names the suite that is built in.
pub fn load(paths: &[PathBuf]) -> Result<Loaded, LoadError> {
    // Who names the suite's own file means the suite.
    let folders = |path: &PathBuf| match path.parent() {
        Some(folder) if path.ends_with(SUITE_FILE) && path.is_file() => Path::new(".").join(folder),
        _ => path.clone(),
    };
    let paths: &[PathBuf] = &paths.iter().map(folders).collect::<Vec<_>>();
    let Some(first) = paths.first() else { return load_files(&Files::DEFAULT, None, &[]) };
    let root = suite_folder(first)?;
    for path in paths {
        if suite_folder(path)? != root {
            let why =
                "it belongs to a different suite than the first path; run the suites one after the other"
                    .to_owned();
            return Err(LoadError::NoSuite { path: path.display().to_string(), why });
        }
    }
    match root {
        Some(root) => {
            let whole = paths.contains(&root);
            load_files(&Files::Folder(root.clone()), Some(&root), if whole { &[] } else { paths })
        }
        None => load_files(&Files::DEFAULT, None, paths),
    }
}

/// Reads the suite in `folder`, or the built-in suite of this name where no suite is there: whole, or those of its scenarios
/// that `paths` name, in its folder or elsewhere.
pub fn load_suite(folder: &Path, paths: &[PathBuf]) -> Result<Loaded, LoadError> {
    if !folder.join(SUITE_FILE).is_file() {
        let built_in = folder.to_str().and_then(Files::built_in);
        return match built_in {
            Some(files) => load_files(&files, None, paths),
            None => Err(LoadError::NoSuite { path: folder.display().to_string(), why: no_suite(folder) }),
        };
    }
    let paths: &[PathBuf] = &paths.iter().map(|path| from_suite(folder, path)).collect::<Vec<_>>();
    let files = Files::Folder(folder.to_owned());
    let inside = paths.iter().filter(|path| below(folder, path).is_some()).count();
    if inside == paths.len() {
        load_files(&files, Some(folder), paths)
    } else if inside == 0 && paths.iter().all(|path| path.is_file()) {
        load_files(&files, None, paths)
    } else {
        let strange = paths.iter().find(|path| below(folder, path).is_none()).unwrap_or(&paths[0]);
        let why = format!(
            "it is not in the suite's folder {}; select scenarios of the extended suite with --area and --rule",
            folder.display()
        );
        Err(LoadError::NoSuite { path: strange.display().to_string(), why })
    }
}

/// Reads a suite without its scenarios: the one in `folder`, the built-in one of this name, or the default.
pub fn read_suite(folder: Option<&Path>) -> Result<Suite, LoadError> {
    let files = match folder {
        None => Files::DEFAULT,
        Some(folder) if folder.join(SUITE_FILE).is_file() => Files::Folder(folder.to_owned()),
        Some(folder) => folder.to_str().and_then(Files::built_in).ok_or_else(|| LoadError::NoSuite {
            path: folder.display().to_string(),
            why: no_suite(folder),
        })?,
    };
    flatten(&layers(&files)?)
}

/// Why a folder is no suite.
fn no_suite(folder: &Path) -> String {
    if folder.is_dir() {
        format!("this directory has no {SUITE_FILE}; `--suite` takes the directory of a suite")
    } else if folder.exists() {
        "it is a file; `--suite` takes the directory of a suite".to_owned()
    } else {
        let known: Vec<&str> = Files::built_in_suites().collect();
        format!("there is no such directory, and no built-in suite of this name ({})", known.join(", "))
    }
}

/// The folder of the suite that `path` belongs to; `None` for a file that stands alone and so belongs to the suite that
/// is built in.
fn suite_folder(path: &Path) -> Result<Option<PathBuf>, LoadError> {
    let fault = |why: String| LoadError::NoSuite { path: path.display().to_string(), why };
    let metadata = std::fs::metadata(path).map_err(|error| fault(format!("cannot be read: {error}")))?;
    let start = if metadata.is_dir() { Some(path) } else { path.parent() };
    let absolute = std::path::absolute(path).map_err(|error| fault(error.to_string()))?;
    let mut folder = start;
    while let Some(here) = folder {
        if here.join(SUITE_FILE).is_file() {
            return Ok(Some(here.to_owned()));
        }
        folder = here.parent().filter(|parent| *parent != here);
    }
    // A relative path ends before the root does.
    if let Some(found) = absolute.ancestors().find(|folder| folder.join(SUITE_FILE).is_file()) {
        return Ok(Some(found.to_owned()));
    }
    if metadata.is_dir() {
        return Err(fault(format!(
            "there is no {SUITE_FILE} in this directory or above it; name the directory of a suite, or add --suite DIR"
        )));
    }
    Ok(None)
}

/// Reads a suite whose files come from `files`; of scenarios all, or those below `chosen`.
fn load_files(files: &Files, root: Option<&Path>, chosen: &[PathBuf]) -> Result<Loaded, LoadError> {
    for path in chosen {
        if let Some(why) = root.and_then(|root| no_scenario(root, path)) {
            return Err(LoadError::NoSuite { path: path.display().to_string(), why: why.to_owned() });
        }
    }
    let layers = layers(files)?;
    let suite = flatten(&layers)?;
    let known = Known::of(&suite);
    let mut scenarios = Vec::new();
    let mut problems = Vec::new();
    let mut read = |name: String, text: String| {
        let file = SourceFile::new(name.clone(), text);
        let reader = Reader::with_sources(&file, &known.tables.files);
        match parse(&file) {
            Ok(node) if node.get("load").is_some() && node.get("scenario").is_none() => {
                reader.problem::<()>(
                    node.at,
                    "this is a plan for `uptake load`, not a scenario",
                    format!("run `uptake load {name}`"),
                );
            }
            Ok(node) => {
                scenarios.extend(decode::scenarios(&reader, &known, &name, &node).into_iter().flatten());
            }
            Err(problem) => problems.push(problem),
        }
        problems.extend(reader.into_problems());
    };
    let relative: Vec<_> = chosen.iter().filter_map(|path| root.and_then(|root| below(root, path))).collect();
    for (path, files) in list(&layers)? {
        let wanted = chosen.is_empty() || relative.iter().any(|chosen| Path::new(&path).starts_with(chosen));
        if wanted && is_scenario(&path) {
            read(files.name(&path), files.text(&path)?);
        }
    }
    if root.is_none() {
        for path in chosen {
            let text = std::fs::read_to_string(path).map_err(|error| LoadError::NoSuite {
                path: path.display().to_string(),
                why: format!("cannot be read: {error}"),
            })?;
            read(path.display().to_string(), text);
        }
        if !chosen.is_empty() {
            scenarios
                .retain(|scenario| chosen.iter().any(|path| path.display().to_string() == scenario.file));
        }
    }
    Problems::or(problems, Some(())).map_err(LoadError::Problems)?;
    Ok(Loaded { suite, scenarios, is_whole: chosen.is_empty(), sources: sources(&layers)? })
}

/// Why a file that was named is no scenario, where it is none.
fn no_scenario(root: &Path, path: &Path) -> Option<&'static str> {
    let relative = below(root, path).filter(|_| path.is_file())?;
    if is_scenario(&relative.to_string_lossy()) {
        return None;
    }
    Some(if relative.components().any(|part| part.as_os_str() == "load") {
        "it is a plan for `uptake load`, not a scenario: run `uptake load FILE`"
    } else {
        "it is not a scenario: give a scenario file, or a directory of them"
    })
}

/// Where a path leads that is named from the suite's folder, and from here leads nowhere.
fn from_suite(folder: &Path, path: &Path) -> PathBuf {
    let inside = folder.join(path);
    if path.is_relative() && !path.exists() && inside.exists() { inside } else { path.to_owned() }
}

fn below(root: &Path, path: &Path) -> Option<PathBuf> {
    if let Ok(relative) = path.strip_prefix(root) {
        return Some(relative.to_owned());
    }
    // `..` and links lead to the same file by another name.
    let real = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path)).ok();
    let (root, path) = (real(root)?, real(path)?);
    path.strip_prefix(root).ok().map(Path::to_owned)
}
