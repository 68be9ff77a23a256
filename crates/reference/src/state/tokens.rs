//! The upload tokens: created, found, listed, deleted, and what each may do at a given time.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::list_query::{ListQuery, SortBy};
use super::token::{TokenState, UploadToken};
use crate::database::change::{Change, ChangeSet};
use crate::database::record::TokenRecord;
use crate::ids::IdGenerator;
use crate::policy::decisions::Policy;
use crate::policy::facts::{Deletion, Stage, TokenSet, TokenUse};
use crate::problem::Problem;
use crate::settings::Settings;
use crate::timestamp::Timestamp;

/// All tokens that are not deleted, and whose grace period has not ended.
pub(crate) struct Tokens {
    settings: Settings,
    by_token: HashMap<String, UploadToken>,
    by_end: BTreeSet<(Timestamp, String)>,
    created: u64,
    pub(crate) changes: ChangeSet,
}

impl Tokens {
    pub(crate) fn new(settings: Settings, changes: ChangeSet) -> Self {
        Self { settings, by_token: HashMap::new(), by_end: BTreeSet::new(), created: 0, changes }
    }

    /// A token that was created before a restart.
    pub(crate) fn restore(&mut self, token: String, record: &TokenRecord) {
        let TokenRecord { ttl, created, serial } = *record;
        self.created = self.created.max(serial);
        self.insert(UploadToken { token, ttl, created, serial });
    }

    fn insert(&mut self, token: UploadToken) {
        if let Some(end) = self.grace_end(&token) {
            self.by_end.insert((end, token.token.clone()));
        }
        self.by_token.insert(token.token.clone(), token);
    }

    /// Creates a token that lives `ttl` seconds, or for ever with 0.
    pub(crate) fn create(&mut self, ttl: i64, ids: &mut IdGenerator, now: Timestamp) -> UploadToken {
        if let Some(token) = self.settings.policy.reissued(ttl, &self.set(now), None) {
            return token;
        }
        self.created += 1;
        let token = UploadToken { token: ids.upload_token(), ttl, created: now, serial: self.created };
        let record = TokenRecord { ttl, created: now, serial: self.created };
        self.changes.note(|| Change::Token(token.token.clone(), record));
        self.insert(token.clone());
        self.settings.policy.token_created(&token);
        token
    }

    /// A token that is active.
    pub(crate) fn show(&self, token: &str, now: Timestamp) -> Result<UploadToken, Problem> {
        let active = self.by_token.get(token).filter(|token| self.is_active(token, now)).cloned();
        self.settings.policy.token_found(token, now, active).ok_or_else(Problem::no_such_token)
    }

    /// A token as it was created, whatever it may do now.
    pub(crate) fn get(&self, token: &str) -> Option<&UploadToken> {
        self.by_token.get(token)
    }

    /// The active tokens, in the order that was asked for.
    pub(crate) fn list(&self, query: &ListQuery, now: Timestamp) -> Vec<UploadToken> {
        let active = self.by_token.values().filter(|token| self.is_active(token, now)).cloned().collect();
        let mut tokens = self.settings.policy.listed_tokens(&self.set(now), active);
        sort(&mut tokens, query);
        self.settings.policy.ordered_tokens(query, tokens)
    }

    /// Deletes a token at once, and its grace period with it.
    pub(crate) fn delete(&mut self, token: &str, now: Timestamp) -> Result<Deletion, Problem> {
        let found = self.by_token.get(token).filter(|token| !self.is_over(token, now));
        let found = found.ok_or_else(Problem::no_such_token)?;
        let deletion = self.settings.policy.deletion(found, now, Deletion::Token);
        match deletion {
            Deletion::Nothing => {}
            Deletion::Token | Deletion::TokenAndItsVideos => self.remove(token, now),
            Deletion::AllTokens => {
                let all: Vec<String> = self.by_token.keys().cloned().collect();
                for token in &all {
                    self.remove(token, now);
                }
            }
        }
        Ok(deletion)
    }

    fn remove(&mut self, token: &str, now: Timestamp) {
        let Some(token) = self.by_token.remove(token) else { return };
        self.changes.note(|| Change::TokenGone(token.token.clone()));
        if let Some(end) = self.grace_end(&token) {
            self.by_end.remove(&(end, token.token.clone()));
        }
        self.settings.policy.token_deleted(&token, now);
    }

    /// What a token may do now; it is an error when that is nothing.
    pub(crate) fn state(&self, token: &str, stage: Stage, now: Timestamp) -> Result<TokenState, Problem> {
        let known = self.by_token.get(token);
        let (contract, why) = match known {
            None => (None, "This upload token is unknown here."),
            Some(known) if self.is_active(known, now) => (Some(TokenState::Active), ""),
            Some(known) if self.is_over(known, now) => {
                (None, "This upload token has expired, and its grace period has ended.")
            }
            Some(_) => (Some(TokenState::Grace), "This upload token has expired."),
        };
        let usage = TokenUse { token, known, stage, now };
        self.settings.policy.token_state(&usage, contract).ok_or_else(|| Problem::token_refused(why))
    }

    /// When a token expires; `None` for one without a ttl.
    pub(crate) fn expiry(&self, token: &UploadToken) -> Option<Timestamp> {
        let contract = (token.ttl > 0).then(|| token.created.plus_seconds(token.ttl));
        self.settings.policy.expiry(token, contract)
    }

    /// The end of the time in which an upload begun before expiry may be completed.
    fn grace_end(&self, token: &UploadToken) -> Option<Timestamp> {
        let end = self.expiry(token)?.plus(self.settings.grace);
        Some(self.settings.policy.grace_end(token, end))
    }

    fn is_active(&self, token: &UploadToken, now: Timestamp) -> bool {
        self.expiry(token).is_none_or(|expires| now < expires)
    }

    fn is_over(&self, token: &UploadToken, now: Timestamp) -> bool {
        self.grace_end(token).is_some_and(|end| end <= now)
    }

    fn set(&self, now: Timestamp) -> TokenSet<'_> {
        TokenSet { all: &self.by_token, now }
    }

    /// Tokens whose grace period has ended go from memory.
    pub(crate) fn forget(&mut self, now: Timestamp) -> Vec<String> {
        let mut over = Vec::new();
        while self.by_end.first().is_some_and(|(end, _)| *end <= now) {
            if let Some((_, token)) = self.by_end.pop_first() {
                // Where the end has moved since the token was created, it stays until then.
                let end = self.by_token.get(&token).and_then(|token| self.grace_end(token));
                if let Some(later) = end.filter(|end| *end > now) {
                    self.by_end.insert((later, token));
                    continue;
                }
                self.by_token.remove(&token);
                self.changes.note(|| Change::TokenGone(token.clone()));
                over.push(token);
            }
        }
        over
    }
}

/// Sorts by one member; tokens that are equal in it stay in the order of their creation.
fn sort(tokens: &mut [UploadToken], query: &ListQuery) {
    match query.sort_by {
        SortBy::Ttl => tokens.sort_unstable_by_key(|token| (token.ttl, token.serial)),
        SortBy::CreatedAt => tokens.sort_unstable_by_key(|token| (token.created, token.serial)),
    }
    if query.descending {
        tokens.reverse();
    }
}

/// A token as it is answered.
pub(crate) fn json(token: &UploadToken, policy: &Policy) -> Value {
    let date_time = |time: Timestamp| policy.date_time(time, time.atom());
    let expires = (token.ttl > 0).then(|| token.created.plus_seconds(token.ttl));
    let mut shown = json!({
        "token": token.token,
        "ttl": token.ttl,
        "createdAt": date_time(token.created),
        "expiresAt": expires.map(date_time),
    });
    policy.token_shown(token, &mut shown);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
    const DAY: i64 = 86_400;

    fn with_token(ttl: i64) -> (Tokens, String) {
        let mut tokens = Tokens::new(Settings::contract(), ChangeSet::default());
        let token = tokens.create(ttl, &mut IdGenerator::new(Some(1), 0), NOW).token;
        (tokens, token)
    }

    fn state(tokens: &Tokens, token: &str, after: i64) -> Option<TokenState> {
        tokens.state(token, Stage::Head, NOW.plus_seconds(after)).ok()
    }

    fn listed(tokens: &Tokens, after: i64) -> usize {
        tokens.list(&ListQuery::default(), NOW.plus_seconds(after)).len()
    }

    #[test]
    fn a_token_expires_after_its_ttl_and_its_grace_period_a_day_later() {
        let (tokens, token) = with_token(60);
        for (after, expected) in [
            (0, Some(TokenState::Active)),
            (59, Some(TokenState::Active)),
            (60, Some(TokenState::Grace)),
            (60 + DAY - 1, Some(TokenState::Grace)),
            (60 + DAY, None),
        ] {
            assert_eq!(state(&tokens, &token, after), expected, "after {after} s");
        }
        assert_eq!((listed(&tokens, 59), listed(&tokens, 60)), (1, 0));
    }

    #[test]
    fn a_token_without_ttl_never_expires() {
        let (tokens, token) = with_token(0);
        assert_eq!(state(&tokens, &token, 10 * 365 * DAY), Some(TokenState::Active));
        let shown = json(&tokens.show(&token, NOW).unwrap(), &Policy::default());
        assert!(shown["expiresAt"].is_null());
    }

    #[test]
    fn an_expired_token_can_be_deleted_until_its_grace_period_has_ended() {
        let (mut tokens, token) = with_token(60);
        assert!(tokens.delete(&token, NOW.plus_seconds(60 + DAY)).is_err());
        let (mut tokens, token) = with_token(60);
        assert!(tokens.delete(&token, NOW.plus_seconds(59 + DAY)).is_ok());
        assert_eq!(state(&tokens, &token, 59 + DAY), None);
        assert!(tokens.delete(&token, NOW).is_err());
        assert!(tokens.by_end.is_empty());
    }

    #[test]
    fn what_has_ended_goes_from_memory() {
        let (mut tokens, _) = with_token(60);
        assert!(tokens.forget(NOW.plus_seconds(59 + DAY)).is_empty());
        assert_eq!(tokens.forget(NOW.plus_seconds(60 + DAY)).len(), 1);
        assert!(tokens.by_token.is_empty() && tokens.by_end.is_empty());
    }

    #[test]
    fn ties_are_listed_in_the_order_of_creation() {
        let mut tokens = Tokens::new(Settings::contract(), ChangeSet::default());
        let mut ids = IdGenerator::new(Some(1), 0);
        let ttls = [10, 2, 1000, 2];
        let created = ttls.map(|ttl| tokens.create(ttl, &mut ids, NOW).token);
        let query = |descending| ListQuery { sort_by: SortBy::Ttl, descending, ..ListQuery::default() };
        let order = |descending| {
            let tokens = tokens.list(&query(descending), NOW);
            let places = tokens.iter().map(|token| created.iter().position(|id| *id == token.token).unwrap());
            places.collect::<Vec<_>>()
        };
        assert_eq!(order(false), [1, 3, 0, 2]);
        assert_eq!(order(true), [2, 0, 3, 1]);
    }
}
