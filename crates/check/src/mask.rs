//! Masks secrets in what leaves the program.

use std::collections::HashMap;

use uptake_outcome::{Ending, Run};
use uptake_wire::Secrets;

/// Masks every text of a value.
pub(crate) fn mask_value(value: &mut serde_json::Value, secrets: &Secrets) {
    match value {
        serde_json::Value::String(text) => *text = secrets.mask(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| mask_value(item, secrets)),
        serde_json::Value::Object(members) => {
            members.values_mut().for_each(|item| mask_value(item, secrets));
        }
        _ => {}
    }
}

/// Masks every text of a run. What became known as a secret late is masked in what was said early.
pub(crate) fn masked(run: Run, secrets: &Secrets) -> Run {
    fn walk(value: &mut serde_json::Value, mask: &mut impl FnMut(&mut String)) {
        match value {
            serde_json::Value::String(text) => mask(text),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| walk(item, mask)),
            serde_json::Value::Object(members) => members.values_mut().for_each(|item| walk(item, mask)),
            _ => {}
        }
    }
    // The same few names stand in every finding, and looking for hundreds of secrets in each takes its time.
    let mut known: HashMap<String, String> = HashMap::new();
    let mut mask = |text: &mut String| {
        if let Some(masked) = known.get(text) {
            masked.clone_into(text);
            return;
        }
        let masked = secrets.mask(text);
        known.insert(std::mem::replace(text, masked.clone()), masked);
    };
    let mut value = serde_json::to_value(&run).expect("a run is plain data");
    walk(&mut value, &mut mask);
    match serde_json::from_value(value) {
        Ok(run) => run,
        // A secret that equals a word of the form itself, such as `passed`: rather nothing than a leak.
        Err(error) => Run {
            ending: Ending::HarnessFailed {
                why: format!("a credential cannot be distinguished from the report's own text: {error}"),
            },
            rules: Vec::new(),
            causes: Vec::new(),
            leftovers: Vec::new(),
            ..run
        },
    }
}
