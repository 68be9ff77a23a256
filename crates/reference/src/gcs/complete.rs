//! The last request of an upload: its content becomes an object, or is refused.

use std::sync::Arc;

use jiff::Timestamp;

use super::answer::Refusal;
use super::bucket::Contents;
use super::defects::GcsDefect;
use super::hashes::Hashes;
use super::object::Object;
use super::service::{BUCKET, Service};
use super::session::{Planned, Session};
use crate::storage::content_file::StoredContent;
use crate::storage::digests::Algorithm;

/// Completes an upload. `named` are the hashes that the last request names. A session whose content is refused is over.
pub(super) fn complete(
    service: &Service,
    id: &str,
    session: &mut Session,
    named: &Hashes,
) -> Result<Arc<Object>, Refusal> {
    session.file(&service.folder)?;
    let Some(file) = session.file.take() else { return Err(Refusal::FULL) };
    let content = Arc::new(file.finish());
    let planned = &session.planned;
    let mut contents = service.bucket.lock();
    if !contents.has_session(id) {
        return Err(Refusal::NO_SESSION);
    }
    let object = object(&mut contents, planned, content);
    let mut hashes = planned.hashes.clone();
    if service.has(GcsDefect::IgnoresCrc32c) {
        hashes = hashes.without(Algorithm::Crc32c);
    }
    let is_damaged = !hashes.are_of(&object.content.digests) || !named.are_of(&object.content.digests);
    let existing = contents.objects.get(&object.name).map(Arc::as_ref);
    let has_existing = existing.is_some();
    let refusal = if is_damaged {
        Err(Refusal::invalid("the content does not have the hash that was named"))
    } else {
        planned.conditions.check(existing).map_err(|_| Refusal::CONDITION)
    };
    if let Err(refusal) = refusal {
        contents.end(id);
        if is_damaged && service.has(GcsDefect::StoresDamagedContent) {
            contents.put(object)?;
        }
        return Err(refusal);
    }
    if !(has_existing && service.has(GcsDefect::KeepsOldObject)) {
        contents.put(Arc::clone(&object))?;
    }
    session.set_total(Some(object.content.size));
    session.object = Some(Arc::clone(&object));
    Ok(object)
}

/// An object of this content.
pub(super) fn object(contents: &mut Contents, planned: &Planned, content: Arc<StoredContent>) -> Arc<Object> {
    let created = Timestamp::now();
    Arc::new(Object {
        bucket: BUCKET,
        name: planned.name.clone(),
        generation: contents.next_generation(created),
        created,
        metadata: planned.metadata.clone(),
        content,
    })
}
