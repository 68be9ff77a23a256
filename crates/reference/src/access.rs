//! Who may call: the API key, access tokens and refresh tokens, and how an `Authorization` header is read.

use std::collections::{HashMap, HashSet, VecDeque};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::clock::Moment;
use super::defect::{Defect, Defects};
use super::ledger::{Change, Journal, Remembered};
use super::names::Names;
use super::problem::{Problem, kind};
use super::terms::Terms;

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
    terms: Terms,
    expiries: HashMap<String, Moment>,
    by_expiry: VecDeque<(Moment, String)>,
    refresh: HashSet<String>,
    by_age: VecDeque<String>,
    /// How many refresh tokens were given.
    given: u64,
    pub(super) journal: Journal,
}

impl Access {
    pub(super) fn new(api_key: String, terms: Terms, journal: Journal) -> Self {
        Self {
            api_key,
            terms,
            expiries: HashMap::new(),
            by_expiry: VecDeque::new(),
            refresh: HashSet::new(),
            by_age: VecDeque::new(),
            given: 0,
            journal,
        }
    }

    /// What was given before a restart is still good.
    pub(super) fn recall(&mut self, remembered: &Remembered) {
        self.expiries = remembered.access.iter().cloned().collect();
        self.by_expiry = remembered.access.iter().map(|(token, expires)| (*expires, token.clone())).collect();
        self.refresh = remembered.refresh.iter().map(|(token, _)| token.clone()).collect();
        self.by_age = remembered.refresh.iter().map(|(token, _)| token.clone()).collect();
        self.given = remembered.refresh.last().map_or(0, |(_, serial)| serial + 1);
    }

    /// Whether a call of the management endpoints is allowed.
    pub(super) fn authorize(&self, credentials: &Credentials, now: Moment) -> Result<(), Problem> {
        match credentials {
            Credentials::Key(key) if *key == self.api_key => Ok(()),
            Credentials::Key(_) => Err(Problem::new(kind::INVALID_API_KEY, "This API key is unknown here.")),
            Credentials::AccessToken(token) if self.is_good(token, now) => Ok(()),
            Credentials::AccessToken(_) => {
                let misnamed = self.terms.has(Defect::UnknownAccessTokenMisnamed);
                let kind = if misnamed { kind::INVALID_API_KEY } else { kind::INVALID_ACCESS_TOKEN };
                Err(Problem::new(kind, "This access token is unknown here, or has expired."))
            }
        }
    }

    fn is_good(&self, token: &str, now: Moment) -> bool {
        if self.terms.has(Defect::BearerRefused) {
            return false;
        }
        if self.terms.has(Defect::AnyAccessTokenAccepted) {
            return true;
        }
        let expires = self.expiries.get(token);
        expires.is_some_and(|expires| now < *expires || self.terms.has(Defect::AccessTokenNeverExpires))
    }

    /// Exchanges an API key for an access token.
    pub(super) fn exchange(&mut self, key: &str, names: &mut Names, now: Moment) -> Result<Value, Problem> {
        if key == self.api_key || self.terms.has(Defect::AnyApiKeyExchanged) {
            Ok(self.issue(names, now))
        } else {
            Err(Problem::new(kind::INVALID_CREDENTIALS, "This API key is unknown here.").of("apiKey"))
        }
    }

    /// Exchanges a refresh token, once, for another access token.
    pub(super) fn refresh(&mut self, token: &str, names: &mut Names, now: Moment) -> Result<Value, Problem> {
        if self.refresh.remove(token) || self.terms.has(Defect::AnyRefreshTokenAccepted) {
            self.journal.note(|| Change::RefreshGone(token.to_owned()));
            let answer = self.issue(names, now);
            if self.terms.has(Defect::RefreshedTokenIsDead) {
                let dead = answer["access_token"].as_str().unwrap_or_default();
                self.expiries.remove(dead);
                self.journal.note(|| Change::AccessGone(dead.to_owned()));
            }
            Ok(answer)
        } else {
            Err(Problem::new(kind::INVALID_CREDENTIALS, "This refresh token is unknown here.")
                .of("refreshToken"))
        }
    }

    fn issue(&mut self, names: &mut Names, now: Moment) -> Value {
        self.forget(now);
        let life = self.terms.access_token_life;
        let expires = now.plus(if self.terms.has(Defect::AccessTokenLivesTwice) { life * 2 } else { life });
        let (token, refresh) = (names.access_token(now, expires), names.refresh_token());
        self.expiries.insert(token.clone(), expires);
        self.by_expiry.push_back((expires, token.clone()));
        self.refresh.insert(refresh.clone());
        self.by_age.push_back(refresh.clone());
        self.journal.note(|| Change::Access(token.clone(), expires));
        self.journal.note(|| Change::Refresh(refresh.clone(), self.given));
        self.given += 1;
        let mut answer = json!({
            "token_type": "Bearer",
            "expires_in": life.as_secs(),
            "access_token": token,
            "refresh_token": refresh,
        });
        if self.terms.has(Defect::ExpiresInAsText) {
            answer["expires_in"] = life.as_secs().to_string().into();
        }
        if self.terms.has(Defect::RefreshTokenMissing) {
            answer.as_object_mut().and_then(|members| members.remove("refresh_token"));
        }
        answer
    }

    /// What has expired goes from memory. All tokens live equally long, so the oldest expire first.
    pub(super) fn forget(&mut self, now: Moment) {
        let expired = |(expires, _): &(Moment, String)| *expires <= now;
        while !self.terms.has(Defect::AccessTokenNeverExpires) && self.by_expiry.front().is_some_and(expired)
        {
            if let Some((_, token)) = self.by_expiry.pop_front() {
                self.expiries.remove(&token);
                self.journal.note(|| Change::AccessGone(token));
            }
        }
        while self.by_age.len() >= MAX_REFRESH {
            if let Some(token) = self.by_age.pop_front()
                && self.refresh.remove(&token)
            {
                self.journal.note(|| Change::RefreshGone(token));
            }
        }
    }
}

/// Reads the `Authorization` header; the scheme's case does not matter (RFC 9110).
pub(super) fn credentials(headers: &HeaderMap, defects: Defects) -> Result<Credentials, Problem> {
    let Some(value) = headers.get(AUTHORIZATION) else {
        let problem = Problem::new(kind::MISSING_AUTHORIZATION, "This call needs an Authorization header.");
        return Err(if defects.has(Defect::MissingAuthorizationIs403) { problem.but(403) } else { problem });
    };
    let malformed = || {
        let detail =
            "The value must be `Basic` with the API key as user name, or `Bearer` with an access token.";
        let problem = Problem::new(kind::INVALID_AUTHORIZATION, detail);
        if defects.has(Defect::MalformedAuthorizationIs400) { problem.but(400) } else { problem }
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
        if password.is_empty() == defects.has(Defect::BasicNeedsAPassword) {
            return Err(Problem::new(kind::INVALID_API_KEY, "The API key goes with an empty password."));
        }
        Ok(Credentials::Key(user.to_owned()))
    } else {
        Err(malformed())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::super::config::Config;
    use super::*;

    const NOW: Moment = Moment::from_millis(1_700_000_000_000);

    fn read(value: &str) -> Result<Credentials, &'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        credentials(&headers, Defects::none()).map_err(|problem| problem.kind.slug)
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
        let missing = credentials(&HeaderMap::new(), Defects::none()).unwrap_err();
        assert_eq!(missing.kind, kind::MISSING_AUTHORIZATION);
    }

    #[test]
    fn an_access_token_lives_its_seconds_and_a_refresh_token_serves_once() {
        let mut names = Names::new(Some(1), 0);
        let mut access = Access::new("KEY".into(), Terms::of(&Config::default()), Journal::default());
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
        let mut names = Names::new(Some(1), 0);
        let mut access = Access::new("KEY".into(), Terms::of(&Config::default()), Journal::default());
        for day in 0..10 {
            access.exchange("KEY", &mut names, NOW.plus_seconds(day * 86_400)).unwrap();
        }
        assert_eq!(access.expiries.len(), 1);
    }
}
