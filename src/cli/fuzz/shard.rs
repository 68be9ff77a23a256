//! What a shard of a fuzz run stores: its result, and the scenarios of its counterexamples.

use std::collections::BTreeMap;
use std::path::Path;

use super::FuzzArgs;
use crate::cli::sharding::{Sharing, Stored};
use uptake_outcome::{Ending, FuzzRun};
use uptake_results::{Kind, digest};

/// Stores the result. One that cannot be stored is an error of the run, which reports show.
pub(super) async fn store(sharing: &Sharing, args: &FuzzArgs, run: &mut FuzzRun) {
    if run.ending == Ending::Interrupted {
        sharing.say_interrupted();
        return;
    }
    let stored = Stored { plan: plan(args, run), files: files(run), ..Stored::default() };
    if let Err(error) = sharing.put(Kind::Fuzz, &*run, stored).await {
        run.ending = Ending::NotWritten { why: error.to_string() };
    }
}

/// What all shards together try, and against what.
fn plan(args: &FuzzArgs, run: &FuzzRun) -> String {
    let server = if args.target.is_some() { run.target.base_url.as_str() } else { "" };
    let defects: Vec<String> = args.defects.iter().map(ToString::to_string).collect();
    let bytes = args.max_bytes.map(|size| size.0);
    let what = (
        args.seed,
        &args.suite,
        &args.properties,
        args.cases,
        args.time,
        bytes,
        args.enough,
        server,
        defects,
    );
    digest(&format!("{what:?}"))
}

/// The scenarios of counterexamples, by the names of their files.
fn files(run: &FuzzRun) -> BTreeMap<String, String> {
    let paths = run.counterexamples.iter().filter_map(|counterexample| counterexample.scenario.as_deref());
    paths
        .filter_map(|path| {
            let name = Path::new(path).file_name()?.to_str()?.to_owned();
            Some((name, std::fs::read_to_string(path).ok()?))
        })
        .collect()
}
