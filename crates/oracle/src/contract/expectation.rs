//! What the contract allows as the answer to a call: statuses with their slugs, and what each field must be.

use std::fmt;

use serde_json::Value as Json;

use super::path;
use super::reply::Reply;
use super::wanted::{Subject, Wanted};

/// One kind of answer that the contract allows.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// The rule that demands it.
    pub rule: &'static str,
    /// The status, and with a refusal the slug.
    pub answers: Vec<Answered>,
    /// What the fields and headers must be.
    pub checks: Vec<Check>,
    /// Whether the answer is of no account, since the call was broken off.
    pub unread: bool,
}

/// A status and the slug that goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The slug; none where the documents name none.
    pub slug: Option<&'static str>,
}

/// What one part of the response must be.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The rule that demands it.
    pub rule: &'static str,
    /// The part.
    pub subject: Subject,
    /// What it must be.
    pub wanted: Wanted,
}

/// How a reply differs from what is allowed.
#[derive(Debug, Clone, PartialEq)]
pub enum Difference {
    /// Another status, or another slug.
    Answer(Vec<Answered>),
    /// The status is right, and a part is not.
    Part {
        /// The check that failed.
        check: Check,
        /// What the part is, in words.
        got: String,
        /// What the part is, where it is a value.
        value: Option<Json>,
    },
}

impl Check {
    pub(super) fn json(rule: &'static str, path: impl Into<String>, wanted: Wanted) -> Self {
        Self { rule, subject: Subject::Json(path.into()), wanted }
    }

    pub(super) fn header(rule: &'static str, name: &'static str, wanted: Wanted) -> Self {
        Self { rule, subject: Subject::Header(name), wanted }
    }

    /// How the part differs from what it must be; none where it does not.
    pub(super) fn difference(&self, reply: &Reply) -> Option<Difference> {
        let differs = |got: String, value| Difference::Part { check: self.clone(), got, value };
        let value = match &self.subject {
            Subject::Json(path) => reply.json.as_ref().and_then(|body| path::find(body, path)),
            Subject::Header(name) => reply.header(name).map(Json::from),
            Subject::Body => {
                return (reply.length > 0).then(|| differs(format!("{} bytes", reply.length), None));
            }
            Subject::Whole => return reply.shows_key.then(|| differs("the API key in it".to_owned(), None)),
        };
        let holds = self.wanted.holds(value.as_ref(), reply.json.as_ref());
        (!holds).then(|| {
            let got = value.as_ref().map_or_else(|| "absent".to_owned(), excerpt);
            differs(got, value)
        })
    }
}

/// A value, cut to what fits on a line.
fn excerpt(value: &Json) -> String {
    let text = value.to_string();
    match text.char_indices().nth(120) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

impl Expectation {
    /// An answer with this status.
    pub(super) fn status(rule: &'static str, status: u16) -> Self {
        let answers = vec![Answered { status, slug: None }];
        Self { rule, answers, checks: Vec::new(), unread: false }
    }

    pub(super) fn with(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    pub(super) fn with_all(mut self, checks: impl IntoIterator<Item = Check>) -> Self {
        self.checks.extend(checks);
        self
    }

    /// How a reply differs from it; none where it is as it must be.
    pub fn difference(&self, reply: &Reply) -> Option<Difference> {
        if self.unread {
            return None;
        }
        if !self.answers.iter().any(|answered| answered.allows(reply)) {
            return Some(Difference::Answer(self.answers.clone()));
        }
        self.checks.iter().find_map(|check| check.difference(reply))
    }

    /// Whether status and slug are as they must be, whatever the parts are.
    pub fn allows_status(&self, reply: &Reply) -> bool {
        self.unread || self.answers.iter().any(|answered| answered.allows(reply))
    }
}

impl Answered {
    fn allows(&self, reply: &Reply) -> bool {
        // 413 comes from what stands in front of the server and knows no slugs.
        reply.status == Some(self.status)
            && (self.status == 413 || self.slug.is_none_or(|slug| reply.slug() == Some(slug)))
    }
}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        self.slug.map_or(Ok(()), |slug| write!(f, " {slug}"))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(answers) => {
                let words: Vec<_> = answers.iter().map(ToString::to_string).collect();
                f.write_str(&words.join(" or "))
            }
            Self::Part { check, .. } => write!(f, "{}: {}", check.subject, check.wanted),
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(status) = self.status else { return f.write_str("no response") };
        write!(f, "{status}")?;
        match self.slug() {
            Some(slug) if !self.is_success() => write!(f, " {slug}"),
            _ => Ok(()),
        }
    }
}
