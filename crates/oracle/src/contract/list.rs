//! The list of active upload tokens: which are in it, in which order, on which page.

use serde_json::{Value as Json, json};

use super::call::ListQuery;
use super::expectation::{Check, Expectation};
use super::instant;
use super::known::{Known, Learn, ReadPage};
use super::outcome::Outcome;
use super::refusal::{Refusal, refused};
use super::tokens::same_fields;
use super::wanted::{JsonType, Wanted};
use crate::state::{ContractLimits, Phase, Span};

/// So many tokens may be near their expiry; with more of them nothing is said of the list's items.
const MAX_UNCERTAIN: usize = 4;
const DEFAULT_PAGE_SIZE: i64 = 25;

/// `GET /upload-tokens`
pub(super) fn list(
    known: &Known,
    query: &ListQuery,
    at: Span,
    limits: &ContractLimits,
    authorization: Option<Refusal>,
) -> Vec<Outcome> {
    let refusals: Vec<_> = authorization.into_iter().chain(faults(query)).collect();
    if !refusals.is_empty() {
        return vec![Outcome::unchanged(refused(&refusals), known)];
    }
    let mut outcomes = Vec::new();
    for active in active_sets(known, at, limits) {
        for order in orders(query) {
            let page = Page::of(known, query, &active, order);
            outcomes.extend(page.outcomes(known, query, at, limits));
        }
    }
    let has_known_order = query.sort_by.is_none_or(|by| SORTS.contains(&by))
        && query.sort_order.is_none_or(|order| ORDERS.contains(&order));
    if !has_known_order {
        let refusal = refused(&[Refusal::query("sortBy"), Refusal::query("sortOrder")]);
        outcomes.push(Outcome::unchanged(refusal, known));
    }
    outcomes
}

const SORTS: [&str; 2] = ["createdAt", "ttl"];
const ORDERS: [&str; 2] = ["asc", "desc"];

fn faults(query: &ListQuery) -> Vec<Refusal> {
    let mut faults = Vec::new();
    if query.size.is_some_and(|size| !(1..=100).contains(&size)) {
        faults.push(Refusal::query("pageSize"));
    }
    if query.page.is_some_and(|page| page < 1) {
        faults.push(Refusal::query("currentPage"));
    }
    faults
}

/// How the items may be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SortedBy {
    /// In any way.
    Anything,
    /// By this field, and whether the largest comes first.
    Field(&'static str, bool),
}

/// The default order of a list is left open.
fn orders(query: &ListQuery) -> Vec<SortedBy> {
    let Some(by) = query.sort_by.filter(|by| SORTS.contains(by)) else { return vec![SortedBy::Anything] };
    match query.sort_order {
        Some("asc") => vec![SortedBy::Field(by, false)],
        Some("desc") => vec![SortedBy::Field(by, true)],
        _ => vec![SortedBy::Field(by, false), SortedBy::Field(by, true)],
    }
}

/// The sets of tokens that may be active: more than one where some of them expire just now.
fn active_sets(known: &Known, at: Span, limits: &ContractLimits) -> Vec<Vec<usize>> {
    let mut certain = Vec::new();
    let mut uncertain = Vec::new();
    for (number, token) in known.uploads.tokens.iter().enumerate() {
        let phases = token.phases(at, limits);
        match phases.as_slice() {
            _ if token.deleted.is_some() => {}
            [Phase::Active] => certain.push(number),
            phases if phases.contains(&Phase::Active) => uncertain.push(number),
            _ => {}
        }
    }
    uncertain.truncate(MAX_UNCERTAIN);
    let mut sets = vec![certain];
    for number in uncertain {
        let with = sets.clone().into_iter().map(|mut set| {
            set.push(number);
            set
        });
        sets = sets.iter().cloned().chain(with).collect();
    }
    sets
}

/// One page of a list whose items are known.
struct Page {
    number: i64,
    size: i64,
    total: i64,
    sorted_by: SortedBy,
    /// For each position of the page the tokens that may be there: several where they tie.
    positions: Vec<Vec<usize>>,
    active: Vec<usize>,
}

impl Page {
    fn of(known: &Known, query: &ListQuery, active: &[usize], sorted_by: SortedBy) -> Self {
        let (number, size) = (query.page.unwrap_or(1), query.size.unwrap_or(DEFAULT_PAGE_SIZE));
        let mut items = active.to_vec();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        match sorted_by {
            SortedBy::Anything => groups.push(items),
            SortedBy::Field(field, descending) => {
                items.sort_by_key(|number| key(known, *number, field));
                for item in items {
                    let ties = |group: &Vec<usize>| key(known, group[0], field) == key(known, item, field);
                    match groups.last_mut() {
                        Some(group) if ties(group) => group.push(item),
                        _ => groups.push(vec![item]),
                    }
                }
                if descending {
                    groups.reverse();
                }
            }
        }
        let all = groups.iter().flat_map(|group| std::iter::repeat_n(group.clone(), group.len()));
        let at = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        let before = at((number - 1).saturating_mul(size));
        let positions = all.skip(before).take(at(size)).collect();
        let total = i64::try_from(active.len()).unwrap_or(i64::MAX);
        Self { number, size, total, sorted_by, positions, active: active.to_vec() }
    }

    fn pages(&self) -> i64 {
        (self.total + self.size - 1) / self.size
    }

    fn outcomes(&self, known: &Known, query: &ListQuery, at: Span, limits: &ContractLimits) -> Vec<Outcome> {
        let is_behind_the_last = self.number > self.pages().max(1);
        let mut expectation = Expectation::status("TOKEN-12", 200)
            .with(Check::json("SCHEMA-03", "$.data", Wanted::Type(JsonType::Array)))
            .with_all(self.membership(known, at, limits))
            .with_all(self.pagination(is_behind_the_last));
        expectation =
            expectation.with_all(self.items(known)).with_all(no_overlap(known, query, &self.active));
        let next = known.clone();
        let mut outcomes =
            vec![Outcome { expectation, next, learn: Learn::Page(query.clone(), self.active.clone()) }];
        if is_behind_the_last {
            // What a page behind the last is answered is left open.
            outcomes.push(Outcome::unchanged(refused(&[Refusal::query("currentPage")]), known));
            outcomes.push(Outcome::unchanged(refused(&[Refusal::not_found("TOKEN-12")]), known));
        }
        outcomes
    }

    /// Tokens that are not active are on no page; one that is, is on the page that holds them all.
    fn membership(&self, known: &Known, at: Span, limits: &ContractLimits) -> Vec<Check> {
        let tokens = || "$.data[*].token";
        let mut checks = Vec::new();
        for (number, shown) in known.tokens.iter().enumerate() {
            let token = json!(shown.token);
            let state = &known.uploads.tokens[number];
            if state.deleted.is_some() {
                checks.push(Check::json("REVOKE-03", tokens(), Wanted::Excludes(token)));
            } else if !state.phases(at, limits).contains(&Phase::Active) {
                checks.push(Check::json("TTL-06", tokens(), Wanted::Excludes(token)));
            } else if self.active.contains(&number) && self.number == 1 && self.total <= self.size {
                checks.push(Check::json("TOKEN-10", tokens(), Wanted::Contains(token)));
            }
        }
        checks
    }

    fn pagination(&self, is_behind_the_last: bool) -> Vec<Check> {
        let number = |member: &str, value: i64| {
            Check::json("TOKEN-12", format!("$.pagination.{member}"), Wanted::Is(json!(value)))
        };
        let pages = if self.total == 0 {
            Check::json("TOKEN-12", "$.pagination.pagesTotal", Wanted::OneOf(vec![json!(0), json!(1)]))
        } else {
            number("pagesTotal", self.pages())
        };
        let mut checks = vec![
            Check::json("TOKEN-12", "$.data", Wanted::Count(self.positions.len())),
            number("itemsTotal", self.total),
            pages,
            number("currentPage", self.number),
            number("pageSize", self.size),
            number("currentPageItems", i64::try_from(self.positions.len()).unwrap_or(i64::MAX)),
        ];
        if !is_behind_the_last {
            let mut links = vec![json!("self"), json!("first"), json!("last")];
            if self.number > 1 {
                links.push(json!("previous"));
            }
            if self.number < self.pages() {
                links.push(json!("next"));
            }
            checks.push(Check::json("TOKEN-12", "$.pagination.links[*].rel", Wanted::Items(vec![links])));
        }
        checks
    }

    /// Each position has a token that may be there, with the fields that its creation showed.
    fn items(&self, known: &Known) -> Vec<Check> {
        let mut checks = vec![Check::json("TOKEN-12", "$.data[*].token", Wanted::Distinct)];
        let rule = if self.sorted_by == SortedBy::Anything { "TOKEN-12" } else { "TOKEN-13" };
        for (at, tokens) in self.positions.iter().enumerate() {
            let path = format!("$.data[{at}].token");
            let names = tokens.iter().map(|number| json!(known.tokens[*number].token)).collect();
            checks.push(Check::json(rule, path, Wanted::OneOf(names)));
            if let [only] = tokens.as_slice() {
                checks.extend(same_fields(&format!("$.data[{at}]"), "TOKEN-09", &known.tokens[*only]));
            }
        }
        checks
    }
}

/// What tokens are sorted by: a number, or an instant.
fn key(known: &Known, number: usize, field: &str) -> i64 {
    let shown = &known.tokens[number];
    match field {
        "ttl" => i64::try_from(shown.ttl).unwrap_or(i64::MAX),
        _ => shown.created_at.as_str().and_then(instant::read).unwrap_or(0),
    }
}

/// Pages of one list that was not changed meanwhile have no token in common.
fn no_overlap(known: &Known, query: &ListQuery, active: &[usize]) -> Vec<Check> {
    let is_other_page = |read: &&ReadPage| {
        let first_page = |query: &ListQuery| query.page.unwrap_or(1);
        read.query.sort_by == query.sort_by
            && read.query.sort_order == query.sort_order
            && read.query.size == query.size
            && read.active == active
            && first_page(&read.query) != first_page(query)
    };
    let tokens = known.pages.iter().filter(is_other_page).flat_map(|read| read.tokens.iter());
    let excluded = |token: &Json| Check::json("TOKEN-12", "$.data[*].token", Wanted::Excludes(token.clone()));
    tokens.map(excluded).collect()
}

/// The list at a server where others have tokens, too: what is known of it without theirs.
pub(super) fn among_others(
    known: &Known,
    query: &ListQuery,
    at: Span,
    limits: &ContractLimits,
    authorization: Option<Refusal>,
) -> Vec<Outcome> {
    let refusals: Vec<_> = authorization.into_iter().chain(faults(query)).collect();
    if !refusals.is_empty() {
        return vec![Outcome::unchanged(refused(&refusals), known)];
    }
    let page = Page::of(known, query, &[], SortedBy::Anything);
    let is = |member: &str, value: i64| {
        Check::json("TOKEN-12", format!("$.pagination.{member}"), Wanted::Is(json!(value)))
    };
    let expectation = Expectation::status("TOKEN-12", 200)
        .with(Check::json("TOKEN-12", "$.data[*].token", Wanted::Distinct))
        .with_all(page.membership(known, at, limits))
        .with(is("currentPage", page.number))
        .with(is("pageSize", page.size));
    vec![Outcome::unchanged(expectation, known)]
}
