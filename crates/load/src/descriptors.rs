//! Makes room for the descriptors that a run needs, before it starts.

use super::error::LoadError;
use super::plan::{LoadPlan, Model, Protocol};
use uptake_outcome::load::ServerOwner;

/// Standard streams, reports, the runtime, and what the target needs to be resolved.
const RESERVE: u64 = 48;
/// A thread's runtime and its timer.
const PER_THREAD: u64 = 8;
/// Requests that share an HTTP/2 connection.
const STREAMS: u64 = 100;

/// Raises the limit of open files (`ulimit -n`) as far as the run needs it. A default limit of uploads in flight is lowered to
/// what the system allows; what the user asked for is refused if it does not fit.
pub(super) fn reserve(plan: &mut LoadPlan, threads: usize, owner: ServerOwner) -> Result<(), LoadError> {
    let needed = needed(plan, threads, owner);
    let allowed = raise(needed);
    if needed <= allowed {
        return Ok(());
    }
    let per_upload = needed_connections(plan, owner).div_ceil(plan.model.max_in_flight() as u64).max(1);
    let spare = allowed.saturating_sub(needed - needed_connections(plan, owner));
    match &mut plan.model {
        Model::Open(open) if !open.is_limit_explicit && spare >= per_upload => {
            open.max_in_flight = usize::try_from(spare / per_upload).unwrap_or(1);
            Ok(())
        }
        _ => Err(LoadError::Descriptors { needed, allowed }),
    }
}

fn needed(plan: &LoadPlan, threads: usize, owner: ServerOwner) -> u64 {
    let files = plan.shape.files.len() as u64;
    needed_connections(plan, owner) + RESERVE + PER_THREAD * threads as u64 + files
}

fn needed_connections(plan: &LoadPlan, owner: ServerOwner) -> u64 {
    let requests = (plan.model.max_in_flight() as u64).saturating_mul(plan.shape.parallel as u64);
    let connections = match plan.protocol {
        Protocol::Http1 => requests,
        Protocol::Http2 => requests.div_ceil(STREAMS),
    };
    match owner {
        ServerOwner::Named => connections,
        // Both ends are in this process.
        ServerOwner::Own => connections.saturating_mul(2),
    }
}

/// Raises the soft limit to `needed`, or to the hard limit. Returns what is allowed then.
#[cfg(unix)]
fn raise(needed: u64) -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let current = limit.current.unwrap_or(u64::MAX);
    if needed <= current {
        return current;
    }
    let wanted = needed.min(limit.maximum.unwrap_or(u64::MAX));
    match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum }) {
        Ok(()) => wanted,
        Err(_) => current,
    }
}

/// Windows has no such limit.
#[cfg(not(unix))]
fn raise(_needed: u64) -> u64 {
    u64::MAX
}
