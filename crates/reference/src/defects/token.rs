//! Upload tokens are created, listed or shown wrongly.

use serde_json::Value;

use super::edits::{error_of_is, remove, shown, success_is};
use super::entry::Entry;
use crate::operation::Operation;
use crate::policy::decisions::Overrides;
use crate::problem::{Problem, kind};
use crate::state::list_query::{ListQuery, MAX_PAGE_SIZE, SortBy};
use crate::state::token::{MAX_TTL, UploadToken};

pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new("ttl-in-milliseconds", "5.4", "The ttl in a response is in milliseconds.", |policy| {
        policy.token_shown(|token, shown| shown["ttl"] = (token.ttl * 1000).into());
    }),
    Entry::new("token-answers-201", "5.1", "Creating a token returns 201 instead of 200.", |policy| {
        success_is(policy, Operation::CreateToken, 201);
    }),
    Entry::new(
        "absent-ttl-is-an-hour",
        "5.3",
        "A token that is created without ttl is valid for an hour.",
        |policy| {
            policy.ttl(|given, contract| if given.is_none() { Ok(3600) } else { contract });
        },
    ),
    Entry::new("ttl-zero-expires-at-once", "5.3", "A ttl of 0 gives a token that has expired.", |policy| {
        policy.expiry(|token, contract| if token.ttl == 0 { Some(token.created) } else { contract });
        policy.token_shown(|token, shown| {
            if token.ttl == 0 {
                shown["expiresAt"] = shown["createdAt"].clone();
            }
        });
    }),
    Entry::new("negative-ttl-accepted", "5.2", "A negative ttl is read as 0.", |policy| {
        policy.ttl(|given, contract| {
            if given.and_then(Value::as_i64) < Some(0) && given.is_some_and(Value::is_i64) {
                Ok(0)
            } else {
                contract
            }
        });
    }),
    Entry::new("ttl-above-a-month-refused", "5.1", "A ttl above 30 days is refused.", |policy| {
        policy.ttl(|_, contract| {
            contract.and_then(|ttl| if ttl > 30 * 86_400 { Err(bad_ttl()) } else { Ok(ttl) })
        });
    }),
    Entry::new("ttl-limit-off-by-one", "5.2", "A ttl of 2147483648 is accepted.", |policy| {
        policy.ttl(|given, contract| match given.and_then(Value::as_i64) {
            Some(ttl) if ttl == MAX_TTL + 1 => Ok(ttl),
            _ => contract,
        });
    }),
    Entry::new("ttl-as-text-accepted", "5.2", "A ttl that is a number in a string is accepted.", |policy| {
        policy.ttl(|given, contract| {
            match given.and_then(Value::as_str).and_then(|text| text.parse().ok()) {
                Some(ttl) if (0..=MAX_TTL).contains(&ttl) => Ok(ttl),
                _ => contract,
            }
        });
    }),
    Entry::new("ttl-fraction-cut", "5.2", "A fractional ttl is truncated.", |policy| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "what is planted here is that a fraction is cut"
        )]
        policy.ttl(|given, contract| match given.and_then(Value::as_f64).map(|ttl| ttl as i64) {
            Some(ttl) if (0..=MAX_TTL).contains(&ttl) => Ok(ttl),
            _ => contract,
        });
    }),
    Entry::new(
        "token-reissued",
        "5.6",
        "Creating two tokens with the same ttl returns one token.",
        |policy| {
            policy.reissued(|ttl, tokens, _| tokens.all.values().find(|token| token.ttl == ttl).cloned());
        },
    ),
    Entry::new("shown-token-loses-ttl", "5.7", "A token that is shown by its id has a ttl of 0.", |policy| {
        shown(policy, Operation::ShowToken, |token| {
            token["ttl"] = 0.into();
            token["expiresAt"] = Value::Null;
        });
    }),
    Entry::new("token-listed-late", "5.8", "A token is listed five seconds after its creation.", |policy| {
        policy.listed_tokens(|tokens, mut listed| {
            listed.retain(|token| tokens.now >= token.created.plus_seconds(5));
            listed
        });
    }),
    Entry::new("unknown-token-is-400", "5.7", "An unknown token id returns 400.", |policy| {
        error_of_is(policy, Operation::ShowToken, kind::NOT_FOUND, 400);
    }),
    Entry::new("page-size-ignored", "5.10", "Every page has 25 items.", |policy| {
        policy.list_query(|_, query| query.map(|query| ListQuery { page_size: 25, ..query }));
    }),
    Entry::new(
        "page-repeats-an-item",
        "5.10",
        "Each page starts with the last item of the previous page.",
        |policy| {
            policy.page(
                |query, _, range| {
                    if query.page > 1 { range.start.saturating_sub(1)..range.end } else { range }
                },
            );
        },
    ),
    Entry::new("page-drops-an-item", "5.10", "The first item of each later page is dropped.", |policy| {
        policy.page(
            |query, _, range| {
                if query.page > 1 { (range.start + 1).min(range.end)..range.end } else { range }
            },
        );
    }),
    Entry::new("total-counts-the-page", "5.11", "itemsTotal only counts the items of the page.", |policy| {
        pagination(policy, |page| page["itemsTotal"] = page["currentPageItems"].clone());
    }),
    Entry::new("next-link-missing", "5.12", "No page links to the next page.", |policy| {
        pagination(policy, |page| {
            if let Some(links) = page["links"].as_array_mut() {
                links.retain(|link| link["rel"] != "next");
            }
        });
    }),
    Entry::new("sort-ignored", "5.9", "The list is always sorted by creation.", |policy| {
        policy.ordered_tokens(|query, tokens| sorted(query, tokens, |token| (token.created, token.serial)));
    }),
    Entry::new("sort-order-ignored", "5.9", "The list is always ascending.", |policy| {
        policy.list_query(|_, query| query.map(|query| ListQuery { descending: false, ..query }));
    }),
    Entry::new("ttl-sorted-as-text", "5.9", "Sorting by ttl is alphabetical: 10 before 9.", |policy| {
        policy.ordered_tokens(|query, tokens| match query.sort_by {
            SortBy::Ttl => sorted(query, tokens, |token| (token.ttl.to_string(), token.serial)),
            SortBy::CreatedAt => tokens,
        });
    }),
    Entry::new(
        "page-bounds-unchecked",
        "5.10",
        "Invalid pages and page sizes are replaced by the nearest valid value.",
        |policy| policy.list_query(|query, contract| lenient(query).or(contract)),
    ),
    Entry::new(
        "expires-at-an-hour-off",
        "5.5",
        "expiresAt is an hour late, though expiry is not.",
        |policy| {
            policy.token_shown(|token, shown| {
                if token.ttl > 0 {
                    shown["expiresAt"] = token.created.plus_seconds(token.ttl + 3600).atom().into();
                }
            });
        },
    ),
];

/// Changes the pagination of a list.
pub(crate) fn pagination(policy: &mut Overrides, edit: impl Fn(&mut Value) + Send + Sync + 'static) {
    shown(policy, Operation::ListTokens, move |list| edit(&mut list["pagination"]));
}

/// Sorts by a key, in the order that was asked for.
pub(crate) fn sorted<K: Ord>(
    query: &ListQuery,
    mut tokens: Vec<UploadToken>,
    key: impl Fn(&UploadToken) -> K,
) -> Vec<UploadToken> {
    tokens.sort_by_key(key);
    if query.descending {
        tokens.reverse();
    }
    tokens
}

pub(crate) fn bad_ttl() -> Problem {
    Problem::new(kind::INVALID_ATTRIBUTE, "The attribute ttl must be smaller.").of("ttl")
}

/// Reads a query whose page and page size may be anything.
fn lenient(query: &str) -> Result<ListQuery, Problem> {
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let bounds = |name: &str| matches!(name, "currentPage" | "pageSize");
    let rest = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs.iter().filter(|(name, _)| !bounds(name)))
        .finish();
    let mut list = ListQuery::read(&rest)?;
    for (name, value) in &pairs {
        let number = value.parse::<usize>().ok();
        match name.as_ref() {
            "currentPage" => list.page = number.unwrap_or(1).max(1),
            "pageSize" => list.page_size = number.unwrap_or(25).clamp(1, MAX_PAGE_SIZE),
            _ => {}
        }
    }
    Ok(list)
}

/// Removes a member of every token that is shown.
pub(crate) fn without(policy: &mut Overrides, member: &'static str) {
    policy.token_shown(move |_, shown| remove(shown, member));
}
