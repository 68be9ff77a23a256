//! The metadata that a session is started with, and that its object has.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::answer::Refusal;
use super::hashes::Hashes;
use super::request::Call;
use crate::storage::digests::Algorithm;

/// The longest name of an object.
const LONGEST_NAME: usize = 1024;
/// The most bytes of custom metadata.
const MOST_CUSTOM: usize = 8 << 10;

/// Metadata of an object. What else a request names is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Metadata {
    #[serde(skip_serializing)]
    name: Option<String>,
    #[serde(skip_serializing)]
    md5_hash: Option<String>,
    #[serde(skip_serializing)]
    crc32c: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cache_control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_language: Option<String>,
    #[serde(rename = "metadata", skip_serializing_if = "BTreeMap::is_empty")]
    custom: BTreeMap<String, String>,
}

impl Metadata {
    /// Reads the metadata of a request that starts a session: its content, which may be empty, and its headers.
    pub(super) fn read(call: &Call, content: &[u8]) -> Result<Self, Refusal> {
        let mut metadata = Self::parse(content)?;
        if metadata.content_type.is_none() {
            metadata.content_type = call.head.header("x-upload-content-type").map(str::to_owned);
        }
        if metadata.custom.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MOST_CUSTOM {
            return Err(Refusal::invalid("custom metadata has at most 8 KiB"));
        }
        Ok(metadata)
    }

    fn parse(content: &[u8]) -> Result<Self, Refusal> {
        if content.is_empty() {
            return Ok(Self::default());
        }
        let malformed = |_| Refusal::invalid("the content is not the metadata of an object in JSON");
        // A list is no metadata, though a structure could be read from one.
        let members: serde_json::Map<_, _> = serde_json::from_slice(content).map_err(malformed)?;
        serde_json::from_value(members.into()).map_err(malformed)
    }

    /// The object's name: that of the query, or else that of the metadata.
    pub(super) fn name<'a>(&'a self, call: &'a Call) -> Result<&'a str, Refusal> {
        let mut names = [call.head.parameter("name"), self.name.as_deref()].into_iter().flatten();
        let name = names.find(|name| !name.is_empty());
        let name = name.ok_or(Refusal::required("the object has no name"))?;
        let is_valid =
            name.len() <= LONGEST_NAME && ![".", ".."].contains(&name) && !name.contains(['\r', '\n']);
        if is_valid { Ok(name) } else { Err(Refusal::invalid("this is not a valid name of an object")) }
    }

    /// The hashes that the content must have.
    pub(super) fn hashes(&self) -> Result<Hashes, Refusal> {
        let mut hashes = Hashes::default();
        for (algorithm, text) in [(Algorithm::Md5, &self.md5_hash), (Algorithm::Crc32c, &self.crc32c)] {
            if let Some(text) = text {
                let added = hashes.add(algorithm, text);
                added.map_err(|_| Refusal::invalid("a hash of the metadata is not in Base64"))?;
            }
        }
        Ok(hashes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(query: &str) -> Call {
        let request = http::Request::builder().uri(format!("/upload/storage/v1/b/b/o?{query}"));
        let request = request.header("x-upload-content-type", "video/mp4");
        Call::new(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn the_name_of_the_query_comes_before_that_of_the_metadata() {
        let (with, without) = (call("name=a"), call("name="));
        let metadata = Metadata::read(&with, br#"{"name":"b","unknown":[1],"metadata":{"t":"x"}}"#).unwrap();
        assert_eq!(metadata.name(&with), Ok("a"));
        assert_eq!(metadata.name(&without), Ok("b"));
        assert!(Metadata::default().name(&without).is_err());
        let written = serde_json::to_value(metadata).unwrap();
        assert_eq!(written, serde_json::json!({ "contentType": "video/mp4", "metadata": { "t": "x" } }));
    }

    #[test]
    fn what_is_no_metadata_is_refused() {
        let call = call("name=a");
        for content in ["[", "[]", r#"{"name":1}"#, r#"{"metadata":{"a":1}}"#] {
            assert!(Metadata::read(&call, content.as_bytes()).is_err(), "{content}");
        }
        let large = format!(r#"{{"metadata":{{"a":"{}"}}}}"#, "x".repeat(MOST_CUSTOM));
        assert!(Metadata::read(&call, large.as_bytes()).is_err());
        let hash = Metadata::read(&call, br#"{"md5Hash":"x"}"#).unwrap();
        assert!(hash.hashes().is_err());
    }

    #[test]
    fn a_name_is_short_and_has_no_line_end() {
        for name in [".", "..", "a%0Ab", &"a".repeat(LONGEST_NAME + 1)] {
            assert!(Metadata::default().name(&call(&format!("name={name}"))).is_err(), "{name}");
        }
    }
}
