//! An independent XML reader counts and finds what the writer wrote.

use roxmltree::{Document, Node};

use super::junit;
use crate::sample;
use uptake_outcome::{Ending, Level, Run, Verdict};

/// What an independent reader counts in the file.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    /// The elements below `node`.
    fn of_elements(node: Node) -> Self {
        let cases = node.descendants().filter(|node| node.has_tag_name("testcase"));
        let with = |name: &str| {
            cases.clone().filter(|case| case.children().any(|child| child.has_tag_name(name))).count()
        };
        Self {
            tests: cases.clone().count(),
            failures: with("failure"),
            errors: with("error"),
            skipped: with("skipped"),
        }
    }

    /// What the attributes of `node` say.
    fn of_attributes(node: Node) -> Self {
        let number = |name| node.attribute(name).and_then(|text| text.parse().ok()).expect("a number");
        Self {
            tests: number("tests"),
            failures: number("failures"),
            errors: number("errors"),
            skipped: number("skipped"),
        }
    }

    /// What the summary of `run` asks for.
    fn of_summary(run: &Run) -> Self {
        let summary = &run.summary;
        // All warnings together are one test case.
        let warnings = usize::from(!run.warnings.is_empty());
        Self {
            tests: summary.rules + warnings,
            failures: summary.failed,
            errors: summary.blocked + summary.inconclusive,
            skipped: summary.not_applicable
                + summary.not_covered
                + summary.suspended
                + summary.waived
                + warnings,
        }
    }
}

fn counts(run: &Run) -> Counts {
    let text = junit(run);
    let document = Document::parse(&text).expect("well-formed");
    let root = document.root_element();
    for counted in root.descendants().filter(|node| node.tag_name().name().starts_with("testsuite")) {
        assert_eq!(
            Counts::of_attributes(counted),
            Counts::of_elements(counted),
            "what it says is what it holds"
        );
    }
    Counts::of_elements(root)
}

#[test]
fn a_run_of_every_verdict() {
    insta::assert_snapshot!(junit(&sample::run()));
}

#[test]
fn a_waiver_is_named_where_it_excuses() {
    let text = junit(&sample::waived());
    let document = Document::parse(&text).expect("well-formed");
    let value = |name: &str| {
        let mut found = document.descendants().filter(|node| node.attribute("name") == Some(name));
        found.find_map(|node| node.attribute("value")).expect("it is there")
    };
    assert_eq!(value("issue"), "https://issues.example.test/17");
    assert!(value("waiver").contains("until 2025-06-30"), "{}", value("waiver"));
}

#[test]
fn the_counts_are_those_of_the_summary() {
    for run in [sample::run(), sample::waived(), sample::green()] {
        assert_eq!(counts(&run), Counts::of_summary(&run));
    }
}

#[test]
fn a_rule_is_one_test_case() {
    let run = sample::run();
    let text = junit(&run);
    let document = Document::parse(&text).expect("well-formed");
    let cases: Vec<_> = document.descendants().filter(|node| node.has_tag_name("testcase")).collect();
    for rule in &run.rules {
        let name = format!("{} {}", rule.id, rule.text);
        let [case] =
            cases.iter().filter(|case| case.attribute("name") == Some(&name)).collect::<Vec<_>>()[..]
        else {
            panic!("{name}: not exactly one");
        };
        assert_eq!(case.attribute("classname"), Some(&*format!("api-video.{}", rule.area)));
        let element = match rule.verdict {
            Verdict::Passed if rule.level == Level::May => Some("system-out"),
            Verdict::Passed => None,
            Verdict::Tolerated => Some("system-out"),
            Verdict::Failed => Some("failure"),
            Verdict::Blocked | Verdict::Inconclusive => Some("error"),
            _ => Some("skipped"),
        };
        let told: Vec<_> = case
            .children()
            .filter(|child| child.is_element() && !child.has_tag_name("properties"))
            .map(|child| child.tag_name().name())
            .collect();
        assert_eq!(told, Vec::from_iter(element), "{name}");
    }
}

#[test]
fn a_failure_holds_everything_to_act_on() {
    let run = sample::run();
    let text = junit(&run);
    let document = Document::parse(&text).expect("well-formed");
    let failures: Vec<_> = document
        .descendants()
        .filter(|node| node.has_tag_name("failure"))
        .filter_map(|node| node.text())
        .collect();
    let failed: Vec<_> = run.rules.iter().filter(|rule| rule.verdict == Verdict::Failed).collect();
    assert_eq!(failures.len(), failed.len());
    for (text, rule) in failures.iter().zip(failed) {
        for finding in rule.deciding() {
            let exchange = finding.exchange.iter().map(|exchange| exchange.curl.clone());
            let needed = [finding.expected.clone(), finding.observed.clone(), finding.place.to_string()];
            for needed in needed.into_iter().chain(exchange) {
                assert!(text.contains(&needed), "{needed:?} is missing in {text}");
            }
        }
    }
}

#[test]
fn whatever_is_not_green_says_why_in_its_text_too() {
    // GitLab shows the text of a failure, an error or a skipped case, and drops its message.
    let text = junit(&sample::waived());
    let document = Document::parse(&text).expect("well-formed");
    let told = document
        .descendants()
        .filter(|node| ["failure", "error", "skipped"].iter().any(|name| node.has_tag_name(*name)));
    for node in told {
        assert!(node.text().is_some_and(|text| !text.trim().is_empty()), "{node:?}");
        assert!(node.attribute("message").is_some_and(|message| !message.is_empty()), "{node:?}");
    }
}

#[test]
fn a_run_without_a_verdict_is_never_green() {
    let ended = |ending| Run { ending, ..sample::green() };
    let nothing = Run { rules: Vec::new(), ..sample::green() };
    let mut uncovered = sample::green();
    uncovered.rules.iter_mut().for_each(|rule| rule.verdict = Verdict::NotCovered);
    let runs = [
        ended(Ending::Interrupted),
        ended(Ending::OutOfReach { why: "connection refused".to_owned() }),
        ended(Ending::HarnessFailed { why: "no room on the disk".to_owned() }),
        nothing,
        uncovered,
        sample::out_of_reach(),
    ];
    for run in runs {
        assert_eq!(counts(&run).errors, 1, "{:?} with {} rules", run.ending, run.rules.len());
    }
}

#[test]
fn what_xml_cannot_hold_is_spelt_out() {
    let mut run = sample::run();
    run.warnings.clear();
    for finding in run.rules.iter_mut().flat_map(|rule| &mut rule.findings) {
        finding.observed = "\u{0}\u{1b}[31m\u{b}\u{ffff} ]]> <b> & \" '".to_owned();
    }
    let text = junit(&run);
    let document = Document::parse(&text).expect("well-formed");
    let failure = document.descendants().find(|node| node.has_tag_name("failure")).expect("there is one");
    let shown = "\\u{0}\\u{1b}[31m\\u{b}\\u{ffff} ]]> <b> & \" '";
    assert!(failure.text().is_some_and(|text| text.contains(shown)), "{:?}", failure.text());
}
