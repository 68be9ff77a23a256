//! The upload tokens: created, found, listed, deleted, and what each may do at a given moment.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use serde_json::{Value, json};

use super::clock::Moment;
use super::names::Names;
use super::problem::{Problem, kind};

/// The longest life that may be asked for, in seconds.
pub(super) const MAX_TTL: i64 = 2_147_483_647;

/// One upload token.
#[derive(Debug, Clone)]
pub(super) struct UploadToken {
    pub(super) token: String,
    pub(super) ttl: i64,
    pub(super) created: Moment,
    /// Orders tokens that were created in the same millisecond.
    serial: u64,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Power {
    /// Begin uploads and go on with those it began.
    Active,
    /// Go on with those it began in time.
    Grace,
}

/// All tokens that are not deleted, and whose grace has not ended.
pub(super) struct Tokens {
    grace: Duration,
    by_token: HashMap<String, UploadToken>,
    by_end: BTreeSet<(Moment, String)>,
    created: u64,
}

impl UploadToken {
    /// When it expires; `None` for one without a ttl.
    pub(super) fn expires(&self) -> Option<Moment> {
        (self.ttl > 0).then(|| self.created.plus_seconds(self.ttl))
    }

    fn is_active(&self, now: Moment) -> bool {
        self.expires().is_none_or(|expires| now < expires)
    }

    /// As it is answered.
    pub(super) fn json(&self) -> Value {
        json!({
            "token": self.token,
            "ttl": self.ttl,
            "createdAt": self.created.atom(),
            "expiresAt": self.expires().map(Moment::atom),
        })
    }
}

impl Tokens {
    pub(super) fn new(grace: Duration) -> Self {
        Self { grace, by_token: HashMap::new(), by_end: BTreeSet::new(), created: 0 }
    }

    /// Creates a token that lives `ttl` seconds, or for ever with 0.
    pub(super) fn create(&mut self, ttl: i64, names: &mut Names, now: Moment) -> Value {
        self.forget(now);
        self.created += 1;
        let token = UploadToken { token: names.upload_token(), ttl, created: now, serial: self.created };
        let answer = token.json();
        if let Some(end) = self.end_of_grace(&token) {
            self.by_end.insert((end, token.token.clone()));
        }
        self.by_token.insert(token.token.clone(), token);
        answer
    }

    /// A token that is active.
    pub(super) fn show(&self, token: &str, now: Moment) -> Result<Value, Problem> {
        self.by_token
            .get(token)
            .filter(|token| token.is_active(now))
            .map(UploadToken::json)
            .ok_or_else(not_found)
    }

    /// Deletes a token at once, and its grace with it.
    pub(super) fn delete(&mut self, token: &str, now: Moment) -> Result<(), Problem> {
        self.forget(now);
        let token = self.by_token.remove(token).ok_or_else(not_found)?;
        if let Some(end) = self.end_of_grace(&token) {
            self.by_end.remove(&(end, token.token));
        }
        Ok(())
    }

    /// All active tokens, in no order.
    pub(super) fn active(&self, now: Moment) -> Vec<UploadToken> {
        self.by_token.values().filter(|token| token.is_active(now)).cloned().collect()
    }

    /// What a token may do now; it is an error when that is nothing.
    pub(super) fn power(&self, token: &str, now: Moment) -> Result<Power, Problem> {
        let token = self.by_token.get(token).ok_or_else(|| refused("This upload token is unknown here."))?;
        if token.is_active(now) {
            Ok(Power::Active)
        } else if self.end_of_grace(token).is_some_and(|end| now < end) {
            Ok(Power::Grace)
        } else {
            Err(refused("This upload token has expired."))
        }
    }

    /// The end of the time in which an upload begun before expiry may be completed.
    fn end_of_grace(&self, token: &UploadToken) -> Option<Moment> {
        token.expires().map(|expires| expires.plus(self.grace))
    }

    /// Tokens whose grace has ended go from memory.
    fn forget(&mut self, now: Moment) {
        while self.by_end.first().is_some_and(|(end, _)| *end <= now) {
            if let Some((_, token)) = self.by_end.pop_first() {
                self.by_token.remove(&token);
            }
        }
    }
}

/// By which member a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum SortBy {
    #[default]
    CreatedAt,
    Ttl,
}

/// Sorts by one member; tokens that are equal in it stay in the order of their creation.
pub(super) fn sort(tokens: &mut [UploadToken], by: SortBy) {
    match by {
        SortBy::CreatedAt => tokens.sort_unstable_by_key(|token| (token.created, token.serial)),
        SortBy::Ttl => tokens.sort_unstable_by_key(|token| (token.ttl, token.serial)),
    }
}

pub(super) fn refused(detail: &str) -> Problem {
    Problem::new(kind::INVALID_UPLOAD_TOKEN, detail).of("token")
}

fn not_found() -> Problem {
    Problem::new(kind::NOT_FOUND, "There is no such upload token.").of("uploadToken")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_millis(1_700_000_000_000);
    const DAY: i64 = 86_400;

    fn with_token(ttl: i64) -> (Tokens, String) {
        let mut tokens = Tokens::new(Duration::from_secs(86_400));
        let answer = tokens.create(ttl, &mut Names::new(Some(1)), NOW);
        let token = answer["token"].as_str().unwrap().to_owned();
        (tokens, token)
    }

    #[test]
    fn a_token_expires_after_its_ttl_and_its_grace_a_day_later() {
        let (tokens, token) = with_token(60);
        for (after, power) in [
            (0, Some(Power::Active)),
            (59, Some(Power::Active)),
            (60, Some(Power::Grace)),
            (60 + DAY - 1, Some(Power::Grace)),
            (60 + DAY, None),
        ] {
            assert_eq!(tokens.power(&token, NOW.plus_seconds(after)).ok(), power, "after {after} s");
        }
        assert_eq!(tokens.active(NOW.plus_seconds(60)).len(), 0);
    }

    #[test]
    fn a_token_without_ttl_never_expires() {
        let (tokens, token) = with_token(0);
        assert_eq!(tokens.power(&token, NOW.plus_seconds(10 * 365 * DAY)).ok(), Some(Power::Active));
        assert!(tokens.show(&token, NOW).unwrap()["expiresAt"].is_null());
    }

    #[test]
    fn an_expired_token_can_be_deleted_until_its_grace_has_ended() {
        let (mut tokens, token) = with_token(60);
        assert!(tokens.delete(&token, NOW.plus_seconds(60 + DAY)).is_err());
        let (mut tokens, token) = with_token(60);
        assert!(tokens.delete(&token, NOW.plus_seconds(59 + DAY)).is_ok());
        assert!(tokens.power(&token, NOW.plus_seconds(59 + DAY)).is_err());
        assert!(tokens.delete(&token, NOW).is_err());
        assert!(tokens.by_end.is_empty());
    }

    #[test]
    fn what_has_ended_goes_from_memory() {
        let (mut tokens, _) = with_token(60);
        tokens.create(60, &mut Names::new(Some(2)), NOW.plus_seconds(2 * DAY));
        assert_eq!(tokens.by_token.len(), 1);
    }
}
