//! What a resource that was made is removed by.

use super::scope::Scope;
use uptake_suite::Resource;

/// What a resource is removed by: its id, or what the suite makes of the id.
pub(crate) fn address(resource: &Resource, id: String, path: &str, scope: &Scope<'_>) -> Option<String> {
    let Some(address) = &resource.address else { return Some(id) };
    address.text(&scope.and("id", id.into()).and("path", path.into())).ok()
}
