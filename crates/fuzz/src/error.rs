//! Why a run could not begin, or its results not be kept.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use uptake_wire::WireError;

/// Why a run could not begin, or its results not be kept.
#[derive(Debug, Error)]
pub enum FuzzError {
    /// Tokens cannot be made.
    #[error("the target has no `api-key`, and without one no upload token can be created")]
    NoKey,
    /// The suite does not say what an upload is.
    #[error("the suite `{0}` does not say what an upload is: its suite.yaml has no section `upload`")]
    NoUpload(String),
    /// A size of the section cannot be calculated.
    #[error("a size in `upload.sizes` of the suite: {0}")]
    Size(String),
    /// None of the properties says anything of the upload.
    #[error("none of the properties applies to uploads of the suite `{0}`; those that apply: {1}")]
    NoProperty(String, String),
    /// The client cannot be set up.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// A scenario could not be kept.
    #[error("the counterexample was not written to {path}: {source}")]
    Write {
        /// Where to.
        path: PathBuf,
        /// What the system response.
        source: io::Error,
    },
}
