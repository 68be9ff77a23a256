//! The upload tokens: created, found, listed, deleted, and what each may do at a given moment.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Value, json};

use super::clock::Moment;
use super::defect::{Defect, Defects};
use super::ghosts::Ghosts;
use super::ledger::{Change, Journal, TokenRecord};
use super::names::Names;
use super::problem::{Problem, kind};
use super::terms::Terms;

/// The longest life that may be asked for, in seconds.
pub(super) const MAX_TTL: i64 = 2_147_483_647;

/// One upload token.
#[derive(Debug, Clone)]
pub(super) struct UploadToken {
    pub(super) token: String,
    /// Seconds; 0 for one that never expires.
    pub(super) ttl: i64,
    pub(super) created: Moment,
    /// Orders tokens that were created in the same millisecond.
    pub(super) serial: u64,
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
    terms: Terms,
    by_token: HashMap<String, UploadToken>,
    by_end: BTreeSet<(Moment, String)>,
    created: u64,
    deleted: Ghosts,
    /// Tokens whose first segment was refused, which matters to a planted defect alone.
    refused: HashSet<String>,
    pub(super) journal: Journal,
}

impl UploadToken {
    /// When it expires; `None` for one without a ttl.
    pub(super) fn expires(&self, defects: Defects) -> Option<Moment> {
        if self.ttl == 0 {
            return if defects.has(Defect::TtlZeroExpiresAtOnce) {
                Some(self.created)
            } else if defects.has(Defect::UnexpiringTokenExpires) {
                Some(self.created.plus_seconds(30 * 24 * 3600))
            } else {
                None
            };
        }
        if defects.has(Defect::LifeInMilliseconds) {
            return Some(self.created.plus_millis(self.ttl));
        }
        Some(self.created.plus_seconds(self.ttl))
    }

    fn is_active(&self, now: Moment, defects: Defects) -> bool {
        self.expires(defects).is_none_or(|expires| now < expires)
    }

    /// As it is answered.
    pub(super) fn json(&self, defects: Defects) -> Value {
        let late = if defects.has(Defect::ExpiresAtAnHourOff) { 3600 } else { 0 };
        let expires = match self.ttl {
            0 if defects.has(Defect::TtlZeroExpiresAtOnce) => Some(self.created),
            0 => None,
            ttl => Some(self.created.plus_seconds(ttl + late)),
        };
        let factor = if defects.has(Defect::TtlInMilliseconds) { 1000 } else { 1 };
        let mut token = json!({
            "token": self.token,
            "ttl": self.ttl * factor,
            "createdAt": self.created.atom(defects),
            "expiresAt": expires.map(|expires| expires.atom(defects)),
        });
        if defects.has(Defect::CreatedAtMissing) {
            token.as_object_mut().and_then(|members| members.remove("createdAt"));
        }
        token
    }
}

impl Tokens {
    pub(super) fn new(terms: Terms, journal: Journal) -> Self {
        Self {
            terms,
            by_token: HashMap::new(),
            by_end: BTreeSet::new(),
            created: 0,
            deleted: Ghosts::new(terms),
            refused: HashSet::new(),
            journal,
        }
    }

    /// A token that was created before a restart.
    pub(super) fn recall(&mut self, token: String, record: &TokenRecord) {
        let TokenRecord { ttl, created, serial } = *record;
        self.created = self.created.max(serial);
        self.insert(UploadToken { token, ttl, created, serial });
    }

    fn insert(&mut self, token: UploadToken) {
        if let Some(end) = self.end_of_grace(&token) {
            self.by_end.insert((end, token.token.clone()));
        }
        self.by_token.insert(token.token.clone(), token);
    }

    /// Creates a token that lives `ttl` seconds, or for ever with 0.
    pub(super) fn create(&mut self, ttl: i64, names: &mut Names, now: Moment) -> UploadToken {
        if self.terms.has(Defect::TokenReissued)
            && let Some(token) = self.by_token.values().find(|token| token.ttl == ttl)
        {
            return token.clone();
        }
        self.created += 1;
        let token = UploadToken { token: names.upload_token(), ttl, created: now, serial: self.created };
        let UploadToken { ttl, created, serial, .. } = token;
        let record = TokenRecord { ttl, created, serial };
        self.journal.note(|| Change::Token(token.token.clone(), record));
        self.insert(token.clone());
        token
    }

    /// A token that is active.
    pub(super) fn show(&self, token: &str, now: Moment) -> Result<UploadToken, Problem> {
        let active = self.by_token.get(token).filter(|token| token.is_active(now, self.terms.defects));
        let mut shown = match active.or_else(|| self.deleted.shown(token)) {
            Some(token) => token.clone(),
            None if self.terms.has(Defect::UnknownTokenIs400) => return Err(not_found().but(400)),
            None => return Err(not_found()),
        };
        if self.terms.has(Defect::ShownTokenLosesTtl) {
            shown.ttl = 0;
        }
        Ok(shown)
    }

    /// A token as it was created, whatever it may do now.
    pub(super) fn get(&self, token: &str) -> Option<&UploadToken> {
        self.by_token.get(token)
    }

    /// Deletes a token at once, and its grace with it.
    pub(super) fn delete(&mut self, token: &str, now: Moment) -> Result<(), Problem> {
        let defects = self.terms.defects;
        let Some(found) = self.by_token.get(token).filter(|token| !self.is_over(token, now)) else {
            return if defects.has(Defect::DeletionOfNothingIs204) { Ok(()) } else { Err(not_found()) };
        };
        let spared = defects.has(Defect::UnexpiringTokenStays) && found.ttl == 0
            || defects.has(Defect::DeletionSparesGrace) && !found.is_active(now, defects);
        if spared {
            return Ok(());
        }
        if defects.has(Defect::DeletionTakesAllTokens) {
            for token in std::mem::take(&mut self.by_token).into_keys() {
                self.journal.note(|| Change::TokenGone(token));
            }
            self.by_end.clear();
            return Ok(());
        }
        if let Some(token) = self.by_token.remove(token) {
            self.journal.note(|| Change::TokenGone(token.token.clone()));
            if let Some(end) = self.end_of_grace(&token) {
                self.by_end.remove(&(end, token.token.clone()));
            }
            self.deleted.keep(token, now);
        }
        Ok(())
    }

    /// All active tokens, in no order.
    pub(super) fn active(&self, now: Moment) -> Vec<UploadToken> {
        let defects = self.terms.defects;
        let listed =
            |token: &&UploadToken| token.is_active(now, defects) || defects.has(Defect::ExpiredTokenListed);
        let mut tokens: Vec<_> =
            self.by_token.values().filter(listed).chain(self.deleted.listed()).cloned().collect();
        if defects.has(Defect::TokenListedLate) {
            tokens.retain(|token| now >= token.created.plus_seconds(5));
        }
        tokens
    }

    /// What a token may do now; it is an error when that is nothing.
    pub(super) fn power(&self, token: &str, now: Moment) -> Result<Power, Problem> {
        let defects = self.terms.defects;
        let Some(found) = self.by_token.get(token) else { return self.power_of_unknown(token, now) };
        if found.is_active(now, defects) || defects.has(Defect::ExpiredTokenAccepted) {
            Ok(Power::Active)
        } else if defects.has(Defect::ExpiryEndsUploads) {
            Err(refused("This upload token has expired."))
        } else if self.end_of_grace(found).is_some_and(|end| now < end) {
            Ok(Power::Grace)
        } else {
            Err(refused("This upload token has expired, and its uploads had their time."))
        }
    }

    /// What a token may do with a segment that has arrived, and that it was let begin.
    pub(super) fn power_on_arrival(&self, token: &str, now: Moment) -> Result<Power, Problem> {
        if self.deleted.lets_arrive(token) { Ok(Power::Active) } else { self.power(token, now) }
    }

    fn power_of_unknown(&self, token: &str, now: Moment) -> Result<Power, Problem> {
        if let Some(power) = self.deleted.power(token, now) {
            return Ok(power);
        }
        if self.terms.has(Defect::AnyUploadTokenAccepted) {
            return Ok(Power::Active);
        }
        let problem = refused("This upload token is unknown here.");
        Err(if self.terms.has(Defect::UnknownUploadTokenIs404) { problem.but(404) } else { problem })
    }

    /// Notes that a first segment was refused.
    pub(super) fn note_refusal(&mut self, token: &str) {
        if self.terms.has(Defect::RefusedSegmentOpensGrace) {
            self.refused.insert(token.to_owned());
        }
    }

    /// Whether that was noted.
    pub(super) fn was_refused(&self, token: &str) -> bool {
        self.refused.contains(token)
    }

    /// The end of the time in which an upload begun before expiry may be completed.
    fn end_of_grace(&self, token: &UploadToken) -> Option<Moment> {
        let defects = self.terms.defects;
        let end = token.expires(defects)?.plus(self.terms.grace);
        Some(if defects.has(Defect::GraceOf23Hours) {
            end.plus_seconds(-3600)
        } else if defects.has(Defect::GraceOf25Hours) {
            end.plus_seconds(3600)
        } else if defects.has(Defect::GraceNeverEnds) || defects.has(Defect::ExpiredTokenAccepted) {
            Moment::LATEST
        } else {
            end
        })
    }

    fn is_over(&self, token: &UploadToken, now: Moment) -> bool {
        self.end_of_grace(token).is_some_and(|end| end <= now)
    }

    /// Tokens whose grace has ended go from memory.
    pub(super) fn forget(&mut self, now: Moment) -> Vec<String> {
        let mut over = Vec::new();
        while self.by_end.first().is_some_and(|(end, _)| *end <= now) {
            if let Some((_, token)) = self.by_end.pop_first() {
                self.by_token.remove(&token);
                self.journal.note(|| Change::TokenGone(token.clone()));
                over.push(token);
            }
        }
        over
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
pub(super) fn sort(tokens: &mut [UploadToken], by: SortBy, defects: Defects) {
    match by {
        SortBy::Ttl if defects.has(Defect::TtlSortedAsText) => {
            tokens.sort_unstable_by_key(|token| (token.ttl.to_string(), token.serial));
        }
        SortBy::Ttl if !defects.has(Defect::SortIgnored) => {
            tokens.sort_unstable_by_key(|token| (token.ttl, token.serial));
        }
        _ => tokens.sort_unstable_by_key(|token| (token.created, token.serial)),
    }
}

/// The answer about a token that may not do what it was used for.
pub(super) fn refused(detail: &str) -> Problem {
    Problem::new(kind::INVALID_UPLOAD_TOKEN, detail).of("token")
}

fn not_found() -> Problem {
    Problem::new(kind::NOT_FOUND, "There is no such upload token.").of("uploadToken")
}

#[cfg(test)]
mod tests {
    use super::super::config::Config;
    use super::*;

    const NOW: Moment = Moment::from_millis(1_700_000_000_000);
    const DAY: i64 = 86_400;

    fn with_token(ttl: i64) -> (Tokens, String) {
        let mut tokens = Tokens::new(Terms::of(&Config::default()), Journal::default());
        let token = tokens.create(ttl, &mut Names::new(Some(1), 0), NOW).token;
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
        assert_eq!(tokens.active(NOW.plus_seconds(59)).len(), 1);
        assert_eq!(tokens.active(NOW.plus_seconds(60)).len(), 0);
    }

    #[test]
    fn a_token_without_ttl_never_expires() {
        let (tokens, token) = with_token(0);
        assert_eq!(tokens.power(&token, NOW.plus_seconds(10 * 365 * DAY)).ok(), Some(Power::Active));
        assert!(tokens.show(&token, NOW).unwrap().json(Defects::none())["expiresAt"].is_null());
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
        assert!(tokens.forget(NOW.plus_seconds(59 + DAY)).is_empty());
        assert_eq!(tokens.forget(NOW.plus_seconds(60 + DAY)).len(), 1);
        assert!(tokens.by_token.is_empty() && tokens.by_end.is_empty());
    }
}
