//! `uptake report merge`: joins results of `uptake load`, and the results of all shards of a run.

mod args;
mod outcomes;
mod shards;

use std::path::PathBuf;

pub(super) use args::MergeArgs;

use super::error::CliError;
use super::load_results;
use uptake_outcome::Exit;
use uptake_outcome::load::{MergeError, merge};
use uptake_results::{Location, Store, look};

/// Runs it.
pub(super) async fn run(args: MergeArgs) -> Result<Exit, CliError> {
    match shards_in(&args).await? {
        Some(store) => shards::run(&args, &store).await,
        None => files(&args),
    }
}

/// The location, if the results of shards are to be merged.
async fn shards_in(args: &MergeArgs) -> Result<Option<Store>, CliError> {
    let is_asked = args.expect.is_some() || args.wait.is_some();
    let [given] = args.runs.as_slice() else {
        if is_asked {
            return Err(CliError::Usage(
                "--expect and --wait need one location, which has the results of all shards".to_owned(),
            ));
        }
        return Ok(None);
    };
    let location: Location = given.parse()?;
    let is_folder = matches!(&location, Location::Folder(path) if path.is_dir());
    let is_object = matches!(location, Location::Object(_)) || given.contains("://");
    let store = Store::open(location)?;
    let has_shards = is_asked || is_object || (is_folder && look(&store).await?);
    Ok(has_shards.then_some(store))
}

/// Plain results. Their thresholds were judged when the runs took place.
fn files(args: &MergeArgs) -> Result<Exit, CliError> {
    let paths: Vec<PathBuf> = args.runs.iter().map(PathBuf::from).collect();
    let load_results::Runs { runs, names } = load_results::all(&paths)?;
    let mut merged = merge(&runs).map_err(|error| match error {
        MergeError::Unlike(unlike) => CliError::Usage(format!("cannot merge: {}", unlike.with_names(&names))),
        other => CliError::Usage(other.to_string()),
    })?;
    load_results::render(&mut merged, load_results::destinations(&args.reports)?, args.quiet)?;
    Ok(load_results::exit_of_rendering(&merged))
}
