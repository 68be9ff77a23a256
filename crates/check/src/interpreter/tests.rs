//! Whole scenarios run by a driver in the tests: what it is asked to do stands in a list, and what it answers in a table.

use std::fs;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::effect::{ClockView, Effect, Happened, NotPassed, Now, Outgoing, Ticket};
use super::environment::{Environment, Mode, Program};
use super::{Done, ScenarioResult, ScenarioState, Stop, Suspension, new_state, result_so_far, start, step};
use crate::wall_time::WallTime;
use uptake_outcome::Verdict;
use uptake_payload::Seed;
use uptake_suite::{Loaded, load};
use uptake_target::Target;
use uptake_wire::{Answer, BodySummary, Exchange, Sent, Version};

const SUITE: &str = r#"
suite: tables
areas: { x: what the interpreter does }
credentials:
  key: { from: api-key, header: { Authorization: "Key ${value}" } }
resources:
  thing: { made-by: [POST /things], status: 201, id: $.id, remove: "DELETE /things/${id}", gone: [204, 404] }
rules:
  - { id: X-01, area: x, level: must, text: It holds, source: [test] }
  - { id: X-02, area: x, level: must, text: It holds too, source: [test] }
"#;

/// A suite of one scenario.
fn loaded(scenario: &str) -> Loaded {
    loaded_with(SUITE, scenario)
}

fn loaded_with(suite: &str, scenario: &str) -> Loaded {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("suite.yaml"), suite).expect("written");
    let file = folder.path().join("scenario.yaml");
    fs::write(&file, format!("scenario: One of the tables\n{scenario}")).expect("written");
    load(&[file]).unwrap_or_else(|error| panic!("{error:?}"))
}

/// A driver without a network. It does one thing at a time, in the order in which it is asked, and notes it.
struct Script<'t> {
    answer: &'t dyn Fn(&str) -> (u16, Value),
    done: Vec<String>,
    pending: Vec<(Ticket, Happened)>,
    /// The run is stopped before this effect.
    stop_at: usize,
    suspend: bool,
}

impl<'t> Script<'t> {
    fn new(answer: &'t dyn Fn(&str) -> (u16, Value)) -> Self {
        Self { answer, done: Vec::new(), pending: Vec::new(), stop_at: usize::MAX, suspend: false }
    }

    fn now(&self) -> Now {
        let stopping = self.done.len() >= self.stop_at;
        Now { elapsed: Duration::ZERO, stopping, clock: ClockView::default() }
    }

    fn carry_out(&mut self, effect: Effect) {
        let stopped = self.done.len() >= self.stop_at;
        let (told, pending) = match effect {
            Effect::Send(ticket, sending) => {
                let Outgoing::Request(request) = sending.what else { panic!("no raw bytes here") };
                let line = format!("{} {}", request.method, request.url.path());
                let (status, body) = (self.answer)(&line);
                let happened = if stopped && !sending.is_clean_up {
                    Happened::Interrupted
                } else {
                    let suite = uptake_suite::Suite::default();
                    let exchange = exchange(&request, status, &body);
                    Happened::Answered(Box::new(Done::new(sending.label, exchange, &suite)))
                };
                (line, Some((ticket, happened)))
            }
            Effect::Sleep(ticket, pause) => (format!("sleep {pause:?}"), Some((ticket, Happened::Over))),
            Effect::PassTime(ticket, passing) => {
                let due = WallTime::now().plus(passing.time);
                let (step, place) = (passing.step, passing.place);
                let suspension = Suspension { step, place, due, latest: None };
                let passed = if self.suspend { Err(NotPassed::Suspended(suspension)) } else { Ok(()) };
                (format!("pass {:?}", passing.time), Some((ticket, Happened::Passed(passed))))
            }
            Effect::Meet(ticket, barrier) => {
                (format!("meet {} of {}", barrier.name, barrier.parties), Some((ticket, Happened::Over)))
            }
            Effect::Leave(barrier) => (format!("leave {}", barrier.name), None),
            Effect::Made(made, None) => (format!("made {}", made.id), None),
            Effect::Made(made, Some(created)) => (format!("made {} dated {}", made.id, created.date), None),
            Effect::Gone(made) => (format!("gone {}", made.id), None),
            Effect::Fail(why) => (format!("fail: {why}"), None),
        };
        self.done.push(told);
        self.pending.extend(pending);
    }

    fn drive(&mut self, program: Program<'_>, state: &mut ScenarioState, effects: Vec<Effect>) {
        let mut effects = effects;
        loop {
            for effect in effects {
                self.carry_out(effect);
            }
            if self.pending.is_empty() {
                return;
            }
            let (ticket, happened) = self.pending.remove(0);
            effects = step(program, state, (&ticket, happened), self.now());
        }
    }
}

fn exchange(request: &uptake_wire::Request, status: u16, body: &Value) -> Exchange {
    let answer = Answer { status, headers: Vec::new(), interim: Vec::new(), body: body.to_string().into() };
    Exchange {
        request: Sent {
            version: Version::Http1,
            method: Some(request.method.clone()),
            url: request.url.clone(),
            headers: Vec::new(),
            body: BodySummary::default(),
            delivery: String::new(),
        },
        outcome: Ok(answer),
        interim: Vec::new(),
        started: SystemTime::UNIX_EPOCH,
        took: Duration::from_millis(1),
    }
}

/// Runs a scenario; gives what was done and what was found.
fn played(
    scenario: &str,
    answer: impl Fn(&str) -> (u16, Value),
    prepare: impl FnOnce(&mut Script<'_>),
) -> (Vec<String>, ScenarioResult) {
    with_program(scenario, |program| {
        let mut script = Script::new(&answer);
        prepare(&mut script);
        let mut state = new_state(program, Seed(1)).expect("it can begin");
        let effects = start(program, &mut state, script.now());
        script.drive(program, &mut state, effects);
        (script.done, result_so_far(program, state))
    })
}

fn with_program<T>(scenario: &str, test: impl FnOnce(Program<'_>) -> T) -> T {
    let loaded = loaded(scenario);
    let mut target = Target::from_url_with_or_without_key("http://127.0.0.1:1").expect("it is a URL");
    target.credentials.insert("api-key".to_owned(), "a-key-of-the-tests".to_owned());
    let environment = Environment { may_wait: true, ..Environment::new(&loaded.suite, &target) };
    test(Program { environment: &environment, scenario: &loaded.scenarios[0], mode: Mode::Run })
}

fn verdicts(result: &ScenarioResult) -> Vec<(&str, Verdict)> {
    result.found.iter().map(|found| (found.rule.as_str(), found.finding.verdict)).collect()
}

/// A server that gives each thing a number.
fn things() -> impl Fn(&str) -> (u16, Value) {
    let count = std::cell::Cell::new(0);
    move |line| {
        if line.starts_with("POST /things") {
            count.set(count.get() + 1);
            return (201, json!({ "id": format!("t{}", count.get()) }));
        }
        (if line.starts_with("DELETE") { 204 } else { 200 }, json!({}))
    }
}

#[test]
fn a_saved_variable_of_one_branch_survives_the_others() {
    let scenario = "
let: { a: 1, b: 1 }
steps:
  - both:
      parallel:
        - one: { set: { a: 2 } }
        - two: { set: { b: 2 } }
  - look:
      check: true
      expect: { X-01: { that: a == 2 and b == 2 } }
";
    let (_, result) = played(scenario, things(), |_| {});
    assert_eq!(verdicts(&result), [("X-01", Verdict::Passed)], "{:?}", result.found);
}

#[test]
fn what_was_made_is_undone_last_in_first_out_and_what_the_clean_up_makes_goes_next() {
    let scenario = "
steps:
  - first: { post: /things, save: { first: $.id } }
  - both:
      parallel:
        - one: { post: /things }
        - two: { post: /things, finally: { post: /things } }
finally:
  - last words: { post: /bye }
";
    let (done, result) = played(scenario, things(), |_| {});
    let undone: Vec<_> = done.iter().filter(|line| !line.starts_with("made")).cloned().collect();
    assert_eq!(
        undone,
        [
            "POST /things",
            "POST /things",
            "POST /things",
            "POST /bye",
            "POST /things",
            "DELETE /things/t3",
            "gone t3",
            "DELETE /things/t2",
            "gone t2",
            "DELETE /things/t1",
            "gone t1",
        ]
    );
    assert!(result.leftovers.is_empty());
}

#[test]
fn what_stopped_a_scenario_is_a_cause_and_what_a_clean_up_cannot_do_is_a_leftover() {
    let scenario = "
steps:
  - opens: { post: /door, finally: { delete: /door } }
  - depends: { get: /refused, expect: { status: 204 } }
  - behind it: { get: /, expect: { X-01: { status: 200 } } }
finally:
  - counts: { repeat: { until: false, limit: 1, every: 0s, steps: [ again: { get: / } ] } }
  - closes: { post: /closed, expect: { status: 204 } }
";
    let (done, result) = played(scenario, things(), |_| {});
    assert_eq!(done, ["POST /door", "GET /refused", "POST /closed", "GET /", "DELETE /door"]);
    let causes: Vec<_> = result.obstacles.iter().map(|obstacle| obstacle.text.as_str()).collect();
    assert_eq!(causes, ["GET /refused: expected status 204, got 200"]);
    let left: Vec<_> = result.leftovers.iter().map(|left| (left.what.as_str(), left.why.as_str())).collect();
    let counts = "`counts` did not end within 1 round";
    assert_eq!(left, [("closes", "it returned 200"), ("counts", counts)]);
}

#[test]
fn a_branch_that_stops_is_not_waited_for_and_voids_those_that_needed_it() {
    let scenario = "
steps:
  - both:
      parallel:
        - one:
            steps:
              - fails: { get: /refused, expect: { status: 204 } }
              - never comes: { meet: together }
        - two:
            steps:
              - comes: { meet: together }
              - looks: { get: /, expect: { X-01: { status: 200 } } }
  - afterwards: { get: /, expect: { X-02: { status: 200 } } }
";
    let (done, result) = played(scenario, things(), |_| {});
    assert!(done.contains(&"leave together".to_owned()), "{done:?}");
    assert_eq!(verdicts(&result), [("X-01", Verdict::Blocked), ("X-02", Verdict::Blocked)]);
    assert_eq!(result.obstacles.len(), 1, "the cause is named once: {:?}", result.obstacles);
}

#[test]
fn only_the_first_answer_that_names_a_resource_dates_it() {
    let scenario = "
steps:
  - make: { post: /things }
  - again:
      parallel:
        - one: { post: /things }
        - two: { post: /things }
";
    let suite = SUITE.replace("id: $.id,", "id: $.id, made-at: $.createdAt,");
    let loaded = loaded_with(&suite, scenario);
    let target = Target::from_url_with_or_without_key("http://127.0.0.1:1").expect("it is a URL");
    let environment = Environment::new(&loaded.suite, &target);
    let program = Program { environment: &environment, scenario: &loaded.scenarios[0], mode: Mode::Run };
    let answer = |_: &str| (201, json!({ "id": "t1", "createdAt": "2026-01-01T00:00:00Z" }));
    let mut script = Script::new(&answer);
    let mut state = new_state(program, Seed(1)).expect("it can begin");
    let effects = start(program, &mut state, script.now());
    script.drive(program, &mut state, effects);
    let made: Vec<_> = script.done.iter().filter(|line| line.starts_with("made")).collect();
    assert_eq!(made, ["made t1 dated 1767225600", "made t1", "made t1"]);
}

#[test]
fn a_barrier_waits_for_all_who_name_it_and_rounds_come_to_their_end() {
    let scenario = "
let: { round: 0 }
steps:
  - both:
      parallel:
        - one: { meet: together }
        - two: { meet: together }
  - rounds:
      repeat:
        until: round == 3
        limit: 5
        every: 2s
        steps:
          - count: { set: { round: round + 1 } }
  - look: { check: true, expect: { X-01: { that: round == 3 } } }
";
    let (done, result) = played(scenario, things(), |_| {});
    assert_eq!(done, ["meet together of 2", "meet together of 2", "sleep 2s", "sleep 2s"]);
    assert_eq!(verdicts(&result), [("X-01", Verdict::Passed)]);
}

#[test]
fn a_stopped_run_sends_nothing_more_and_still_cleans_up() {
    let scenario = "
steps:
  - make: { post: /things }
  - look: { get: /, expect: { X-01: { status: 200 } } }
";
    for stop_at in 1..4 {
        let (done, result) = played(scenario, things(), |script| script.stop_at = stop_at);
        assert!(done.ends_with(&["DELETE /things/t1".to_owned(), "gone t1".to_owned()]), "{done:?}");
        assert!(!done.contains(&"GET /".to_owned()) || stop_at > 1, "{done:?}");
        assert!(result.found.is_empty() || stop_at == 3, "{:?}", result.found);
    }
}

#[test]
fn a_suspended_scenario_is_the_same_after_it_was_written_down_and_read() {
    let scenario = "
let: { a: 1 }
steps:
  - make: { post: /things, save: { thing: $.id }, finally: { post: '/bye/${thing}' } }
  - first: { get: /, expect: { X-01: { status: 200 } } }
  - time passes: { advance: 3600s }
  - look: { get: '/things/${thing}', expect: { X-02: { status: 200, that: [a == 1] } } }
";
    let whole = played(scenario, things(), |_| {});
    with_program(scenario, |program| {
        let answer = things();
        let mut script = Script { suspend: true, ..Script::new(&answer) };
        let mut state = new_state(program, Seed(1)).expect("it can begin");
        let effects = start(program, &mut state, script.now());
        script.drive(program, &mut state, effects);
        let since = state.suspension().expect("it waits").clone();
        assert_eq!(since.step, "time passes");
        let so_far = result_so_far(program, state.clone());
        assert_eq!(verdicts(&so_far), [("X-01", Verdict::Passed), ("X-02", Verdict::Suspended)]);
        let written = serde_json::to_string(&state).expect("it is plain data");
        assert!(!written.contains("a-key-of-the-tests"), "credentials are not written down");
        let mut read: ScenarioState = serde_json::from_str(&written).expect("it is what was written");
        let trunk = Ticket { branch: Vec::new(), number: 0 };
        let effects = step(program, &mut read, (&trunk, Happened::Passed(Ok(()))), script.now());
        script.drive(program, &mut read, effects);
        assert_eq!(script.done, whole.0);
        assert_eq!(verdicts(&result_so_far(program, read)), verdicts(&whole.1));
    });
}

#[test]
fn a_forecast_counts_what_a_run_sends() {
    let scenario = "
steps:
  - make: { post: /things, expect: { status: 201 }, save: { thing: $.id, status: { status: true } } }
  - look: { get: '/things/${thing}', only-if: status == 201, expect: { X-01: { status: 200 } } }
  - rounds: { repeat: { until: thing == 'x', limit: 9, every: 1s, steps: [ again: { get: / } ] } }
  - refused: { post: /things, expect: { X-02: { status: 401 } } }
";
    let loaded = loaded(scenario);
    let target = Target::from_url_with_or_without_key("http://127.0.0.1:1").expect("it is a URL");
    let environment = Environment::new(&loaded.suite, &target);
    let need = crate::need::Need::of(&environment, &loaded.scenarios[0]);
    let counts = uptake_target::CallKind::ALL.map(|kind| need.calls.of(kind));
    assert_eq!(counts, [0, 3, 2], "two that make, one that removes; two that read");
}

#[test]
fn the_last_step_that_stopped_leaves_those_behind_it() {
    let scenario = "
steps:
  - depends: { get: /refused, expect: { status: 204 } }
  - rounds:
      repeat:
        until: true
        limit: 2
        every: 0s
        steps:
          - inner: { get: /, expect: { X-01: { status: 200 } } }
      expect: { X-02: { that: true } }
";
    let (done, result) = played(scenario, things(), |_| {});
    assert_eq!(done, ["GET /refused"]);
    assert_eq!(verdicts(&result), [("X-02", Verdict::Blocked), ("X-01", Verdict::Blocked)]);
    assert!(matches!(result.obstacles.as_slice(), [one] if one.text.contains("expected status 204")));
    let stop = Stop::Interrupted;
    assert_eq!(stop.verdict(), None);
}
