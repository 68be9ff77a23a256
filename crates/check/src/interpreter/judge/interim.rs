//! Holds interim responses against what is wanted of them.

use serde_json::Value;

use super::matcher::{self, misses};
use super::mismatch::Mismatch;
use uptake_suite::expect::{InterimAmong, InterimAnswer, InterimWants};
use uptake_suite::expr::{EvalError, Scope};
use uptake_suite::matcher::Matcher;
use uptake_wire::Interim;

/// Everything in which the interim responses are not as wanted.
pub(super) fn interim_misses(
    wanted: &InterimWants,
    came: &[Interim],
    scope: &dyn Scope,
) -> Result<Vec<Mismatch>, EvalError> {
    match wanted {
        InterimWants::InOrder(list) => in_order(list, came, scope),
        InterimWants::Among(among) => self::among(among, came, scope),
    }
}

/// The statuses of a list, in words.
fn statuses<S: ToString>(list: impl Iterator<Item = S>) -> String {
    let list: Vec<_> = list.map(|status| status.to_string()).collect();
    if list.is_empty() { "none".to_owned() } else { list.join(", ") }
}

fn in_order(
    wanted: &[InterimAnswer],
    came: &[Interim],
    scope: &dyn Scope,
) -> Result<Vec<Mismatch>, EvalError> {
    let mut found = Vec::new();
    if let (true, Some(first)) = (wanted.is_empty(), came.first()) {
        let observed = format!("an interim {}", first.status);
        found.push(Mismatch { expected: "no interim response".to_owned(), observed });
    }
    let mut ahead = came.iter();
    for one in wanted {
        // In this order, whatever else comes between them.
        let Some(answer) = ahead.by_ref().find(|answer| one.status.has(answer.status)) else {
            let expected = format!("interim responses {}", statuses(wanted.iter().map(|one| &one.status)));
            let observed = format!("interim responses {}", statuses(came.iter().map(|one| one.status)));
            found.push(Mismatch { expected, observed });
            return Ok(found);
        };
        found.extend(header_misses(&one.headers, answer, scope)?);
    }
    Ok(found)
}

fn among(wanted: &InterimAmong, came: &[Interim], scope: &dyn Scope) -> Result<Vec<Mismatch>, EvalError> {
    let meant: Vec<_> = came
        .iter()
        .filter(|answer| wanted.status.as_ref().is_none_or(|status| status.has(answer.status)))
        .collect();
    let mut found = Vec::new();
    let kind = wanted.status.as_ref().map_or_else(|| "1xx".to_owned(), ToString::to_string);
    if let Some(count) = &wanted.count {
        let number = Value::from(meant.len());
        found.extend(misses(count, &format!("the number of interim {kind}"), Some(&number), scope)?);
    }
    let needs_one = [&wanted.first, &wanted.all, &wanted.any].iter().any(|headers| !headers.is_empty());
    let Some((first, rest)) = meant.split_first() else {
        if needs_one {
            let observed = format!("interim responses {}", statuses(came.iter().map(|one| one.status)));
            found.push(Mismatch { expected: format!("an interim {kind}"), observed });
        }
        return Ok(found);
    };
    found.extend(header_misses(&wanted.first, first, scope)?);
    for answer in rest {
        found.extend(header_misses(&wanted.rest, answer, scope)?);
    }
    for answer in &meant {
        found.extend(header_misses(&wanted.all, answer, scope)?);
    }
    let mut nearest: Option<Vec<Mismatch>> = None;
    for answer in &meant {
        let own = header_misses(&wanted.any, answer, scope)?;
        if nearest.as_ref().is_none_or(|nearest| own.len() < nearest.len()) {
            nearest = Some(own);
        }
    }
    found.extend(nearest.unwrap_or_default());
    Ok(found)
}

fn header_misses(
    wanted: &[(String, Matcher)],
    answer: &Interim,
    scope: &dyn Scope,
) -> Result<Vec<Mismatch>, EvalError> {
    let of = format!(" of the interim {}", answer.status);
    matcher::header_misses(wanted, &answer.headers, &of, scope)
}
