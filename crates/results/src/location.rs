//! Where results go: a folder, `file:///FOLDER`, or a prefix in an object store, `s3://BUCKET/PREFIX`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use url::Url;

use crate::error::ResultsError;

/// Where results go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder.
    Folder(PathBuf),
    /// A prefix in an object store.
    Object(Url),
}

/// The object stores, by the scheme of their URLs.
const STORES: [&str; 3] = ["s3", "gs", "az"];
const KNOWN: &str = "s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX";

impl FromStr for Location {
    type Err = ResultsError;

    fn from_str(given: &str) -> Result<Self, ResultsError> {
        let invalid = |why: &str| ResultsError::Invalid { given: given.to_owned(), why: why.to_owned() };
        if given.is_empty() {
            return Err(invalid("it is empty"));
        }
        let Some((scheme, _)) = given.split_once("://") else {
            return Ok(Self::Folder(PathBuf::from(given)));
        };
        if scheme != "file" && !STORES.contains(&scheme) {
            return Err(ResultsError::Scheme { given: given.to_owned(), known: KNOWN });
        }
        let url = Url::parse(given).map_err(|error| invalid(&error.to_string()))?;
        if scheme == "file" {
            return url
                .to_file_path()
                .map(Self::Folder)
                .map_err(|()| invalid("write file:///FOLDER, with an absolute path"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(invalid("it has no bucket"));
        }
        if url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err(invalid(
                "a bucket and a prefix only: credentials and settings come from the environment",
            ));
        }
        Ok(Self::Object(url))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Object(url) => f.write_str(url.as_str().trim_end_matches('/')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Location;

    #[test]
    fn a_location_is_a_folder_or_a_prefix() {
        let text = |given: &str| given.parse::<Location>().expect("valid").to_string();
        assert_eq!(text("results/run 1"), "results/run 1");
        assert_eq!(text("file:///tmp/results"), "/tmp/results");
        assert_eq!(text("s3://bucket/nightly/7/"), "s3://bucket/nightly/7");
        assert!(matches!("gs://bucket".parse(), Ok(Location::Object(_))));
    }

    #[test]
    fn what_is_none_is_explained() {
        for (given, hint) in [
            ("", "it is empty"),
            ("http://host/x", "s3://BUCKET/PREFIX"),
            ("s3:///prefix", "it has no bucket"),
            ("file://host/x", "absolute path"),
            ("s3://key:secret@bucket/x", "credentials and settings come from the environment"),
        ] {
            let why = given.parse::<Location>().expect_err(given).to_string();
            assert!(why.contains(hint), "{given}: {why}");
        }
    }
}
