//! Reads a plan file. A plan begins with `load: NAME`, as a scenario begins with `scenario: NAME`.

use std::path::Path;
use std::sync::Arc;

use super::raw::{KEYS, RawPlan};
use crate::error::LoadError;
use uptake_yaml::{Node, Problems, Reader, SourceFile, Value, parse};

/// Whether a file is a plan: whether it has the key `load`.
pub fn is_plan(path: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(path) else { return false };
    text.lines().any(|line| line.starts_with("load:"))
}

/// Reads a plan. The source comes with it, so that later problems can name their position too.
pub fn read(path: &Path) -> Result<(RawPlan, Arc<SourceFile>), LoadError> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| LoadError::Unreadable { path: name.clone(), why: error.to_string() })?;
    let file = SourceFile::new(name, text);
    let node = parse(&file).map_err(Problems::from)?;
    let reader = Reader::new(&file);
    let raw = raw_plan(&reader, &node, path.parent().unwrap_or(Path::new("")));
    let raw = Problems::or(reader.into_problems(), raw)?;
    Ok((raw, file))
}

fn raw_plan(reader: &Reader, node: &Node, folder: &Path) -> Option<RawPlan> {
    let mut fields = reader.fields(node, "a plan")?;
    let mut raw = RawPlan::default();
    raw.name = fields.require("load").and_then(|node| reader.text(node, "load"));
    for key in KEYS {
        let Some(node) = fields.take(key) else { continue };
        match key {
            // Conditions and paths may contain commas.
            "fail-if" | "abort-on" | "address" | "file" => {
                for item in Reader::one_or_more(node) {
                    if let Some(text) = reader.scalar(item, key) {
                        raw.push(key, relative_to(folder, key, text), Some(item.at));
                    }
                }
            }
            _ => {
                if let Some(text) = joined(reader, node, key) {
                    raw.push(key, relative_to(folder, key, text), Some(node.at));
                }
            }
        }
    }
    Some(raw)
}

/// A list reads as its items with commas between them.
fn joined(reader: &Reader, node: &Node, key: &str) -> Option<String> {
    let Value::List(items) = &node.value else { return reader.scalar(node, key) };
    let items: Option<Vec<String>> = items.iter().map(|item| reader.scalar(item, key)).collect();
    items.map(|items| items.join(", "))
}

/// Paths in a plan are relative to the plan's folder.
fn relative_to(folder: &Path, key: &str, text: String) -> String {
    let is_path = matches!(key, "file" | "from")
        || (key == "target" && !text.contains("://"))
        // A suite is a directory, or one that is built in.
        || (key == "suite" && folder.join(&text).is_dir());
    if is_path { folder.join(text).display().to_string() } else { text }
}
