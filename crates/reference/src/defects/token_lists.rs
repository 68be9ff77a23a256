//! Upload tokens are created, shown, sorted or cut into pages wrongly, for some values only.

use serde_json::{Value, json};

use super::edits::{remove, shown, shown_to};
use super::entry::Entry;
use super::memory::{Memory, MemoryMap};
use crate::operation::Operation;
use crate::policy::decisions::Overrides;
use crate::problem::{Problem, kind};
use crate::state::list_query::{ListQuery, SortBy};
use crate::state::token::{MAX_TTL, UploadToken};
use crate::timestamp::Timestamp;

pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new("ttl-true-is-one", "5.2", "A ttl of true is read as 1.", |policy| {
        policy.ttl(|given, contract| if given == Some(&Value::Bool(true)) { Ok(1) } else { contract });
    }),
    Entry::new("largest-ttl-refused", "5.1", "The maximum ttl is refused.", |policy| {
        policy.ttl(|_, contract| {
            contract.and_then(|ttl| if ttl == MAX_TTL { Err(bad_ttl()) } else { Ok(ttl) })
        });
    }),
    Entry::new("ttl-below-a-minute-refused", "5.1", "A ttl below a minute is refused.", |policy| {
        policy.ttl(|_, contract| {
            contract.and_then(|ttl| if (1..60).contains(&ttl) { Err(bad_ttl()) } else { Ok(ttl) })
        });
    }),
    Entry::new("ttl-rounded-to-minutes", "5.1", "A ttl is rounded up to whole minutes.", |policy| {
        policy.ttl(|_, contract| contract.map(|ttl| (ttl + 59) / 60 * 60));
    }),
    Entry::new("created-at-is-now", "5.7", "createdAt of a token is the time of the request.", |policy| {
        shown_to(policy, Operation::ShowToken, |call, token| {
            token["createdAt"] = call.now.atom().into();
        });
    }),
    Entry::new("created-at-in-minutes", "5.4", "createdAt has no seconds.", |policy| {
        policy.token_shown(|token, json| {
            json["createdAt"] = token.created.format("%Y-%m-%dT%H:%M:00+00:00").into();
        });
    }),
    Entry::new("expires-at-without-ttl", "5.3", "A token that never expires shows an expiresAt.", |policy| {
        policy.token_shown(|token, json| {
            if token.ttl == 0 {
                json["expiresAt"] = json["createdAt"].clone();
            }
        });
    }),
    Entry::new("expires-at-two-seconds-late", "5.5", "expiresAt is two seconds late.", |policy| {
        policy.token_shown(|token, json| {
            if token.ttl > 0 {
                json["expiresAt"] = token.created.plus_seconds(token.ttl + 2).atom().into();
            }
        });
    }),
    Entry::new("expires-at-rounded-up", "5.5", "expiresAt is rounded up, createdAt down.", |policy| {
        policy.token_shown(|token, json| {
            if token.ttl > 0 {
                let up = token.created.plus_seconds(token.ttl).plus_millis(999);
                json["expiresAt"] = up.atom().into();
            }
        });
    }),
    Entry::new(
        "page-behind-the-last-is-the-last",
        "5.14",
        "A page after the last shows the last page again.",
        |policy| {
            policy.page(|query, total, contract| match total.checked_sub(1) {
                Some(last) if contract.is_empty() => last / query.page_size * query.page_size..total,
                _ => contract,
            });
        },
    ),
    Entry::new("expires-at-missing-in-lists", "5.7", "Lists do not show expiresAt.", |policy| {
        listed(policy, |token| remove(token, "expiresAt"));
    }),
    Entry::new("ttl-missing-in-lists", "5.7", "Lists do not show the ttl.", |policy| {
        listed(policy, |token| remove(token, "ttl"));
    }),
    Entry::new("tokens-masked-in-lists", "5.8", "Lists only show the start of each token.", |policy| {
        listed(policy, |token| {
            token["token"] =
                token["token"].as_str().map(|text| text.chars().take(6).collect::<String>()).into();
        });
    }),
    Entry::new("shown-ttl-counts-down", "5.7", "The ttl of a token counts down.", shown_ttl_counts_down),
    Entry::new(
        "ttl-sort-drops-unexpiring",
        "5.8",
        "A list sorted by ttl omits tokens that never expire.",
        |policy| {
            policy.ordered_tokens(|query, mut tokens| {
                if query.sort_by == SortBy::Ttl {
                    tokens.retain(|token| token.ttl > 0);
                }
                tokens
            });
        },
    ),
    Entry::new(
        "ttl-sort-falls",
        "5.9",
        "A list sorted by ttl is descending instead of ascending.",
        |policy| {
            policy.ordered_tokens(|query, mut tokens| {
                if query.sort_by == SortBy::Ttl {
                    tokens.reverse();
                }
                tokens
            });
        },
    ),
    Entry::new(
        "second-page-repeats-first",
        "5.10",
        "The second page of a descending list is the first.",
        |policy| {
            policy.page(|query, total, contract| {
                if query.descending && query.page == 2 { 0..query.page_size.min(total) } else { contract }
            });
        },
    ),
    Entry::new("page-size-100-refused", "5.10", "A page size of 100 is refused.", |policy| {
        policy.list_query(|_, contract| match contract {
            Ok(query) if query.page_size == 100 => Err(bad_query("pageSize")),
            contract => contract,
        });
    }),
    Entry::new("page-size-101-accepted", "5.10", "A page size above 100 is read as 100.", |policy| {
        policy.list_query(|query, contract| match contract {
            Err(problem) if problem.name == Some("pageSize") && above_100(query) => {
                Ok(ListQuery { page_size: 100, ..ListQuery::default() })
            }
            contract => contract,
        });
    }),
    Entry::new("page-size-20-by-default", "5.10", "A page has 20 items by default.", |policy| {
        policy.list_query(|query, contract| {
            let named = query.contains("pageSize");
            contract.map(|list| if named { list } else { ListQuery { page_size: 20, ..list } })
        });
    }),
    Entry::new("sort-by-unchecked", "5.9", "An unknown sortBy is ignored.", |policy| {
        unchecked(policy, "sortBy");
    }),
    Entry::new("sort-order-unchecked", "5.9", "An unknown sortOrder is ignored.", |policy| {
        unchecked(policy, "sortOrder");
    }),
    Entry::new(
        "full-page-counts-twice",
        "5.11",
        "A full last page makes pagesTotal one too many.",
        |policy| {
            paged(policy, |page| {
                let (items, size) = (page["itemsTotal"].as_u64(), page["pageSize"].as_u64());
                if let (Some(items), Some(size)) = (items, size)
                    && items > 0
                    && items.is_multiple_of(size)
                {
                    page["pagesTotal"] = (items / size + 1).into();
                }
            });
        },
    ),
    Entry::new("page-items-are-page-size", "5.11", "currentPageItems is the page size.", |policy| {
        paged(policy, |page| page["currentPageItems"] = page["pageSize"].clone());
    }),
    Entry::new("page-number-stays-one", "5.11", "currentPage is always 1.", |policy| {
        paged(policy, |page| page["currentPage"] = 1.into());
    }),
    Entry::new("previous-link-missing", "5.12", "No page links to the previous page.", |policy| {
        linked(policy, |links| links.retain(|link| link["rel"] != "previous"));
    }),
    Entry::new("last-link-is-first", "5.12", "The link to the last page points to the first.", |policy| {
        linked(policy, |links| {
            let first = links.iter().find(|link| link["rel"] == "first").map(|link| link["uri"].clone());
            let last = links.iter_mut().find(|link| link["rel"] == "last");
            if let (Some(first), Some(last)) = (first, last) {
                last["uri"] = first;
            }
        });
    }),
    Entry::new("list-forgets-the-oldest", "5.8", "A list holds the newest 30 tokens.", |policy| {
        policy.listed_tokens(|_, mut tokens| {
            tokens.sort_unstable_by_key(|token| std::cmp::Reverse(token.serial));
            tokens.truncate(30);
            tokens
        });
    }),
    Entry::new("list-cached-for-five-seconds", "5.8", "A list is up to five seconds old.", |policy| {
        let cached = Memory::<Option<(Timestamp, Vec<UploadToken>)>>::default();
        policy.listed_tokens(move |set, tokens| {
            let mut cached = cached.lock();
            match cached.as_ref() {
                Some((since, before)) if set.now < since.plus_seconds(5) => before.clone(),
                _ => {
                    *cached = Some((set.now, tokens.clone()));
                    tokens
                }
            }
        });
    }),
    Entry::new("token-found-in-any-case", "5.7", "Upload tokens are not case-sensitive.", |policy| {
        let created = MemoryMap::<UploadToken>::default();
        let known = created.share();
        policy.token_created(move |token| {
            created.lock().insert(token.token.to_ascii_lowercase(), token.clone());
        });
        policy.token_found(move |token, _, found| {
            found.or_else(|| known.lock().get(&token.to_ascii_lowercase()).cloned())
        });
    }),
];

fn bad_ttl() -> Problem {
    Problem::new(kind::INVALID_ATTRIBUTE, "This ttl is not allowed.").of("ttl")
}

fn bad_query(name: &'static str) -> Problem {
    Problem::new(kind::INVALID_QUERY_PARAMETER, "This value is not allowed.").of(name)
}

fn above_100(query: &str) -> bool {
    url::form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| name == "pageSize" && value.parse::<u64>().is_ok_and(|size| size > 100))
}

/// A query parameter whose unknown values are ignored.
fn unchecked(policy: &mut Overrides, name: &'static str) {
    policy.list_query(move |_, contract| match contract {
        Err(problem) if problem.name == Some(name) => Ok(ListQuery::default()),
        contract => contract,
    });
}

/// Changes each token of a list.
fn listed(policy: &mut Overrides, edit: impl Fn(&mut Value) + Send + Sync + 'static) {
    shown(policy, Operation::ListTokens, move |list| {
        if let Some(tokens) = list["data"].as_array_mut() {
            tokens.iter_mut().for_each(&edit);
        }
    });
}

/// Changes the pagination of a list.
fn paged(policy: &mut Overrides, edit: impl Fn(&mut Value) + Send + Sync + 'static) {
    shown(policy, Operation::ListTokens, move |list| edit(&mut list["pagination"]));
}

/// Changes the links of a list.
fn linked(policy: &mut Overrides, edit: impl Fn(&mut Vec<Value>) + Send + Sync + 'static) {
    paged(policy, move |page| {
        if let Some(links) = page["links"].as_array_mut() {
            edit(links);
        }
    });
}

fn shown_ttl_counts_down(policy: &mut Overrides) {
    let created = MemoryMap::<Timestamp>::default();
    let known = created.share();
    policy.token_created(move |token| {
        created.lock().insert(token.token.clone(), token.created);
    });
    shown_to(policy, Operation::ShowToken, move |call, token| {
        let since = token["token"].as_str().and_then(|id| known.lock().get(id).copied());
        if let (Some(since), Some(ttl @ 1..)) = (since, token["ttl"].as_i64()) {
            let passed = (call.now.millis() - since.millis()) / 1000;
            token["ttl"] = json!((ttl - passed).max(0));
        }
    });
}
