//! Links between pages, and to their headings.

use std::path::Path;

/// The links of a page that lead nowhere.
pub(crate) fn broken(page: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let mut wrong = Vec::new();
    for target in targets(&text) {
        if target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
        let file = if path.is_empty() { page.to_owned() } else { page.parent().unwrap().join(path) };
        if !file.exists() {
            wrong.push(format!("{}: {target} does not exist", page.display()));
        } else if !anchor.is_empty() && !anchors(&file).contains(&anchor.to_owned()) {
            wrong.push(format!("{}: {target}: there is no such heading", page.display()));
        }
    }
    wrong
}

/// What the links of a text lead to; code is left out.
fn targets(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        for piece in prose.split("](").skip(1) {
            found.extend(piece.split_once(')').map(|(target, _)| target.to_owned()));
        }
    }
    found
}

/// The headings of a page as links name them, those of included pages among them.
fn anchors(page: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for line in std::fs::read_to_string(page).unwrap().lines() {
        if let Some(include) = line.strip_prefix("{{#include ").and_then(|rest| rest.strip_suffix("}}")) {
            found.extend(anchors(&page.parent().unwrap().join(include)));
        }
        if let Some(heading) = line.strip_prefix('#') {
            let heading = heading.trim_start_matches('#').trim().to_lowercase();
            found.push(
                heading
                    .chars()
                    .filter_map(|c| match c {
                        ' ' => Some('-'),
                        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
                        _ => None,
                    })
                    .collect(),
            );
        }
    }
    found
}
