//! What an object store says when it fails, in one line, with what to do about it. It knows stores, not results.

/// The variables that give a store's credentials, and that of its address.
struct Settings {
    credentials: &'static str,
    key: &'static str,
    endpoint: &'static str,
}

const S3: Settings = Settings {
    credentials: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    key: "AWS_ACCESS_KEY_ID",
    endpoint: "AWS_ENDPOINT_URL and AWS_REGION",
};
const GS: Settings = Settings {
    credentials: "GOOGLE_APPLICATION_CREDENTIALS",
    key: "GOOGLE_APPLICATION_CREDENTIALS",
    endpoint: "GOOGLE_APPLICATION_CREDENTIALS",
};
const AZ: Settings = Settings {
    credentials: "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
    key: "AZURE_STORAGE_ACCOUNT_KEY",
    endpoint: "AZURE_STORAGE_ACCOUNT_NAME",
};

/// Tells an error of the store of this scheme. `is_set` says which variables there are.
pub(crate) fn told(scheme: &str, error: &object_store::Error, is_set: &dyn Fn(&str) -> bool) -> String {
    let settings = match scheme {
        "s3" => S3,
        "gs" => GS,
        _ => AZ,
    };
    let cause = innermost(error);
    let said = said(&cause);
    let no_bucket = cause.contains("NoSuchBucket") || cause.contains("ContainerNotFound");
    let Settings { credentials, key, endpoint } = settings;
    let advice = match error {
        _ if no_bucket => "create the bucket, or correct its name".to_owned(),
        object_store::Error::NotFound { .. } => "check the names of the bucket and the prefix".to_owned(),
        _ if !is_set(key) && !is_served(error) => {
            format!("{key} is not set, and this machine has no other credentials: set {credentials}")
        }
        _ if is_refusal(error, &cause) => format!("check {credentials}, and what they allow"),
        _ => format!("check the network and {endpoint}, and try again"),
    };
    format!("{said}; {advice}")
}

/// Whether the store itself answered, rather than what gives credentials.
fn is_served(error: &object_store::Error) -> bool {
    use object_store::Error;
    matches!(
        error,
        Error::NotFound { .. }
            | Error::PermissionDenied { .. }
            | Error::Unauthenticated { .. }
            | Error::AlreadyExists { .. }
    )
}

fn is_refusal(error: &object_store::Error, cause: &str) -> bool {
    use object_store::Error;
    matches!(error, Error::PermissionDenied { .. } | Error::Unauthenticated { .. })
        || cause.contains("403 Forbidden")
        || cause.contains("401 Unauthorized")
}

/// The innermost cause, in one line: the outer ones repeat it.
fn innermost(error: &object_store::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The most characters of a store's own words.
const MOST: usize = 200;

/// What a store says in the XML of its error, else the beginning of the whole.
fn said(cause: &str) -> String {
    let message = cause.split_once("<Message>").and_then(|(_, rest)| rest.split_once("</Message>"));
    let text = message.map_or(cause, |(message, _)| message).trim_end_matches('.');
    let mut text: String = text.chars().filter(|c| !c.is_control()).take(MOST).collect();
    // As within a sentence.
    if let (Some(_), Some(first)) = (message, text.get_mut(..1)) {
        first.make_ascii_lowercase();
    }
    text
}

#[cfg(test)]
mod tests {
    use object_store::Error;

    use super::told;

    fn error(why: &str) -> Box<dyn std::error::Error + Send + Sync> {
        why.to_owned().into()
    }

    #[test]
    fn an_error_says_what_to_do() {
        let xml = "Server returned non-2xx status code: 404 Not Found: <Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist.</Message></Error>";
        let path = || "x".to_owned();
        let refused =
            "<Error><Code>InvalidAccessKeyId</Code><Message>The key does not exist</Message></Error>";
        let cases = [
            (
                "s3",
                Error::NotFound { path: path(), source: error(xml) },
                true,
                "the specified bucket does not exist; create the bucket",
            ),
            (
                "s3",
                Error::Generic { store: "S3", source: error(xml) },
                true,
                "create the bucket, or correct its name",
            ),
            (
                "s3",
                Error::PermissionDenied { path: path(), source: error(refused) },
                true,
                "the key does not exist; check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            ),
            (
                "s3",
                Error::Generic { store: "S3", source: error("operation timed out") },
                true,
                "check the network and AWS_ENDPOINT_URL",
            ),
            (
                "s3",
                Error::Generic { store: "S3", source: error("Connection refused") },
                false,
                "AWS_ACCESS_KEY_ID is not set",
            ),
            (
                "gs",
                Error::Unauthenticated { path: path(), source: error("no") },
                true,
                "no; check GOOGLE_APPLICATION_CREDENTIALS",
            ),
            (
                "az",
                Error::Generic { store: "az", source: error("403 Forbidden") },
                true,
                "check AZURE_STORAGE_ACCOUNT_NAME and",
            ),
        ];
        for (scheme, error, is_set, hint) in cases {
            let text = told(scheme, &error, &|_| is_set);
            assert!(text.contains(hint), "{text}");
            assert!(text.len() < 320, "{text}");
        }
    }
}
