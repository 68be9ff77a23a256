//! What is wrong with a JSON document, in words that say nothing of the library that reads it.

use serde_json::Error;
use serde_json::error::Category;

/// What is wrong with a document that should hold a result, without the place.
///
/// ```
/// use uptake_outcome::json_mistake;
/// let error = serde_json::from_str::<bool>("tru").expect_err("cut short");
/// assert_eq!(json_mistake(&error), "the file ends in the middle of a value");
/// ```
pub fn json_mistake(error: &Error) -> String {
    let said = error.to_string();
    match error.classify() {
        Category::Eof if error.line() <= 1 && error.column() == 0 => "the file is empty".to_owned(),
        Category::Eof => "the file ends in the middle of a value".to_owned(),
        Category::Syntax | Category::Io => "this is not JSON".to_owned(),
        Category::Data => member(&said),
    }
}

/// The member that does not fit, as far as the library names it.
fn member(said: &str) -> String {
    let name = said.split('`').nth(1).unwrap_or_default();
    if said.starts_with("missing field") {
        format!("`{name}` is missing")
    } else if said.starts_with("duplicate field") {
        format!("`{name}` is given twice")
    } else if said.starts_with("unknown variant") {
        format!("unknown value `{name}`")
    } else {
        "this value has the wrong type".to_owned()
    }
}

/// The same with the line and the column, for a message without an excerpt.
pub fn json_mistake_with_place(error: &Error) -> String {
    format!("line {}, column {}: {}", error.line(), error.column(), json_mistake(error))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{json_mistake, json_mistake_with_place};

    #[derive(Debug, Deserialize)]
    struct Document {
        #[serde(rename = "format")]
        _format: u32,
        #[serde(rename = "state")]
        _state: State,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum State {
        Open,
    }

    #[test]
    fn each_kind_of_mistake_has_its_words() {
        let told = [
            "",
            "{",
            "one: 1",
            "{}",
            "[1]",
            r#"{"format": 1, "format": 2}"#,
            r#"{"format": "one"}"#,
            r#"{"format": 1, "state": "shut"}"#,
        ]
        .map(|text| json_mistake(&serde_json::from_str::<Document>(text).expect_err("a mistake")));
        insta::assert_snapshot!(told.join("\n"), @r"
        the file is empty
        the file ends in the middle of a value
        this is not JSON
        `format` is missing
        this value has the wrong type
        `format` is given twice
        this value has the wrong type
        unknown value `shut`
        ");
        let error = serde_json::from_str::<Document>("{\n}").expect_err("a mistake");
        assert_eq!(json_mistake_with_place(&error), "line 2, column 1: `format` is missing");
        let _ = State::Open;
    }
}
