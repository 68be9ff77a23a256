//! How the `Authorization` header of the management endpoints is read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::problem::{Problem, kind};

/// What a client showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// Basic: the API key is the user name, the password is empty.
    Basic { user: String, password: String },
    /// Bearer: an access token.
    Bearer(String),
}

impl Credentials {
    /// The user name, or the bearer token.
    pub(crate) fn secret(&self) -> &str {
        match self {
            Self::Basic { user, .. } => user,
            Self::Bearer(token) => token,
        }
    }
}

/// Reads the `Authorization` header. The case of the scheme does not matter (RFC 9110, 11.1).
pub(crate) fn read(headers: &HeaderMap) -> Result<Credentials, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Err(Problem::new(kind::MISSING_AUTHORIZATION, "This call needs an Authorization header."));
    };
    // Which of two values a proxy in front has checked cannot be known.
    let single = values.next().is_none().then_some(value).and_then(|value| value.to_str().ok());
    single.and_then(parse).ok_or_else(|| {
        let detail =
            "The value must be `Basic` with the API key as user name, or `Bearer` with an access token.";
        Problem::new(kind::INVALID_AUTHORIZATION, detail)
    })
}

fn parse(value: &str) -> Option<Credentials> {
    let (scheme, value) = value.split_once(' ')?;
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !value.is_empty() && !value.contains(' ') {
        return Some(Credentials::Bearer(value.to_owned()));
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let pair = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
        let (user, password) = pair.split_once(':')?;
        return Some(Credentials::Basic { user: user.to_owned(), password: password.to_owned() });
    }
    None
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of(value: &str) -> Result<Credentials, &'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        read(&headers).map_err(|problem| problem.kind.slug)
    }

    fn basic(user: &str, password: &str) -> Credentials {
        Credentials::Basic { user: user.into(), password: password.into() }
    }

    #[test]
    fn both_schemes_are_read_in_any_case() {
        assert_eq!(of("Basic S0VZOg=="), Ok(basic("KEY", "")));
        assert_eq!(of("BASIC S0VZOng="), Ok(basic("KEY", "x")));
        assert_eq!(of("bearer abc"), Ok(Credentials::Bearer("abc".into())));
    }

    #[test]
    fn malformed_values_are_refused() {
        for value in ["", "Basic", "Basic !", "Bearer ", "Digest abc", "S0VZOg==", "Bearer a b", "Basic S0VZ"]
        {
            assert_eq!(of(value), Err("authentication-invalid-authorization-header-value"), "{value}");
        }
    }

    #[test]
    fn a_missing_header_and_a_repeated_one_are_refused() {
        assert_eq!(read(&HeaderMap::new()).unwrap_err().kind, kind::MISSING_AUTHORIZATION);
        let mut headers = HeaderMap::new();
        headers.append(AUTHORIZATION, HeaderValue::from_static("Basic S0VZOg=="));
        headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer abc"));
        assert_eq!(read(&headers).unwrap_err().kind, kind::INVALID_AUTHORIZATION);
    }
}
