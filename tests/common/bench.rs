//! A reference server in the test's own process, with small limits, and the profile that leads to it.

use std::time::Duration;

use tokio::runtime::Runtime;
use uptake_outcome::Run;
use uptake_reference::{ClockKind, Config, Defect, Limits, RateLimit, Server};

use super::{Ended, Folder, uptake};

/// The API key of the tests' servers.
pub(crate) const KEY: &str = "a-key-of-the-tests";

/// How a test wants its server.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) config: Config,
    /// Where the profile leads instead of the server itself.
    pub(crate) through: Option<String>,
}

impl Default for Setup {
    /// A faithful server whose limits are small, so that the rules on limits move little.
    fn default() -> Self {
        let config = Config {
            control: Some(([127, 0, 0, 1], 0).into()),
            api_key: KEY.to_owned(),
            clock: ClockKind::Virtual,
            limits: Limits {
                min_segment: 64 << 10,
                max_segment: 256 << 10,
                max_request: 320 << 10,
                ..Limits::default()
            },
            seed: Some(1),
            ..Config::default()
        };
        Self { config, through: None }
    }
}

impl Setup {
    /// One that is wrong in these points.
    pub(crate) fn wrong(defects: &[Defect]) -> Self {
        let mut setup = Self::default();
        setup.config.defects = defects.iter().copied().collect();
        setup
    }

    /// One that refuses calls past a rate which only the rule on it reaches.
    pub(crate) fn limited(mut self) -> Self {
        self.config.rate_limit = Some(RateLimit { uploads: 100_000, writes: 100_000, reads: 600 });
        self
    }
}

/// A running server.
pub(crate) struct Bench {
    pub(crate) folder: Folder,
    pub(crate) origin: String,
    profile: String,
    server: Option<Server>,
    runtime: Runtime,
}

impl Bench {
    /// Starts a server.
    pub(crate) fn start(setup: Setup) -> Self {
        Self::with_profile(setup, |_| {})
    }

    /// Starts a server that others may stand before: `before` hears where the server is and gives where the profile
    /// is to lead.
    pub(crate) fn behind(setup: Setup, before: impl FnOnce(&str) -> String) -> Self {
        Self::with_profile(setup, |profile| profile.base_url = before(&profile.base_url))
    }

    /// Starts a server, and changes the profile before it is written.
    pub(crate) fn with_profile(setup: Setup, change: impl FnOnce(&mut Profile)) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime starts");
        let server = runtime.block_on(Server::start(setup.config.clone())).expect("a server starts");
        let mut profile = Profile {
            base_url: server.origin(),
            capabilities: vec!["clock", "status", "cors"],
            answer_timeout: Duration::from_secs(30),
        };
        if setup.config.rate_limit.is_some() {
            profile.capabilities.push("rate-limit");
        }
        change(&mut profile);
        let folder = Folder::new();
        folder.write("api.key", &setup.config.api_key);
        let text = profile.text(&setup.config, &server.control().expect("it was asked for"));
        let path = folder.write("target.yaml", &text);
        Self { folder, origin: server.origin(), profile: path, server: Some(server), runtime }
    }

    /// The profile's path.
    pub(crate) fn profile(&self) -> &str {
        &self.profile
    }

    /// Runs `uptake check` against the server, and reads the report.
    pub(crate) fn check(&self, arguments: &[&str]) -> (Ended, Run) {
        let report = format!("json={}", self.folder.path("run.json"));
        let own = ["check", "--target", &self.profile, "--report", &report];
        let ended = uptake(&[&own, arguments].concat());
        let run = self.folder.run("run.json");
        (ended, run)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.shutdown());
        }
    }
}

/// What the profile says.
pub(crate) struct Profile {
    pub(crate) base_url: String,
    pub(crate) capabilities: Vec<&'static str>,
    pub(crate) answer_timeout: Duration,
}

impl Profile {
    fn text(&self, config: &Config, control: &str) -> String {
        let Limits { min_segment, max_segment, max_request, max_total, max_parts } = config.limits;
        let (grace, answer) = (config.grace.as_secs(), self.answer_timeout.as_millis());
        format!(
            "target: a server of the tests\n\
             base-url: {}\n\
             credentials: {{ api-key: {{ file: api.key }} }}\n\
             limits: {{ min-segment: {min_segment}, max-segment: {max_segment}, max-request: {max_request}, \
             max-total: {max_total}, max-parts: {max_parts} }}\n\
             grace: {grace}s\n\
             capabilities: [{}]\n\
             clock: {{ advance: {{ post: \"{control}/clock/advance\", json: {{ seconds: \"${{seconds}}\" }} }} }}\n\
             timeouts: {{ connect: 5s, answer: {answer}ms }}\n",
            self.base_url,
            self.capabilities.join(", "),
        )
    }
}
