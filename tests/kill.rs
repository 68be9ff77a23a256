//! A server that is killed in the middle of its work, again and again: what it acknowledged is there when it is started
//! anew, what it refused is not, and every finished file is the one that was sent.
//!
//! `UPTAKE_KILLS` says how often it is killed.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]
#![expect(
    clippy::print_stderr,
    reason = "how often it was killed, and under what load, is what the test tells"
)]

mod killing;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, ScopedJoinHandle};

use killing::{Ledger, Process, Random, Work};

/// Callers at once.
const CALLERS: usize = 6;
/// How often, unless the environment says otherwise.
const KILLS: u64 = 12;

#[test]
fn no_acknowledged_segment_is_lost_and_no_refused_one_comes_back() {
    let kills = std::env::var("UPTAKE_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let ledger = Mutex::new(Ledger::default());
    let mut random = Random::new(7);
    for round in 0..kills {
        let process = Process::start(&store);
        ledger.lock().unwrap().hold_against(&mut process.caller());
        // Events are steps of the callers: a segment begun, half sent, sent, acknowledged. So the server dies anywhere.
        let (events, last) = (AtomicU64::new(0), 20 + random.below(120));
        thread::scope(|scope| {
            let callers: Vec<_> = (0..CALLERS as u64)
                .map(|number| {
                    let (mut caller, ledger, events) = (process.caller(), &ledger, &events);
                    scope.spawn(move || {
                        let random = Random::new(round * 100 + number + 1);
                        let mut work = Work { random, caller: &mut caller, ledger, events };
                        while work.go_on().is_some() {}
                    })
                })
                .collect();
            while events.load(Ordering::SeqCst) < last {
                assert!(!callers.iter().all(ScopedJoinHandle::is_finished), "the callers have given up");
                thread::yield_now();
            }
            process.kill();
        });
    }
    let process = Process::start(&store);
    let mut caller = process.caller();
    let mut ledger = ledger.into_inner().unwrap();
    ledger.hold_against(&mut caller);
    ledger.finish(&mut caller);
    ledger.hold_against(&mut caller);
    eprintln!("killed {kills} times: {}", ledger.told());
    assert!(ledger.was_put_to_the_test(kills), "{}", ledger.told());
    process.terminate();
    // What nobody was told the name of may be there, or not.
    let (segments, videos) = (files(&store.join("segments")), files(&store.join("videos")));
    assert!(segments <= ledger.nameless, "{segments} segments are left of {}", ledger.nameless);
    assert!(videos >= ledger.complete() && videos <= ledger.complete() + ledger.nameless + ledger.unsure);
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}
