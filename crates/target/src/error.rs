//! Why a target cannot be used.

use thiserror::Error;

use uptake_yaml::Problems;

/// Why a target cannot be used; each is for the user to mend.
#[derive(Debug, Error)]
pub enum TargetError {
    /// A profile that a person must fix.
    #[error(transparent)]
    Problems(#[from] Problems),
    /// A profile that cannot be read.
    #[error("cannot read the target profile {path}: {why}")]
    Unreadable {
        /// Its path.
        path: String,
        /// What the system said.
        why: String,
    },
    /// A credential that is not there.
    #[error("credential `{name}`: {why}")]
    Credential {
        /// Its name.
        name: String,
        /// Where it was looked for.
        why: String,
    },
    /// A URL that is none.
    #[error("invalid target `{url}`: {why}")]
    Url {
        /// As given.
        url: String,
        /// What is wrong.
        why: String,
    },
    /// A proxy that cannot be used.
    #[error("{0}")]
    Proxy(String),
    /// Sizes of a profile and of a suite that do not go together.
    #[error(
        "the limits of the suite and of the profile contradict each other: the smallest segment is {least} bytes, the largest {greatest}; set both in the profile"
    )]
    NoSegmentFits {
        /// The least segment.
        least: u64,
        /// The greatest.
        greatest: u64,
    },
}

/// A URL as it may be printed: without the user name and the password in it.
pub(crate) fn without_user(url: &str) -> String {
    let start = url.find("://").map_or(0, |scheme| scheme + "://".len());
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |end| start + end);
    match url[start..end].rfind('@') {
        Some(at) => format!("{}***{}", &url[..start], &url[start + at..]),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_user;

    #[test]
    fn a_password_in_a_url_is_not_printed() {
        for (given, shown) in [
            ("http://user:secret@host:80/a@b", "http://***@host:80/a@b"),
            ("https://k@y@host", "https://***@host"),
            ("user:secret@host", "***@host"),
            ("http://host/a@b", "http://host/a@b"),
            ("http://", "http://"),
        ] {
            assert_eq!(without_user(given), shown);
        }
    }
}
