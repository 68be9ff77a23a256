//! How a reference server is set up: plain values, without any behaviour.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::defects::set::Defects;
use crate::limits::Limits;

/// Everything that a reference server must know before it starts.
#[derive(Clone)]
pub struct Config {
    /// Where the API listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the control surface listens; it does not exist without an address.
    pub control: Option<SocketAddr>,
    /// How the API's connections are secured; they are plain without.
    pub tls: Option<Tls>,
    /// How long a caller may send nothing while something is expected of it, and how long a connection may idle.
    pub patience: Duration,
    /// The one API key that is accepted.
    pub api_key: String,
    /// Whose time it is.
    pub clock: ClockKind,
    /// Seconds by which the server's clock is ahead of this machine's.
    pub skew: i64,
    /// The sizes that are accepted.
    pub limits: Limits,
    /// How long after its token's expiry an upload that was begun in time may be completed.
    pub grace: Duration,
    /// How long an access token lives.
    pub access_token_life: Duration,
    /// Where segments go.
    pub storage: Storage,
    /// Calls a minute; nothing is ever refused without one.
    pub rate_limit: Option<RateLimit>,
    /// The planted defects.
    pub defects: Defects,
    /// Where ids and tokens come from; without a seed they cannot be guessed.
    pub seed: Option<u64>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            control: None,
            tls: None,
            patience: Duration::from_secs(60),
            api_key: String::new(),
            clock: ClockKind::Real,
            skew: 0,
            limits: Limits::default(),
            grace: Duration::from_secs(24 * 60 * 60),
            access_token_life: Duration::from_secs(3600),
            storage: Storage::Discard,
            rate_limit: None,
            defects: Defects::none(),
            seed: None,
        }
    }
}

impl fmt::Debug for Config {
    /// The API key is a secret and stays out of every log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("control", &self.control)
            .field("tls", &self.tls)
            .field("patience", &self.patience)
            .field("clock", &self.clock)
            .field("skew", &self.skew)
            .field("limits", &self.limits)
            .field("grace", &self.grace)
            .field("access_token_life", &self.access_token_life)
            .field("storage", &self.storage)
            .field("rate_limit", &self.rate_limit)
            .field("defects", &self.defects)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// How connections are secured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// By a certificate that is made at the start, for this machine's own names.
    SelfSigned,
    /// By a certificate and a key in PEM files.
    Files {
        /// The certificate, and those that lead from it to its authority.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
}

/// Whose time the server goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClockKind {
    /// This machine's clock.
    #[default]
    Real,
    /// A clock that starts at this machine's time, runs at its pace and can be moved forward.
    Virtual,
}

/// Where segments go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Storage {
    /// Nowhere: they are counted and forgotten.
    #[default]
    Discard,
    /// A temporary folder that goes away with the server.
    Temporary,
    /// A folder that stays: a server that is started on it again knows everything that another acknowledged.
    Directory(PathBuf),
}

/// How many calls of each kind are answered in a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Calls that carry a file.
    pub uploads: u32,
    /// Other calls that change something.
    pub writes: u32,
    /// Calls that only read.
    pub reads: u32,
}

impl RateLimit {
    /// What the documents say of the sandbox.
    pub const SANDBOX: Self = Self { uploads: 40, writes: 40, reads: 100 };
    /// What the documents say of production.
    pub const PRODUCTION: Self = Self { uploads: 100, writes: 200, reads: 500 };
}
