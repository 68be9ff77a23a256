//! Holds an exchange against everything that is wanted of it.

use std::time::Duration;

use http::Method;

use super::body;
use super::interim::interim_misses;
use super::matcher::{header_misses, misses};
use super::mismatch::{Judged, Mismatch};
use super::seen::{Seen, SeenAnswer};
use super::words;
use uptake_suite::expect::Wants;
use uptake_suite::expr::{EvalError, Scope};
use uptake_suite::{Rule, Suite};
use uptake_wire::{Answer, Secrets};

/// Holds `seen` against `wants`. An error is the harness's own, or says that a name has no value.
pub(crate) fn judge(
    wants: &Wants,
    rule: Option<&Rule>,
    seen: Seen<'_>,
    suite: &Suite,
    scope: &dyn Scope,
) -> Result<Judged, EvalError> {
    let mut found = Vec::new();
    let mut tolerated = Vec::new();
    if let Some(method) = seen.method.filter(|method| !is_meant(wants, method)) {
        let expected = format!("a request by {}", wants.method.join(" or "));
        found.push(Mismatch { expected, observed: method.to_string() });
    }
    if let Some(answer) = seen.answer {
        if wants.refused {
            match refused(rule, answer, scope)? {
                Judged::Holds => {}
                Judged::Tolerated(misses) => tolerated.extend(misses),
                Judged::Fails(misses) => found.extend(misses),
            }
        }
        found.extend(answer_misses(wants, answer, suite, scope)?);
        took(wants, seen.took, &mut found);
    }
    if let Some(wanted) = &wants.interim {
        found.extend(interim_misses(wanted, seen.interim, scope)?);
    }
    for (expr, text) in &wants.that {
        match expr.holds(scope) {
            Ok(true) => {}
            Ok(false) => found.push(Mismatch { expected: text.clone(), observed: values(expr, scope) }),
            // What the target sent cannot be calculated with: that is an answer too, and not the one that was wanted.
            Err(EvalError::Type(why) | EvalError::Arithmetic(why)) => {
                found.push(Mismatch { expected: text.clone(), observed: why });
            }
            Err(other) => return Err(other),
        }
    }
    Ok(if !found.is_empty() {
        Judged::Fails(found)
    } else if tolerated.is_empty() {
        Judged::Holds
    } else {
        Judged::Tolerated(tolerated)
    })
}

/// The names of an expression with their values, as they were when it did not hold.
fn values(expr: &uptake_suite::expr::Expr, scope: &dyn Scope) -> String {
    let mut names = expr.names();
    names.sort_unstable();
    names.dedup();
    let pairs: Vec<_> = names
        .into_iter()
        .filter_map(|name| {
            let value = uptake_suite::expr::Expr::Name(name.to_owned()).eval(scope).ok()?;
            Some(format!("{name} = {}", words::excerpt(&value.to_string(), 200)))
        })
        .collect();
    if pairs.is_empty() { "it does not hold".to_owned() } else { pairs.join(", ") }
}

/// Whether requests by this method are meant; all are where none is named.
fn is_meant(wants: &Wants, method: &Method) -> bool {
    wants.method.is_empty() || wants.method.iter().any(|wanted| wanted == method.as_str())
}

/// Holds an answer against the ways in which a rule's refusal may look.
fn refused(rule: Option<&Rule>, seen: SeenAnswer<'_>, scope: &dyn Scope) -> Result<Judged, EvalError> {
    let Some(refusal) = rule.and_then(|rule| rule.refusal.as_ref()) else { return Ok(Judged::Holds) };
    let mut observed = words::brief(seen.answer, seen.problem);
    let Some(misses) = nearest(&refusal.conforms, seen, scope)? else { return Ok(Judged::Holds) };
    for miss in misses {
        observed = format!("{observed}, {}", miss.observed);
    }
    let is_tolerated = nearest(&refusal.tolerates, seen, scope)?.is_none();
    let miss = vec![Mismatch { expected: words::refusal(refusal), observed }];
    Ok(if is_tolerated { Judged::Tolerated(miss) } else { Judged::Fails(miss) })
}

/// `None` where one of the ways fits; or else what the headers of the first lack whose status and problem fit.
fn nearest(
    ways: &[uptake_suite::Answer],
    SeenAnswer { answer, problem, .. }: SeenAnswer<'_>,
    scope: &dyn Scope,
) -> Result<Option<Vec<Mismatch>>, EvalError> {
    let mut nearest = None;
    for way in ways.iter().filter(|way| way.covers(answer.status, problem)) {
        let found = header_misses(&way.headers, &answer.headers, "", scope)?;
        if found.is_empty() {
            return Ok(None);
        }
        nearest.get_or_insert(found);
    }
    Ok(Some(nearest.unwrap_or_default()))
}

fn answer_misses(
    wants: &Wants,
    SeenAnswer { answer, body, problem }: SeenAnswer<'_>,
    suite: &Suite,
    scope: &dyn Scope,
) -> Result<Vec<Mismatch>, EvalError> {
    let mut found = Vec::new();
    if let Some(status) = &wants.status
        && !status.has(answer.status)
    {
        found
            .push(Mismatch { expected: format!("status {status}"), observed: words::brief(answer, problem) });
    }
    let names = |problem: &str| wants.problem.iter().any(|wanted| wanted == problem);
    if !wants.problem.is_empty() && !problem.is_some_and(names) {
        let observed =
            problem.map_or_else(|| format!("{} and no problem type", answer.status), str::to_owned);
        found.push(Mismatch { expected: format!("problem {}", wants.problem.join(" or ")), observed });
    }
    found.extend(header_misses(&wants.headers, &answer.headers, "", scope)?);
    let needs_json = !wants.json.is_empty() || wants.schema.is_some();
    match body {
        None if needs_json => {
            let text = String::from_utf8_lossy(&answer.body);
            let observed = if text.is_empty() { "no body".to_owned() } else { words::excerpt(&text, 120) };
            found.push(Mismatch {
                expected: "a JSON body".to_owned(),
                observed: format!("{} with {observed}", answer.status),
            });
        }
        None => {}
        Some(json) => {
            for (path, matcher) in &wants.json {
                found.extend(misses(matcher, &path.to_string(), path.find(json).as_ref(), scope)?);
            }
            if let Some(schema) = wants.schema.as_ref()
                && let Some(compiled) = suite.schemas.get(schema)
            {
                found.extend(compiled.errors(json).into_iter().map(|error| Mismatch {
                    expected: format!("the schema {schema}"),
                    observed: format!(
                        "{}{}",
                        if error.at.is_empty() { String::new() } else { format!("at {}: ", error.at) },
                        error.what
                    ),
                }));
            }
        }
    }
    found.extend(body::xml(&wants.xml, answer, scope)?);
    if let Some(wants) = &wants.body {
        found.extend(body::misses(wants, answer, scope)?);
    }
    for template in &wants.nowhere {
        nowhere(&template.text(scope)?, answer, &mut found);
    }
    Ok(found)
}

/// The masks know every form in which a text may leave; what they would change stands somewhere.
fn nowhere(text: &str, answer: &Answer, found: &mut Vec<Mismatch>) {
    let forms = Secrets::new();
    forms.taint("it", text);
    let mut places: Vec<_> = answer
        .headers
        .iter()
        .filter(|(_, value)| forms.mask(value) != *value)
        .map(|(name, _)| format!("header {name}"))
        .collect();
    let body = String::from_utf8_lossy(&answer.body);
    if forms.mask(&body) != body {
        places.push("the body".to_owned());
    }
    if !places.is_empty() {
        let expected = "a string that the response does not contain".to_owned();
        found.push(Mismatch { expected, observed: format!("it is in {}", places.join(" and ")) });
    }
}

fn took(wants: &Wants, took: Duration, found: &mut Vec<Mismatch>) {
    let Some(bounds) = &wants.took else { return };
    let observed = format!("{:.3} s", took.as_secs_f64());
    if let Some(least) = bounds.at_least.filter(|least| took < *least) {
        found.push(Mismatch {
            expected: format!("at least {} s", least.as_secs_f64()),
            observed: observed.clone(),
        });
    }
    if let Some(most) = bounds.at_most.filter(|most| took > *most) {
        found.push(Mismatch { expected: format!("at most {} s", most.as_secs_f64()), observed });
    }
}
