//! A small server of the protocol that the guide to a suite of one's own describes: `docs/src/new-protocol.md`.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use super::little::{Asked, Little, Reply};

/// A draft: its size, and what was received of it.
#[derive(Default)]
struct Draft {
    size: usize,
    data: Vec<u8>,
}

#[derive(Default)]
struct Drafts {
    made: usize,
    all: BTreeMap<String, Draft>,
}

/// Starts the server; its drafts are made by `POST /drafts`.
pub(crate) fn drafts_server() -> Little {
    let drafts = Mutex::<Drafts>::default();
    Little::start(move |asked| drafts.lock().unwrap_or_else(PoisonError::into_inner).answer(asked))
}

impl Drafts {
    fn answer(&mut self, asked: &Asked) -> Reply {
        let (path, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
        let Some(id) = path.strip_prefix("/drafts/") else {
            return if asked.line() == "POST /drafts" { self.create(asked) } else { Reply::status(404) };
        };
        if let Some(id) = id.strip_suffix("/content") {
            let draft = self.all.get(id).filter(|draft| draft.data.len() == draft.size);
            return draft.map_or(Reply::status(404), |draft| Reply::status(200).body(draft.data.clone()));
        }
        if asked.method == "DELETE" {
            return Reply::status(if self.all.remove(id).is_some() { 204 } else { 404 });
        }
        let Some(draft) = self.all.get_mut(id) else { return Reply::status(404) };
        if asked.method == "PUT" {
            let at = query.strip_prefix("at=").and_then(|at| at.parse::<usize>().ok());
            if at != Some(draft.data.len()) {
                return Reply::status(409);
            }
            if draft.data.len() + asked.body.len() > draft.size {
                return Reply::status(413);
            }
            draft.data.extend(&asked.body);
        }
        Reply::status(200).json(&json!({ "received": draft.data.len(), "size": draft.size }))
    }

    fn create(&mut self, asked: &Asked) -> Reply {
        let size = serde_json::from_slice::<serde_json::Value>(&asked.body).ok();
        let Some(size) =
            size.and_then(|body| body["size"].as_u64()).and_then(|size| usize::try_from(size).ok())
        else {
            return Reply::status(400);
        };
        self.made += 1;
        let id = format!("d{}", self.made);
        self.all.insert(id.clone(), Draft { size, ..Draft::default() });
        Reply::status(201).json(&json!({ "id": id }))
    }
}
