//! The lines of scenario files at which rules failed, for reports.

use std::collections::BTreeMap;

use uptake_outcome::{Excerpt, Finding, Place, Run, Verdict};
use uptake_suite::Files;

/// The name of a built-in file begins so.
const BUILT_IN: &str = "built-in:";

/// Adds to `run` the lines at which its rules failed. A file that can no longer be read has none.
pub(super) fn add(run: &mut Run) {
    let is_shown = |finding: &&Finding| matches!(finding.verdict, Verdict::Failed | Verdict::Waived);
    let findings = run.rules.iter().flat_map(|rule| &rule.findings).filter(is_shown);
    let mut places: Vec<Place> = findings.map(|finding| finding.place.clone()).collect();
    places.sort();
    places.dedup();
    let mut texts: BTreeMap<String, Option<String>> = BTreeMap::new();
    for place in places {
        let text = texts.entry(place.file.clone()).or_insert_with(|| text_of(&place.file));
        run.excerpts.extend(text.as_ref().and_then(|text| Excerpt::of(text, &place)));
    }
}

fn text_of(file: &str) -> Option<String> {
    let Some(name) = file.strip_prefix(BUILT_IN) else { return std::fs::read_to_string(file).ok() };
    let (_, bytes) =
        Files::all_built_in().find(|(path, _)| path.strip_prefix("scenarios/").unwrap_or(path) == name)?;
    String::from_utf8(bytes.to_vec()).ok()
}
