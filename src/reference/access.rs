//! Who may call: the API key, access tokens and refresh tokens, and how an `Authorization` header is read.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::clock::Moment;
use super::names::Names;
use super::problem::{Problem, kind};

/// Refresh tokens that are remembered at most; the oldest are forgotten first, so that memory stays bounded.
const MAX_REFRESH: usize = 100_000;

/// What a caller showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Credentials {
    /// A basic one: the key, with an empty password.
    Key(String),
    /// A bearer one.
    AccessToken(String),
}

/// The keys and tokens that are good.
pub(super) struct Access {
    api_key: String,
    life: Duration,
    expiries: HashMap<String, Moment>,
    by_expiry: VecDeque<(Moment, String)>,
    refresh: HashSet<String>,
    by_age: VecDeque<String>,
}

impl Access {
    pub(super) fn new(api_key: String, life: Duration) -> Self {
        Self {
            api_key,
            life,
            expiries: HashMap::new(),
            by_expiry: VecDeque::new(),
            refresh: HashSet::new(),
            by_age: VecDeque::new(),
        }
    }

    /// Whether a call of the management endpoints is allowed.
    pub(super) fn authorize(&self, credentials: &Credentials, now: Moment) -> Result<(), Problem> {
        match credentials {
            Credentials::Key(key) if *key == self.api_key => Ok(()),
            Credentials::Key(_) => Err(Problem::new(kind::INVALID_API_KEY, "This API key is unknown here.")),
            Credentials::AccessToken(token) => match self.expiries.get(token) {
                Some(expires) if now < *expires => Ok(()),
                _ => Err(Problem::new(
                    kind::INVALID_ACCESS_TOKEN,
                    "This access token is unknown here, or has expired.",
                )),
            },
        }
    }

    /// Exchanges an API key for an access token.
    pub(super) fn exchange(&mut self, key: &str, names: &mut Names, now: Moment) -> Result<Value, Problem> {
        if key == self.api_key {
            Ok(self.issue(names, now))
        } else {
            Err(Problem::new(kind::INVALID_CREDENTIALS, "This API key is unknown here.").of("apiKey"))
        }
    }

    /// Exchanges a refresh token, once, for another access token.
    pub(super) fn refresh(&mut self, token: &str, names: &mut Names, now: Moment) -> Result<Value, Problem> {
        if self.refresh.remove(token) {
            Ok(self.issue(names, now))
        } else {
            Err(Problem::new(kind::INVALID_CREDENTIALS, "This refresh token is unknown here.")
                .of("refreshToken"))
        }
    }

    fn issue(&mut self, names: &mut Names, now: Moment) -> Value {
        self.forget(now);
        let expires = now.plus(self.life);
        let (token, refresh) = (names.access_token(now, expires), names.refresh_token());
        self.expiries.insert(token.clone(), expires);
        self.by_expiry.push_back((expires, token.clone()));
        self.refresh.insert(refresh.clone());
        self.by_age.push_back(refresh.clone());
        json!({
            "token_type": "Bearer",
            "expires_in": self.life.as_secs(),
            "access_token": token,
            "refresh_token": refresh,
        })
    }

    /// What has expired goes from memory. All tokens live equally long, so the oldest expire first.
    fn forget(&mut self, now: Moment) {
        while self.by_expiry.front().is_some_and(|(expires, _)| *expires <= now) {
            if let Some((_, token)) = self.by_expiry.pop_front() {
                self.expiries.remove(&token);
            }
        }
        while self.by_age.len() >= MAX_REFRESH {
            if let Some(token) = self.by_age.pop_front() {
                self.refresh.remove(&token);
            }
        }
    }
}

/// Reads the `Authorization` header; the scheme's case does not matter (RFC 9110).
pub(super) fn credentials(headers: &HeaderMap) -> Result<Credentials, Problem> {
    let Some(value) = headers.get(AUTHORIZATION) else {
        return Err(Problem::new(kind::MISSING_AUTHORIZATION, "This call needs an Authorization header."));
    };
    let malformed = || {
        Problem::new(
            kind::INVALID_AUTHORIZATION,
            "The value must be `Basic` with the API key as user name, or `Bearer` with an access token.",
        )
    };
    let (scheme, value) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(malformed)?;
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !value.is_empty() && !value.contains(' ') {
        Ok(Credentials::AccessToken(value.to_owned()))
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = STANDARD
            .decode(value)
            .ok()
            .and_then(|pair| String::from_utf8(pair).ok())
            .ok_or_else(malformed)?;
        let (user, password) = pair.split_once(':').ok_or_else(malformed)?;
        if password.is_empty() {
            Ok(Credentials::Key(user.to_owned()))
        } else {
            Err(Problem::new(kind::INVALID_API_KEY, "The API key goes with an empty password."))
        }
    } else {
        Err(malformed())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const NOW: Moment = Moment::from_millis(1_700_000_000_000);

    fn read(value: &str) -> Result<Credentials, &'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        credentials(&headers).map_err(|problem| problem.kind.slug)
    }

    #[test]
    fn a_header_is_read_in_any_case_and_refused_when_malformed() {
        assert_eq!(read("Basic S0VZOg=="), Ok(Credentials::Key("KEY".into())));
        assert_eq!(read("bearer abc"), Ok(Credentials::AccessToken("abc".into())));
        for value in ["", "Basic", "Basic !", "Bearer ", "Digest abc", "S0VZOg==", "Bearer a b", "Basic S0VZ"]
        {
            assert_eq!(read(value), Err("authentication-invalid-authorization-header-value"), "{value}");
        }
        assert_eq!(read("Basic S0VZOng="), Err("authentication-invalid-api-key"));
        let missing = credentials(&HeaderMap::new()).unwrap_err();
        assert_eq!(missing.kind, kind::MISSING_AUTHORIZATION);
    }

    #[test]
    fn an_access_token_lives_its_seconds_and_a_refresh_token_serves_once() {
        let mut names = Names::new(Some(1));
        let mut access = Access::new("KEY".into(), Duration::from_secs(3600));
        let answer = access.exchange("KEY", &mut names, NOW).unwrap();
        let token = Credentials::AccessToken(answer["access_token"].as_str().unwrap().into());
        assert!(access.authorize(&token, NOW.plus_seconds(3599)).is_ok());
        assert!(access.authorize(&token, NOW.plus_seconds(3600)).is_err());
        let refresh = answer["refresh_token"].as_str().unwrap().to_owned();
        assert!(access.refresh(&refresh, &mut names, NOW).is_ok());
        assert!(access.refresh(&refresh, &mut names, NOW).is_err());
    }

    #[test]
    fn expired_access_tokens_are_forgotten() {
        let mut names = Names::new(Some(1));
        let mut access = Access::new("KEY".into(), Duration::from_secs(3600));
        for day in 0..10 {
            access.exchange("KEY", &mut names, NOW.plus_seconds(day * 86_400)).unwrap();
        }
        assert_eq!(access.expiries.len(), 1);
    }
}
