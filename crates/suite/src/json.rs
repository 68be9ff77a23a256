//! JSON with expressions in its texts.

use serde_json::Value;

use super::expr::Template;

/// JSON with templates in its texts.
#[derive(Debug, Clone)]
pub enum JsonTemplate {
    /// As written.
    Literal(Value),
    /// A text with `${ … }`.
    Text(Template),
    /// An array.
    List(Vec<JsonTemplate>),
    /// An object.
    Map(Vec<(String, JsonTemplate)>),
}
