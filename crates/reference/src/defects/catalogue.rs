//! All planted defects, by the area of the rules that each deviates in.

use super::entry::{Area, Entry};
use super::{
    access, auth, bytes, exchange, forms, grace, http, lifetimes, numbers, part, ranges, revoke, schema,
    shapes, token, token_lists, ttl, upload, videos,
};

/// The areas, in the order of the rules.
pub(crate) const AREAS: &[Area] = &[
    Area { name: "auth", entries: &[auth::DEFECTS, access::DEFECTS] },
    Area { name: "token", entries: &[token::DEFECTS, token_lists::DEFECTS] },
    Area { name: "upload", entries: &[upload::DEFECTS, forms::DEFECTS] },
    Area { name: "bytes", entries: &[bytes::DEFECTS, ranges::DEFECTS] },
    Area { name: "part", entries: &[part::DEFECTS, numbers::DEFECTS] },
    Area { name: "ttl", entries: &[ttl::DEFECTS, lifetimes::TTL] },
    Area { name: "grace", entries: &[grace::DEFECTS, lifetimes::GRACE] },
    Area { name: "revoke", entries: &[revoke::DEFECTS, lifetimes::REVOKE] },
    Area { name: "video", entries: &[videos::DEFECTS] },
    Area { name: "schema", entries: &[schema::DEFECTS, shapes::DEFECTS] },
    Area { name: "http", entries: &[http::DEFECTS, exchange::DEFECTS] },
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
