//! The reference server that `check` starts when nobody names a target.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use rand::distr::{Alphanumeric, SampleString as _};
use url::Url;

use super::error::CliError;
use crate::reference::{ClockKind, Config, RateLimit, Server, Storage};
use crate::target::{Capability, ClockControl, Limits, Target};
use crate::wire::Settings;

/// A reference server on a free loopback port, with a clock that can be moved, and the target that fits it.
pub(super) async fn start(seed: u64) -> Result<(Server, Target), CliError> {
    let config = Config {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        control: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        api_key: Alphanumeric.sample_string(&mut rand::rng(), 43),
        clock: ClockKind::Virtual,
        storage: Storage::Discard,
        seed: Some(seed),
        // Far above what the suite needs, and low enough to be reached by the rule that asks for a limit.
        rate_limit: Some(RateLimit { uploads: 1_000_000, writes: 1_000_000, reads: 2_000 }),
        ..Config::default()
    };
    let limits = Limits {
        min_segment: config.limits.min_segment,
        max_segment: config.limits.max_segment,
        max_request: config.limits.max_request,
        max_total: config.limits.max_total,
        max_parts: config.limits.max_parts.into(),
    };
    let grace = config.grace;
    let api_key = config.api_key.clone();
    let server = Server::start(config).await?;
    let parse = |text: String| Url::parse(&text).map_err(|error| CliError::Usage(error.to_string()));
    let control = server.control().unwrap_or_default();
    let target = Target {
        name: "uptake reference server".to_owned(),
        base_url: parse(server.origin())?,
        credentials: BTreeMap::from([("api-key".to_owned(), api_key)]),
        limits,
        grace,
        margin: Duration::from_secs(2),
        capabilities: ["clock", "status", "rate-limit", "cors"].map(Capability::assumed).to_vec(),
        clock: Some(ClockControl::post(parse(format!("{control}/clock/advance"))?)),
        settings: Settings::default(),
    };
    Ok((server, target))
}
