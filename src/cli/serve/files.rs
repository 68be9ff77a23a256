//! How many files, and so connections, the process may have open.

/// Raises the limit as far as it may be raised: a shell often allows a thousand, and idle callers alone may be more.
pub(super) fn allow_many() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        /// More than the server takes connections.
        const ENOUGH: u64 = 65_536;
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let wanted = maximum.map_or(ENOUGH, |maximum| maximum.min(ENOUGH));
        if current.is_some_and(|current| current < wanted) {
            // Where it may not be raised, the limit that there is has to do.
            let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
        }
    }
}
