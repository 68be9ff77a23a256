//! From the recorded answers of a scenario to the mutations to try. Everything that is changed was seen in an answer.

use std::collections::BTreeSet;

use super::answer::{Answer, is_framing};
use super::change::Change;
use super::json::{Edit, members};

/// One answer of a scenario, and what is done to it.
#[derive(Debug, Clone)]
pub(super) struct Mutation {
    /// Which exchange of the scenario, from 0.
    pub(super) at: usize,
    pub(super) change: Change,
    /// The less, the sooner it is tried.
    rank: u8,
}

/// An exchange of the run without mutations.
#[derive(Debug, Clone)]
pub(super) struct RecordedExchange {
    pub(super) method: String,
    pub(super) target: String,
    /// None where it is not whole, or too long to be changed.
    pub(super) answer: Option<Answer>,
}

/// Fields that differ from answer to answer, and say nothing of the exchange.
const INCIDENTAL: [&str; 2] = ["date", "server"];

fn is_told(name: &str) -> bool {
    !is_framing(name) && !INCIDENTAL.iter().any(|incidental| name.eq_ignore_ascii_case(incidental))
}

/// The mutations of these exchanges: first those that turn the meaning of an answer, then its details, each kind for all
/// exchanges in their order.
/// `headers` are those of answers to other scenarios.
pub(super) fn mutations(exchanges: &[RecordedExchange], headers: &[Header]) -> Vec<Mutation> {
    let mut found = Vec::new();
    for (at, exchange) in exchanges.iter().enumerate() {
        let Some(answer) = &exchange.answer else { continue };
        let changes = of_status(exchanges, exchange, answer)
            .into_iter()
            .chain(of_headers((exchanges, headers), answer))
            .chain(of_body(answer))
            .chain(of_history(&exchanges[..at], exchange, answer));
        found.extend(
            changes
                .filter(|(_, change)| {
                    matches!(change, Change::Repeat) || change.apply(answer, None).is_some()
                })
                .map(|(rank, change)| Mutation { at, change, rank }),
        );
    }
    found.sort_by_key(|mutation| (mutation.rank, mutation.at));
    found
}

type Ranked = (u8, Change);
/// A header field.
pub(super) type Header = (String, Vec<u8>);

/// Each header of these fields once, without those that say nothing of an exchange.
pub(super) fn distinct(fields: impl Iterator<Item = Header>) -> Vec<Header> {
    let mut seen = BTreeSet::new();
    fields.filter(|(name, _)| is_told(name) && seen.insert(name.to_ascii_lowercase())).collect()
}

fn of_status(exchanges: &[RecordedExchange], exchange: &RecordedExchange, answer: &Answer) -> Vec<Ranked> {
    let accepted = |method: Option<&str>| {
        let alike = exchanges.iter().filter(|other| method.is_none_or(|method| other.method == method));
        alike
            .filter_map(|other| other.answer.as_ref())
            .map(|answer| answer.status)
            .find(|status| *status / 100 == 2)
    };
    match answer.status {
        200..=399 => {
            // Another success first: what a rule says of the very code is proven by nothing else.
            let near = if answer.status == 200 { 202 } else { 200 };
            vec![
                (0, Change::Status(near)),
                (1, Change::Status(400)),
                (4, Change::Status(404)),
                (6, Change::Status(500)),
            ]
        }
        status => {
            let success = accepted(Some(&exchange.method)).or_else(|| accepted(None)).unwrap_or(200);
            let near = if status == 400 { 422 } else { 400 };
            vec![(0, Change::Accepted(success)), (1, Change::Status(near)), (6, Change::Status(500))]
        }
    }
}

fn of_headers((exchanges, others): (&[RecordedExchange], &[Header]), answer: &Answer) -> Vec<Ranked> {
    let mut changes = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for (name, value) in answer.fields.iter().filter(|(name, _)| is_told(name)) {
        if !seen.insert(name.to_ascii_lowercase()) {
            continue;
        }
        changes.push((2, Change::DropHeader(name.clone())));
        let is_number = std::str::from_utf8(value).is_ok_and(|text| text.parse::<u64>().is_ok());
        if is_number {
            changes.push((2, Change::Shift(name.clone(), 1)));
            changes.push((3, Change::Shift(name.clone(), -1)));
            changes.push((4, Change::Zero(name.clone())));
        } else {
            changes.push((3, Change::AlterHeader(name.clone())));
        }
        changes.push((5, Change::MangleHeader(name.clone())));
    }
    let elsewhere =
        exchanges.iter().filter_map(|other| other.answer.as_ref()).flat_map(|other| &other.fields);
    let elsewhere = elsewhere.map(|header| (4, header)).chain(others.iter().map(|header| (5, header)));
    for (rank, (name, value)) in elsewhere.filter(|(_, (name, _))| is_told(name)) {
        if seen.insert(name.to_ascii_lowercase()) {
            changes.push((rank, Change::AddHeader(name.clone(), value.clone())));
        }
    }
    if !answer.interim.is_empty() {
        changes.push((2, Change::DropInterim));
    }
    changes
}

fn of_body(answer: &Answer) -> Vec<Ranked> {
    if answer.body.is_empty() {
        return Vec::new();
    }
    let mut changes = vec![(5, Change::EmptyBody), (5, Change::CutBody)];
    let members = members(&answer.body);
    if members.is_empty() {
        changes.push((3, Change::AlterBody));
    }
    for pointer in members {
        changes.push((2, Change::Member(pointer.clone(), Edit::Drop)));
        changes.push((3, Change::Member(pointer.clone(), Edit::Alter)));
        changes.push((5, Change::Member(pointer, Edit::Retype)));
    }
    changes
}

fn of_history(before: &[RecordedExchange], exchange: &RecordedExchange, answer: &Answer) -> Vec<Ranked> {
    let mut changes = Vec::new();
    let is_same = |other: &&RecordedExchange| {
        other.method == exchange.method && other.target == exchange.target && other.answer.is_some()
    };
    let earlier = before.iter().rev().find(is_same).and_then(|other| other.answer.as_ref());
    if earlier.is_some_and(|earlier| differ(earlier, answer)) {
        changes.push((1, Change::Repeat));
    }
    let is_safe = matches!(exchange.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE");
    if !is_safe && answer.status / 100 == 2 {
        changes.push((1, Change::Unsent(Box::new(answer.clone()))));
    }
    changes
}

/// Whether two answers differ in anything that a server means to say.
fn differ(one: &Answer, other: &Answer) -> bool {
    let told = |answer: &Answer| -> Vec<(String, Vec<u8>)> {
        answer.fields.iter().filter(|(name, _)| is_told(name)).cloned().collect()
    };
    one.status != other.status || one.body != other.body || told(one) != told(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(
        method: &str,
        target: &str,
        status: u16,
        fields: &[(&str, &str)],
        body: &str,
    ) -> RecordedExchange {
        let fields =
            fields.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
        let answer = Answer { status, fields, body: body.as_bytes().to_vec(), interim: Vec::new() };
        RecordedExchange { method: method.to_owned(), target: target.to_owned(), answer: Some(answer) }
    }

    fn slugs(exchanges: &[RecordedExchange], at: usize) -> Vec<String> {
        let all = mutations(exchanges, &[("X-Other".to_owned(), b"1".to_vec())]);
        all.iter().filter(|mutation| mutation.at == at).map(|mutation| mutation.change.slug()).collect()
    }

    #[test]
    fn each_part_of_an_answer_is_changed_and_what_turns_its_meaning_comes_first() {
        let only =
            exchange("POST", "/files", 201, &[("Location", "/files/1"), ("Date", "now")], r#"{"id":"a"}"#);
        assert_eq!(
            slugs(&[only], 0),
            [
                "status-200",
                "status-400",
                "request-unsent",
                "no-location",
                "no-member/id",
                "other-location",
                "other-member/id",
                "status-404",
                "mangled-location",
                "with-x-other",
                "body-empty",
                "body-cut",
                "retyped-member/id",
                "status-500",
            ]
        );
    }

    #[test]
    fn a_refusal_becomes_the_acceptance_that_the_same_method_has_elsewhere() {
        let exchanges = [
            exchange("POST", "/files", 201, &[], ""),
            exchange("PATCH", "/files/1", 204, &[("Upload-Offset", "9")], ""),
            exchange("PATCH", "/files/1", 409, &[], ""),
        ];
        assert_eq!(
            slugs(&exchanges, 2),
            ["accepted-204", "status-400", "repeated", "with-upload-offset", "with-x-other", "status-500"]
        );
    }

    #[test]
    fn an_answer_that_is_the_same_again_is_not_repeated() {
        let head = || exchange("HEAD", "/files/1", 200, &[("Upload-Offset", "0")], "");
        assert!(!slugs(&[head(), head()], 1).contains(&"repeated".to_owned()));
        let lost = RecordedExchange { answer: None, ..head() };
        assert_eq!(slugs(&[lost], 0), Vec::<String>::new());
    }
}
