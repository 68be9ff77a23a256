//! Holds one value against a matcher.

use serde_json::Value;

use super::mismatch::Mismatch;
use super::words::excerpt;
use uptake_suite::expr::{EvalError, Scope, same};
use uptake_suite::json::JsonTemplate;
use uptake_suite::matcher::{JsonType, Matcher, OrAbsent, Test};
use uptake_suite::structured::{dictionary, structured};

/// The JSON that a template comes to.
pub(crate) fn json(template: &JsonTemplate, scope: &dyn Scope) -> Result<Value, EvalError> {
    match template {
        JsonTemplate::Literal(value) => Ok(value.clone()),
        JsonTemplate::Text(text) => text.value(scope),
        JsonTemplate::List(items) => items.iter().map(|item| json(item, scope)).collect(),
        JsonTemplate::Map(members) => {
            members.iter().map(|(name, value)| Ok((name.clone(), json(value, scope)?))).collect()
        }
    }
}

/// All values of a header, joined as RFC 9110 does.
pub(super) fn header(headers: &[(String, String)], name: &str) -> Option<Value> {
    let values: Vec<_> = headers
        .iter()
        .filter(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
        .collect();
    if values.is_empty() { None } else { Some(Value::String(values.join(", "))) }
}

/// How a value is written in a message.
fn show(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| excerpt(&value.to_string(), 200))
}

/// Everything in which the value called `name` is not what `matcher` wants.
pub(super) fn misses(
    matcher: &Matcher,
    name: &str,
    value: Option<&Value>,
    scope: &dyn Scope,
) -> Result<Vec<Mismatch>, EvalError> {
    let mut misses = Vec::new();
    for test in &matcher.0 {
        let (holds, wanted) = hold(test, value, scope)?;
        if !holds {
            misses.push(Mismatch {
                expected: format!("{name} {wanted}"),
                observed: format!("{name} is {}", show(value)),
            });
        }
    }
    Ok(misses)
}

/// Everything in which headers are not as wanted. `of` ends their names in messages: it says which response they are of, where there
/// are several.
pub(super) fn header_misses(
    wanted: &[(String, Matcher)],
    headers: &[(String, String)],
    of: &str,
    scope: &dyn Scope,
) -> Result<Vec<Mismatch>, EvalError> {
    let mut found = Vec::new();
    for (name, matcher) in wanted {
        found.extend(misses(matcher, &format!("header {name}{of}"), header(headers, name).as_ref(), scope)?);
    }
    Ok(found)
}

#[expect(clippy::cast_precision_loss, reason = "sizes and counts are far below 2^53")]
/// Whether a test holds, and what it wants in words.
fn hold(test: &Test, value: Option<&Value>, scope: &dyn Scope) -> Result<(bool, String), EvalError> {
    let is = |holds: &dyn Fn(&Value) -> bool| value.is_some_and(holds);
    Ok(match test {
        Test::Equals(template) => {
            let wanted = json(template, scope)?;
            (is(&|value| same_as(value, &wanted)), format!("equal to {wanted}"))
        }
        Test::Not(template) => {
            let wanted = json(template, scope)?;
            (!is(&|value| same_as(value, &wanted)), format!("other than {wanted}"))
        }
        Test::Type(kind) => (is(&|value| has_type(value, *kind)), format!("of type {}", kind.name())),
        Test::Matches(pattern) => (
            is(&|value| value.as_str().is_some_and(|text| pattern.is_match(text))),
            format!("matching {pattern}"),
        ),
        Test::Contains(template) => {
            let wanted = json(template, scope)?;
            (is(&|value| contains(value, &wanted)), format!("containing {wanted}"))
        }
        Test::Excludes(template) => {
            let wanted = json(template, scope)?;
            let lacks = is(&|value| (value.is_array() || value.is_string()) && !contains(value, &wanted));
            (lacks, format!("a list or string without {wanted}"))
        }
        Test::Structured(template) => {
            let wanted = json(template, scope)?;
            let read = value.and_then(Value::as_str).and_then(|text| match &wanted {
                Value::Object(_) => dictionary(text),
                _ => structured(text),
            });
            (read.as_ref() == Some(&wanted), format!("the structured field {wanted}"))
        }
        Test::AtLeast(expr) => {
            let least = expr.integer(scope)?;
            (
                is(&|value| number(value).is_some_and(|number| number >= least as f64)),
                format!("at least {least}"),
            )
        }
        Test::AtMost(expr) => {
            let most = expr.integer(scope)?;
            (
                is(&|value| number(value).is_some_and(|number| number <= most as f64)),
                format!("at most {most}"),
            )
        }
        Test::Count(expr) => {
            let count = expr.integer(scope)?;
            let counts =
                |value: &Value| value.as_array().is_some_and(|items| i64::try_from(items.len()) == Ok(count));
            (is(&counts), format!("a list of {count}"))
        }
        Test::OneOf(templates, absent) => {
            let wanted: Vec<_> =
                templates.iter().map(|template| json(template, scope)).collect::<Result<_, _>>()?;
            let may_lack = *absent == OrAbsent::Yes;
            let mut words: Vec<_> = wanted.iter().map(Value::to_string).collect();
            words.extend(may_lack.then(|| "absent".to_owned()));
            let holds = match value {
                Some(value) => wanted.iter().any(|one| same_as(value, one)),
                None => may_lack,
            };
            (holds, format!("one of {}", words.join(", ")))
        }
        Test::Present(true) => (value.is_some(), "present".to_owned()),
        Test::Present(false) => (value.is_none(), "absent".to_owned()),
    })
}

/// Equality; a header's text is compared with a number as a number.
fn same_as(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::String(text), Value::Number(number)) => text.trim() == number.to_string(),
        _ => same(value, wanted),
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn contains(value: &Value, wanted: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| same(item, wanted)),
        Value::String(text) => wanted.as_str().is_some_and(|wanted| text.contains(wanted)),
        _ => false,
    }
}

fn has_type(value: &Value, kind: JsonType) -> bool {
    match kind {
        JsonType::String => value.is_string(),
        JsonType::Integer => value.as_i64().is_some() || value.as_u64().is_some(),
        JsonType::Number => value.is_number(),
        JsonType::Boolean => value.is_boolean(),
        JsonType::Array => value.is_array(),
        JsonType::Object => value.is_object(),
        JsonType::Null => value.is_null(),
    }
}
