//! Paths into JSON: `$.a.b`, `$.a[0].b` and `$.a[*].b`.

use serde_json::Value as Json;

/// What a path finds: the value itself, or the list of hits where it has a `[*]`. None where it finds nothing.
pub(super) fn find(value: &Json, path: &str) -> Option<Json> {
    let mut hits = vec![value];
    let mut many = false;
    for step in path.trim_start_matches('$').split('.').filter(|step| !step.is_empty()) {
        let (name, index) = match step.split_once('[') {
            Some((name, index)) => (name, Some(index.trim_end_matches(']'))),
            None => (step, None),
        };
        if !name.is_empty() {
            hits = hits.into_iter().filter_map(|hit| hit.get(name)).collect();
        }
        hits = match index {
            None => hits,
            Some("*") => {
                many = true;
                hits.into_iter().filter_map(Json::as_array).flatten().collect()
            }
            Some(index) => {
                let index: usize = index.parse().ok()?;
                hits.into_iter().filter_map(|hit| hit.get(index)).collect()
            }
        };
    }
    if many { Some(Json::Array(hits.into_iter().cloned().collect())) } else { hits.first().copied().cloned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_finds_a_value_or_the_list_of_hits() {
        let body = json!({"a": {"b": 1}, "list": [{"c": 2}, {"c": 3}]});
        for (path, found) in [
            ("$.a.b", Some(json!(1))),
            ("$.a.x", None),
            ("$.list[1].c", Some(json!(3))),
            ("$.list[2].c", None),
            ("$.list[*].c", Some(json!([2, 3]))),
            ("$.gone[*].c", Some(json!([]))),
        ] {
            assert_eq!(find(&body, path), found, "{path}");
        }
    }
}
