//! Failures that are excused by name: they fail no gate, stay in every report, and are not forgotten.

mod common;

use uptake_outcome::{Verdict, WaiverState};

use self::common::{Bench, Setup, rules_that, uptake, verdict_on};

/// The area whose rules fail under the defect.
const AREA: [&str; 2] = ["--area", "ttl"];
const FAR: &str = "9999-12-31";

fn bench() -> Bench {
    Bench::start(Setup::wrong(&["expired-token-accepted".parse().expect("a defect")]))
}

/// A waiver file that excuses these rules until a day.
fn waivers(bench: &Bench, rules: &[&str], until: &str) -> String {
    let waiver = |rule: &&str| {
        format!(
            "- rule: {rule}\n  reason: known since spring\n  until: {until}\n  issue: https://issues.test/17\n"
        )
    };
    let text = rules.iter().map(waiver).collect::<Vec<_>>().concat();
    bench.folder.write("waivers.yaml", &text)
}

/// The rules that fail where nothing is waived.
fn failures(bench: &Bench) -> Vec<String> {
    let (ended, run) = bench.check(&AREA);
    ended.with_code(1);
    let failed: Vec<_> = rules_that(&run, Verdict::Failed).into_iter().map(str::to_owned).collect();
    assert!(failed.len() > 1, "{failed:?}");
    failed
}

#[test]
fn a_waived_failure_fails_no_gate_and_stays_in_every_report() {
    let bench = bench();
    let failed = failures(&bench);
    let failed: Vec<&str> = failed.iter().map(String::as_str).collect();
    let file = waivers(&bench, &failed, FAR);
    let (junit, markdown) = (bench.folder.path("run.xml"), bench.folder.path("run.md"));
    let reports = [
        "--waivers",
        &file,
        "--report",
        &format!("junit={junit}"),
        "--report",
        &format!("markdown={markdown}"),
        "--report",
        "github",
    ];
    let (ended, run) = bench.check(&[&AREA[..], &reports].concat());
    let ended = ended.with_code(0);
    assert_eq!(rules_that(&run, Verdict::Waived), failed);
    assert_eq!((run.summary.failed, run.summary.waived), (0, failed.len()));
    assert!(run.waivers.iter().all(|result| result.state == WaiverState::Excuses), "{:?}", run.waivers);
    let texts = [
        ended.stdout.clone(),
        bench.folder.read("run.json"),
        bench.folder.read("run.xml"),
        bench.folder.read("run.md"),
    ];
    for text in texts {
        for rule in &failed {
            assert!(text.contains(rule), "{rule} is not in\n{text}");
        }
        for told in ["known since spring", FAR, "https://issues.test/17"] {
            assert!(text.contains(told), "{told} is not in\n{text}");
        }
    }
    let notices = ended.stdout.lines().filter(|line| line.starts_with("::notice file=")).count();
    assert_eq!(notices, failed.len(), "{}", ended.stdout);
}

#[test]
fn what_is_not_waived_fails_beside_what_is() {
    let bench = bench();
    let failed = failures(&bench);
    let file = waivers(&bench, &[&failed[0]], FAR);
    let (ended, run) = bench.check(&[&AREA[..], &["--waivers", &file]].concat());
    ended.with_code(1);
    assert_eq!(rules_that(&run, Verdict::Waived), [&failed[0]]);
    assert_eq!(rules_that(&run, Verdict::Failed).len(), failed.len() - 1);
}

#[test]
fn past_its_date_a_waiver_excuses_nothing() {
    let bench = bench();
    let failed = failures(&bench);
    let failed: Vec<&str> = failed.iter().map(String::as_str).collect();
    let file = waivers(&bench, &failed, "2020-02-29");
    let (ended, run) = bench.check(&[&AREA[..], &["--waivers", &file]].concat());
    let ended = ended.with_code(1);
    assert_eq!(rules_that(&run, Verdict::Failed), failed);
    assert!(ended.stdout.contains("waiver ended on 2020-02-29"), "{}", ended.stdout);
}

#[test]
fn what_passes_again_is_stale_and_said_to_be() {
    let bench = Bench::start(Setup::default());
    let file = waivers(&bench, &["TTL-02", "TTL-03"], FAR);
    let (ended, run) = bench.check(&[&AREA[..], &["--waivers", &file]].concat());
    let ended = ended.with_code(0);
    assert_eq!(verdict_on(&run, "TTL-02"), Verdict::Passed);
    for rule in ["TTL-02", "TTL-03"] {
        assert!(ended.stdout.contains(&format!("stale waiver: {rule} no longer fails")), "{}", ended.stdout);
    }
}

#[test]
fn the_file_is_started_from_todays_failures_and_holds_from_then_on() {
    let bench = bench();
    let failed = failures(&bench);
    let path = bench.folder.path("new.yaml");
    let (ended, _) = bench.check(&[&AREA[..], &["--write-waivers", &path]].concat());
    let ended = ended.with_code(1);
    assert!(ended.stderr.contains("give each a reason and an end date"), "{}", ended.stderr);
    let text = bench.folder.read("new.yaml");
    let named: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("- rule: ")).collect();
    assert_eq!(named, failed);
    let (ended, run) = bench.check(&[&AREA[..], &["--waivers", &path]].concat());
    ended.with_code(0);
    assert_eq!(rules_that(&run, Verdict::Waived), failed);

    // What is there is never overwritten, and nothing is sent before that is known.
    let ended = uptake(&["check", "--target", bench.profile(), "--area", "ttl", "--write-waivers", &path]);
    let ended = ended.with_code(2);
    assert!(ended.stderr.contains("already exists; it is not overwritten"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("running"), "{}", ended.stderr);
    assert_eq!(bench.folder.read("new.yaml"), text);

    // A new file keeps what the old one excused, in its words.
    let reworded = text.replacen("not explained yet", "the vendor was told", 1);
    let old = bench.folder.write("old.yaml", &reworded);
    let next = bench.folder.path("next.yaml");
    let (ended, _) = bench.check(&[&AREA[..], &["--waivers", &old, "--write-waivers", &next]].concat());
    ended.with_code(0);
    assert!(bench.folder.read("next.yaml").contains("the vendor was told"));
}

#[test]
fn where_nothing_fails_the_file_waives_nothing() {
    let bench = Bench::start(Setup::default());
    let path = bench.folder.path("none.yaml");
    for option in ["--write-waivers", "--waivers"] {
        let (ended, _) = bench.check(&[&AREA[..], &[option, &path]].concat());
        ended.with_code(0);
    }
}

#[test]
fn a_broken_file_is_explained_with_its_places_before_anything_is_sent() {
    let bench = Bench::start(Setup::default());
    let text = "- rule: TTL-2\n  reason: known\n  until: 2027-02-30\n- rule: TTL-02\n  until: 2027-01-31\n\
                - rule: TTL-03\n  reason: r\n  until: 2027-01-31\n- rule: TTL-03\n  reason: r\n  until: 2027-01-31\n";
    let file = bench.folder.write("waivers.yaml", text);
    let ended = uptake(&["check", "--target", bench.profile(), "--waivers", &file]).with_code(2);
    for told in [
        "waivers.yaml:1:9",
        "unknown rule TTL-2",
        "did you mean TTL-",
        "waivers.yaml:3:10",
        "`2027-02-30` is not a date",
        "waivers.yaml:4:3",
        "a waiver has no `reason`",
        "waivers.yaml:9:9",
        "TTL-03 is waived twice",
        "nothing was sent",
    ] {
        assert!(ended.stderr.contains(told), "{told} is not in\n{}", ended.stderr);
    }
    let absent = bench.folder.path("absent.yaml");
    let ended = uptake(&["check", "--target", bench.profile(), "--waivers", &absent]).with_code(2);
    assert!(ended.stderr.contains(&absent), "{}", ended.stderr);
}
