//! How a list is asked for and cut into pages.

use serde_json::{Value, json};

use super::defect::{Defect, Defects};
use super::problem::{Problem, kind};
use super::tokens::SortBy;

/// The largest page.
const MAX_PAGE_SIZE: usize = 100;

/// What a caller wants to see of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listing {
    pub(super) sort_by: SortBy,
    pub(super) descending: bool,
    page: usize,
    page_size: usize,
    /// The parameters that links repeat.
    sorting: String,
    defects: Defects,
}

impl Listing {
    /// Reads a query; parameters that no list has are passed over.
    pub(super) fn read(query: &str, defects: Defects) -> Result<Self, Problem> {
        let unchecked = defects.has(Defect::PageBoundsUnchecked);
        let mut listing = Self {
            sort_by: SortBy::default(),
            descending: false,
            page: 1,
            page_size: 25,
            sorting: String::new(),
            defects,
        };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match (name.as_ref(), value.as_ref()) {
                ("sortBy", "createdAt") => listing.sort_by = SortBy::CreatedAt,
                ("sortBy", "ttl") => listing.sort_by = SortBy::Ttl,
                ("sortBy", _) => return Err(invalid("sortBy", "createdAt or ttl")),
                ("sortOrder", "asc") => listing.descending = false,
                ("sortOrder", "desc") => listing.descending = true,
                ("sortOrder", _) => return Err(invalid("sortOrder", "asc or desc")),
                ("currentPage", page) if unchecked => listing.page = number(page).unwrap_or(1).max(1),
                ("pageSize", size) if unchecked => {
                    listing.page_size = number(size).unwrap_or(25).clamp(1, MAX_PAGE_SIZE);
                }
                ("currentPage", page) => {
                    listing.page = number(page)
                        .filter(|page| *page >= 1)
                        .ok_or_else(|| invalid("currentPage", "a whole number from 1"))?;
                }
                ("pageSize", size) => {
                    listing.page_size = number(size)
                        .filter(|size| (1..=MAX_PAGE_SIZE).contains(size))
                        .ok_or_else(|| invalid("pageSize", "a whole number from 1 to 100"))?;
                }
                _ => continue,
            }
            if name.starts_with("sort") {
                listing.sorting.extend(["&", name.as_ref(), "=", value.as_ref()]);
            }
        }
        if defects.has(Defect::PageSizeIgnored) {
            listing.page_size = 25;
        }
        listing.descending &= !defects.has(Defect::SortOrderIgnored);
        Ok(listing)
    }

    /// The items of the page that was asked for; behind the last page there are none.
    pub(super) fn page<'a, T>(&self, items: &'a [T]) -> &'a [T] {
        let from = (self.page - 1).saturating_mul(self.page_size).min(items.len());
        let to = from.saturating_add(self.page_size).min(items.len());
        let from = match self.page {
            2.. if self.defects.has(Defect::PageRepeatsAnItem) => from.saturating_sub(1),
            2.. if self.defects.has(Defect::PageDropsAnItem) => (from + 1).min(to),
            _ => from,
        };
        &items[from..to]
    }

    /// What an answer says of its page. A list without items has one page.
    pub(super) fn pagination(&self, total: usize, on_page: usize, address: &str) -> Value {
        let pages = total.div_ceil(self.page_size).max(1);
        let link = |rel: &str, page: usize| {
            let Self { page_size, sorting, .. } = self;
            json!({ "rel": rel, "uri": format!("{address}?currentPage={page}&pageSize={page_size}{sorting}") })
        };
        let mut links = vec![link("self", self.page), link("first", 1)];
        if self.page > 1 {
            links.push(link("previous", (self.page - 1).min(pages)));
        }
        if self.page < pages && !self.defects.has(Defect::NextLinkMissing) {
            links.push(link("next", self.page + 1));
        }
        links.push(link("last", pages));
        let mut pagination = json!({
            "currentPage": self.page,
            "currentPageItems": on_page,
            "pageSize": self.page_size,
            "pagesTotal": pages,
            "itemsTotal": if self.defects.has(Defect::TotalCountsThePage) { on_page } else { total },
            "links": links,
        });
        if self.defects.has(Defect::PaginationWithoutTotals)
            && let Some(members) = pagination.as_object_mut()
        {
            members.retain(|name, _| !name.ends_with("Total"));
        }
        pagination
    }
}

fn number(text: &str) -> Option<usize> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn invalid(name: &'static str, wanted: &str) -> Problem {
    Problem::new(kind::INVALID_QUERY_PARAMETER, format!("The parameter {name} must be {wanted}.")).of(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Listing, Problem> {
        Listing::read(query, Defects::none())
    }

    #[test]
    fn pages_do_not_overlap_and_together_hold_every_item() {
        let items: Vec<_> = (0..7).collect();
        let mut seen = Vec::new();
        for page in 1..=3 {
            let listing = read(&format!("pageSize=3&currentPage={page}")).unwrap();
            seen.extend_from_slice(listing.page(&items));
            assert_eq!(listing.pagination(7, 3, "")["pagesTotal"], 3);
        }
        assert_eq!(seen, items);
        assert!(read("pageSize=3&currentPage=4").unwrap().page(&items).is_empty());
    }

    #[test]
    fn links_name_the_pages_that_there_are() {
        let rels = |page: usize| {
            let listing = read(&format!("pageSize=3&sortBy=ttl&currentPage={page}")).unwrap();
            let links = listing.pagination(7, 3, "/list")["links"].clone();
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
