//! Who may call the management endpoints: the API key, access tokens and refresh tokens.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::{Value, json};

use super::credentials::Credentials;
use crate::database::change::{Change, ChangeSet};
use crate::database::record::StoredState;
use crate::ids::IdGenerator;
use crate::problem::{Problem, kind};
use crate::settings::Settings;
use crate::timestamp::Timestamp;

/// Refresh tokens that are remembered at most; the oldest are forgotten first, so that memory stays bounded.
const MAX_REFRESH: usize = 100_000;

/// The keys and tokens that are good.
pub(crate) struct Access {
    api_key: String,
    settings: Settings,
    expiries: HashMap<String, Timestamp>,
    by_expiry: VecDeque<(Timestamp, String)>,
    refresh: HashSet<String>,
    by_age: VecDeque<String>,
    /// How many refresh tokens were issued.
    issued: u64,
    pub(crate) changes: ChangeSet,
}

impl Access {
    pub(crate) fn new(api_key: String, settings: Settings, changes: ChangeSet) -> Self {
        Self {
            api_key,
            settings,
            expiries: HashMap::new(),
            by_expiry: VecDeque::new(),
            refresh: HashSet::new(),
            by_age: VecDeque::new(),
            issued: 0,
            changes,
        }
    }

    /// What was issued before a restart is still good.
    pub(crate) fn restore(&mut self, stored: &StoredState) {
        self.expiries = stored.access.iter().cloned().collect();
        self.by_expiry = stored.access.iter().map(|(token, expires)| (*expires, token.clone())).collect();
        self.refresh = stored.refresh.iter().map(|(token, _)| token.clone()).collect();
        self.by_age = stored.refresh.iter().map(|(token, _)| token.clone()).collect();
        self.issued = stored.refresh.last().map_or(0, |(_, serial)| serial + 1);
    }

    /// Whether these credentials are good for the management endpoints.
    pub(crate) fn check(&self, credentials: &Credentials, now: Timestamp) -> Result<(), Problem> {
        match credentials {
            Credentials::Basic { password, .. }
                if !self.settings.policy.password_is_good(password, password.is_empty()) =>
            {
                Err(Problem::new(kind::INVALID_API_KEY, "The API key goes with an empty password."))
            }
            Credentials::Basic { user, .. } if *user == self.api_key => Ok(()),
            Credentials::Basic { .. } => {
                Err(Problem::new(kind::INVALID_API_KEY, "This API key is unknown here."))
            }
            Credentials::Bearer(token) if self.expiries.get(token).is_some_and(|expires| now < *expires) => {
                Ok(())
            }
            Credentials::Bearer(_) => Err(Problem::new(
                kind::INVALID_ACCESS_TOKEN,
                "This access token is unknown here, or has expired.",
            )),
        }
    }

    /// Exchanges an API key for an access token.
    pub(crate) fn exchange(
        &mut self,
        key: &str,
        ids: &mut IdGenerator,
        now: Timestamp,
    ) -> Result<Value, Problem> {
        if self.settings.policy.key_is_exchanged(key, key == self.api_key) {
            Ok(self.issue(ids, now))
        } else {
            Err(Problem::new(kind::INVALID_CREDENTIALS, "This API key is unknown here.").of("apiKey"))
        }
    }

    /// Exchanges a refresh token, once, for another access token.
    pub(crate) fn refresh(
        &mut self,
        token: &str,
        ids: &mut IdGenerator,
        now: Timestamp,
    ) -> Result<Value, Problem> {
        let is_known = self.refresh.remove(token);
        if self.settings.policy.refresh_token_is_exchanged(token, is_known) {
            self.changes.note(|| Change::RefreshGone(token.to_owned()));
            Ok(self.issue(ids, now))
        } else {
            Err(Problem::new(kind::INVALID_CREDENTIALS, "This refresh token is unknown here.")
                .of("refreshToken"))
        }
    }

    fn issue(&mut self, ids: &mut IdGenerator, now: Timestamp) -> Value {
        self.forget(now);
        let life = self.settings.access_token_life;
        let expires = now.plus(self.settings.policy.access_token_life(life));
        let (token, refresh) = (ids.access_token(now, expires), ids.refresh_token());
        self.expiries.insert(token.clone(), expires);
        self.by_expiry.push_back((expires, token.clone()));
        self.refresh.insert(refresh.clone());
        self.by_age.push_back(refresh.clone());
        self.changes.note(|| Change::Access(token.clone(), expires));
        self.changes.note(|| Change::Refresh(refresh.clone(), self.issued));
        self.issued += 1;
        json!({
            "token_type": "Bearer",
            "expires_in": life.as_secs(),
            "access_token": token,
            "refresh_token": refresh,
        })
    }

    /// What has expired goes from memory. All tokens live equally long, so the oldest expire first.
    pub(crate) fn forget(&mut self, now: Timestamp) {
        while self.by_expiry.front().is_some_and(|(expires, _)| *expires <= now) {
            if let Some((_, token)) = self.by_expiry.pop_front() {
                self.expiries.remove(&token);
                self.changes.note(|| Change::AccessGone(token));
            }
        }
        while self.by_age.len() >= MAX_REFRESH {
            if let Some(token) = self.by_age.pop_front()
                && self.refresh.remove(&token)
            {
                self.changes.note(|| Change::RefreshGone(token));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn access() -> (Access, IdGenerator) {
        let access = Access::new("KEY".into(), Settings::contract(), ChangeSet::default());
        (access, IdGenerator::new(Some(1), 0))
    }

    #[test]
    fn the_key_goes_with_an_empty_password() {
        let (access, _) = access();
        let basic = |user: &str, password: &str| {
            access.check(&Credentials::Basic { user: user.into(), password: password.into() }, NOW)
        };
        assert!(basic("KEY", "").is_ok());
        assert_eq!(basic("KEY", "x").unwrap_err().kind, kind::INVALID_API_KEY);
        assert_eq!(basic("OTHER", "").unwrap_err().kind, kind::INVALID_API_KEY);
    }

    #[test]
    fn an_access_token_lives_its_seconds_and_a_refresh_token_serves_once() {
        let (mut access, mut ids) = access();
        let answer = access.exchange("KEY", &mut ids, NOW).unwrap();
        let token = Credentials::Bearer(answer["access_token"].as_str().unwrap().into());
        assert!(access.check(&token, NOW.plus_seconds(3599)).is_ok());
        assert!(access.check(&token, NOW.plus_seconds(3600)).is_err());
        let refresh = answer["refresh_token"].as_str().unwrap().to_owned();
        assert!(access.refresh(&refresh, &mut ids, NOW).is_ok());
        assert!(access.refresh(&refresh, &mut ids, NOW).is_err());
    }

    #[test]
    fn expired_access_tokens_are_forgotten() {
        let (mut access, mut ids) = access();
        for day in 0..10 {
            access.exchange("KEY", &mut ids, NOW.plus_seconds(day * 86_400)).unwrap();
        }
        assert_eq!(access.expiries.len(), 1);
    }
}
