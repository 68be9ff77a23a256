//! All planted defects, by the area of the rules that each deviates in.

use super::entry::{Area, Entry};
use super::{auth, bytes, grace, http, part, revoke, schema, token, ttl, upload};

/// The areas, in the order of the rules.
pub(crate) const AREAS: &[Area] = &[
    Area { name: "auth", entries: &[auth::DEFECTS] },
    Area { name: "token", entries: &[token::DEFECTS] },
    Area { name: "upload", entries: &[upload::DEFECTS] },
    Area { name: "bytes", entries: &[bytes::DEFECTS] },
    Area { name: "part", entries: &[part::DEFECTS] },
    Area { name: "ttl", entries: &[ttl::DEFECTS] },
    Area { name: "grace", entries: &[grace::DEFECTS] },
    Area { name: "revoke", entries: &[revoke::DEFECTS] },
    Area { name: "schema", entries: &[schema::DEFECTS] },
    Area { name: "http", entries: &[http::DEFECTS] },
];

/// How many there are.
pub(crate) const COUNT: usize = count();

/// Every defect, with its area.
pub(crate) fn all() -> impl Iterator<Item = (&'static Area, &'static Entry)> {
    AREAS.iter().flat_map(|area| {
        area.entries.iter().flat_map(move |file| file.iter().map(move |entry| (area, entry)))
    })
}

const fn count() -> usize {
    let (mut count, mut area) = (0, 0);
    while area < AREAS.len() {
        let mut file = 0;
        while file < AREAS[area].entries.len() {
            count += AREAS[area].entries[file].len();
            file += 1;
        }
        area += 1;
    }
    count
}
