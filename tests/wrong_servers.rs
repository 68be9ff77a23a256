//! A server that is wrong is caught: exactly the rules fail that it breaks, and no others.
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use uptake_check::{RunOptions, Selection};
use uptake_outcome::{Exit, FailOn, Run, Verdict};
use uptake_reference::{ClockKind, Config, Defect, Limits, Server};
use uptake_stop::Stopper;
use uptake_suite::{Cost, Loaded, load};
use uptake_target::{Capability, ClockControl, Target};
use uptake_wire::Settings;

const MIN_SEGMENT: u64 = 64 << 10;
const MAX: u64 = 1 << 20;

/// Runs the whole suite against a reference server with these defects, and small limits so that it is quick.
async fn judge(loaded: &Loaded, defects: &[&str]) -> Run {
    let chosen: Vec<Defect> =
        Defect::all().iter().copied().filter(|defect| defects.contains(&defect.name())).collect();
    assert_eq!(chosen.len(), defects.len(), "each of {defects:?} is a defect");
    let server = Server::start(Config {
        api_key: "a-key-of-the-test".into(),
        control: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        clock: ClockKind::Virtual,
        limits: Limits { min_segment: MIN_SEGMENT, max_segment: MAX, max_request: MAX, ..Limits::default() },
        defects: chosen.into_iter().collect(),
        ..Config::default()
    })
    .await
    .unwrap();
    let control = server.control().unwrap();
    let target = Target {
        name: "wrong server".into(),
        base_url: server.origin().parse().unwrap(),
        credentials: BTreeMap::from([("api-key".into(), "a-key-of-the-test".into())]),
        limits: uptake_target::Limits {
            min_segment: MIN_SEGMENT,
            max_segment: MAX,
            max_request: MAX,
            ..uptake_target::Limits::default()
        },
        given: uptake_target::LimitsGiven::default(),
        grace: Duration::from_secs(86_400),
        margin: Duration::from_secs(2),
        capabilities: ["clock", "status", "cors"].map(Capability::assumed).to_vec(),
        clock: Some(ClockControl::post(format!("{control}/clock/advance").parse().unwrap())),
        detects: false,
        vars: BTreeMap::new(),
        vars_place: None,
        clock_seen_by: None,
        budgets: None,
        stored: None,
        header_secrets: BTreeMap::new(),
        settings: Settings::default(),
        profile: None,
    };
    let options = RunOptions {
        selection: Selection { cost: Cost::Large, ..Selection::default() },
        jobs: NonZeroUsize::new(4).unwrap(),
        seed: 1,
        patience: Duration::MAX,
        keep: uptake_check::KeepExchanges::None,
        reports_exchanges: false,
    };
    uptake_check::run(loaded, &target, &options, Stopper::default(), &|_| {}).await.unwrap()
}

fn failed(run: &Run) -> BTreeSet<&str> {
    run.rules.iter().filter(|rule| rule.verdict == Verdict::Failed).map(|rule| rule.id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_without_a_defect_breaks_nothing() {
    let loaded = load(&[]).unwrap();
    let run = judge(&loaded, &[]).await;
    assert_eq!(failed(&run), BTreeSet::new());
    assert_eq!(run.exit(FailOn::Should), Exit::Success);
    let of_rates =
        loaded.suite.rules.iter().filter(|rule| rule.needs.has.contains(&"rate-limit".to_owned())).count();
    assert_eq!(
        run.summary.judged,
        loaded.suite.rules.len() - of_rates,
        "all but the rate limit, which this server does not have"
    );
    assert!(
        run.rules.iter().filter(|rule| rule.verdict == Verdict::Passed).all(|rule| !rule.findings.is_empty()),
        "no rule passes without having been held against an answer"
    );
}

/// A wrong server, and exactly what it breaks.
const WRONG: [(&str, &[&str]); 12] = [
    ("any-access-token-accepted", &["AUTH-09", "AUTH-12", "AUTH-13", "AUTH-17", "AUTH-18", "HTTP-14"]),
    ("ttl-limit-off-by-one", &["TOKEN-06"]),
    ("request-limit-off-by-one", &["UPLOAD-07"]),
    ("overlap-by-one-byte-accepted", &["BYTES-04", "BYTES-11", "BYTES-23", "BYTES-29", "BYTES-32"]),
    (
        "range-length-unchecked",
        &[
            "BYTES-10",
            "BYTES-14",
            "BYTES-15",
            "BYTES-16",
            "BYTES-23",
            "GRACE-13",
            "PART-10",
            "TTL-04",
            "UPLOAD-20",
        ],
    ),
    ("repeated-part-accepted", &["GRACE-13", "PART-08", "PART-20"]),
    ("part-zero-accepted", &["PART-10", "PART-17", "UPLOAD-20"]),
    ("expired-token-listed", &["TTL-06"]),
    ("grace-from-first-segment", &["GRACE-01", "GRACE-02", "GRACE-04", "GRACE-08", "GRACE-10"]),
    ("grace-for-any-video", &["GRACE-07"]),
    ("deletion-spares-uploads", &["REVOKE-05", "REVOKE-06", "REVOKE-10", "REVOKE-11"]),
    ("error-status-differs", &["SCHEMA-06"]),
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it takes a minute: a stage of .ci/run"]
async fn a_wrong_server_fails_exactly_the_rules_that_it_breaks() {
    let loaded = load(&[]).unwrap();
    // A run waits more than it works, so a few go on at once.
    let judged: Vec<_> = stream::iter(WRONG)
        .map(|(defect, broken)| {
            let loaded = &loaded;
            async move { (defect, broken, judge(loaded, &[defect]).await) }
        })
        .buffered(3)
        .collect()
        .await;
    let mut wrong = Vec::new();
    for (defect, broken, run) in judged {
        let expected: BTreeSet<&str> = broken.iter().copied().collect();
        if failed(&run) != expected || run.exit(FailOn::Must) != Exit::Failed {
            wrong.push(format!("{defect}: {:?}, not {expected:?}", failed(&run)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
