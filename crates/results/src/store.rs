//! A place for results that has been opened: one object for each shard, written atomically.

use std::path::PathBuf;

use crate::error::ResultsError;
use crate::folder;
use crate::location::Location;
use crate::manifest::ShardResult;

/// A place for results that has been opened.
#[derive(Debug)]
pub struct Store {
    location: Location,
    place: Place,
}

/// What is behind a location.
#[derive(Debug)]
enum Place {
    Folder(PathBuf),
    #[cfg(feature = "object-store")]
    Objects(crate::object::Objects),
}

#[cfg_attr(
    not(feature = "object-store"),
    expect(clippy::unused_async, reason = "only an object store is waited for")
)]
impl Store {
    /// Opens a location. Nothing is sent yet.
    pub fn open(location: Location) -> Result<Self, ResultsError> {
        let place = match &location {
            Location::Folder(path) => Place::Folder(path.clone()),
            #[cfg(feature = "object-store")]
            Location::Object(url) => Place::Objects(crate::object::Objects::open(url)?),
            #[cfg(not(feature = "object-store"))]
            Location::Object(_) => return Err(ResultsError::NotBuilt(location.to_string())),
        };
        Ok(Self { location, place })
    }

    /// Where it is.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Whether results can be written: a place that refuses them is known before a run.
    pub async fn check_writable(&self) -> Result<(), ResultsError> {
        let checked = match &self.place {
            Place::Folder(path) => folder::check_writable(path).map_err(|error| error.to_string()),
            #[cfg(feature = "object-store")]
            Place::Objects(objects) => objects.check_writable().await,
        };
        checked.map_err(|why| self.write_error(why))
    }

    /// Writes the result of a shard, and returns the name of the object.
    pub async fn put(&self, result: &ShardResult) -> Result<String, ResultsError> {
        let name = name(result);
        let text = result.text();
        let written = match &self.place {
            Place::Folder(path) => {
                folder::put(path, &name, text.as_bytes()).map_err(|error| error.to_string())
            }
            #[cfg(feature = "object-store")]
            Place::Objects(objects) => objects.put(&name, text.into_bytes()).await,
        };
        written.map_err(|why| self.write_error(why))?;
        Ok(name)
    }

    /// The names of all results, sorted.
    pub(crate) async fn list(&self) -> Result<Vec<String>, ResultsError> {
        let listed = match &self.place {
            Place::Folder(path) => folder::list(path).map_err(|error| error.to_string()),
            #[cfg(feature = "object-store")]
            Place::Objects(objects) => objects.list().await,
        };
        let mut names: Vec<String> =
            listed.map_err(|why| self.read_error(why))?.into_iter().filter(|name| is_result(name)).collect();
        names.sort();
        Ok(names)
    }

    /// The text of an object.
    pub(crate) async fn get(&self, name: &str) -> Result<String, ResultsError> {
        let read = match &self.place {
            Place::Folder(path) => folder::get(path, name).map_err(|error| error.to_string()),
            #[cfg(feature = "object-store")]
            Place::Objects(objects) => objects.get(name).await,
        };
        let bytes = read.map_err(|why| self.read_error(why))?;
        String::from_utf8(bytes).map_err(|_| ResultsError::Malformed {
            location: self.location.to_string(),
            name: name.to_owned(),
            why: "it is not text".to_owned(),
        })
    }

    fn write_error(&self, why: String) -> ResultsError {
        ResultsError::Write { location: self.location.to_string(), why }
    }

    fn read_error(&self, why: String) -> ResultsError {
        ResultsError::Read { location: self.location.to_string(), why }
    }
}

/// A name of its own for each attempt, so that a shard that runs twice is noticed.
fn name(result: &ShardResult) -> String {
    let attempt: u32 = rand::random();
    format!("shard-{:05}-of-{:05}-{attempt:08x}.json", result.shard, result.of)
}

/// Whether an object is a result of a shard, by its name.
fn is_result(name: &str) -> bool {
    let is_json = std::path::Path::new(name).extension().is_some_and(|extension| extension == "json");
    name.starts_with("shard-") && name.contains("-of-") && is_json
}
