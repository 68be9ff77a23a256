//! `uptake fuzz --suite`: the upload that a suite describes, against servers that keep to it and servers that do not. Nothing
//! in the harness knows the protocol; each deviation is found, shrunk to few segments, and written as a scenario that
//! `uptake check` replays.

mod common;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use uptake_fuzz::{Bounds, FuzzConfig, fuzz};
use uptake_outcome::{Exit, FailOn, FuzzRun};
use uptake_prove::Sandbox;
use uptake_stop::Stopper;
use uptake_suite::{Cost, Suite, load_suite};
use uptake_target::{Capability, Target};

use self::common::{Asked, Folder, Little, Reply, tus_server, uptake};

/// What a server does other than the protocol says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deviation {
    /// HEAD answers with an offset one below what is stored.
    OffsetOneBelow,
    /// PATCH answers with an offset one above what is stored.
    OffsetOneAbove,
    /// HEAD answers with the offset before the last chunk.
    StaleOffset,
    /// A chunk behind the offset is accepted, and the gap filled.
    AcceptsAGap,
    /// A chunk before the offset is accepted, and what overlaps is skipped.
    AcceptsAnOverlap,
    /// A chunk that was accepted before is accepted again.
    AcceptsAgain,
    /// The first byte of a chunk that does not begin the file is lost.
    LosesAByte,
    /// Of a chunk that breaks off nothing is kept, though HEAD says that it is.
    ForgetsWhatBrokeOff,
    /// An upload that lacks one byte is taken for complete.
    CompletesOneByteEarly,
    /// A chunk beyond the length is stored.
    AcceptsBeyondTheLength,
    /// A chunk of just 1024 bytes is refused.
    RefusesAKibibyte,
    /// A chunk without bytes is refused.
    RefusesEmptyChunks,
    /// A refused chunk moves the offset.
    RefusalMovesTheOffset,
    /// The first byte of a chunk that does not begin the file is stored as zero.
    DamagesAByte,
}

const ALL: [Deviation; 13] = [
    Deviation::OffsetOneBelow,
    Deviation::OffsetOneAbove,
    Deviation::StaleOffset,
    Deviation::AcceptsAGap,
    Deviation::AcceptsAnOverlap,
    Deviation::AcceptsAgain,
    Deviation::LosesAByte,
    Deviation::ForgetsWhatBrokeOff,
    Deviation::CompletesOneByteEarly,
    Deviation::AcceptsBeyondTheLength,
    Deviation::RefusesAKibibyte,
    Deviation::RefusesEmptyChunks,
    Deviation::RefusalMovesTheOffset,
];

#[derive(Default)]
struct Upload {
    data: Vec<u8>,
    length: usize,
    /// The offset before the last chunk.
    before: usize,
    /// What is said to be kept of a chunk that broke off.
    said: usize,
}

/// A server of uploads in turn with a deviation, which also gives back what it stores.
fn server(deviation: Option<Deviation>) -> Little {
    let uploads = Mutex::<(usize, BTreeMap<String, Upload>)>::default();
    Little::start(move |asked| {
        let mut uploads = uploads.lock().unwrap_or_else(PoisonError::into_inner);
        let (made, all) = &mut *uploads;
        if asked.method == "POST" {
            *made += 1;
            let path = format!("/files/{made}");
            let length = asked.header("upload-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            all.insert(path.clone(), Upload { length, ..Upload::default() });
            return Reply::status(201).header("Location", path);
        }
        let Some(upload) = all.get_mut(&asked.target) else { return Reply::status(404) };
        match asked.method.as_str() {
            "HEAD" => Reply::status(200)
                .header("Upload-Length", upload.length)
                .header("Upload-Offset", upload.shown(deviation)),
            "PATCH" => upload.patch(asked, deviation),
            "GET" => Reply::status(200).body(upload.data.clone()),
            "DELETE" => {
                all.remove(&asked.target);
                Reply::status(204)
            }
            _ => Reply::status(405),
        }
    })
}

impl Upload {
    fn shown(&self, deviation: Option<Deviation>) -> usize {
        let stored = self.data.len();
        match deviation {
            Some(Deviation::OffsetOneBelow) => stored.saturating_sub(1),
            Some(Deviation::StaleOffset) => self.before,
            Some(Deviation::ForgetsWhatBrokeOff) => stored.max(self.said),
            Some(Deviation::CompletesOneByteEarly) if stored + 1 == self.length => self.length,
            _ => stored,
        }
    }

    fn patch(&mut self, asked: &Asked, deviation: Option<Deviation>) -> Reply {
        let offset: usize = asked.header("upload-offset").and_then(|offset| offset.parse().ok()).unwrap_or(0);
        let (stored, body) = (self.data.len(), &asked.body);
        let is = |one| deviation == Some(one);
        if (is(Deviation::RefusesAKibibyte) && body.len() == 1024)
            || (is(Deviation::RefusesEmptyChunks) && body.is_empty() && asked.whole)
            || (is(Deviation::CompletesOneByteEarly) && stored + 1 == self.length)
        {
            return Reply::status(409);
        }
        if is(Deviation::ForgetsWhatBrokeOff) && !asked.whole {
            self.said = stored + body.len();
            return Reply::status(500);
        }
        if is(Deviation::AcceptsAGap) && offset > stored && offset + body.len() <= self.length {
            self.data.resize(offset, 0);
        }
        if is(Deviation::AcceptsAnOverlap) && offset < stored && offset + body.len() > stored {
            self.data.truncate(offset);
        }
        if is(Deviation::AcceptsAgain) && offset + body.len() == stored && !body.is_empty() {
            return Reply::status(204).header("Upload-Offset", stored);
        }
        if offset != self.data.len() {
            if is(Deviation::RefusalMovesTheOffset) {
                self.data.pop();
            }
            return Reply::status(409);
        }
        if offset + body.len() > self.length && !is(Deviation::AcceptsBeyondTheLength) {
            return Reply::status(413);
        }
        self.before = stored;
        let loses = is(Deviation::LosesAByte) && offset > 0 && !body.is_empty();
        self.data.extend(&body[usize::from(loses)..]);
        if is(Deviation::DamagesAByte) && offset > 0 && !body.is_empty() {
            self.data[offset] = 0;
        }
        let offset = self.data.len() + usize::from(is(Deviation::OffsetOneAbove));
        Reply::status(204).header("Upload-Offset", offset)
    }
}

fn suite() -> Arc<Suite> {
    Arc::new(load_suite(Path::new("scenarios/tus"), &[]).expect("the suite is sound").suite)
}

fn target(server: &Little) -> Target {
    let mut target = Target::named_with_optional_key(&server.origin()).expect("a target");
    target.capabilities.push(Capability::assumed("termination"));
    target
}

async fn run(suite: Arc<Suite>, server: &Little, (seed, cases): (u64, u64), out: &Path) -> FuzzRun {
    let config = FuzzConfig { suite: Some(suite), ..config(seed, cases, out) };
    fuzz(vec![target(server)], &config, Stopper::default(), &|_| {}).await.expect("a run")
}

fn config(seed: u64, cases: u64, out: &Path) -> FuzzConfig {
    FuzzConfig {
        suite: None,
        properties: Vec::new(),
        seed,
        shard: uptake_outcome::Shard::WHOLE,
        bounds: Bounds { cases: Some(cases), counterexamples: Some(1), ..Bounds::default() },
        jobs: 2,
        status_timeout: Duration::from_millis(200),
        out: out.to_owned(),
        replay: "uptake check --suite tus".to_owned(),
    }
}

/// How `uptake check` ends with this scenario.
async fn replay(server: &Little, scenario: &str) -> Exit {
    let loaded = load_suite(Path::new("scenarios/tus"), &[PathBuf::from(scenario)]).expect("a scenario");
    let selection = uptake_check::Selection { cost: Cost::Large, ..uptake_check::Selection::default() };
    let options = uptake_check::RunOptions {
        selection,
        jobs: NonZeroUsize::MIN,
        seed: 1,
        patience: Duration::MAX,
        keep: uptake_check::KeepExchanges::None,
        reports_exchanges: false,
    };
    let run = uptake_check::run(&loaded, &target(server), &options, Stopper::default(), &|_| {}).await;
    run.expect("a run").exit(FailOn::Should)
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_keep_to_the_protocol_have_no_counterexamples() {
    for seed in [1, 2, 3] {
        for server in [tus_server(), server(None)] {
            let folder = Folder::new();
            let run = run(suite(), &server, (seed, 200), folder.root()).await;
            let pictures: Vec<_> = run.counterexamples.iter().map(|found| found.picture.as_str()).collect();
            assert_eq!(pictures, [""; 0]);
            assert_eq!(
                (run.exit(), run.cases, run.unsaid),
                (Exit::Success, 200, 0),
                "{:?}",
                run.unsaid_because
            );
            assert!(run.properties.iter().all(|property| property.cases > 0), "{:?}", run.properties);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_deviation_is_found_shrunk_and_replayed() {
    let mut wrong = Vec::new();
    for deviation in ALL {
        let (server, faithful, folder) = (server(Some(deviation)), server(None), Folder::new());
        let run = run(suite(), &server, (4, 300), folder.root()).await;
        let Some(found) = run.counterexamples.first() else {
            wrong.push(format!("{deviation:?}: not found"));
            continue;
        };
        let most = if deviation == Deviation::RefusalMovesTheOffset { 3 } else { 2 };
        if found.segments > most {
            wrong.push(format!("{deviation:?}: {} segments are left\n{}", found.segments, found.picture));
        }
        let Some(scenario) = &found.scenario else {
            wrong.push(format!("{deviation:?}: no scenario, {:?}\n{}", found.stability, found.picture));
            continue;
        };
        let ends = (replay(&server, scenario).await, replay(&faithful, scenario).await);
        if ends != (Exit::Failed, Exit::Success) {
            let text = std::fs::read_to_string(scenario).unwrap_or_default();
            wrong.push(format!("{deviation:?}: the replays end with {ends:?}\n{text}\n{}", found.picture));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_byte_is_found_where_the_suite_reads_the_file_back() {
    let folder = Folder::new();
    let text = std::fs::read_to_string("scenarios/tus/suite.yaml").expect("the suite is there");
    let start = text.find("\nupload:").expect("it has an upload");
    let end = start + text[start..].find("\ndetect:").expect("something follows");
    let section = text[start..end].replace(
        "  rules:\n",
        "  stored: { get: \"${url}\", accepted: 200 }\n  rules:\n    content: TUS-19\n",
    );
    let suite = format!("suite: readable\nextends: tus\n{section}\n");
    folder.write("readable/suite.yaml", &suite);
    let suite = load_suite(&folder.root().join("readable"), &[]).expect("the suite is sound").suite;
    let suite = Arc::new(suite);
    let found =
        run(Arc::clone(&suite), &server(Some(Deviation::DamagesAByte)), (5, 100), folder.root()).await;
    let found = found.counterexamples.first().expect("a counterexample");
    assert_eq!((found.rule.as_str(), found.segments), ("TUS-19", 2), "{}", found.picture);
    let clean = run(suite, &server(None), (5, 100), folder.root()).await;
    assert_eq!(clean.exit(), Exit::Success);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_server_keeps_to_the_upload_that_its_own_suite_describes() {
    let folder = Folder::new();
    for seed in [1, 2] {
        let sandbox = Sandbox::start(Sandbox::tiny(seed)).await.expect("a server");
        let suite = Arc::new(load_suite(Path::new("scenarios/api-video"), &[]).expect("it is sound").suite);
        let config = FuzzConfig { suite: Some(suite), ..config(seed, 200, folder.root()) };
        let run = fuzz(vec![sandbox.target.clone()], &config, Stopper::default(), &|_| {}).await;
        let run = run.expect("a run");
        let pictures: Vec<_> = run.counterexamples.iter().map(|found| found.picture.as_str()).collect();
        assert_eq!(pictures, [""; 0]);
        assert_eq!((run.exit(), run.cases), (Exit::Success, 200), "{:?}", run.unsaid_because);
        sandbox.server.shutdown().await;
    }
}

#[test]
fn a_suite_that_does_not_say_what_an_upload_is_cannot_be_fuzzed() {
    let folder = Folder::new();
    folder.write("bare/suite.yaml", "suite: bare\nareas: { a: A }\nrules: [ { id: B-01, area: a, level: must, text: \"It is\", source: [x] } ]\n");
    let bare = folder.path("bare");
    let ended =
        uptake(&["fuzz", "--suite", &bare, "--target", "http://127.0.0.1:1", "--out", &folder.path("out")])
            .with_code(2);
    assert!(ended.stderr.contains("the suite `bare` does not say what an upload is"), "{}", ended.stderr);
    let ended = uptake(&["fuzz", "--suite", "tus", "--out", &folder.path("out")]).with_code(2);
    assert!(ended.stderr.contains("--target"), "{}", ended.stderr);
}

#[test]
fn the_command_tests_the_upload_of_a_suite_and_names_the_command_that_replays() {
    let (server, folder) = (server(Some(Deviation::OffsetOneAbove)), Folder::new());
    let out = folder.path("out");
    let arguments = ["fuzz", "--suite", "tus", "--target", &server.origin(), "--cases", "40", "--out", &out];
    let ended = uptake(&arguments).with_code(1);
    assert!(ended.stdout.contains("TUS-19"), "{}", ended.stdout);
    let rerun = format!(
        "uptake check --suite tus --target {} --fail-on should {out}/fuzz-tus-19-1-",
        server.origin()
    );
    assert!(ended.stdout.contains(&rerun), "{}", ended.stdout);
    let replayed =
        uptake(&["fuzz", "--suite", "tus", "--target", &server.origin(), "--replay", &out]).with_code(1);
    assert!(replayed.stdout.starts_with("FAILED"), "{}", replayed.stdout);
    let ended =
        uptake(&["fuzz", "--suite", "tus", "--target", &server.origin(), "--property", "time"]).with_code(2);
    assert!(ended.stderr.contains("refusal, partition, completion, retry, together"), "{}", ended.stderr);
}
