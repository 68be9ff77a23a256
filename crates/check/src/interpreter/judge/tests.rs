//! Answers that are almost right: the judging code says exactly what is wrong with them, and nothing else.

use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::{Judged, Mismatch, Seen, SeenAnswer, judge};
use crate::interpreter::environment::{Environment, Mode, Program};
use crate::interpreter::scope::Scope;
use crate::interpreter::state::ScenarioState;
use uptake_payload::Seed;
use uptake_suite::expect::Wants;
use uptake_suite::{Loaded, Scenario, load};
use uptake_target::Target;
use uptake_wire::Answer;

static SUITE: LazyLock<Loaded> = LazyLock::new(|| load(&[]).expect("the built-in suite has no mistake"));

/// Holds an answer against what a rule's refusal or a schema asks.
fn judged(wants: &Wants, rule: Option<&str>, status: u16, body: &Value) -> Judged {
    let answer = Answer {
        status,
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        interim: Vec::new(),
        body: body.to_string().into(),
    };
    let suite = &SUITE.suite;
    let rule = rule.map(|id| suite.rule(id).expect("it is in the catalogue"));
    let problem = super::problem(suite, &answer, Some(body));
    let answer = SeenAnswer { answer: &answer, body: Some(body), problem: problem.as_deref() };
    let seen = Seen { answer: Some(answer), method: None, took: Duration::ZERO, interim: &[] };
    let target = Target::from_url_with_or_without_key("http://127.0.0.1:1").expect("it is a URL");
    let environment = Environment::new(suite, &target);
    let scenario = Scenario::nobodys("judge", "judge.yaml");
    let program = Program { environment: &environment, scenario: &scenario, mode: Mode::Run };
    let state = ScenarioState::new(Seed(1));
    let scope = Scope::new(program, &state.shared, &state.trunk.variables);
    judge(wants, rule, seen, suite, &scope).expect("nothing is calculated")
}

fn shaped(schema: &str, body: &Value) -> Judged {
    judged(&Wants { schema: Some(schema.to_owned()), ..Wants::default() }, None, 200, body)
}

/// The one thing that is wrong.
fn fault(judged: Judged) -> Mismatch {
    match judged {
        Judged::Fails(mut found) if found.len() == 1 => found.remove(0),
        other => panic!("one thing is wrong, and this was said: {other:?}"),
    }
}

/// Documented answers, each with its schema and the fields that it must have.
fn documented() -> impl Strategy<Value = (&'static str, Value, &'static [&'static str])> {
    let token = json!({
        "token": "to1", "ttl": 60, "createdAt": "2020-09-16T09:50:36+00:00", "expiresAt": "2020-09-16T09:51:36+00:00"
    });
    let access =
        json!({ "token_type": "Bearer", "expires_in": 3600, "access_token": "a", "refresh_token": "r" });
    let problem = json!({
        "type": "https://docs.api.video/reference/resource-not-found", "title": "Not found", "status": 404
    });
    select(vec![
        ("upload-token", token, ["token", "ttl", "createdAt"].as_slice()),
        ("access-token", access, ["token_type", "expires_in", "access_token", "refresh_token"].as_slice()),
        ("problem", problem, ["type", "title", "status"].as_slice()),
    ])
}

/// A value of another JSON type.
fn of_another_type(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        _ => json!({ "value": value }),
    }
}

/// A slug that the rule AUTH-02 lets pass.
fn slugs() -> impl Strategy<Value = &'static str> {
    select(vec!["authentication-invalid-user-credentials", "authentication-invalid-api-key"])
}

fn refusal(kind: &str, status: u16) -> Judged {
    let body = json!({ "type": kind, "title": "No", "status": status });
    judged(&Wants { refused: true, ..Wants::default() }, Some("AUTH-02"), status, &body)
}

proptest! {
    #[test]
    fn fields_that_nobody_knows_do_no_harm(
        (schema, mut body, _) in documented(), name in "x_[a-z]{1,8}", value in any::<i64>()
    ) {
        body[name] = value.into();
        prop_assert_eq!(shaped(schema, &body), Judged::Holds);
    }

    #[test]
    fn a_field_that_is_missing_is_named((schema, mut body, fields) in documented(), at in any::<Index>()) {
        let field = *at.get(fields);
        body.as_object_mut().expect("it is an object").shift_remove(field);
        let fault = fault(shaped(schema, &body));
        prop_assert_eq!(fault.expected, format!("the schema {schema}"));
        prop_assert!(fault.observed.contains(&format!("\"{field}\"")), "{}", fault.observed);
    }

    #[test]
    fn a_field_of_another_type_is_pointed_at((schema, mut body, fields) in documented(), at in any::<Index>()) {
        let field = *at.get(fields);
        body[field] = of_another_type(&body[field]);
        let Judged::Fails(found) = shaped(schema, &body) else { panic!("{body} holds") };
        let pointer = format!("at /{field}: ");
        // A schema may ask several things of one field; all that is said is said of this one.
        prop_assert!(found.iter().any(|miss| miss.observed.starts_with(&pointer)), "{:?}", found);
        prop_assert!(found.iter().all(|miss| !miss.observed.starts_with("at /") || miss.observed.starts_with(&pointer)), "{:?}", found);
    }

    #[test]
    fn a_date_in_another_zone_is_wrong_and_two_ways_to_write_utc_are_not(
        field in select(vec!["createdAt", "expiresAt"]), hours in 1_u32..=14, sign in select(vec!['+', '-'])
    ) {
        let mut body = json!({ "createdAt": "2020-09-16T09:50:36+00:00", "expiresAt": "2020-09-16T09:51:36Z" });
        prop_assert_eq!(shaped("date-times", &body), Judged::Holds);
        let local = format!("2020-09-16T09:50:36{sign}{hours:02}:00");
        body[field] = local.clone().into();
        let fault = fault(shaped("date-times", &body));
        prop_assert!(fault.observed.starts_with(&format!("at /{field}: \"{local}\"")), "{}", fault.observed);
    }

    #[test]
    fn a_refusal_may_live_under_any_host_and_path(
        slug in slugs(), status in select(vec![400_u16, 401]), host in "[a-z]{1,9}(\\.[a-z]{2,5}){1,2}", path in "(/[a-z-]{1,9}){0,3}"
    ) {
        let told = refusal(&format!("https://{host}{path}/{slug}"), status);
        // Which slug goes with which status is the catalogue's matter.
        let refusal = SUITE.suite.rule("AUTH-02").and_then(|rule| rule.refusal.as_ref()).expect("it has one");
        if refusal.conforms.iter().any(|way| way.covers(status, Some(slug))) {
            prop_assert_eq!(told, Judged::Holds);
        } else if refusal.tolerates.iter().any(|way| way.covers(status, Some(slug))) {
            prop_assert!(matches!(told, Judged::Tolerated(_)), "{:?}", told);
        } else {
            prop_assert!(matches!(told, Judged::Fails(_)), "{:?}", told);
        }
    }

    #[test]
    fn a_refusal_with_another_slug_or_status_says_what_came(
        slug in slugs(), more in "[a-z]{1,4}", status in select(vec![200_u16, 403, 404, 422, 500])
    ) {
        let longer = fault(refusal(&format!("https://docs.api.video/reference/{slug}{more}"), 401));
        prop_assert_eq!(longer.observed, format!("401 {slug}{more}"));
        let under = fault(refusal(&format!("https://docs.api.video/{slug}/more"), 401));
        prop_assert_eq!(under.observed, "401 more", "only the last segment counts");
        let other = fault(refusal(&format!("https://docs.api.video/reference/{slug}"), status));
        prop_assert_eq!(other.observed, format!("{status} {slug}"));
        prop_assert!(other.expected.starts_with("a refusal: "), "{}", other.expected);
    }
}
