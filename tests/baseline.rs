//! A gate that fails only on what is worse than an earlier run.

mod common;

use serde_json::Value;
use uptake_outcome::Verdict;
use uptake_reference::Defect;

use self::common::{Bench, Setup, rules_that, uptake};

const AREAS: [&str; 4] = ["--area", "ttl", "--area", "revoke"];

/// A report of a server with these defects, written into the folder of `bench`.
fn report(bench: &Bench, defects: &[Defect]) -> String {
    let (_, run) = Bench::start(Setup::wrong(defects)).check(&AREAS);
    bench.folder.write("earlier.json", &uptake_report::json(&run))
}

fn against(bench: &Bench, baseline: &str) -> (common::Ended, uptake_outcome::Run) {
    bench.check(&[&AREAS[..], &["--baseline", baseline]].concat())
}

#[test]
fn what_failed_before_fails_no_gate() {
    let bench = Bench::start(Setup::wrong(&["expired-token-accepted".parse().unwrap()]));
    let earlier = report(&bench, &["expired-token-accepted".parse().unwrap()]);
    let (ended, run) = against(&bench, &earlier);
    let ended = ended.with_code(0);
    assert!(!rules_that(&run, Verdict::Failed).is_empty(), "the verdict stays what it is");
    assert!(ended.stdout.contains("known from the baseline"), "{}", ended.stdout);
    assert!(ended.stdout.contains("Failed (known from the baseline)"), "{}", ended.stdout);
}

#[test]
fn what_is_worse_fails_and_what_got_better_is_said() {
    let bench = Bench::start(Setup::wrong(&["expired-token-accepted".parse().unwrap()]));
    let clean = report(&bench, &[]);
    let (ended, run) = against(&bench, &clean);
    ended.with_code(1);
    let worse: Vec<_> =
        run.baseline.expect("it was compared").worse.into_iter().map(|change| change.rule).collect();
    assert_eq!(worse, rules_that(&bench.folder.run("run.json"), Verdict::Failed));

    let bench = Bench::start(Setup::default());
    let earlier = report(&bench, &["expired-token-accepted".parse().unwrap()]);
    let markdown = bench.folder.path("run.md");
    let written = ["--baseline", &earlier, "--report", &format!("markdown={markdown}"), "--report", "github"];
    let (ended, _) = bench.check(&[&AREAS[..], &written].concat());
    let ended = ended.with_code(0);
    for text in [&ended.stdout, &bench.folder.read("run.md")] {
        assert!(text.contains("TTL-02: passed, was failed"), "{text}");
    }
    let annotated = "::notice title=better than the baseline::TTL-02: passed, was failed";
    assert!(ended.stdout.contains(annotated), "{}", ended.stdout);
}

#[test]
fn a_known_failure_does_not_hide_another() {
    let bench = Bench::start(Setup::wrong(&["expired-token-accepted".parse().unwrap()]));
    let earlier = report(&bench, &[]);
    let mut known: Value = serde_json::from_str(&bench.folder.read("earlier.json")).expect("JSON");
    let rules = known["rules"].as_array_mut().expect("a list");
    let rule = rules.iter_mut().find(|rule| rule["id"] == "TTL-02").expect("it is there");
    rule["verdict"] = "failed".into();
    bench.folder.write("earlier.json", &known.to_string());
    let (ended, run) = against(&bench, &earlier);
    ended.with_code(1);
    let baseline = run.baseline.expect("it was compared");
    assert!(baseline.is_worse("TTL-02"), "it failed, but in no step that fails now");
}

#[test]
fn a_file_that_is_no_report_is_explained_with_its_place_before_anything_is_sent() {
    let bench = Bench::start(Setup::default());
    let refused = |text: &str| {
        let file = bench.folder.write("earlier.json", text);
        let arguments = ["check", "--target", bench.profile(), "--area", "ttl", "--baseline", &file];
        uptake(&arguments).with_code(2).stderr
    };
    for (text, place, why) in [
        ("{\n  \"format\": 1,\n  oops\n}", "earlier.json:3:3", "this is not JSON"),
        ("{\n  \"format\": 99 }", "earlier.json:2:3", "has the format 99"),
        ("{}", "earlier.json:1:2", "`format` is missing"),
        ("{ \"format\": 1, \"uptake\": \"x\" }", "earlier.json:1:", "is missing"),
        ("", "earlier.json:1:1", "the file is empty"),
    ] {
        let told = refused(text);
        assert!(told.contains(place) && told.contains(why), "{place} and {why} for {text:?}:\n{told}");
        assert!(!told.contains("running"), "{told}");
    }
    let absent = bench.folder.path("absent.json");
    let ended = uptake(&["check", "--target", bench.profile(), "--baseline", &absent]).with_code(2);
    assert!(ended.stderr.contains(&absent), "{}", ended.stderr);
}

#[test]
fn a_report_of_another_suite_is_no_baseline() {
    let bench = Bench::start(Setup::default());
    let mut run = {
        report(&bench, &[]);
        bench.folder.run("earlier.json")
    };
    run.suite = "tus".to_owned();
    let other = bench.folder.write("other.json", &uptake_report::json(&run));
    let ended = uptake(&["check", "--target", bench.profile(), "--baseline", &other]).with_code(2);
    assert!(ended.stderr.contains("is a report of the suite tus"), "{}", ended.stderr);
}

#[test]
fn a_stored_run_is_rendered_as_it_was_reported() {
    let bench = Bench::start(Setup::wrong(&["expired-token-accepted".parse().unwrap()]));
    let written = bench.folder.path("at-once.md");
    let (ended, _) = bench.check(&[&AREAS[..], &["--report", &format!("markdown={written}")]].concat());
    let ended = ended.with_code(1);
    let (stored, again) = (bench.folder.path("run.json"), bench.folder.path("again.md"));
    let rendered =
        uptake(&["report", "render", &stored, "--report", &format!("markdown={again}")]).with_code(0);
    assert_eq!(rendered.stdout, ended.stdout);
    assert_eq!(bench.folder.read("again.md"), bench.folder.read("at-once.md"));
    let copied = uptake(&["report", "render", &stored, "--report", "json=-"]).with_code(0);
    assert_eq!(copied.stdout, bench.folder.read("run.json"));
}
