//! What the call that failed is expected to answer, in the language of scenarios.

use serde_json::Value as Json;

use super::writer::Variables;
use crate::mismatch::CallEvidence;
use uptake_oracle::contract::{Answered, Check, Difference, JsonType, Subject, Wanted};

/// What a call is expected to answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Expected {
    /// What stands behind the rule in the step itself; none where only `that` is judged.
    pub(super) wants: Option<String>,
    /// What is saved of the answer.
    pub(super) saves: Vec<(String, String)>,
    /// What must hold of what was saved.
    pub(super) that: Vec<String>,
    /// Whether it is about what a list holds, so that nobody else may change it meanwhile.
    pub(super) is_about_a_list: bool,
}

impl Expected {
    fn wants(text: impl Into<String>) -> Self {
        Self { wants: Some(text.into()), ..Self::default() }
    }
}

/// Writes what was expected.
pub(super) fn expected(
    evidence: &CallEvidence,
    call: Option<usize>,
    variables: &Variables<'_>,
    margin: u64,
) -> Expected {
    match &evidence.difference {
        Difference::Answer(answers) => {
            let status = evidence.statuses.get(call.unwrap_or(0)).copied().flatten();
            let has_status = answers.iter().any(|answered| Some(answered.status) == status);
            let has_slug = answers.iter().any(|answered| answered.slug == evidence.slug.as_deref());
            if has_status && has_slug { answer_in_pairs(answers) } else { Expected::wants(answer(answers)) }
        }
        Difference::Part { check: Check { subject: Subject::Body, .. }, .. } => {
            Expected::wants("body: empty")
        }
        Difference::Part { check: Check { subject: Subject::Whole, .. }, .. } => {
            Expected::wants("nowhere: \"${credential.api_key}\"")
        }
        Difference::Part { check: Check { subject: Subject::Header(name), wanted, .. }, .. } => {
            Expected::wants(format!("headers: {{ {name}: {} }}", header(wanted)))
        }
        Difference::Part { check: Check { subject: Subject::Json(path), wanted, .. }, value, .. } => {
            let is_about_a_list = path.starts_with("$.data") || path.starts_with("$.pagination");
            let part = Part { path, value: value.as_ref(), variables, margin };
            Expected { is_about_a_list, ..part.expected(wanted) }
        }
    }
}

fn answer(answers: &[Answered]) -> String {
    let mut statuses: Vec<String> = answers.iter().map(|answered| answered.status.to_string()).collect();
    statuses.dedup();
    let mut slugs: Vec<&str> = answers.iter().filter_map(|answered| answered.slug).collect();
    slugs.sort_unstable();
    slugs.dedup();
    let mut words = vec![format!("status: [{}]", statuses.join(", "))];
    // Where an answer without a slug is allowed, too, the status alone says it.
    let all_have_slugs = answers.iter().all(|answered| answered.slug.is_some() && answered.status != 413);
    if all_have_slugs && !slugs.is_empty() {
        words.push(format!("problem: [{}]", slugs.join(", ")));
    }
    words.push("answered: true".to_owned());
    words.join(", ")
}

/// Where status and slug are allowed, and not together, each slug is written with its status.
fn answer_in_pairs(answers: &[Answered]) -> Expected {
    let pairs: Vec<_> = answers
        .iter()
        .map(|answered| match answered.slug {
            Some(slug) => format!("(status == {} and ends(kind, '/{slug}'))", answered.status),
            None => format!("status == {}", answered.status),
        })
        .collect();
    Expected {
        saves: vec![
            ("status".to_owned(), "{ status: true }".to_owned()),
            ("kind".to_owned(), "$.type".to_owned()),
        ],
        that: vec![pairs.join(" or ")],
        ..Expected::default()
    }
}

fn header(wanted: &Wanted) -> String {
    match wanted {
        Wanted::AllowsOrigin(origin) => {
            let origin = origin.replace('.', "[.]");
            format!("{{ matches: '^([*]|{origin})$' }}")
        }
        Wanted::Lists(word) => format!("{{ matches: '(?i)[*]|\\b{word}\\b' }}"),
        Wanted::HeaderInteger => "{ matches: '^[0-9]+$' }".to_owned(),
        Wanted::JsonContentType => "{ matches: '^application/([a-z.-]+[+])?json' }".to_owned(),
        Wanted::Absent => "absent".to_owned(),
        Wanted::Is(value) => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        _ => "present".to_owned(),
    }
}

/// A value in the body that was not as it must be.
struct Part<'p> {
    path: &'p str,
    value: Option<&'p Json>,
    variables: &'p Variables<'p>,
    margin: u64,
}

impl Part<'_> {
    fn expected(&self, wanted: &Wanted) -> Expected {
        let value = |value: &Json| self.variables.value(value);
        match wanted {
            // A number is not the same as a text that reads like it.
            Wanted::Is(wanted) if wanted.is_number() => {
                self.json(&format!("{{ equals: {wanted}, type: integer }}"))
            }
            Wanted::Is(wanted) => self.json(&value(wanted)),
            Wanted::OneOf(values) => {
                let values: Vec<_> = values.iter().map(value).collect();
                self.json(&format!("{{ one-of: [{}] }}", values.join(", ")))
            }
            Wanted::NoneOf(_) => match self.value {
                Some(got) => self.json(&format!("{{ not: {} }}", value(got))),
                None => self.json("present"),
            },
            Wanted::Type(JsonType::Text) => self.json("{ type: string, matches: '.' }"),
            Wanted::Type(kind) | Wanted::Optional(kind) => self.json(&format!("{{ type: {} }}", kind.name())),
            Wanted::NullOrAbsent if self.path == "$.expiresAt" => Expected::wants("schema: never-expires"),
            Wanted::NullOrAbsent => match self.value {
                // A date-time is another one in each run.
                Some(Json::String(_)) => self.json("null"),
                Some(got) => self.json(&format!("{{ not: {got} }}")),
                None => self.json("absent"),
            },
            Wanted::Absent => self.json("absent"),
            Wanted::Count(count) => self.json(&format!("{{ count: {count} }}")),
            Wanted::Contains(item) => self.json(&format!("{{ contains: {} }}", value(item))),
            Wanted::Excludes(item) => self.json(&format!("{{ excludes: {} }}", value(item))),
            Wanted::OptionalText(part) => {
                self.json(&format!("{{ contains: {} }}", value(&Json::from(part.as_str()))))
            }
            Wanted::OptionalUrl(part) => {
                let part = value(&Json::from(part.as_str()));
                self.json(&format!("{{ contains: {part}, matches: '^https?://' }}"))
            }
            Wanted::DateTime | Wanted::OptionalDateTime => self.json(
                "{ matches: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+]00:00)$' }",
            ),
            Wanted::Items(lists) => {
                let is = |items: &Vec<Json>| {
                    let items: Vec<_> = items.iter().map(|item| self.variables.expression(item)).collect();
                    format!("sorted(value) == sorted([{}])", items.join(", "))
                };
                self.that(lists.iter().map(is).collect::<Vec<_>>().join(" or "))
            }
            Wanted::Distinct => self.that("len(unique(value)) == len(value)".to_owned()),
            Wanted::Between(..) => {
                self.that(format!("abs(epoch(value) - now()) <= {}", 2 * self.margin + 2))
            }
            Wanted::SecondsAfter(other, seconds) => {
                let mut expected = self.that(format!("abs(epoch(value) - epoch(before) - {seconds}) <= 1"));
                expected.saves.push(("before".to_owned(), quoted_path(other)));
                expected
            }
            _ => self.json("present"),
        }
    }

    fn json(&self, matcher: &str) -> Expected {
        Expected::wants(format!("json: {{ {}: {matcher} }}", quoted_path(self.path)))
    }

    /// A value that is saved, and judged by an expression. Where it is missing, that is judged first.
    fn that(&self, that: String) -> Expected {
        if self.value.is_none() {
            return self.json("present");
        }
        Expected {
            saves: vec![("value".to_owned(), quoted_path(self.path))],
            that: vec![that],
            ..Expected::default()
        }
    }
}

fn quoted_path(path: &str) -> String {
    format!("\"{path}\"")
}
