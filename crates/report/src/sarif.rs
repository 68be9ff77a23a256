//! Mistakes in files as SARIF 2.1.0, which code scanning tools read.
//!
//! ```json
//! { "version": "2.1.0", "runs": [ {
//!   "tool": { "driver": { "name": "uptake", "rules": [ { "id": "unknown-key", … } ] } },
//!   "results": [ { "ruleId": "unknown-key", "level": "error", "message": { "text": "…" }, "locations": [ … ] } ]
//! } ] }
//! ```

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::stored::pretty;
use uptake_outcome::{Mistake, MistakeCode};

/// The mistakes as SARIF. Without any, the log says that nothing was found.
pub fn sarif(mistakes: &[Mistake]) -> String {
    let rules: Vec<Value> = MistakeCode::ALL
        .iter()
        .map(|code| {
            json!({
                "id": code.code(),
                "shortDescription": { "text": code.title() },
                "fullDescription": { "text": code.explanation() },
                "defaultConfiguration": { "level": level(*code) },
            })
        })
        .collect();
    pretty(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "uptake",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": mistakes.iter().map(result).collect::<Vec<Value>>(),
        }],
    }))
}

fn result(mistake: &Mistake) -> Value {
    let Mistake { code, message, help, place } = mistake;
    let index = MistakeCode::ALL.iter().position(|known| known == code);
    let text = match help {
        Some(help) => format!("{message}: {help}"),
        None => message.clone(),
    };
    json!({
        "ruleId": code.code(),
        "ruleIndex": index,
        "level": level(*code),
        "message": { "text": text },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&place.file) },
            "region": { "startLine": place.line.max(1), "startColumn": place.column.max(1) },
        } }],
    })
}

fn level(code: MistakeCode) -> &'static str {
    if code.is_warning() { "warning" } else { "error" }
}

/// A path as a URI reference, relative to where the tool ran unless the path is absolute.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => {
                let _ = write!(uri, "%{other:02X}");
            }
        }
    }
    if uri.starts_with('/') { format!("file://{uri}") } else { uri }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::sarif;
    use uptake_outcome::{Mistake, MistakeCode, Place};

    fn mistake(code: MistakeCode, file: &str) -> Mistake {
        Mistake {
            code,
            message: "`a scenario` has no key `step`".to_owned(),
            help: Some("did you mean `steps`?".to_owned()),
            place: Place { file: file.to_owned(), line: 3, column: 5 },
        }
    }

    fn run(mistakes: &[Mistake]) -> Value {
        serde_json::from_str::<Value>(&sarif(mistakes)).expect("JSON")["runs"][0].take()
    }

    #[test]
    fn a_mistake_is_a_result_with_its_place_and_what_to_do() {
        let run = run(&[mistake(MistakeCode::UnknownKey, "suite/a b.yaml")]);
        let result = &run["results"][0];
        assert_eq!((&result["ruleId"], &result["level"]), (&json!("unknown-key"), &json!("error")));
        assert_eq!(result["message"]["text"], "`a scenario` has no key `step`: did you mean `steps`?");
        let location = &result["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "suite/a%20b.yaml");
        assert_eq!(location["region"], json!({ "startLine": 3, "startColumn": 5 }));
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("it is small");
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], "unknown-key");
    }

    #[test]
    fn an_absolute_path_is_a_file_uri_and_a_warning_is_a_warning() {
        let run = run(&[mistake(MistakeCode::UntestedRule, "/a/suite.yaml")]);
        let result = &run["results"][0];
        assert_eq!(result["level"], "warning");
        let location = &result["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "file:///a/suite.yaml");
    }

    #[test]
    fn a_run_without_mistakes_has_no_results() {
        assert_eq!(run(&[])["results"], json!([]));
    }
}
