//! What was wanted and what came, in words.

use uptake_suite::expect::{BodyWants, Wants};
use uptake_suite::{Refusal, Rule};
use uptake_wire::Answer;

/// What is wanted, in one line.
pub(crate) fn describe(wants: &Wants, rule: Option<&Rule>) -> String {
    let mut words = Vec::new();
    if wants.refused {
        words.push(
            rule.and_then(|rule| rule.refusal.as_ref()).map_or_else(|| "a refusal".to_owned(), refusal),
        );
    }
    if let Some(status) = &wants.status {
        words.push(format!("status {status}"));
    }
    if !wants.problem.is_empty() {
        words.push(format!("problem {}", wants.problem.join(" or ")));
    }
    if let Some(schema) = &wants.schema {
        words.push(format!("the schema {schema}"));
    }
    words.extend(wants.headers.iter().map(|(name, _)| format!("header {name}")));
    words.extend(wants.json.iter().map(|(path, _)| path.to_string()));
    words.extend(wants.xml.iter().map(|(path, _)| path.to_string()));
    match &wants.body {
        Some(BodyWants::Empty) => words.push("no body".to_owned()),
        Some(BodyWants::Text(_)) => words.push("the body's text".to_owned()),
        Some(BodyWants::Content(_)) => words.push("the content".to_owned()),
        None => {}
    }
    if !wants.nowhere.is_empty() {
        words.push("a string that does not occur".to_owned());
    }
    if wants.took.is_some() {
        words.push("the time taken".to_owned());
    }
    if wants.interim.is_some() {
        words.push("interim responses".to_owned());
    }
    if wants.answered {
        words.push("a response".to_owned());
    }
    words.extend(wants.that.iter().map(|(_, text)| text.clone()));
    words.join(", ")
}

/// How a rule is refused, in words.
pub(super) fn refusal(refusal: &Refusal) -> String {
    let ways: Vec<_> = refusal.conforms.iter().map(ToString::to_string).collect();
    format!("a refusal: {}", ways.join(", or "))
}

/// An answer in a few words, with the code of the error that it names.
pub(crate) fn brief(answer: &Answer, problem: Option<&str>) -> String {
    let redirect = answer.header("Location").filter(|_| (300..400).contains(&answer.status));
    match (problem, redirect) {
        (Some(slug), _) => format!("{} {slug}", answer.status),
        (None, Some(location)) => format!("{} to {}", answer.status, excerpt(location, 200)),
        (None, None) => answer.status.to_string(),
    }
}

/// The beginning of a text.
pub(crate) fn excerpt(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let end = (0..=longest).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}… ({} bytes)", &text[..end], text.len())
}
