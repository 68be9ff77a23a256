//! `uptake check` judges a faithful server: every rule by what it saw, and the same way each time.

mod common;

use std::sync::LazyLock;

use serde_json::Value;
use uptake_outcome::{Ending, Run, Verdict};

use self::common::{Bench, Ended, Recorder, Setup, Talk, rules_of_api_video, rules_that, uptake};

/// A run, and all that went over the wire.
struct Recorded {
    ended: Ended,
    run: Run,
    json: Value,
    talks: Vec<Talk>,
    /// Where the run went to; the next one has another address.
    origin: String,
}

/// Runs against a fresh faithful server, with one scenario at a time.
fn recorded(arguments: &[&str]) -> Recorded {
    let mut recorder = None;
    let bench = Bench::behind(Setup::default().limited(), |origin| {
        recorder.insert(Recorder::before(origin)).origin()
    });
    let recorder = recorder.expect("the server was asked for");
    let (ended, run) = bench.check(&[&["--jobs", "1"], arguments].concat());
    let json = serde_json::from_str(&bench.folder.read("run.json")).expect("the report is JSON");
    Recorded { ended, run, json, talks: recorder.talks(), origin: recorder.origin() }
}

/// The whole suite, once for all tests.
static WHOLE: LazyLock<Recorded> = LazyLock::new(|| recorded(&["--cost", "large", "--seed", "7"]));

#[test]
#[ignore = "it takes a minute: a stage of .ci/run"]
fn every_rule_of_the_catalogue_is_judged_and_holds() {
    let Recorded { ended, run, talks, .. } = &*WHOLE;
    assert_eq!(ended.code, 0, "{}", ended.stdout);
    assert_eq!(run.ending, Ending::Completed);
    let rules = rules_of_api_video();
    assert_eq!((run.summary.rules, run.summary.judged), (rules, rules));
    let beyond: Vec<_> = run
        .rules
        .iter()
        .filter(|rule| !matches!(rule.verdict, Verdict::Passed | Verdict::Tolerated))
        .map(|rule| format!("{} is {}", rule.id, rule.verdict))
        .collect();
    assert_eq!(beyond, Vec::<String>::new());
    assert_eq!(run.leftovers, [], "what the run made it also removed");
    assert_eq!(run.causes, []);
    no_rule_passes_without_an_answer_that_could_have_failed_it(run);
    assert_eq!(run.summary.requests, talks.len() as u64, "the report counts what went over the wire");
}

fn no_rule_passes_without_an_answer_that_could_have_failed_it(run: &Run) {
    for rule in &run.rules {
        assert!(!rule.scenarios.is_empty(), "{} names the scenarios that judge it", rule.id);
        let passed = rule.findings.iter().filter(|finding| finding.verdict == Verdict::Passed).count();
        assert!(rule.verdict != Verdict::Passed || passed > 0, "{} passed by nothing", rule.id);
        for finding in &rule.findings {
            let place = &finding.place;
            assert!(!finding.expected.is_empty() && !finding.observed.is_empty(), "{}: {finding:?}", rule.id);
            assert!(place.file.contains(".yaml") && place.line > 0, "{}: {place}", rule.id);
        }
    }
}

#[test]
#[ignore = "it takes a minute: a stage of .ci/run"]
fn two_runs_with_one_seed_send_the_same_requests_in_the_same_order() {
    let again = recorded(&["--cost", "large", "--seed", "7"]);
    let (first, second) = (requests(&WHOLE), requests(&again));
    for (at, (one, other)) in first.iter().zip(&second).enumerate() {
        // A server may refuse before the last byte; how much of the body still goes out then is the moment's matter.
        let same = head(one) == head(other) && (one.starts_with(other) || other.starts_with(one));
        assert!(same, "request {at} was\n{}\nand then\n{}", head(one), head(other));
    }
    assert_eq!(first.len(), second.len());
    let (first, second) = (report(&WHOLE), report(&again));
    for (one, other) in first.iter().zip(&second) {
        assert_eq!(one, other, "the reports agree, times, addresses and the profile's path aside");
    }
    assert_eq!(first.len(), second.len());
}

#[test]
fn another_seed_gives_another_order_and_other_bytes() {
    let part = "scenarios/api-video/part";
    let runs = [recorded(&[part, "--seed", "1"]), recorded(&[part, "--seed", "2"])];
    let lines = |at: usize| runs[at].talks.iter().map(Talk::line).collect::<Vec<_>>();
    assert_ne!(lines(0), lines(1));
    let sorted = |at: usize| {
        let mut lines: Vec<_> =
            lines(at).iter().map(|line| line.split(['?', '/']).nth(1).map(str::to_owned)).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(0), sorted(1), "what is asked is the same");
    let verdicts = |at: usize| runs[at].run.rules.iter().map(|rule| rule.verdict).collect::<Vec<_>>();
    assert_eq!(verdicts(0), verdicts(1));
}

#[test]
fn without_a_target_it_brings_its_own() {
    let ended = uptake(&["check", "--area", "revoke", "--report", "json=-"]).with_code(0);
    let run: Run = serde_json::from_str(&ended.stdout).expect("the report alone is on stdout");
    assert_eq!(run.target.name, "uptake reference server");
    assert_eq!(rules_that(&run, Verdict::Passed).len(), run.summary.rules);
    assert_eq!(run.seed, 1, "the seed that is used unless one is named");
}

/// The requests of a run without what the target alone decides: its address, and the times in its access tokens, whichever the case of
/// their letters.
fn requests(recorded: &Recorded) -> Vec<String> {
    let times = regex::bytes::Regex::new(r"((?:eyJ|EYj)[\w-]+)\.[\w-]+\.").expect("a pattern");
    let encoded = regex::bytes::Regex::new("(?:ZXlK|RVlq)[A-Za-z0-9+/]+").expect("a pattern");
    let host = recorded.origin.trim_start_matches("http://");
    let text = |talk: &Talk| {
        let sent = times.replace_all(&talk.sent, &b"$1.TIMES."[..]);
        let sent = encoded.replace_all(&sent, &b"TIMES"[..]);
        String::from_utf8_lossy(&sent).replace(host, "TARGET")
    };
    recorded.talks.iter().map(text).collect()
}

fn head(request: &str) -> &str {
    request.split("\r\n\r\n").next().unwrap_or_default()
}

/// The report, one line a value, without what two runs cannot have in common.
fn report(recorded: &Recorded) -> Vec<String> {
    fn walk(at: &str, value: &Value, lines: &mut Vec<String>) {
        match value {
            Value::Array(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, item)| walk(&format!("{at}/{index}"), item, lines));
            }
            Value::Object(members) => {
                let times = ["took_seconds", "started_at", "waited_seconds", "clocks", "rerun"];
                let lasting = members.iter().filter(|(name, _)| !times.contains(&name.as_str()));
                lasting.for_each(|(name, member)| walk(&format!("{at}/{name}"), member, lines));
            }
            plain => lines.push(format!("{at}: {plain}")),
        }
    }
    let mut lines = Vec::new();
    walk("", &recorded.json, &mut lines);
    lines.iter().map(|line| without_chance(&line.replace(&recorded.origin, "TARGET"))).collect()
}

/// A line of a report without the name of a step: which of several requests sent at once is refused is chance.
fn without_chance(line: &str) -> String {
    match line.split_once("/step: ") {
        Some((at, _)) => format!("{at}/step"),
        None => line.to_owned(),
    }
}
