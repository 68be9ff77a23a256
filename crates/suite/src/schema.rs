//! The documented shape of an answer, as a JSON Schema.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jsonschema::{Retrieve, Uri, Validator};
use serde_json::Value;

/// A compiled schema.
pub struct Schema(Validator);

/// What does not fit a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError {
    /// Where in the value, as a JSON pointer.
    pub at: String,
    /// What is wrong there.
    pub what: String,
}

impl Schema {
    /// Everything in `value` that does not fit, in the value's order.
    pub fn errors(&self, value: &Value) -> Vec<SchemaError> {
        self.0
            .iter_errors(value)
            .map(|error| SchemaError { at: error.instance_path().to_string(), what: error.to_string() })
            .collect()
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Schema")
    }
}

/// Schemas of one suite refer to each other by file name; nothing is ever fetched.
#[derive(Clone)]
struct Siblings(Arc<BTreeMap<String, Value>>);

impl Retrieve for Siblings {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let file = uri.path().as_str().trim_start_matches('/').trim_end_matches(".json").to_owned();
        self.0.get(&file).cloned().ok_or_else(|| format!("unknown schema `{file}.json`").into())
    }
}

/// Compiles schemas given by name; says which is wrong, and why.
pub(super) fn compile(
    sources: BTreeMap<String, Value>,
) -> Result<BTreeMap<String, Schema>, (String, String)> {
    let siblings = Siblings(Arc::new(sources));
    siblings
        .0
        .iter()
        .map(|(name, source)| {
            jsonschema::options()
                .with_base_uri(format!("suite:///{name}.json"))
                .with_retriever(siblings.clone())
                .build(source)
                .map(|validator| (name.clone(), Schema(validator)))
                .map_err(|error| (name.clone(), error.to_string()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_refer_to_each_other_by_file_name() {
        let sources = BTreeMap::from([
            (
                "token".to_owned(),
                json!({"type": "object", "required": ["ttl"], "properties": {"ttl": {"type": "integer"}}}),
            ),
            ("list".to_owned(), json!({"type": "array", "items": {"$ref": "token.json"}})),
        ]);
        let schemas = compile(sources).expect("both compile");
        assert!(schemas["list"].errors(&json!([{"ttl": 1}])).is_empty());
        let errors = schemas["list"].errors(&json!([{"ttl": 1}, {"ttl": "1"}]));
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].at, "/1/ttl");
    }

    #[test]
    fn a_schema_that_names_another_that_is_not_there_is_refused() {
        let sources = BTreeMap::from([("list".to_owned(), json!({"items": {"$ref": "gone.json"}}))]);
        assert_eq!(compile(sources).expect_err("refused").0, "list");
    }
}
