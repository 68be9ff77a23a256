//! A target: its address and everything that is known of it before a run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::budget::Budgets;
use super::clock::{ClockControl, SeenBy};
use super::error::{TargetError, without_user};
use super::limits::{Limits, LimitsGiven};
use super::secret::{API_KEY_VARIABLE, Source};
use uptake_wire::{Proxies, Settings, Verify, Version};
use uptake_yaml::{Problem, Problems, SourceFile, Span};

/// Who is asked, and how.
#[derive(Debug, Clone)]
pub struct Target {
    /// What it is called in reports.
    pub name: String,
    /// What every path is appended to.
    pub base_url: Url,
    /// The secrets, by name.
    pub credentials: BTreeMap<String, String>,
    /// The sizes it allows.
    pub limits: Limits,
    /// Those of them that its profile names.
    pub given: LimitsGiven,
    /// How long an upload that was begun in time may be completed.
    pub grace: Duration,
    /// How far rules of time stay away from the instants they speak of.
    pub margin: Duration,
    /// What it can do, as declared.
    pub capabilities: Vec<Capability>,
    /// Whether a run asks the target what it can do, since its profile does not say.
    pub detects: bool,
    /// Values of the suite's `vars`, by name.
    pub vars: BTreeMap<String, serde_json::Value>,
    /// Where the profile gives them.
    pub vars_place: Option<(Arc<SourceFile>, Span)>,
    /// How its clock is moved.
    pub clock: Option<ClockControl>,
    /// Which dates show the clock that tokens are made by, where the profile says so.
    pub clock_seen_by: Option<SeenBy>,
    /// How many calls it answers in a minute, where that is known.
    pub budgets: Option<Budgets>,
    /// Where the sums of finished uploads are shown, by `/ID`, beside the contract; most targets have no such place.
    pub stored: Option<Url>,
    /// Header values that come from the environment or from files, by the header's name: secrets.
    pub header_secrets: BTreeMap<String, String>,
    /// Time-outs, TLS, headers of every request, and proxies.
    pub settings: Settings,
    /// The profile's file, where it was read from one.
    pub profile: Option<String>,
}

/// A capability, with the place where the profile declares it.
#[derive(Debug, Clone)]
pub struct Capability {
    /// Its name.
    pub name: String,
    pub(super) place: Option<(Arc<SourceFile>, Span)>,
}

/// What is declared of a target that is given as a URL: what every endpoint of the contract has.
const ASSUMED: [&str; 2] = ["status", "cors"];
/// The secret that a target given as a URL has.
const API_KEY: &str = "api-key";
pub(super) const GRACE: Duration = Duration::from_secs(24 * 60 * 60);
pub(super) const MARGIN: Duration = Duration::from_secs(2);

impl Capability {
    /// A capability that no profile declares.
    pub fn assumed(name: &str) -> Self {
        Self { name: name.to_owned(), place: None }
    }
}

impl Target {
    /// Refuses a run that needs a credential which the target does not have, before anything is sent.
    pub fn check_secrets<'s>(&self, secrets: impl IntoIterator<Item = &'s str>) -> Result<(), TargetError> {
        let Some(name) = secrets.into_iter().find(|name| !self.credentials.contains_key(*name)) else {
            return Ok(());
        };
        let why = match &self.profile {
            Some(profile) => {
                format!(
                    "the suite needs it; add `credentials: {{ {name}: {{ env: VARIABLE }} }}` to {profile}"
                )
            }
            None if name == API_KEY => format!("set the environment variable {API_KEY_VARIABLE}"),
            None => {
                format!("the suite needs it; write a target profile that names `{name}` under `credentials`")
            }
        };
        Err(TargetError::Credential { name: name.to_owned(), why })
    }

    /// A target of which only the address is known; the key comes from the environment.
    pub fn from_url(url: &str) -> Result<Self, TargetError> {
        let mut target = Self::without_key(url)?;
        let key = Source::Variable(API_KEY_VARIABLE.to_owned()).value(API_KEY, Path::new(""))?;
        target.credentials.insert(API_KEY.to_owned(), key);
        Ok(target)
    }

    /// The same for those who can do without a key; where there is one in the environment it is taken.
    pub fn from_url_with_or_without_key(url: &str) -> Result<Self, TargetError> {
        if std::env::var_os(API_KEY_VARIABLE).is_some() {
            Self::from_url(url)
        } else {
            Self::without_key(url)
        }
    }

    pub(super) fn without_key(url: &str) -> Result<Self, TargetError> {
        let fault = |why: String| TargetError::Url { url: without_user(url), why };
        let base_url =
            Url::parse(url).map_err(|_| fault("it is not a URL; write https://host".to_owned()))?;
        if let Some(why) = unusable(&base_url) {
            return Err(fault(why.to_owned()));
        }
        Self {
            name: base_url.host_str().unwrap_or("target").to_owned(),
            base_url,
            credentials: BTreeMap::new(),
            limits: Limits::default(),
            given: LimitsGiven::default(),
            grace: GRACE,
            margin: MARGIN,
            capabilities: ASSUMED.map(Capability::assumed).to_vec(),
            detects: false,
            vars: BTreeMap::new(),
            vars_place: None,
            clock: None,
            clock_seen_by: None,
            budgets: None,
            stored: None,
            header_secrets: BTreeMap::new(),
            settings: Settings { proxies: Proxies::from_environment(), ..Settings::default() },
            profile: None,
        }
        .reachable()
    }

    /// The same target at another base URL.
    pub fn at(self, url: &str) -> Result<Self, TargetError> {
        let base_url = Self::without_key(url)?.base_url;
        Self { base_url, ..self }.reachable()
    }

    /// Refuses a proxy that cannot be used, before anything is sent.
    pub(super) fn reachable(self) -> Result<Self, TargetError> {
        self.settings.proxies.of(&self.base_url).map_err(TargetError::Proxy)?;
        Ok(self)
    }

    /// The proxy that requests go through, as reports name it.
    pub fn proxy(&self) -> Option<String> {
        self.settings.proxies.of(&self.base_url).ok().flatten().map(|proxy| proxy.to_string())
    }

    /// What must not be shown: the credentials, the values of headers that come from elsewhere, and a proxy's password, each
    /// with the name by which it is shown.
    pub fn secrets(&self) -> Vec<(String, String)> {
        let mut secrets: Vec<_> = self
            .credentials
            .iter()
            .chain(&self.header_secrets)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let proxy = self.settings.proxies.of(&self.base_url).ok().flatten();
        if let Some(proxy) = proxy {
            secrets.extend(proxy.credential().map(|credential| ("proxy credential".to_owned(), credential)));
        }
        secrets
    }

    /// Trusts the certificates in this file; without one, those of the profile.
    #[must_use]
    pub fn trusting(mut self, ca: Option<PathBuf>) -> Self {
        self.settings.tls.ca = ca.or(self.settings.tls.ca);
        self.clock = self.clock.map(|clock| clock.trusting(self.settings.tls.clone()));
        self
    }

    /// The same, sent to over this version of HTTP.
    #[must_use]
    pub fn speaking(mut self, version: Version) -> Self {
        self.settings.version = version;
        self
    }

    /// Trusts whatever certificate the target shows; by explicit flag only.
    #[must_use]
    pub fn insecure(mut self) -> Self {
        self.settings.tls.verify = Verify::No;
        self.clock = self.clock.map(|clock| clock.trusting(self.settings.tls.clone()));
        self
    }

    /// With the sizes that hold for all of a protocol's targets where the profile names no other.
    pub fn within(mut self, suite: LimitsGiven) -> Result<Self, TargetError> {
        let limits = self.given.or(suite).over(Limits::default());
        if limits.is_empty_range() {
            return Err(TargetError::NoSegmentFits {
                least: limits.min_segment,
                greatest: limits.max_segment,
            });
        }
        self.limits = limits;
        Ok(self)
    }

    /// Whether the target declares this capability.
    pub fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|declared| declared.name == capability)
    }

    /// Complains about declared capabilities and values that the suite does not know.
    pub fn check_names(&self, known: &[String], vars: &[&str]) -> Result<(), Problems> {
        let mut strange: Vec<_> = self
            .capabilities
            .iter()
            .filter(|capability| !known.contains(&capability.name))
            .filter_map(|capability| {
                let (file, at) = capability.place.as_ref()?;
                let message = format!("the suite knows no capability `{}`", capability.name);
                Some(Problem::new(file, *at, message).with_help(format!("it knows: {}", known.join(", "))))
            })
            .collect();
        if let Some((file, at)) = &self.vars_place {
            let known = if vars.is_empty() { "none".to_owned() } else { vars.join(", ") };
            let unknown = self.vars.keys().filter(|name| !vars.contains(&name.as_str()));
            strange.extend(unknown.map(|name| {
                let message = format!("the suite knows no variable `{name}`");
                Problem::new(file, *at, message).with_help(format!("it knows: {known}"))
            }));
        }
        Problems::or(strange, Some(()))
    }
}

/// Why a URL cannot be the address of a target.
pub(super) fn unusable(url: &Url) -> Option<&'static str> {
    if !matches!(url.scheme(), "http" | "https") {
        return Some("only http and https are supported");
    }
    if url.cannot_be_a_base() || url.host_str().is_none() {
        return Some("it has no host");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some(
            "a URL must not contain credentials; name an environment variable or a file under `credentials`",
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Some("a base URL has no query and no fragment");
    }
    None
}
