//! Where the shards of a printed manifest store their results: text that no engine, shell or YAML reads in another way.

use std::fmt;
use std::str::FromStr;

use uptake_results::Location;

/// A location as it is printed.
#[derive(Debug, Clone)]
pub(super) struct ResultsLocation {
    text: String,
    is_object_store: bool,
}

impl FromStr for ResultsLocation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let location: Location =
            text.parse().map_err(|error: uptake_results::ResultsError| error.to_string())?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._/:+=~%".contains(c);
        if text.starts_with('-') || !text.chars().all(is_plain) {
            return Err("write letters, digits and - . _ / : + = ~ % only".to_owned());
        }
        let is_object_store = matches!(location, Location::Object(_));
        Ok(Self { text: location.to_string(), is_object_store })
    }
}

impl fmt::Display for ResultsLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl ResultsLocation {
    /// Whether it is a prefix in an object store.
    pub(super) fn is_object_store(&self) -> bool {
        self.is_object_store
    }

    /// A location below, for one run.
    pub(super) fn below(&self, run: &str) -> String {
        format!("{}/{run}", self.text.trim_end_matches('/'))
    }

    /// The variables with the store's credentials and settings.
    pub(super) fn variables(&self) -> &'static [&'static str] {
        match self.text.split_once("://") {
            Some(("s3", _)) => &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"],
            Some(("gs", _)) => &["GOOGLE_SERVICE_ACCOUNT_KEY"],
            Some(("az", _)) => &["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT_KEY"],
            _ => &[],
        }
    }
}
