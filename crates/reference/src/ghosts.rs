//! Deleted tokens. A faithful server forgets them at once; they are remembered for planted defects alone.

use std::cell::Cell;
use std::collections::HashMap;

use super::clock::Moment;
use super::defect::Defect;
use super::terms::Terms;
use super::tokens::{Power, UploadToken};

/// The defects that need to know what was deleted.
const REMEMBERING: [Defect; 6] = [
    Defect::DeletedTokenLivesAMinute,
    Defect::DeletedTokenShown,
    Defect::DeletedTokenListed,
    Defect::DeletionSparesUploads,
    Defect::DeletionReachesOneInTwo,
    Defect::DeletionJudgedAtTheStart,
];

/// The deleted tokens, and when each was deleted.
pub(super) struct Ghosts {
    terms: Terms,
    by_token: HashMap<String, (UploadToken, Moment)>,
    asked: Cell<u64>,
}

impl Ghosts {
    pub(super) fn new(terms: Terms) -> Self {
        Self { terms, by_token: HashMap::new(), asked: Cell::new(0) }
    }

    pub(super) fn keep(&mut self, token: UploadToken, now: Moment) {
        if REMEMBERING.iter().any(|defect| self.terms.has(*defect)) {
            self.by_token.insert(token.token.clone(), (token, now));
        }
    }

    pub(super) fn shown(&self, token: &str) -> Option<&UploadToken> {
        let known = self.by_token.get(token).map(|(token, _)| token);
        known.filter(|_| self.terms.has(Defect::DeletedTokenShown))
    }

    pub(super) fn listed(&self) -> impl Iterator<Item = &UploadToken> {
        let listed = self.terms.has(Defect::DeletedTokenListed);
        self.by_token.values().filter(move |_| listed).map(|(token, _)| token)
    }

    /// Whether uploads that began before the token was deleted are let pass.
    pub(super) fn lets_arrive(&self, token: &str) -> bool {
        self.terms.has(Defect::DeletionJudgedAtTheStart) && self.by_token.contains_key(token)
    }

    /// What a deleted token may do all the same.
    pub(super) fn power(&self, token: &str, now: Moment) -> Option<Power> {
        let (_, deleted) = self.by_token.get(token)?;
        if self.terms.has(Defect::DeletedTokenLivesAMinute) && now < deleted.plus_seconds(60) {
            return Some(Power::Active);
        }
        if self.terms.has(Defect::DeletionReachesOneInTwo) {
            // An upload that is let pass asks twice, as it begins and when it has arrived.
            self.asked.set(self.asked.get() + 1);
            return ((self.asked.get() - 1) / 2).is_multiple_of(2).then_some(Power::Active);
        }
        self.terms.has(Defect::DeletionSparesUploads).then_some(Power::Grace)
    }
}
