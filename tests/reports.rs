//! What a run writes, read by others: JUnit by an XML reader, JSON by its schema, text by whoever holds the pipe.

#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

mod common;

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::LazyLock;

use roxmltree::{Document, Node};
use serde_json::Value;
use uptake_outcome::{Run, Verdict};

use self::common::{Bench, Ended, Folder, Little, Reply, Setup, command, rules_that, uptake};

/// One scenario is enough where the verdicts do not matter.
const SCENARIO: &str = "scenarios/api-video/auth/key-is-exchanged.yaml";

/// What one run printed and wrote.
struct Written {
    ended: Ended,
    run: Run,
    json: Value,
    junit: String,
}

/// A run with verdicts of many kinds: a server whose tokens serve once, in a profile without a clock.
static MIXED: LazyLock<Written> = LazyLock::new(|| {
    let setup = Setup::wrong(&["token-serves-once".parse().unwrap()]);
    let bench = Bench::with_profile(setup, |profile| profile.capabilities = vec!["status"]);
    let (json, junit) = (bench.folder.path("both.json"), bench.folder.path("both.xml"));
    // The folders are named too, so that nothing else is read.
    let folders = ["upload", "ttl", "schema"].map(|area| format!("scenarios/api-video/{area}"));
    let [upload, ttl, schema] = folders.each_ref().map(String::as_str);
    let areas = [upload, ttl, schema, "--area", "upload", "--area", "ttl", "--area", "schema"];
    let reports = ["--report", &format!("json={json}"), "--report", &format!("junit={junit}")];
    let ended = uptake(&[&["check", "--target", bench.profile()], &areas[..], &reports[..]].concat());
    Written {
        ended,
        run: bench.folder.run("both.json"),
        json: serde_json::from_str(&bench.folder.read("both.json")).unwrap(),
        junit: bench.folder.read("both.xml"),
    }
});

fn children<'n>(node: Node<'n, 'n>, name: &'static str) -> impl Iterator<Item = Node<'n, 'n>> {
    node.children().filter(move |child| child.has_tag_name(name))
}

fn number(node: Node<'_, '_>, attribute: &str) -> usize {
    node.attribute(attribute).unwrap_or_else(|| panic!("{attribute} is missing")).parse().unwrap()
}

#[test]
fn the_run_has_verdicts_of_many_kinds() {
    let Written { ended, run, .. } = &*MIXED;
    assert_eq!(ended.code, 1, "{}", ended.stdout);
    for verdict in [Verdict::Failed, Verdict::Blocked, Verdict::NotApplicable, Verdict::Passed] {
        assert!(!rules_that(run, verdict).is_empty(), "no rule is {verdict}:\n{}", ended.stdout);
    }
}

#[test]
fn junit_has_a_test_case_for_each_rule_with_its_verdict() {
    let Written { run, junit, .. } = &*MIXED;
    let document = Document::parse(junit).unwrap();
    let is_rule = |case: &Node<'_, '_>| case.attribute("classname") != Some("api-video.run");
    let cases = document.descendants().filter(|node| node.has_tag_name("testcase")).filter(is_rule);
    let cases: Vec<_> = cases.collect();
    assert_eq!(cases.len(), run.rules.len());
    for (case, rule) in cases.iter().zip(&run.rules) {
        let name = case.attribute("name").unwrap();
        assert_eq!(name, format!("{} {}", rule.id, rule.text));
        assert_eq!(case.attribute("classname"), Some(format!("api-video.{}", rule.area).as_str()));
        let outcomes: Vec<_> = ["failure", "error", "skipped"]
            .into_iter()
            .filter(|outcome| children(*case, outcome).next().is_some())
            .collect();
        let expected: &[&str] = match rule.verdict {
            Verdict::Passed | Verdict::Tolerated => &[],
            Verdict::Failed => &["failure"],
            Verdict::Blocked | Verdict::Inconclusive => &["error"],
            _ => &["skipped"],
        };
        assert_eq!(outcomes, expected, "{name} is {}", rule.verdict);
        for outcome in &outcomes {
            let told = children(*case, outcome).next().unwrap();
            assert!(told.attribute("message").is_some_and(|message| !message.is_empty()), "{name} says why");
        }
    }
}

#[test]
fn the_counts_of_junit_are_those_of_the_json() {
    let Written { json, junit, .. } = &*MIXED;
    let count = |name: &str| usize::try_from(json["summary"][name].as_u64().unwrap()).unwrap();
    // All warnings together are one skipped case.
    let warnings = usize::from(!json["warnings"].as_array().unwrap().is_empty());
    let tests = count("rules") + warnings;
    let errors = count("blocked") + count("inconclusive");
    let skipped =
        count("not_applicable") + count("not_covered") + count("suspended") + count("waived") + warnings;
    let document = Document::parse(junit).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    assert_eq!(number(root, "tests"), tests);
    assert_eq!(number(root, "failures"), count("failed"));
    assert_eq!(number(root, "errors"), errors);
    assert_eq!(number(root, "skipped"), skipped);
    for (attribute, whole) in [("tests", tests), ("failures", count("failed")), ("errors", errors)] {
        let sum: usize = children(root, "testsuite").map(|suite| number(suite, attribute)).sum();
        assert_eq!(sum, whole, "{attribute} of the areas");
    }
    let elements = |name| document.descendants().filter(|node| node.has_tag_name(name)).count();
    assert_eq!(
        (elements("failure"), elements("error"), elements("skipped")),
        (count("failed"), errors, skipped)
    );
    // The warnings stand in a suite of their own.
    let areas: Vec<_> = children(root, "testsuite")
        .map(|suite| suite.attribute("name").unwrap())
        .filter(|name| *name != "run")
        .collect();
    assert_eq!(areas, ["upload", "ttl", "schema"]);
}

#[test]
fn the_summary_counts_the_rules_below_it() {
    let Written { json, .. } = &*MIXED;
    let rules = json["rules"].as_array().unwrap();
    for (verdict, member) in [
        ("failed", "failed"),
        ("blocked", "blocked"),
        ("passed", "passed"),
        ("not-applicable", "not_applicable"),
        ("not-covered", "not_covered"),
    ] {
        let counted = rules.iter().filter(|rule| rule["verdict"] == verdict).count();
        assert_eq!(json["summary"][member], counted, "{verdict}");
    }
    assert_eq!(json["summary"]["rules"], rules.len());
}

#[test]
fn the_json_satisfies_the_schema_that_the_binary_prints() {
    let printed = uptake(&["schema"]).with_code(0);
    let schema: Value = serde_json::from_str(&printed.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults = |json: &Value| -> Vec<String> {
        validator.iter_errors(json).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
    };
    assert_eq!(faults(&MIXED.json), Vec::<String>::new());
    let mut spoilt = MIXED.json.clone();
    spoilt["rules"][0].as_object_mut().unwrap().remove("verdict");
    assert_ne!(faults(&spoilt), Vec::<String>::new(), "the schema asks for something");
}

#[test]
fn each_rule_of_the_json_names_what_programs_look_for() {
    let json = &MIXED.json;
    assert_eq!(json["format"], 1);
    for rule in json["rules"].as_array().unwrap() {
        for member in ["id", "area", "level", "verdict", "scenarios"] {
            assert!(rule.get(member).is_some(), "{member} is missing in {rule:.80}");
        }
    }
    let failed = json["rules"].as_array().unwrap().iter().find(|rule| rule["verdict"] == "failed").unwrap();
    let finding =
        failed["findings"].as_array().unwrap().iter().find(|found| found["verdict"] == "failed").unwrap();
    let file = finding["place"]["file"].as_str().unwrap();
    assert!(file.starts_with("scenarios/api-video/"), "{file}");
    assert!(finding["exchange"]["curl"].as_str().unwrap().contains("curl -X "), "{finding}");
}

#[test]
fn the_terminal_shows_each_failure_so_that_it_can_be_acted_on() {
    let Written { ended, run, .. } = &*MIXED;
    for rule in run.rules.iter().filter(|rule| rule.verdict == Verdict::Failed) {
        let finding = rule.deciding().next().unwrap();
        let place = format!("{}:{}", finding.place.file, finding.place.line);
        for told in [&rule.id, &place] {
            assert!(ended.stdout.contains(told.as_str()), "{told} is missing in\n{}", ended.stdout);
        }
        assert!(rule.source.iter().all(|source| ended.stdout.contains(source.as_str())), "{:?}", rule.source);
    }
    assert!(ended.stdout.contains("curl "), "{}", ended.stdout);
    let last = ended.stdout.lines().last().unwrap();
    assert!(last.starts_with("FAILED: ") && last.ends_with("exit code 1)"), "{last}");
}

#[test]
fn what_is_piped_has_no_colour() {
    let Ended { stdout, stderr, .. } = &MIXED.ended;
    for (name, text) in [("stdout", stdout), ("stderr", stderr)] {
        assert!(!text.contains('\u{1b}'), "{name} moves a cursor or changes a colour");
    }
}

#[test]
fn data_goes_to_stdout_and_progress_to_stderr() {
    let Ended { stdout, stderr, .. } = &MIXED.ended;
    assert!(
        stderr.starts_with("running ") && stderr.lines().next().unwrap().ends_with(" scenarios"),
        "{stderr}"
    );
    assert!(stderr.lines().any(|line| line.starts_with("failed: ") && line.ends_with(".yaml)")), "{stderr}");
    assert!(!stdout.contains("running "), "{stdout}");
}

#[test]
fn a_report_on_stdout_stands_there_alone() {
    let bench = Bench::start(Setup::default());
    let ended = uptake(&["check", SCENARIO, "--target", bench.profile(), "--report", "junit=-"]).with_code(0);
    let document = Document::parse(&ended.stdout).unwrap();
    assert_eq!(number(document.root_element(), "tests"), 1);
    let twice = ["check", SCENARIO, "--target", bench.profile(), "--report", "junit=-", "--report", "json=-"];
    let ended = uptake(&twice).with_code(2);
    assert!(
        ended.stderr.contains("two reports cannot both be written to standard output"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_quiet_run_says_nothing_when_all_is_well_and_still_writes_its_reports() {
    let bench = Bench::start(Setup::default());
    let (ended, run) = bench.check(&[SCENARIO, "--quiet"]);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, "", ""));
    assert_eq!(rules_that(&run, Verdict::Passed), ["AUTH-01"]);

    let bench = Bench::start(Setup::wrong(&["exchange-answers-201".parse().unwrap()]));
    let (ended, _) = bench.check(&[SCENARIO, "--quiet"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""));
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.starts_with("FAILED: 1 rule: 1 failed"), "{}", ended.stderr);
}

#[test]
fn a_report_replaces_the_old_one_and_leaves_nothing_beside_it() {
    let bench = Bench::start(Setup::default());
    bench.folder.write("run.json", "an old report");
    let before = bench.folder.files().len();
    let (ended, run) = bench.check(&[SCENARIO]);
    assert_eq!((ended.code, run.summary.passed), (0, 1));
    assert_eq!(bench.folder.files().len(), before);
}

#[test]
fn a_run_that_ended_early_is_no_green_file() {
    let server = Little::start(|_| Reply::raw(""));
    let folder = Folder::new();
    folder.write("key", "a-key-of-the-tests");
    let text =
        format!("target: gone\nbase-url: {}\ncredentials: {{ api-key: {{ file: key }} }}\n", server.origin());
    let target = folder.write("target.yaml", &text);
    let junit = format!("junit={}", folder.path("run.xml"));
    uptake(&["check", SCENARIO, "--target", &target, "--report", &junit]).with_code(3);
    let text = folder.read("run.xml");
    let document = Document::parse(&text).unwrap();
    let root = document.root_element();
    assert_eq!((number(root, "errors"), number(root, "failures")), (1, 0), "{text}");
    let error = document.descendants().find(|node| node.has_tag_name("error")).unwrap();
    assert!(error.attribute("message").unwrap().contains("the target is unreachable"), "{text}");
}

#[test]
fn a_reader_that_has_read_enough_is_no_failure() {
    let bench = Bench::start(Setup::default());
    let listing = ["rules"];
    let check = ["check", SCENARIO, "--target", bench.profile()];
    let json = ["check", SCENARIO, "--target", bench.profile(), "--report", "json=-"];
    for arguments in [&listing[..], &check, &json, &["schema"], &["--help"]] {
        // The reader goes away before a word is written.
        let mut child = command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {stderr}");
        assert!(!stderr.contains("panicked") && !stderr.contains("error"), "{arguments:?}: {stderr}");
    }
    // Or after its first line, as `head -1` does.
    let mut child = command(&listing).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(!line.trim().is_empty());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// The sample in the repository was made by a run; its other forms, and the failure that the README shows, follow from its JSON.
#[test]
fn the_sample_report_is_what_this_version_renders() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    let file = |name: &str| std::fs::read_to_string(format!("{root}{name}")).unwrap();
    let json = format!("{root}reports/sample/ttl.json");
    let rendered = |more: &[&str]| {
        let mut render = command(&[&["report", "render", json.as_str()], more].concat());
        String::from_utf8(render.env("COLUMNS", "100").output().unwrap().stdout).unwrap()
    };
    for (name, report) in [("ttl.json", "json=-"), ("ttl.xml", "junit=-"), ("ttl.md", "markdown=-")] {
        assert_eq!(rendered(&["--report", report]), file(&format!("reports/sample/{name}")), "{name}");
    }
    let terminal = rendered(&[]);
    assert_eq!(terminal, file("reports/sample/ttl.txt"));
    let readme = file("README.md");
    let shown = readme.split("```text\nFailed\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(
        shown.lines().count() > 5 && terminal.contains(shown),
        "the README shows another failure:\n{shown}"
    );
}

/// The head of a report, its first failure of a required rule, and its last line, cut to 100 columns.
fn excerpt(report: &str) -> String {
    let colour = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    let lines: Vec<&str> = report.lines().collect();
    let titled = |title: &str| lines.iter().position(|line| colour.replace_all(line, "") == title).unwrap();
    let failed = titled("Failed");
    let ended = failed + lines[failed..].iter().position(|line| line.trim().is_empty()).unwrap();
    let mut shown = vec!["$ uptake check --area ttl --defect expired-token-accepted"];
    shown.extend(&lines[..titled("Observed")]);
    shown.extend(&lines[failed..ended]);
    shown.extend(["", lines[lines.len() - 1]]);
    let cut = |line: &&str| {
        if colour.is_match(line) || line.chars().count() <= 100 {
            return (*line).to_owned();
        }
        line.chars().take(99).chain(['…']).collect()
    };
    shown.iter().map(cut).collect::<Vec<_>>().join("\n")
}

/// The picture in the README is the sample as a terminal shows it. `UPDATE_PICTURE=1` draws it anew.
#[test]
fn the_picture_in_the_readme_is_of_the_sample() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    let (json, picture) = (format!("{root}reports/sample/ttl.json"), format!("{root}reports/sample/ttl.svg"));
    let mut render = command(&["report", "render", &json, "--color", "always"]);
    let shown = String::from_utf8(render.env("COLUMNS", "100").output().unwrap().stdout).unwrap();
    let shown = excerpt(&shown);
    let drawn = anstyle_svg::Term::new().render_svg(&shown);
    if std::env::var_os("UPDATE_PICTURE").is_some() {
        std::fs::write(&picture, &drawn).unwrap();
    }
    assert_eq!(drawn, std::fs::read_to_string(&picture).unwrap(), "UPDATE_PICTURE=1 draws the picture anew");
    let readme = std::fs::read_to_string(format!("{root}README.md")).unwrap();
    assert!(readme.contains("](reports/sample/ttl.svg)"));
    // It is read by an XML reader of another hand, and shows the last line of the run.
    let document = Document::parse(&drawn).unwrap();
    let text: String = document.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect();
    assert!(text.contains("FAILED: ") && text.contains("exit code 1"), "{text}");
}
