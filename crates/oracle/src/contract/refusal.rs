//! The faults of calls, each with what a server may answer to it.

use super::expectation::{Answered, Expectation};
use crate::fault::Fault;

/// A fault of a call: what may be answered, and which parameter is at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) rule: &'static str,
    pub(super) answers: Vec<Answered>,
    pub(super) parameter: Option<&'static str>,
}

impl Refusal {
    fn of(rule: &'static str, answers: &[(u16, &'static str)]) -> Self {
        let answers = answers.iter().map(|(status, slug)| Answered { status: *status, slug: Some(slug) });
        Self { rule, answers: answers.collect(), parameter: None }
    }

    fn about(self, parameter: &'static str) -> Self {
        Self { parameter: Some(parameter), ..self }
    }

    pub(super) fn no_authorization() -> Self {
        Self::of("AUTH-07", &[(401, "authentication-missing-authorization-header")])
    }

    pub(super) fn malformed_authorization() -> Self {
        Self::of("AUTH-08", &[(401, "authentication-invalid-authorization-header-value")])
    }

    pub(super) fn unknown_access_token() -> Self {
        Self::of("AUTH-09", &[(401, "authentication-invalid-access-token")])
    }

    pub(super) fn expired_access_token() -> Self {
        Self { rule: "AUTH-12", ..Self::unknown_access_token() }
    }

    /// A key of another environment.
    pub(super) fn foreign_key() -> Self {
        let slugs = ["authentication-invalid-api-key", "authentication-invalid-user-credentials"];
        Self::of("AUTH-02", &slugs.map(|slug| (401, slug)))
    }

    pub(super) fn upload_token_as_credential() -> Self {
        let slugs = [
            "authentication-invalid-access-token",
            "authentication-invalid-api-key",
            "authentication-invalid-user-credentials",
            "authentication-invalid-authorization-header-value",
        ];
        Self::of("AUTH-13", &slugs.map(|slug| (401, slug)))
    }

    pub(super) fn unknown_key() -> Self {
        let answers =
            [(400, "authentication-invalid-user-credentials"), (401, "authentication-invalid-api-key")];
        Self::of("AUTH-02", &answers)
    }

    pub(super) fn unknown_refresh_token() -> Self {
        let answers =
            [(400, "authentication-invalid-user-credentials"), (401, "authentication-invalid-refresh-token")];
        Self::of("AUTH-11", &answers)
    }

    pub(super) fn missing_member(rule: &'static str, name: &'static str) -> Self {
        Self::of(rule, &[(400, "attribute-required"), (400, "invalid-attribute")]).about(name)
    }

    /// The documents allow one more answer where the member is the key or the refresh token.
    pub(super) fn missing_credential(rule: &'static str, name: &'static str) -> Self {
        let slugs = ["attribute-required", "invalid-attribute", "authentication-invalid-user-credentials"];
        Self::of(rule, &slugs.map(|slug| (400, slug))).about(name)
    }

    pub(super) fn not_json() -> Self {
        Self::of("AUTH-04", &[(400, "invalid-payload")])
    }

    pub(super) fn ttl(rule: &'static str) -> Self {
        Self::of(rule, &[(400, "invalid-attribute")]).about("ttl")
    }

    pub(super) fn ttl_type() -> Self {
        Self::of("TOKEN-07", &[(400, "invalid-attribute"), (400, "invalid-payload")]).about("ttl")
    }

    pub(super) fn query(name: &'static str) -> Self {
        let slugs = ["invalid-query-parameter", "request-invalid-query-parameter", "invalid-attribute"];
        Self::of("TOKEN-14", &slugs.map(|slug| (400, slug))).about(name)
    }

    pub(super) fn not_found(rule: &'static str) -> Self {
        Self::of(rule, &[(404, "resource-not-found")])
    }

    pub(super) fn no_upload_token() -> Self {
        Self::of("UPLOAD-02", &[(401, "authentication-missing-upload-token")])
    }

    pub(super) fn unknown_upload_token() -> Self {
        Self::of("UPLOAD-03", &[(401, "authentication-invalid-upload-token")])
    }

    pub(super) fn begun_by_a_token() -> Self {
        Self::of("BYTES-22", &[(400, "video-content-range-already-initiated")])
    }

    pub(super) fn unknown_path() -> Self {
        Self::of("HTTP-02", &[(404, "unrecognized-request-url"), (404, "resource-not-found")])
    }

    pub(super) fn wrong_method() -> Self {
        Self::of("HTTP-03", &[(405, "method-not-allowed")])
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        let slugs: Vec<Option<&'static str>> =
            if fault.slugs.is_empty() { vec![None] } else { fault.slugs.iter().copied().map(Some).collect() };
        let pairs = fault
            .statuses
            .iter()
            .flat_map(|status| slugs.iter().map(move |slug| Answered { status: *status, slug: *slug }));
        Self { rule: fault.rule, answers: pairs.filter(Answered::is_consistent).collect(), parameter: None }
    }
}

impl Answered {
    /// A refusal that may be 401 or 404 has a slug for each of them.
    pub(super) fn is_consistent(&self) -> bool {
        match self.slug {
            Some("resource-not-found") => self.status == 404,
            Some(slug) if slug.starts_with("authentication-") => self.status != 404,
            _ => true,
        }
    }
}

/// A refusal for any of these faults; the first names the rule.
pub(super) fn refused(refusals: &[Refusal]) -> Expectation {
    let mut answers: Vec<_> = refusals.iter().flat_map(|refusal| refusal.answers.iter().copied()).collect();
    answers.sort_unstable();
    answers.dedup();
    let rule = refusals.first().map_or("SCHEMA-06", |refusal| refusal.rule);
    let mut expectation = Expectation { rule, answers, checks: Vec::new(), unread: false };
    if let [Refusal { parameter: Some(name), .. }] = refusals {
        let named = super::wanted::Wanted::Is((*name).into());
        expectation = expectation.with(super::expectation::Check::json("SCHEMA-08", "$.name", named));
    }
    expectation
}
