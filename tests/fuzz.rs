//! `uptake fuzz`: generated uploads against the reference server, faithful and not. The oracle agrees with a server that it
//! shares no code with, sees the defects that are planted there, and hands back scenarios that `uptake check` replays.

mod common;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uptake_fuzz::{Bounds, FuzzConfig, Property, fuzz};
use uptake_outcome::{Ending, Exit, FailOn, FuzzRun, Stability};
use uptake_prove::Sandbox;
use uptake_reference::{Config, Defect};
use uptake_stop::Stopper;
use uptake_suite::{Cost, load};

use self::common::{Folder, uptake};

/// The areas whose defects segments can show.
const AREAS: [&str; 5] = ["bytes", "part", "ttl", "grace", "revoke"];
/// The defects of other areas that the form of an upload shows.
const FORMS: [&str; 11] = [
    "upload-answers-200",
    "missing-file-accepted",
    "second-file-ignored",
    "empty-file-accepted",
    "request-limit-off-by-one",
    "request-limit-unchecked",
    "source-replaced",
    "never-shown-uploaded",
    "filesize-off-by-one",
    "video-id-behind-file-ignored",
    "file-by-field-name",
];

fn plan(seed: u64, cases: u64, out: &Path) -> FuzzConfig {
    FuzzConfig {
        suite: None,
        properties: Vec::new(),
        seed,
        shard: uptake_outcome::Shard::WHOLE,
        bounds: Bounds { cases: Some(cases), counterexamples: Some(1), ..Bounds::default() },
        jobs: 1,
        status_timeout: Duration::ZERO,
        out: out.to_owned(),
        replay: "uptake check --tiny".to_owned(),
    }
}

/// A run against servers with these defects.
async fn run(defects: &[Defect], plan: &FuzzConfig) -> FuzzRun {
    let config = Config { defects: defects.iter().copied().collect(), ..Sandbox::tiny(plan.seed) };
    let one = Sandbox::start(config.clone()).await.expect("a server");
    let other = Sandbox::start(config).await.expect("another");
    let targets = vec![one.target.clone(), other.target.clone()];
    fuzz(targets, plan, Stopper::default(), &|_| {}).await.expect("a run")
}

/// How `uptake check` ends with this scenario, against a server that has seen nothing else.
async fn replay(defects: &[Defect], scenario: &str) -> Exit {
    let loaded = load(&[PathBuf::from(scenario)]).expect("a scenario that can be read");
    let config = Config { defects: defects.iter().copied().collect(), ..Sandbox::tiny(1) };
    let sandbox = Sandbox::start(config).await.expect("a server");
    let selection = uptake_check::Selection { cost: Cost::Large, ..uptake_check::Selection::default() };
    let options = uptake_check::RunOptions {
        selection,
        jobs: NonZeroUsize::MIN,
        seed: 1,
        patience: Duration::MAX,
        keep: uptake_check::KeepExchanges::None,
        reports_exchanges: false,
    };
    let run =
        uptake_check::run(&loaded, &sandbox.target, &options, uptake_stop::Stopper::default(), &|_| {}).await;
    run.expect("a run").exit(FailOn::Should)
}

/// How a replay against this defect ends. A race may take more than one chance to show, on a busy machine above all.
async fn replay_with_chances(defect: Defect, scenario: &str) -> Exit {
    for _ in 0..9 {
        let exit = replay(&[defect], scenario).await;
        if exit != Exit::Success {
            return exit;
        }
    }
    replay(&[defect], scenario).await
}

/// Whether the defect is found within so many cases; what is wrong with what is handed back.
async fn found(defect: Defect, seed: u64, cases: u64) -> Result<(), String> {
    let folder = Folder::new();
    let uploads = Property::ALL.into_iter().filter(|property| *property != Property::Contract).collect();
    let plan = FuzzConfig { properties: uploads, ..plan(seed, cases, folder.root()) };
    let run = run(&[defect], &plan).await;
    let Some(counterexample) = run.counterexamples.first() else { return Err("not found".to_owned()) };
    if counterexample.segments > 4 {
        return Err(format!("{} segments are left", counterexample.segments));
    }
    let Some(scenario) = &counterexample.scenario else { return Err("unstable".to_owned()) };
    let (wrong, faithful) = (replay_with_chances(defect, scenario).await, replay(&[], scenario).await);
    if (wrong, faithful) != (Exit::Failed, Exit::Success) {
        let text = std::fs::read_to_string(scenario).unwrap_or_default();
        return Err(format!(
            "its scenario ends with {wrong:?}, without the defect with {faithful:?}:\n{text}"
        ));
    }
    Ok(())
}

fn defects() -> Vec<Defect> {
    let wanted = |defect: &Defect| AREAS.contains(&defect.area()) || FORMS.contains(&defect.name());
    Defect::all().iter().copied().filter(wanted).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oracle_agrees_with_the_reference_server() {
    let folder = Folder::new();
    let run = run(&[], &plan(11, 400, folder.root())).await;
    let pictures: Vec<_> = run.counterexamples.iter().map(|found| found.picture.as_str()).collect();
    assert_eq!(pictures, Vec::<&str>::new());
    assert_eq!((run.exit(), run.cases, run.unsaid), (Exit::Success, 400, 0), "{:?}", run.unsaid_because);
    assert!(run.properties.iter().all(|property| property.cases > 0), "every property has its turn");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_defect_of_each_kind_is_found_and_its_scenario_replays_it() {
    for name in [
        "overlap-by-one-byte-accepted",
        "assembled-in-arrival-order",
        "parallel-part-lost",
        "count-zero-is-open",
        "judged-at-the-start",
        "grace-of-25-hours",
        "deletion-reaches-one-in-two",
        "video-id-behind-file-ignored",
    ] {
        let defect = name.parse().expect("a defect");
        if let Err(why) = found(defect, 3, 500).await {
            panic!("{name}: {why}");
        }
    }
}

/// The whole measure, which takes minutes: `cargo test --release --test fuzz -- --ignored`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it takes minutes: every defect, with five seeds"]
async fn at_least_95_of_100_pairs_of_defect_and_seed_are_found_within_500_cases() {
    let (mut pairs, mut missed) = (0, Vec::new());
    for defect in defects() {
        for seed in 1..=5 {
            pairs += 1;
            if let Err(why) = found(defect, seed, 500).await {
                missed.push(format!("{defect} with seed {seed}: {why}"));
            }
        }
    }
    assert!(missed.len() * 20 <= pairs, "{} of {pairs} are missed:\n{}", missed.len(), missed.join("\n"));
}

/// A plan that tests the whole contract.
fn contract_plan(seed: u64, cases: u64, out: &Path) -> FuzzConfig {
    FuzzConfig { properties: vec![Property::Contract], ..plan(seed, cases, out) }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_of_the_contract_agrees_with_the_reference_server() {
    let folder = Folder::new();
    let run = run(&[], &contract_plan(21, 300, folder.root())).await;
    let pictures: Vec<_> = run.counterexamples.iter().map(|found| found.picture.as_str()).collect();
    assert_eq!(pictures, Vec::<&str>::new());
    assert_eq!((run.exit(), run.cases, run.unsaid), (Exit::Success, 300, 0), "{:?}", run.unsaid_because);
    assert!(run.requests > 3000, "{} requests", run.requests);
}

/// The rule that calls of the contract find broken, with a scenario that fails with the defect and passes without it.
async fn found_by_calls(defect: Defect, seed: u64, cases: u64) -> Result<String, String> {
    let folder = Folder::new();
    let run = run(&[defect], &contract_plan(seed, cases, folder.root())).await;
    let Some(counterexample) = run.counterexamples.first() else { return Err("not found".to_owned()) };
    let Some(scenario) = &counterexample.scenario else {
        return Err(format!("no scenario for\n{}", counterexample.picture));
    };
    let (wrong, faithful) = (replay_with_chances(defect, scenario).await, replay(&[], scenario).await);
    if (wrong, faithful) != (Exit::Failed, Exit::Success) {
        let text = std::fs::read_to_string(scenario).unwrap_or_default();
        return Err(format!(
            "its scenario ends with {wrong:?}, without the defect with {faithful:?}:\n{text}"
        ));
    }
    Ok(counterexample.rule.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_defect_of_each_area_is_found_by_calls_of_the_contract() {
    for (name, rule) in [
        ("any-api-key-exchanged", "AUTH-02"),
        ("api-key-repeated", "HTTP-07"),
        ("token-list-is-public", "AUTH-07"),
        ("repeated-part-accepted", "PART-08"),
    ] {
        let defect = name.parse().expect("a defect");
        assert_eq!(found_by_calls(defect, 3, 400).await.as_deref(), Ok(rule), "{name}");
    }
}

/// The whole measure, which takes minutes: `cargo test --release --test fuzz -- --ignored`. Left out are the defects that no
/// answer of the contract shows: those of stored bytes, of what is not in the model, and of connections.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it takes minutes: every defect, with three seeds"]
async fn at_least_85_of_100_defects_are_found_by_calls_of_the_contract() {
    let (mut missed, mut wrong) = (Vec::new(), Vec::new());
    for defect in Defect::all() {
        let mut found = false;
        for seed in 1..=3 {
            match found_by_calls(*defect, seed, 600).await {
                Ok(_) => found = true,
                Err(why) if why == "not found" => {}
                Err(why) => wrong.push(format!("{defect} with seed {seed}: {why}")),
            }
        }
        if !found {
            missed.push(defect.to_string());
        }
    }
    let all = Defect::all().len();
    assert!(missed.len() * 100 <= all * 15, "{} of {all} are missed: {}", missed.len(), missed.join(", "));
    assert!(wrong.len() * 50 <= all, "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_repeats_a_run_exactly() {
    let folder = Folder::new();
    let defect: Defect = "repeated-part-accepted".parse().expect("a defect");
    let mut runs = Vec::new();
    for _ in 0..2 {
        let plan = plan(5, 500, folder.root());
        let run = run(&[defect], &plan).await;
        let scenario = run.counterexamples[0].scenario.clone().expect("it is stable");
        runs.push((run.counterexamples, run.cases, std::fs::read_to_string(scenario).expect("written")));
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_stopped_says_so_and_one_out_of_time_too() {
    let folder = Folder::new();
    let sandbox = Sandbox::start(Sandbox::tiny(1)).await.expect("a server");
    let stopper = Stopper::default();
    let stop = stopper.clone();
    let plan = plan(1, 100_000, folder.root());
    // Stopped as soon as something has been tried.
    let listener = move |_| stop.stop();
    let run = fuzz(vec![sandbox.target.clone()], &plan, stopper, &listener).await.expect("a run");
    assert_eq!((run.ending, run.cases > 0), (Ending::Interrupted, true));
    let bounds = Bounds { time: Some(Duration::from_millis(300)), ..Bounds::default() };
    let plan = FuzzConfig { bounds, ..plan };
    let run = fuzz(vec![sandbox.target.clone()], &plan, Stopper::default(), &|_| {}).await.expect("a run");
    assert_eq!(run.exit(), Exit::Success);
    assert!(run.cases > 0 && run.took_seconds < 20.0);
}

/// How many tokens the target lists.
async fn listed_tokens(target: &uptake_target::Target) -> usize {
    let url = target.base_url.join("upload-tokens").expect("a URL");
    let mut request = uptake_wire::Request::new(http::Method::GET, url);
    let key = STANDARD.encode(format!("{}:", target.credentials["api-key"]));
    request.headers.push(("Authorization".to_owned(), format!("Basic {key}")));
    let client = uptake_wire::Client::new(target.settings.clone()).expect("a client");
    let body = client.send(&request).await.outcome.expect("a response").json().expect("JSON");
    body["data"].as_array().map_or(0, Vec::len)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_leaves_nothing_behind() {
    for property in [Property::Contract, Property::Together] {
        let folder = Folder::new();
        let sandbox = Sandbox::start(Sandbox::tiny(1)).await.expect("a server");
        let stopper = Stopper::default();
        let config = FuzzConfig { properties: vec![property], jobs: 3, ..plan(1, 100_000, folder.root()) };
        // Stopped while a case has a token.
        let stop = async {
            while listed_tokens(&sandbox.target).await == 0 {
                tokio::task::yield_now().await;
            }
            stopper.stop();
        };
        let listener = |_| {};
        let run = fuzz(vec![sandbox.target.clone()], &config, stopper.clone(), &listener);
        let (run, ()) = tokio::join!(run, stop);
        assert_eq!(run.expect("a run").exit(), Exit::Interrupted);
        assert_eq!(listed_tokens(&sandbox.target).await, 0, "{property}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_bytes_are_sent_than_allowed() {
    let folder = Folder::new();
    let sandbox = Sandbox::start(Sandbox::tiny(1)).await.expect("a server");
    let bounds = Bounds { cases: Some(2000), bytes: Some(100_000), ..Bounds::default() };
    let plan = FuzzConfig { bounds, properties: vec![Property::Permutation], ..plan(1, 1, folder.root()) };
    let run = fuzz(vec![sandbox.target.clone()], &plan, Stopper::default(), &|_| {}).await.expect("a run");
    assert!(run.cases > 0 && run.cases < 2000, "{}", run.cases);
    // What stands around the files counts too, and is small.
    assert!(run.bytes_sent < 150_000, "{}", run.bytes_sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_before_the_target_was_lost_is_kept() {
    let folder = Folder::new();
    let defect: Defect = "upload-answers-200".parse().expect("a defect");
    let config = Config { defects: [defect].into_iter().collect(), ..Sandbox::tiny(1) };
    let Sandbox { server, target } = Sandbox::start(config).await.expect("a server");
    let mut bounds = plan(1, 500, folder.root());
    bounds.bounds.counterexamples = None;
    let server = std::sync::Mutex::new(Some(server));
    // It goes as the first counterexample is made small.
    let listener = |progress| {
        if matches!(progress, uptake_fuzz::FuzzEvent::Found { .. }) {
            drop(server.lock().expect("no one panics").take());
        }
    };
    let run = fuzz(vec![target], &bounds, Stopper::default(), &listener).await.expect("a run");
    assert_eq!(run.exit(), Exit::CouldNotTest, "{:?}", run.ending);
    assert_eq!(run.counterexamples[0].stability, Stability::NotRepeated);
    assert!(run.counterexamples[0].scenario.is_some(), "it is saved as it was found");
}

#[test]
fn the_command_reports_writes_and_replays_what_it_found() {
    let folder = Folder::new();
    let out = folder.path("found");
    let report = format!("json={}", folder.path("fuzz.json"));
    let defect = ["--defect", "part-zero-accepted"];
    let mut arguments = vec!["fuzz", "--cases", "500", "--enough", "1", "--property", "refusal"];
    arguments.extend(["--out", &out, "--report", &report]);
    arguments.extend(defect);
    let ended = uptake(&arguments).with_code(1);
    assert!(ended.stdout.contains("PART-10 (refusal, case "), "{}", ended.stdout);
    assert!(ended.stdout.contains("<-"), "{}", ended.stdout);
    let run: FuzzRun = serde_json::from_str(&folder.read("fuzz.json")).expect("the report is a run");
    let scenario = run.counterexamples[0].scenario.clone().expect("a scenario");
    uptake(&["check", "--tiny", "--fail-on", "should", defect[0], defect[1], &scenario]).with_code(1);
    uptake(&["check", "--tiny", &scenario]).with_code(0);
    let still = uptake(&["fuzz", "--replay", &out, defect[0], defect[1]]).with_code(1);
    assert!(still.stdout.starts_with("FAILED "), "{}", still.stdout);
    std::fs::write(folder.path("found/broken.yaml"), "scenario: none\n").expect("written");
    let mixed = uptake(&["fuzz", "--replay", &out]).with_code(3);
    assert!(mixed.stdout.contains("FIXED ") && mixed.stdout.contains("ERROR "), "{}", mixed.stdout);
}

#[test]
fn wrong_flags_and_a_target_that_is_not_there_are_told_apart() {
    let folder = Folder::new();
    let out = folder.path("found");
    let misspelt = uptake(&["fuzz", "--property", "refusals"]).with_code(2);
    assert!(misspelt.stderr.contains("did you mean `refusal`?"), "{}", misspelt.stderr);
    uptake(&["fuzz", "--cases", "0"]).with_code(2);
    let none = uptake(&["fuzz", "--jobs", "0"]).with_code(2);
    assert!(none.stderr.contains("at least 1"), "{}", none.stderr);
    uptake(&["fuzz", "--out", &out, "--report", "junit=x.xml"]).with_code(2);
    uptake(&["fuzz", "--target", "http://127.0.0.1:9/", "--defect", "part-zero-accepted"]).with_code(2);
    uptake(&["fuzz", "--replay", &folder.path("")]).with_code(2);
    std::fs::write(folder.path("key"), "the key of nobody\n").expect("written");
    let profile = "target: none\nbase-url: http://127.0.0.1:9\ncredentials: { api-key: { file: key } }\n";
    std::fs::write(folder.path("gone.yaml"), profile).expect("written");
    let gone = folder.path("gone.yaml");
    let ended = uptake(&["fuzz", "--out", &out, "--target", &gone]).with_code(3);
    assert!(ended.stdout.contains("COULD NOT TEST: the target is unreachable: "), "{}", ended.stdout);
}
