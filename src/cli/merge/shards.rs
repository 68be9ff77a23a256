//! The results of all shards of a run as one: counts and histograms are added, and thresholds hold for the whole.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::args::MergeArgs;
use super::outcomes::{self, read};
use crate::cli::error::CliError;
use crate::cli::{load_results, output};
use uptake_outcome::Exit;
use uptake_outcome::load::{LoadRun, merge};
use uptake_outcome::text::{count, duration};
use uptake_report::{load, load_sentence};
use uptake_results::{Gathered, Kind, ShardResult, Store, gather};

/// Waits for all shards, merges them, and reports the whole.
pub(super) async fn run(args: &MergeArgs, store: &Store) -> Result<Exit, CliError> {
    let told = |have: u64, of: Option<u64>| {
        if !args.quiet && args.wait.is_some() {
            let of = of.map_or_else(String::new, |of| format!(" of {of}"));
            output::say(&format!("{have}{of} shards have a result"));
        }
    };
    let gathered = gather(store, args.expected(), &told).await?;
    match gathered.results[0].kind {
        Kind::Load => merged_load(args, &gathered),
        Kind::Check => outcomes::check(args, &gathered),
        Kind::Fuzz => outcomes::fuzz(args, &gathered),
    }
}

fn merged_load(args: &MergeArgs, gathered: &Gathered) -> Result<Exit, CliError> {
    let reports = load_results::destinations(&args.reports)?;
    let mut runs = read(gathered, load::read)?;
    for (run, shard) in runs.iter_mut().zip(&gathered.results) {
        by_one_clock(run, shard);
    }
    let wrong = |why: String| CliError::Usage(format!("cannot merge: {why}"));
    let mut merged = merge(&runs).map_err(|error| wrong(error.to_string()))?;
    merged.name.clone_from(&runs[0].name);
    merged.thresholds = uptake_load::judge(&merged, &gathered.results[0].fail_if).map_err(wrong)?;
    let mut notes = notes(&runs, &gathered.results);
    notes.append(&mut merged.warnings);
    merged.warnings = notes;
    load_results::render(&mut merged, reports, args.quiet)?;
    let exit = merged.exit();
    if args.quiet && exit != Exit::Success && !merged.is_unwritten() {
        output::say(&load_sentence(&merged));
    }
    Ok(exit)
}

/// Puts the times of a run on the target's clock, which all shards share.
fn by_one_clock(run: &mut LoadRun, shard: &ShardResult) {
    let offset = shard.start.as_ref().and_then(|start| {
        let uncertainty = start.uncertainty_seconds?;
        start.offset_seconds.filter(|offset| offset.abs() > uncertainty)
    });
    let started: Option<Timestamp> = run.started_at.parse().ok();
    let moved = started
        .zip(offset)
        .and_then(|(at, offset)| at.checked_add(SignedDuration::from_secs_f64(offset)).ok());
    if let Some(at) = moved {
        run.started_at = at.to_string();
    }
}

/// What a reader should know of how the shards went together.
fn notes(runs: &[LoadRun], shards: &[ShardResult]) -> Vec<String> {
    /// A later start is told.
    const LATE: f64 = 0.1;
    if runs.len() == 1 {
        return Vec::new();
    }
    let mut notes: Vec<String> = together(runs).into_iter().collect();
    let starts = || shards.iter().filter_map(|shard| Some((shard, shard.start.as_ref()?)));
    if let Some((first, start)) = starts().next() {
        let other = starts().find(|(_, other)| other.planned != start.planned);
        notes.extend(other.map(|(shard, other)| {
            format!(
                "the shards did not agree on a start: {}/{} on {}, {}/{} on {}; give --start-at an instant",
                first.shard, first.of, start.planned, shard.shard, shard.of, other.planned
            )
        }));
    }
    notes.extend(starts().filter(|(_, start)| start.late_seconds > LATE).map(|(shard, start)| {
        format!("shard {}/{} started {:.1} s late", shard.shard, shard.of, start.late_seconds)
    }));
    notes
}

/// For how long all shards sent at once.
fn together(runs: &[LoadRun]) -> Option<String> {
    let mut spans = Vec::new();
    for run in runs {
        let start: Timestamp = run.started_at.parse().ok()?;
        spans.push((start, start.checked_add(SignedDuration::from_secs_f64(run.took_seconds)).ok()?));
    }
    let (first, last) = (spans.iter().map(|span| span.0).min()?, spans.iter().map(|span| span.1).max()?);
    let (from, to) = (spans.iter().map(|span| span.0).max()?, spans.iter().map(|span| span.1).min()?);
    let whole = last.duration_since(first).as_secs_f64();
    let common = Duration::try_from(to.duration_since(from)).map_or(0.0, |common| common.as_secs_f64());
    let share = if whole > 0.0 { common / whole * 100.0 } else { 100.0 };
    let shards = count(runs.len() as u64, "shard");
    Some(format!("all {shards} sent at once for {} of {} ({share:.0} %)", duration(common), duration(whole)))
}
