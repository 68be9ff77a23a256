//! What a mutation does to an answer, in terms of HTTP alone.

use super::answer::Answer;
use super::json::{Edit, edited};
use super::text::altered_text;

/// What is done to one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// Another status; the header fields and the body stay.
    Status(u16),
    /// Another status and no body, as a server answers that takes what it should refuse.
    Accepted(u16),
    DropHeader(String),
    /// The number in a header is this much greater.
    Shift(String, i64),
    /// The number in a header is zero.
    Zero(String),
    /// A header has another value.
    AlterHeader(String),
    /// A header's value begins with a character that belongs in none.
    MangleHeader(String),
    /// A header that the server does not send here, with a value that it sends elsewhere.
    AddHeader(String, Vec<u8>),
    Member(String, Edit),
    /// The body loses its second half.
    CutBody,
    EmptyBody,
    /// One byte of the body is another.
    AlterBody,
    /// The interim responses are left out.
    DropInterim,
    /// The last answer to the same request comes again.
    Repeat,
    /// The server never gets the request, and this answer stands for its own.
    Unsent(Box<Answer>),
}

impl Change {
    /// The answer with this change; `earlier` is the last answer to the same request. None where the change does not apply.
    pub(super) fn apply(&self, answer: &Answer, earlier: Option<&Answer>) -> Option<Answer> {
        let mut changed = answer.clone();
        match self {
            Self::Status(status) => changed.status = *status,
            Self::Accepted(status) => {
                changed.status = *status;
                changed.body.clear();
                changed.fields.retain(|(name, _)| !name.to_ascii_lowercase().starts_with("content-"));
            }
            Self::DropHeader(name) => changed.fields.retain(|(have, _)| !have.eq_ignore_ascii_case(name)),
            Self::Shift(name, by) => {
                let number: i64 = answer.field(name)?.parse().ok()?;
                // A length or an offset below zero would be another fault.
                let shifted = u64::try_from(number.checked_add(*by)?).ok()?;
                set(&mut changed, name, shifted.to_string().into_bytes());
            }
            Self::Zero(name) => {
                answer.field(name)?.parse::<u64>().ok()?;
                set(&mut changed, name, b"0".to_vec());
            }
            Self::MangleHeader(name) => {
                let value = format!("?{}", answer.field(name)?).into_bytes();
                set(&mut changed, name, value);
            }
            Self::AlterHeader(name) => {
                let value = altered_text(answer.field(name)?).into_bytes();
                set(&mut changed, name, value);
            }
            Self::AddHeader(name, value) => changed.fields.push((name.clone(), value.clone())),
            Self::Member(pointer, edit) => changed.body = edited(&answer.body, pointer, *edit)?,
            Self::CutBody => changed.body.truncate(answer.body.len() / 2),
            Self::EmptyBody => changed.body.clear(),
            Self::AlterBody => {
                let middle = answer.body.len() / 2;
                *changed.body.get_mut(middle)? ^= 1;
            }
            Self::DropInterim => changed.interim.clear(),
            Self::Repeat => changed = earlier?.clone(),
            Self::Unsent(recorded) => changed = (**recorded).clone(),
        }
        (changed != *answer || matches!(self, Self::Unsent(_))).then_some(changed)
    }

    /// What it does, as a sentence of a report continues.
    pub(super) fn description(&self) -> String {
        match self {
            Self::Status(status) => format!("the status is {status}"),
            Self::Accepted(status) => format!("the refusal is replaced by {status}"),
            Self::DropHeader(name) => format!("the header {name} is missing"),
            Self::Shift(name, by) => format!("the number in the header {name} is off by {by:+}"),
            Self::Zero(name) => format!("the number in the header {name} is 0"),
            Self::AlterHeader(name) => format!("the header {name} has a different value"),
            Self::MangleHeader(name) => format!("the value of the header {name} begins with a question mark"),
            Self::AddHeader(name, _) => format!("the header {name} is added"),
            Self::Member(pointer, Edit::Drop) => format!("the member {pointer} of the body is missing"),
            Self::Member(pointer, Edit::Alter) => {
                format!("the member {pointer} of the body has a different value")
            }
            Self::Member(pointer, Edit::Retype) => {
                format!("the member {pointer} of the body has a different type")
            }
            Self::CutBody => "the second half of the body is missing".to_owned(),
            Self::EmptyBody => "the body is empty".to_owned(),
            Self::AlterBody => "one byte of the body is different".to_owned(),
            Self::DropInterim => "the interim responses are missing".to_owned(),
            Self::Repeat => "the last response to the same request is repeated".to_owned(),
            Self::Unsent(_) => "the request is not forwarded, and the response claims success".to_owned(),
        }
    }

    /// The same in few characters, for the name of a mutation.
    pub(super) fn slug(&self) -> String {
        let lower = str::to_ascii_lowercase;
        match self {
            Self::Status(status) => format!("status-{status}"),
            Self::Accepted(status) => format!("accepted-{status}"),
            Self::DropHeader(name) => format!("no-{}", lower(name)),
            Self::Shift(name, by) => format!("{}{by:+}", lower(name)),
            Self::Zero(name) => format!("zero-{}", lower(name)),
            Self::AlterHeader(name) => format!("other-{}", lower(name)),
            Self::MangleHeader(name) => format!("mangled-{}", lower(name)),
            Self::AddHeader(name, _) => format!("with-{}", lower(name)),
            Self::Member(pointer, Edit::Drop) => format!("no-member{pointer}"),
            Self::Member(pointer, Edit::Alter) => format!("other-member{pointer}"),
            Self::Member(pointer, Edit::Retype) => format!("retyped-member{pointer}"),
            Self::CutBody => "body-cut".to_owned(),
            Self::EmptyBody => "body-empty".to_owned(),
            Self::AlterBody => "body-altered".to_owned(),
            Self::DropInterim => "no-interim".to_owned(),
            Self::Repeat => "repeated".to_owned(),
            Self::Unsent(_) => "request-unsent".to_owned(),
        }
    }
}

fn set(answer: &mut Answer, name: &str, value: Vec<u8>) {
    if let Some((_, have)) = answer.fields.iter_mut().find(|(have, _)| have.eq_ignore_ascii_case(name)) {
        *have = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Answer {
        let fields = [("Upload-Offset", "5"), ("Location", "/files/a"), ("Content-Type", "text/plain")];
        Answer {
            status: 409,
            fields: fields.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).to_vec(),
            body: b"conflict".to_vec(),
            interim: Vec::new(),
        }
    }

    #[test]
    fn a_change_touches_what_it_names_and_nothing_else() {
        let changed =
            Change::Shift("upload-offset".to_owned(), -1).apply(&answer(), None).expect("it applies");
        assert_eq!(changed.field("Upload-Offset"), Some("4"));
        assert_eq!(Answer { fields: answer().fields, ..changed }, answer());
        let accepted = Change::Accepted(204).apply(&answer(), None).expect("it applies");
        assert_eq!((accepted.status, accepted.body.len(), accepted.field("Content-Type")), (204, 0, None));
        assert_eq!(accepted.field("Location"), Some("/files/a"));
    }

    #[test]
    fn what_changes_nothing_is_no_mutation() {
        for change in [
            Change::Status(409),
            Change::DropHeader("X".to_owned()),
            Change::Shift("Location".to_owned(), 1),
            Change::Shift("Upload-Offset".to_owned(), -6),
            Change::DropInterim,
            Change::Repeat,
            Change::Member("/a".to_owned(), Edit::Drop),
        ] {
            assert_eq!(change.apply(&answer(), None), None, "{change:?}");
        }
    }
}
