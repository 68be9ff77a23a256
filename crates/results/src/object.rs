//! Results in an object store. The store's own variables give credentials and settings: `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`,
//! `GOOGLE_APPLICATION_CREDENTIALS`, `AZURE_STORAGE_ACCOUNT_NAME` and so on.

use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload, RetryConfig};
use url::Url;

use crate::bounds::{MOST_BYTES, MOST_OBJECTS};
use crate::error::ResultsError;
use crate::object_error::told;

/// A prefix in an object store.
#[derive(Debug)]
pub(crate) struct Objects {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    scheme: String,
}

/// A store that fails for this long is out of reach.
const RETRY_FOR: Duration = Duration::from_secs(30);

impl Objects {
    pub(crate) fn open(url: &Url) -> Result<Self, ResultsError> {
        // object_store's client takes the provider of the process; it may have one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let invalid = |why: String| ResultsError::Invalid { given: url.to_string(), why };
        let prefix = Path::from_url_path(url.path()).map_err(|error| invalid(error.to_string()))?;
        let retry = RetryConfig { retry_timeout: RETRY_FOR, ..RetryConfig::default() };
        let plain = |name: &str| std::env::var(name).is_ok_and(|endpoint| endpoint.starts_with("http://"));
        let store: Result<Arc<dyn ObjectStore>, object_store::Error> = match url.scheme() {
            "s3" => object_store::aws::AmazonS3Builder::from_env()
                .with_url(url.as_str())
                .with_allow_http(
                    plain("AWS_ENDPOINT_URL") || plain("AWS_ENDPOINT") || plain("AWS_ENDPOINT_URL_S3"),
                )
                .with_retry(retry)
                .build()
                .map(|store| Arc::new(store) as _),
            "gs" => object_store::gcp::GoogleCloudStorageBuilder::from_env()
                .with_url(url.as_str())
                .with_retry(retry)
                .build()
                .map(|store| Arc::new(store) as _),
            _ => object_store::azure::MicrosoftAzureBuilder::from_env()
                .with_url(url.as_str())
                .with_retry(retry)
                .build()
                .map(|store| Arc::new(store) as _),
        };
        let store = store.map_err(|error| invalid(error.to_string()))?;
        Ok(Self { store, prefix, scheme: url.scheme().to_owned() })
    }

    /// A small object that is removed again.
    pub(crate) async fn check_writable(&self) -> Result<(), String> {
        let path = self.prefix.clone().join(format!(".probe-{:016x}", rand::random::<u64>()));
        self.store.put(&path, PutPayload::from_static(b"uptake")).await.map_err(|error| self.told(&error))?;
        // What cannot be removed does no harm: its name is none of a result.
        let _ = self.store.delete(&path).await;
        Ok(())
    }

    /// A single request, which the store carries out whole or not at all.
    pub(crate) async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), String> {
        let path = self.prefix.clone().join(name);
        let options = PutOptions { mode: PutMode::Overwrite, ..PutOptions::default() };
        self.store.put_opts(&path, bytes.into(), options).await.map(drop).map_err(|error| self.told(&error))
    }

    pub(crate) async fn list(&self) -> Result<Vec<String>, String> {
        let mut names = Vec::new();
        let mut objects = self.store.list(Some(&self.prefix));
        while let Some(object) = objects.try_next().await.map_err(|error| self.told(&error))? {
            // A prefix within this one is another location.
            let mut rest = object.location.prefix_match(&self.prefix).into_iter().flatten();
            if let (Some(name), None) = (rest.next(), rest.next()) {
                names.push(name.as_ref().to_owned());
            }
            if names.len() >= MOST_OBJECTS {
                break;
            }
        }
        Ok(names)
    }

    pub(crate) async fn get(&self, name: &str) -> Result<Vec<u8>, String> {
        let path = self.prefix.clone().join(name);
        let object = self.store.get(&path).await.map_err(|error| self.told(&error))?;
        if object.meta.size > MOST_BYTES {
            return Err(format!("{name} is larger than a result can be"));
        }
        object.bytes().await.map(|bytes| bytes.to_vec()).map_err(|error| self.told(&error))
    }

    fn told(&self, error: &object_store::Error) -> String {
        told(&self.scheme, error, &|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
    }
}
