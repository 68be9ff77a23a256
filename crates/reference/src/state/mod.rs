//! What the server remembers while it runs: credentials, upload tokens and videos. `server_state` makes the decisions
//! that concern several of them.

pub(crate) mod access;
pub(crate) mod credentials;
pub(crate) mod details;
pub(crate) mod list_query;
pub(crate) mod restore;
pub(crate) mod server_state;
pub(crate) mod token;
pub(crate) mod tokens;
pub(crate) mod video;
