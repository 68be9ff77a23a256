//! Reads a plan's file. A plan begins with `load: NAME`, as a scenario begins with `scenario: NAME`.

use std::path::Path;
use std::sync::Arc;

use super::draft::{Draft, KEYS};
use crate::LoadError;
use uptake_yaml::{Node, Problems, Reader, SourceFile, Value, parse};

/// Whether a file is a plan: whether `load` is a key of it.
pub fn is_plan(path: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(path) else { return false };
    text.lines().any(|line| line.starts_with("load:"))
}

/// Reads a plan. The file comes along, so that what is wrong with its meaning is told with its place too.
pub fn read(path: &Path) -> Result<(Draft, Arc<SourceFile>), LoadError> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| LoadError::Unreadable { path: name.clone(), why: error.to_string() })?;
    let file = SourceFile::new(name, text);
    let node = parse(&file).map_err(Problems::from)?;
    let reader = Reader::new(&file);
    let draft = draft(&reader, &node, path.parent().unwrap_or(Path::new("")));
    let draft = Problems::or(reader.into_problems(), draft)?;
    Ok((draft, file))
}

fn draft(reader: &Reader, node: &Node, folder: &Path) -> Option<Draft> {
    let mut fields = reader.fields(node, "a plan")?;
    let mut draft = Draft::default();
    draft.name = fields.require("load").and_then(|node| reader.text(node, "load"));
    for key in KEYS {
        let Some(node) = fields.take(key) else { continue };
        match key {
            // Conditions and paths may hold commas of their own.
            "fail-if" | "abort-on" | "address" | "file" => {
                for item in Reader::one_or_more(node) {
                    if let Some(text) = reader.scalar(item, key) {
                        draft.say(key, located(key, text, folder), Some(item.at));
                    }
                }
            }
            _ => {
                if let Some(text) = joined(reader, node, key) {
                    draft.say(key, located(key, text, folder), Some(node.at));
                }
            }
        }
    }
    Some(draft)
}

/// A list reads as the same items with commas between them.
fn joined(reader: &Reader, node: &Node, key: &str) -> Option<String> {
    let Value::List(items) = &node.value else { return reader.scalar(node, key) };
    let items: Option<Vec<String>> = items.iter().map(|item| reader.scalar(item, key)).collect();
    items.map(|items| items.join(", "))
}

/// Paths in a plan are those beside it.
fn located(key: &str, text: String, folder: &Path) -> String {
    let is_path = key == "file" || (key == "target" && !text.contains("://"));
    if is_path { folder.join(text).display().to_string() } else { text }
}
