//! Lists of texts.

use uptake_yaml::{Node, Reader};

/// Adds what is not there yet.
pub(super) fn add_new(list: &mut Vec<String>, more: Vec<String>) {
    for text in more {
        if !list.contains(&text) {
            list.push(text);
        }
    }
}

/// The texts of a list, or the one that stands alone; none where the key is missing.
pub(super) fn texts_or_one(reader: &Reader, node: Option<&Node>, what: &str) -> Option<Vec<String>> {
    let Some(node) = node else { return Some(Vec::new()) };
    Reader::one_or_more(node).iter().map(|item| reader.text(item, what)).collect()
}

/// The texts of a list; none where the key is missing.
pub(super) fn texts(reader: &Reader, node: Option<&Node>, what: &str) -> Option<Vec<String>> {
    let Some(node) = node else { return Some(Vec::new()) };
    reader.list(node, what)?.iter().map(|item| reader.text(item, what)).collect()
}
