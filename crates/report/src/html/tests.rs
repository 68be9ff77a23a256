//! Pages are read by a strict reader; what a server said must never become markup.

use uptake_outcome::load::{Phase, compare};
use uptake_outcome::{
    Counterexample, Ending, Exit, FailOn, FuzzRun, HttpVersion, PropertyResult, Run, ServerEntry, Servers,
    Stability, TargetSummary,
};

use super::{
    Compared, ComparedGroup, check_html, comparison_html, fuzz_html, load_html, matrix_html, servers_html,
};
use crate::{load, matrix_sample, sample};

/// Markup, an attribute's end, a script's end, and a character that reorders a line.
const HOSTILE: &str =
    "\"'><script>alert(1)</script><img src=x onerror=alert(2)></style></script>\u{202e}{{ 7*7 }}";

fn fuzz_run(said: &str) -> FuzzRun {
    FuzzRun {
        format: uptake_outcome::FUZZ_FORMAT,
        uptake: "0.1.0".to_owned(),
        target: TargetSummary {
            http_version: HttpVersion::Http1,
            name: said.to_owned(),
            base_url: said.to_owned(),
            proxy: None,
            capabilities: Vec::new(),
        },
        seed: 7,
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        took_seconds: 1.5,
        ending: Ending::Completed,
        bound: None,
        cases: 20,
        unsaid: 1,
        unsaid_because: Some(said.to_owned()),
        requests: 90,
        bytes_sent: 5_000,
        properties: vec![PropertyResult {
            name: "refusal".to_owned(),
            text: said.to_owned(),
            cases: 20,
            counterexamples: 1,
        }],
        counterexamples: vec![Counterexample {
            property: "refusal".to_owned(),
            rule: "BYTES-07".to_owned(),
            case: 3,
            stability: Stability::Unstable,
            expected: said.to_owned(),
            got: said.to_owned(),
            segments: 2,
            tries: 9,
            seen: 2,
            picture: said.to_owned(),
            transcripts: vec![vec![said.to_owned()]],
            scenario: Some(said.to_owned()),
        }],
    }
}

fn servers(said: &str, run: Run) -> Servers {
    let entry = |server: &str, run: Option<Run>| ServerEntry {
        server: server.to_owned(),
        version: said.to_owned(),
        error: run.is_none().then(|| said.to_owned()),
        run,
        suite: said.to_owned(),
    };
    let mut servers = Servers {
        format: uptake_outcome::SERVERS_FORMAT,
        uptake: "0.1.0".to_owned(),
        title: said.to_owned(),
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        took_seconds: 1.5,
        ending: Ending::Completed,
        entries: vec![entry(said, Some(run.clone())), entry("second", Some(run)), entry("third", None)],
        since: None,
    };
    let old = Servers { entries: vec![entry("gone", None)], ..servers.clone() };
    servers.compare(&old);
    servers
}

/// Every page, with `said` wherever a target, a profile or a plan can put a text.
fn pages(said: &str) -> Vec<(&'static str, String)> {
    let mut run = sample::waived();
    run.target.name = said.to_owned();
    run.warnings.push(said.to_owned());
    for rule in &mut run.rules {
        rule.reason = Some(said.to_owned());
        for finding in &mut rule.findings {
            finding.observed = said.to_owned();
            if let Some(exchange) = &mut finding.exchange {
                exchange.answer = said.to_owned();
                exchange.curl = said.to_owned();
                exchange.headers.push((said.to_owned(), said.to_owned()));
            }
        }
    }
    let mut load = load::sample::run();
    load.target.name = said.to_owned();
    load.errors[0].text = said.to_owned();
    load.warnings.push(said.to_owned());
    let mut matrix = matrix_sample::matrix();
    matrix.suite = said.to_owned();
    matrix.defects[3].error = Some(said.to_owned());
    let differences = compare(std::slice::from_ref(&load), std::slice::from_ref(&load));
    let group =
        ComparedGroup { name: said.to_owned(), runs: vec![load.clone()], differences, judged: Vec::new() };
    let compared =
        Compared { name: said.to_owned(), old: vec![load.clone()], groups: vec![group], exit: Exit::Success };
    vec![
        ("check", check_html(&run, FailOn::Must)),
        ("load", load_html(&load)),
        ("matrix", matrix_html(&matrix)),
        ("fuzz", fuzz_html(&fuzz_run(said))),
        ("comparison", comparison_html(&compared)),
        ("servers", servers_html(&servers(said, run), FailOn::Must)),
    ]
}

#[test]
fn markup_in_a_response_is_text() {
    for (name, page) in pages(HOSTILE) {
        assert_eq!(page.matches("<script").count(), 1, "{name}: only the page's own script");
        assert_eq!(page.matches("</script>").count(), 1, "{name}");
        assert_eq!(page.matches("</style>").count(), 1, "{name}");
        assert!(!page.contains("<img"), "{name}");
        assert!(!page.contains('\u{202e}'), "{name}: a character that reorders lines is spelt out");
        assert!(page.contains("&#60;img src=x onerror=alert(2)&#62;"), "{name}: the text is still there");
    }
}

#[test]
fn a_page_loads_nothing_from_elsewhere_and_runs_its_own_script_only() {
    for (name, page) in pages("plain") {
        for outside in ["src=", "href=\"http", "@import", "url(", "<link", "<base", "<iframe"] {
            assert!(!page.contains(outside), "{name} has {outside}");
        }
        let policy = page.split("Content-Security-Policy\" content=\"").nth(1).expect("it has a policy");
        assert!(policy.starts_with("default-src &#39;none&#39;"), "{name}: {policy:.80}");
        assert!(policy.contains("script-src &#39;sha256-"), "{name}: {policy:.200}");
    }
}

#[test]
fn every_rule_stands_on_the_page_with_what_its_filters_read() {
    let run = sample::waived();
    let page = check_html(&run, FailOn::Must);
    for rule in &run.rules {
        let opening = format!(
            "id=\"{}\" data-verdict=\"{}\" data-level=\"{}\" data-area=\"{}\"",
            rule.id, rule.verdict, rule.level, rule.area
        );
        assert_eq!(page.matches(&opening).count(), 1, "{opening}");
    }
    assert!(page.contains("problem video-content-range-by-bytes-range-too-small"), "what was expected");
    assert!(page.contains("curl -X POST"), "the request as curl");
}

#[test]
fn what_failed_comes_first_and_is_unfolded() {
    let page = check_html(&sample::run(), FailOn::Must);
    let first = page.split("<details class=\"item").nth(1).expect("there is a rule");
    let tag = first.split('>').next().expect("a tag");
    assert!(tag.contains("data-verdict=\"failed\"") && tag.ends_with(" open"), "{tag}");
}

#[test]
fn a_run_without_rules_is_a_page_too() {
    let page = check_html(&sample::out_of_reach(), FailOn::Must);
    assert!(page.contains("COULD NOT TEST"), "{page}");
    let nothing = uptake_outcome::Run { rules: Vec::new(), ..sample::green() };
    assert!(!check_html(&nothing, FailOn::Must).contains("Score by area"));
}

#[test]
fn a_load_run_has_a_heat_map_where_its_intervals_were_kept_and_lines_otherwise() {
    let mut run = load::sample::run();
    let (heat, lines) = ("The darker a cell", "Percentiles of the uploads that ended in each second");
    let page = load_html(&run);
    assert!(page.contains(heat) && !page.contains(lines));
    run.intervals.clear();
    for second in &mut run.series {
        (second.upload_p50, second.upload_p90, second.upload_p99, second.upload_max) =
            (900, 1_000, 5_000, 9_000);
    }
    let page = load_html(&run);
    assert!(page.contains(lines) && !page.contains(heat));
}

#[test]
fn a_load_run_that_measured_nothing_has_no_charts() {
    let mut run = load::sample::run();
    run.phases.clear();
    run.series.clear();
    run.intervals.clear();
    let page = load_html(&run);
    assert!(!page.contains("<svg"), "{page}");
    run.phases = load::sample::run().phases;
    run.phases.retain(|phase, _| *phase == Phase::Upload);
    assert!(load_html(&run).contains("Response time by percentile"));
}

#[test]
fn two_load_runs_are_overlaid() {
    let (old, mut new) = (load::sample::run(), load::sample::run());
    new.name = "slower".to_owned();
    let differences = compare(std::slice::from_ref(&old), std::slice::from_ref(&new));
    let group = ComparedGroup { name: "b.json".to_owned(), runs: vec![new], differences, judged: Vec::new() };
    let compared =
        Compared { name: "a.json".to_owned(), old: vec![old], groups: vec![group], exit: Exit::Success };
    let page = comparison_html(&compared);
    assert!(page.contains("old: a.json") && page.contains("new: b.json"));
    // One curve in each colour, drawn for two widths.
    for colour in ["#010000", "#020000"] {
        let drawn = page.split("</style>").nth(1).expect("there is a body");
        assert_eq!(drawn.matches(&format!("stroke=\"{colour}\"")).count(), 2, "{colour}");
    }
}

#[test]
fn the_matrix_names_survivors_and_unproven_rules() {
    let page = matrix_html(&matrix_sample::matrix());
    assert!(page.contains("data-fate=\"survived\""));
    assert!(page.contains("unproven"));
    assert!(page.contains("<svg"), "the matrix is drawn");
}
