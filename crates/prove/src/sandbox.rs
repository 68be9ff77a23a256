//! A reference server of one's own, with the target that fits it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use rand::distr::{Alphanumeric, SampleString as _};
use url::Url;

use super::error::ProveError;
use uptake_reference::{ClockKind, Config, Limits, RateLimit, Server, Storage};
use uptake_target::{Capability, ClockControl, LimitsGiven, Target};
use uptake_wire::Settings;

/// The suite whose contract the reference server implements.
pub const REFERENCE_SUITE: &str = "api-video";
/// The capability of a target that refuses calls past a limit.
pub(super) const RATE_LIMIT: &str = "rate-limit";

/// Sizes far below the documented ones: the rules about sizes speak of the target's limits, whatever they are. A request
/// is larger than what the sockets between client and server hold, since one rule is about that.
const SMALL: Limits = Limits {
    min_segment: 64 << 10,
    max_segment: 1 << 20,
    max_request: 16 << 20,
    max_total: 52_428_800_000,
    max_parts: 10_000,
};

/// Sizes that can be sent by the thousand.
const TINY: Limits = Limits {
    min_segment: 1 << 10,
    max_segment: 8 << 10,
    max_request: 8 << 10,
    max_total: 52_428_800_000,
    max_parts: 10_000,
};

/// A running reference server, and the target that leads to it.
#[derive(Debug)]
pub struct Sandbox {
    /// The server; it stops when this is dropped.
    pub server: Server,
    /// How it is asked.
    pub target: Target,
}

impl Sandbox {
    /// How a server is set up that a whole suite is run against: on free loopback ports, with a clock that can be
    /// moved, a key that nobody else knows, and segments that are not kept.
    pub fn config(seed: u64) -> Config {
        Config {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            control: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
            api_key: Alphanumeric.sample_string(&mut rand::rng(), 43),
            clock: ClockKind::Virtual,
            storage: Storage::Discard,
            seed: Some(seed),
            // Far above what the suite needs, and low enough to be reached by the rule that asks for a limit.
            rate_limit: Some(RateLimit { uploads: 1_000_000, writes: 1_000_000, reads: 2_000 }),
            ..Config::default()
        }
    }

    /// The same with small limits, so that the rules about sizes move little.
    pub fn small(seed: u64) -> Config {
        Config { limits: SMALL, ..Self::config(seed) }
    }

    /// The same with the sizes that a suite names.
    #[must_use]
    pub fn within(config: Config, given: LimitsGiven) -> Config {
        let Limits { min_segment, max_segment, max_request, max_total, max_parts } = config.limits;
        let limits = given.over(uptake_target::Limits {
            min_segment,
            max_segment,
            max_request,
            max_total,
            max_parts: max_parts.into(),
        });
        let max_parts = u32::try_from(limits.max_parts).unwrap_or(u32::MAX);
        Config {
            limits: Limits {
                min_segment: limits.min_segment,
                max_segment: limits.max_segment,
                max_request: limits.max_request,
                max_total: limits.max_total,
                max_parts,
            },
            ..config
        }
    }

    /// How a server is set up that generated cases are tried against: segments of a KiB, which are kept, and no limit to
    /// the calls of a minute.
    pub fn tiny(seed: u64) -> Config {
        Config { limits: TINY, storage: Storage::Temporary, rate_limit: None, ..Self::config(seed) }
    }

    /// Starts a server as `config` says.
    pub async fn start(config: Config) -> Result<Self, ProveError> {
        let given = LimitsGiven {
            min_segment: Some(config.limits.min_segment),
            max_segment: Some(config.limits.max_segment),
            max_request: Some(config.limits.max_request),
            max_total: Some(config.limits.max_total),
            max_parts: Some(config.limits.max_parts.into()),
        };
        let (grace, api_key) = (config.grace, config.api_key.clone());
        let limited = config.rate_limit.map(|_| RATE_LIMIT);
        let kept = config.storage != Storage::Discard;
        let server = Server::start(config).await?;
        let clock = match server.control() {
            Some(control) => Some(ClockControl::post(Url::parse(&format!("{control}/clock/advance"))?)),
            None => None,
        };
        // Segments that are not kept have no sum.
        let stored = match server.control().filter(|_| kept) {
            Some(control) => Some(Url::parse(&format!("{control}/uploads"))?),
            None => None,
        };
        // A clock that nobody can reach cannot be moved, and a limit that nobody set cannot be passed.
        let sums = stored.as_ref().map(|_| "stored");
        let capabilities = [clock.as_ref().map(|_| "clock"), Some("status"), limited, Some("cors"), sums];
        let target = Target {
            name: "uptake reference server".to_owned(),
            base_url: Url::parse(&server.origin())?,
            credentials: BTreeMap::from([("api-key".to_owned(), api_key)]),
            limits: given.over(uptake_target::Limits::default()),
            given,
            grace,
            margin: Duration::from_secs(2),
            capabilities: capabilities.into_iter().flatten().map(Capability::assumed).collect(),
            detects: false,
            vars: BTreeMap::new(),
            vars_place: None,
            clock,
            clock_seen_by: None,
            // Its limits are never reached but by the rule that asks for one.
            budgets: None,
            stored,
            header_secrets: BTreeMap::new(),
            settings: Settings::default(),
            profile: None,
        };
        Ok(Self { server, target })
    }
}
