//! Waits for the results of all shards, and refuses what does not belong together.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::ResultsError;
use crate::manifest::ShardResult;
use crate::store::Store;

/// What is waited for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expected {
    /// How many shards there are; `None` leaves that to their manifests.
    pub shards: Option<u64>,
    /// How long to wait for those that are missing.
    pub wait: Duration,
}

/// The results of all shards, by their numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Gathered {
    /// At least one; all of one kind, one plan and one version.
    pub results: Vec<ShardResult>,
    /// The object of each.
    pub names: Vec<String>,
}

/// How often a location is looked at: soon at first, then seldom.
const FIRST_LOOK: Duration = Duration::from_millis(100);
const LAST_LOOK: Duration = Duration::from_secs(5);

/// Waits for the results of all shards. `listener` is told how many there are, of how many, each time more have come.
pub async fn gather(
    store: &Store,
    expected: Expected,
    listener: &(dyn Fn(u64, Option<u64>) + Sync),
) -> Result<Gathered, ResultsError> {
    let deadline = Instant::now() + expected.wait;
    let mut found = Found::new(store, expected.shards);
    let mut pause = FIRST_LOOK;
    let mut told = 0;
    loop {
        found.look().await?;
        let (have, of) = (found.results.len() as u64, found.of());
        if have > told {
            listener(have, of);
            told = have;
        }
        if of.is_some_and(|of| have == of) {
            return Ok(found.gathered());
        }
        let now = Instant::now();
        if now >= deadline {
            return Err(found.incomplete(expected.wait));
        }
        tokio::time::sleep(pause.min(deadline - now)).await;
        pause = (pause * 2).min(LAST_LOOK);
    }
}

/// Whether there is any result, without waiting.
pub async fn look(store: &Store) -> Result<bool, ResultsError> {
    Ok(!store.list().await?.is_empty())
}

struct Found<'s> {
    store: &'s Store,
    expected: Option<u64>,
    /// By the number of the shard: its object and its result.
    results: BTreeMap<u64, (String, ShardResult)>,
}

impl<'s> Found<'s> {
    fn new(store: &'s Store, expected: Option<u64>) -> Self {
        Self { store, expected, results: BTreeMap::new() }
    }

    fn of(&self) -> Option<u64> {
        self.expected.or_else(|| self.results.values().next().map(|(_, result)| result.of))
    }

    /// Reads what is new.
    async fn look(&mut self) -> Result<(), ResultsError> {
        for name in self.store.list().await? {
            if self.results.values().any(|(known, _)| *known == name) {
                continue;
            }
            let text = self.store.get(&name).await?;
            let result = ShardResult::read(&text).map_err(|why| ResultsError::Malformed {
                location: self.store.location().to_string(),
                name: name.clone(),
                why,
            })?;
            self.add(name, result)?;
        }
        Ok(())
    }

    fn add(&mut self, name: String, result: ShardResult) -> Result<(), ResultsError> {
        let location = self.store.location().to_string();
        if let Some((one, first)) = self.results.values().next()
            && let Some(why) = difference(first, &result)
        {
            return Err(ResultsError::Unlike { location, one: one.clone(), other: name, why });
        }
        if let Some(expected) = self.expected.filter(|expected| *expected != result.of) {
            let why = format!("it is one of {} shards, but {expected} are expected", result.of);
            return Err(ResultsError::Malformed { location, name, why });
        }
        if let Some((one, _)) = self.results.get(&result.shard) {
            let shard = format!("{}/{}", result.shard, result.of);
            return Err(ResultsError::Twice { location, shard, one: one.clone(), other: name });
        }
        self.results.insert(result.shard, (name, result));
        Ok(())
    }

    fn incomplete(&self, waited: Duration) -> ResultsError {
        let location = self.store.location().to_string();
        let Some(of) = self.of() else { return ResultsError::Nothing(location) };
        let shards = (1..=of).filter(|number| !self.results.contains_key(number)).collect();
        ResultsError::Missing { location, shards, of, waited_seconds: waited.as_secs() }
    }

    fn gathered(self) -> Gathered {
        let (names, results) = self.results.into_values().unzip();
        Gathered { results, names }
    }
}

/// Why two shards do not belong to one run.
fn difference(one: &ShardResult, other: &ShardResult) -> Option<String> {
    if one.kind != other.kind {
        Some("they are of different commands".to_owned())
    } else if one.of != other.of {
        Some(format!("one is of {} shards, the other of {}", one.of, other.of))
    } else if one.uptake != other.uptake {
        Some(format!("uptake {} wrote one, uptake {} the other", one.uptake, other.uptake))
    } else if one.plan != other.plan {
        Some("their plans, seeds or targets differ".to_owned())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::Location;
    use crate::manifest::{Kind, SHARD_FORMAT};

    fn result(shard: u64, of: u64) -> ShardResult {
        ShardResult {
            format: SHARD_FORMAT,
            kind: Kind::Load,
            shard,
            of,
            plan: "sha256:1".to_owned(),
            uptake: "0.1.0".to_owned(),
            start: None,
            fail_if: Vec::new(),
            files: BTreeMap::new(),
            result: serde_json::json!({ "shard": shard }),
        }
    }

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let store =
            Store::open(Location::Folder(folder.path().join("results"))).expect("a folder can be opened");
        (folder, store)
    }

    async fn gathered(store: &Store, expected: Expected) -> Result<Vec<u64>, ResultsError> {
        let gathered = gather(store, expected, &|_, _| {}).await?;
        Ok(gathered.results.iter().map(|result| result.shard).collect())
    }

    async fn all_of(results: &[ShardResult], expected: Expected) -> Result<Vec<u64>, ResultsError> {
        let (_folder, store) = store();
        for result in results {
            store.put(result).await.expect("it can be written");
        }
        gathered(&store, expected).await
    }

    fn expecting(shards: u64) -> Expected {
        Expected { shards: Some(shards), wait: Duration::ZERO }
    }

    #[tokio::test]
    async fn all_shards_are_there_in_the_order_of_their_numbers() {
        let results = [result(2, 3), result(3, 3), result(1, 3)];
        assert_eq!(all_of(&results, expecting(3)).await, Ok(vec![1, 2, 3]));
        assert_eq!(
            all_of(&results, Expected::default()).await,
            Ok(vec![1, 2, 3]),
            "the manifests say how many"
        );
    }

    #[tokio::test]
    async fn missing_shards_are_named() {
        let missing = all_of(&[result(2, 3)], Expected::default()).await;
        assert!(
            matches!(&missing, Err(ResultsError::Missing { shards, .. }) if shards == &[1, 3]),
            "{missing:?}"
        );
        let missing = all_of(&[], expecting(2)).await;
        assert!(
            matches!(&missing, Err(ResultsError::Missing { shards, .. }) if shards == &[1, 2]),
            "{missing:?}"
        );
        assert!(matches!(all_of(&[], Expected::default()).await, Err(ResultsError::Nothing(_))));
    }

    #[tokio::test]
    async fn a_shard_that_came_twice_is_refused() {
        let twice = all_of(&[result(1, 2), result(1, 2), result(2, 2)], expecting(2)).await;
        assert!(matches!(&twice, Err(ResultsError::Twice { shard, .. }) if shard == "1/2"), "{twice:?}");
    }

    #[tokio::test]
    async fn shards_of_unlike_runs_are_refused() {
        let of = |other: ShardResult| async move {
            let error = all_of(&[result(1, 2), other], Expected::default()).await.expect_err("unlike");
            assert!(error.is_bad_input());
            error.to_string()
        };
        assert!(
            of(ShardResult { plan: "sha256:2".to_owned(), ..result(2, 2) })
                .await
                .contains("plans, seeds or targets")
        );
        assert!(
            of(ShardResult { uptake: "0.2.0".to_owned(), ..result(2, 2) }).await.contains("uptake 0.2.0")
        );
        assert!(of(ShardResult { kind: Kind::Check, ..result(2, 2) }).await.contains("different commands"));
        assert!(of(result(2, 3)).await.contains("of 2 shards, the other of 3"));
        let other = all_of(&[result(1, 2)], expecting(4)).await.expect_err("another number");
        assert!(other.to_string().contains("of 2 shards, but 4 are expected"), "{other}");
    }

    #[tokio::test]
    async fn a_result_that_comes_later_is_waited_for() {
        let (_folder, store) = store();
        store.put(&result(1, 2)).await.expect("it can be written");
        let expected = Expected { shards: Some(2), wait: Duration::from_secs(60) };
        let (seen, mut first) = tokio::sync::mpsc::unbounded_channel();
        let report = move |have, _| {
            let _ = seen.send(have);
        };
        let waiting = gather(&store, expected, &report);
        let writing = async {
            first.recv().await;
            store.put(&result(2, 2)).await
        };
        let (waited, written) = tokio::join!(waiting, writing);
        written.expect("it can be written");
        assert_eq!(waited.expect("both are there").results.len(), 2);
    }

    #[tokio::test]
    async fn an_object_that_is_no_result_is_named() {
        let (folder, store) = store();
        store.put(&result(1, 2)).await.expect("it can be written");
        std::fs::write(folder.path().join("results/shard-00002-of-00002-x.json"), "{\"format\":")
            .expect("written");
        let error = gathered(&store, expecting(2)).await.expect_err("broken").to_string();
        assert!(
            error.contains("shard-00002-of-00002-x.json") && error.contains("not complete JSON"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn other_files_are_left_alone() {
        let (folder, store) = store();
        store.put(&result(1, 1)).await.expect("it can be written");
        for name in ["report.json", ".shard-1-of-1.tmp", "shard.txt"] {
            std::fs::write(folder.path().join("results").join(name), "x").expect("written");
        }
        assert_eq!(gathered(&store, Expected::default()).await, Ok(vec![1]));
        assert_eq!(look(&store).await, Ok(true));
    }
}
