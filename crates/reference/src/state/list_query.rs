//! How a list is asked for, and how it is cut into pages.

use std::ops::Range;

use serde_json::{Value, json};

use crate::problem::{Problem, kind};

/// The largest page.
pub(crate) const MAX_PAGE_SIZE: usize = 100;

/// By which member a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum SortBy {
    #[default]
    CreatedAt,
    Ttl,
}

/// What a client wants to see of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListQuery {
    pub(crate) sort_by: SortBy,
    pub(crate) descending: bool,
    /// From 1.
    pub(crate) page: usize,
    pub(crate) page_size: usize,
    /// The parameters that links repeat.
    pub(crate) sorting: String,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self { sort_by: SortBy::default(), descending: false, page: 1, page_size: 25, sorting: String::new() }
    }
}

impl ListQuery {
    /// Reads a query; parameters that no list has are ignored.
    pub(crate) fn read(query: &str) -> Result<Self, Problem> {
        let mut list = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match (name.as_ref(), value.as_ref()) {
                ("sortBy", "createdAt") => list.sort_by = SortBy::CreatedAt,
                ("sortBy", "ttl") => list.sort_by = SortBy::Ttl,
                ("sortBy", _) => return Err(invalid("sortBy", "createdAt or ttl")),
                ("sortOrder", "asc") => list.descending = false,
                ("sortOrder", "desc") => list.descending = true,
                ("sortOrder", _) => return Err(invalid("sortOrder", "asc or desc")),
                ("currentPage", page) => {
                    list.page = number(page)
                        .filter(|page| *page >= 1)
                        .ok_or_else(|| invalid("currentPage", "a whole number from 1"))?;
                }
                ("pageSize", size) => {
                    list.page_size = number(size)
                        .filter(|size| (1..=MAX_PAGE_SIZE).contains(size))
                        .ok_or_else(|| invalid("pageSize", "a whole number from 1 to 100"))?;
                }
                _ => continue,
            }
            if name.starts_with("sort") {
                list.sorting.extend(["&", name.as_ref(), "=", value.as_ref()]);
            }
        }
        Ok(list)
    }

    /// Which of so many items stand on the page; behind the last page there are none.
    pub(crate) fn range(&self, total: usize) -> Range<usize> {
        let from = (self.page - 1).saturating_mul(self.page_size).min(total);
        from..from.saturating_add(self.page_size).min(total)
    }

    /// What an answer says of its page. A list without items has one page.
    pub(crate) fn pagination(&self, total: usize, on_page: usize, address: &str) -> Value {
        let pages = total.div_ceil(self.page_size).max(1);
        let link = |rel: &str, page: usize| {
            let Self { page_size, sorting, .. } = self;
            json!({ "rel": rel, "uri": format!("{address}?currentPage={page}&pageSize={page_size}{sorting}") })
        };
        let mut links = vec![link("self", self.page), link("first", 1)];
        if self.page > 1 {
            links.push(link("previous", (self.page - 1).min(pages)));
        }
        if self.page < pages {
            links.push(link("next", self.page + 1));
        }
        links.push(link("last", pages));
        json!({
            "currentPage": self.page,
            "currentPageItems": on_page,
            "pageSize": self.page_size,
            "pagesTotal": pages,
            "itemsTotal": total,
            "links": links,
        })
    }
}

/// A number of digits alone.
fn number(text: &str) -> Option<usize> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn invalid(name: &'static str, wanted: &str) -> Problem {
    Problem::new(kind::INVALID_QUERY_PARAMETER, format!("The parameter {name} must be {wanted}.")).of(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<ListQuery, Problem> {
        ListQuery::read(query)
    }

    #[test]
    fn pages_do_not_overlap_and_together_hold_every_item() {
        let items: Vec<_> = (0..7).collect();
        let mut seen = Vec::new();
        for page in 1..=3 {
            let list = read(&format!("pageSize=3&currentPage={page}")).unwrap();
            seen.extend_from_slice(&items[list.range(items.len())]);
            assert_eq!(list.pagination(7, 3, "")["pagesTotal"], 3);
        }
        assert_eq!(seen, items);
        assert!(read("pageSize=3&currentPage=4").unwrap().range(items.len()).is_empty());
    }

    #[test]
    fn links_name_the_pages_that_there_are() {
        let rels = |page: usize| {
            let list = read(&format!("pageSize=3&sortBy=ttl&currentPage={page}")).unwrap();
            let links = list.pagination(7, 3, "/list")["links"].clone();
            let rels: Vec<_> = links.as_array().unwrap().iter().map(|link| link["rel"].to_string()).collect();
            assert_eq!(links[0]["uri"], format!("/list?currentPage={page}&pageSize=3&sortBy=ttl"));
            rels.join(" ").replace('"', "")
        };
        assert_eq!(rels(1), "self first next last");
        assert_eq!(rels(2), "self first previous next last");
        assert_eq!(rels(3), "self first previous last");
    }

    #[test]
    fn what_cannot_be_asked_for_is_refused_by_name() {
        for (query, name) in [
            ("pageSize=0", "pageSize"),
            ("pageSize=101", "pageSize"),
            ("pageSize=ten", "pageSize"),
            ("currentPage=0", "currentPage"),
            ("currentPage=-1", "currentPage"),
            ("sortBy=token", "sortBy"),
            ("sortOrder=up", "sortOrder"),
        ] {
            assert_eq!(read(query).unwrap_err().name, Some(name), "{query}");
        }
        assert!(read("pageSize=100&other=1").is_ok());
    }
}
