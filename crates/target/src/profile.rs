//! Reads target profiles.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::budget::{Budgets, CountedBy};
use super::clock::ClockControl;
use super::error::{TargetError, without_user};
use super::headers;
use super::limits::{Limits, LimitsGiven};
use super::secret::Source;
use super::target::{Capability, GRACE, MARGIN, Target, unusable};
use uptake_wire::{Proxies, Settings, TlsSettings, Verify};
use uptake_yaml::{Fields, Node, Problems, Reader, SourceFile, parse};

impl Target {
    /// Reads a profile.
    pub fn from_profile(path: &Path) -> Result<Self, TargetError> {
        let (mut target, sources) = read(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for (name, source) in sources.credentials {
            let value = source.value(&name, folder).map_err(|error| named_in(path, "credentials", error))?;
            target.credentials.insert(name, value);
        }
        for (name, source) in sources.headers {
            let value = source.value(&name, folder).map_err(|error| named_in(path, "headers", error))?;
            target.header_secrets.insert(name.clone(), value.clone());
            target.settings.headers.push((name, value));
        }
        target.reachable()
    }

    /// Finds the mistakes in a profile. Its credentials are not read: they may exist on another machine only.
    pub fn check_profile(path: &Path) -> Result<Self, TargetError> {
        read(path).map(|(target, _)| target)
    }

    /// What a user names: a profile is a file, a URL has a scheme.
    pub fn named(given: &str) -> Result<Self, TargetError> {
        if is_url(given)? { Self::from_url(given) } else { Self::from_profile(Path::new(given)) }
    }

    /// The same without credentials, for those who send nothing.
    pub fn described(given: &str) -> Result<Self, TargetError> {
        if is_url(given)? { Self::without_key(given) } else { Self::check_profile(Path::new(given)) }
    }

    /// The same, where a URL may come without a key: [`Target::check_secrets`] says what a suite needs.
    pub fn named_with_optional_key(given: &str) -> Result<Self, TargetError> {
        if is_url(given)? {
            Self::from_url_with_or_without_key(given)
        } else {
            Self::from_profile(Path::new(given))
        }
    }
}

/// Whether a target is given as a URL. An address without its scheme would be looked for as a file.
fn is_url(given: &str) -> Result<bool, TargetError> {
    if given.contains("://") {
        return Ok(true);
    }
    let (host, rest) = given.split_once(':').unwrap_or((given, ""));
    let port = rest.split('/').next().unwrap_or_default();
    let looks_like_address = !host.is_empty() && port.parse::<u16>().is_ok();
    if looks_like_address && !Path::new(given).exists() {
        let scheme = if host == "localhost" || host.starts_with("127.") { "http" } else { "https" };
        let url = without_user(given);
        let why = format!("a URL starts with its scheme: write {scheme}://{url}");
        return Err(TargetError::Url { url, why });
    }
    Ok(false)
}

/// Says in which profile a credential stands that is not there.
fn named_in(profile: &Path, key: &str, error: TargetError) -> TargetError {
    match error {
        TargetError::Credential { name, why } => TargetError::Credential {
            name,
            why: format!("{why}; `{key}` in {} says where it is", profile.display()),
        },
        other => other,
    }
}

/// Where the secrets that a profile names come from, by name.
#[derive(Default)]
struct Sources {
    credentials: Vec<(String, Source)>,
    headers: Vec<(String, Source)>,
}

/// A profile, and where the secrets that it names come from.
fn read(path: &Path) -> Result<(Target, Sources), TargetError> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| TargetError::Unreadable { path: name.clone(), why: error.to_string() })?;
    let file = SourceFile::new(name.clone(), text);
    let node = parse(&file).map_err(Problems::from)?;
    let reader = Reader::new(&file);
    let folder = path.parent().unwrap_or(Path::new(""));
    let draft = draft(&reader, &file, folder, &node);
    let (target, sources) = Problems::or(reader.into_problems(), draft)?;
    Ok((Target { profile: Some(name), ..target }, sources))
}

fn draft(reader: &Reader, file: &Arc<SourceFile>, folder: &Path, node: &Node) -> Option<(Target, Sources)> {
    let mut fields = reader.fields(node, "a target profile")?;
    let name = fields.require("target").map(|node| reader.text(node, "target"));
    let base_url = fields.require("base-url").map(|node| url(reader, node));
    let credentials = fields.take("credentials");
    let given = LimitsGiven::read(reader, fields.take("limits"));
    let grace = duration(reader, &mut fields, "grace", GRACE);
    let margin = duration(reader, &mut fields, "margin", MARGIN);
    let capabilities = fields.take("capabilities");
    let detects = capabilities.is_some_and(|node| node.text() == Some("detected"));
    let capabilities = capabilities
        .filter(|_| !detects)
        .map_or(Some(Vec::new()), |node| self::capabilities(reader, file, node));
    let vars = fields.take("vars");
    let vars_place = vars.map(|node| (Arc::clone(file), node.at));
    let vars = reader.variables(vars, "vars");
    let clock = fields.take("clock");
    let budgets = fields.take("budgets");
    let stored = match fields.take("stored") {
        Some(node) => url(reader, node).map(Some),
        None => Some(None),
    };
    let timeouts = fields.take("timeouts");
    let tls = fields.take("tls");
    let headers = fields.take("headers");
    drop(fields);

    let mut sources = Sources::default();
    if let Some(node) = credentials {
        for (key, value) in reader.entries(node, "credentials")? {
            sources.credentials.push((key.text.clone(), Source::read(reader, value, "a credential")?));
        }
    }
    let capabilities = capabilities?;
    let mut settings = settings(reader, folder, timeouts, tls)?;
    if let Some(node) = headers {
        (settings.headers, sources.headers) = headers::read(reader, node)?;
    }
    let (clock, clock_seen_by) = match clock {
        Some(node) => ClockControl::read_clock(reader, node, settings.tls.clone())?,
        None => (None, None),
    };
    let budgets = match budgets {
        Some(node) => {
            let budgets = Budgets::read(reader, node)?;
            if budgets.counted_by == CountedBy::TargetClock && clock.is_none() {
                let help = "add `clock`, or leave `counted-by` out";
                return reader.problem(
                    node.at,
                    "`counted-by: clock` needs a clock that can be advanced",
                    help,
                );
            }
            Some(budgets)
        }
        None => None,
    };
    if clock.is_none() {
        check_clock(reader, node, &capabilities)?;
    }
    let target = Target {
        name: name??,
        base_url: base_url??,
        credentials: BTreeMap::new(),
        limits: given?.over(Limits::default()),
        given: given?,
        grace: grace?,
        margin: margin?,
        capabilities,
        detects,
        vars: vars?.into_iter().collect(),
        vars_place,
        clock,
        clock_seen_by,
        budgets,
        stored: stored?,
        header_secrets: BTreeMap::new(),
        settings,
        profile: None,
    };
    Some((target, sources))
}

/// Complains about a clock that is declared, and that nothing says how to move.
fn check_clock(reader: &Reader, node: &Node, capabilities: &[Capability]) -> Option<()> {
    let Some(declared) = capabilities.iter().find(|capability| capability.name == "clock") else {
        return Some(());
    };
    reader.problem(
        declared.place.as_ref().map_or(node.at, |(_, at)| *at),
        "the capability `clock` needs the key `clock`, which says how to move the clock",
        "add `clock: { advance: { post: URL, json: { seconds: \"${seconds}\" } } }`",
    )
}

fn settings(reader: &Reader, folder: &Path, timeouts: Option<&Node>, tls: Option<&Node>) -> Option<Settings> {
    let mut settings = Settings { proxies: Proxies::from_environment(), ..Settings::default() };
    if let Some(node) = timeouts {
        let mut fields = reader.fields(node, "timeouts")?;
        settings.connect_timeout = duration(reader, &mut fields, "connect", settings.connect_timeout)?;
        settings.answer_timeout = duration(reader, &mut fields, "answer", settings.answer_timeout)?;
    }
    if let Some(node) = tls {
        let mut fields = reader.fields(node, "tls")?;
        let ca = fields.take("ca").map(|node| reader.text(node, "ca"));
        drop(fields);
        if let Some(ca) = ca {
            settings.tls = TlsSettings { ca: Some(folder.join(ca?)), verify: Verify::Yes };
        }
    }
    Some(settings)
}

fn url(reader: &Reader, node: &Node) -> Option<Url> {
    let text = reader.text(node, "base-url")?;
    let help = "write a whole address: https://sandbox.example.com";
    match Url::parse(&text) {
        Ok(url) => match unusable(&url) {
            None => Some(url),
            Some(why) => {
                reader.problem(node.at, format!("this cannot be the address of a target: {why}"), help)
            }
        },
        Err(_) => reader.problem(node.at, format!("`{text}` is not a URL"), help),
    }
}

fn duration(
    reader: &Reader,
    fields: &mut Fields<'_, '_>,
    name: &'static str,
    otherwise: Duration,
) -> Option<Duration> {
    fields.take(name).map_or(Some(otherwise), |node| reader.duration(node, name))
}

fn capabilities(reader: &Reader, file: &Arc<SourceFile>, node: &Node) -> Option<Vec<Capability>> {
    reader
        .list(node, "capabilities")?
        .iter()
        .map(|item| {
            let name = reader.text(item, "a capability")?;
            Some(Capability { name, place: Some((Arc::clone(file), item.at)) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("target.yaml");
        std::fs::write(&path, text).expect("written");
        match Target::from_profile(&path).expect_err("refused") {
            TargetError::Problems(problems) => {
                let lines: Vec<_> =
                    problems.iter().map(|problem| format!("{}: {problem}\n", problem.place().line)).collect();
                lines.concat()
            }
            other => other.to_string(),
        }
    }

    #[test]
    fn mistakes_are_named_with_their_lines_all_at_once() {
        let said = problems(
            "target: x\nbase-url: ftp://x\nlimits: { min-segmnt: 1 }\ngrace: 24\ncapabilities: [clock]\n",
        );
        assert!(said.contains("2: this cannot be the address of a target: only http and https"), "{said}");
        assert!(said.contains("3: limits has no key `min-segmnt`"), "{said}");
        assert!(said.contains("4: grace cannot be `24`"), "{said}");
        assert!(said.contains("5: the capability `clock` needs the key `clock`"), "{said}");
    }

    #[test]
    fn a_key_is_never_taken_from_the_profile_or_the_address() {
        let said = problems("target: x\nbase-url: https://key@x\ncredentials: { api-key: topsecret }\n");
        assert!(
            said.contains("2: this cannot be the address of a target: a URL must not contain credentials"),
            "{said}"
        );
        assert!(said.contains("3: a profile must not contain a secret"), "{said}");
    }

    #[test]
    fn a_credential_that_is_missing_is_named_with_where_it_was_looked_for() {
        let said = problems(
            "target: x\nbase-url: https://x\ncredentials: { api-key: { env: UPTAKE_TEST_NOT_SET } }\n",
        );
        let why = "credential `api-key`: the environment variable UPTAKE_TEST_NOT_SET is not set; `credentials` in ";
        assert!(said.starts_with(why) && said.ends_with("target.yaml says where it is"), "{said}");
        let said = problems("target: x\nbase-url: https://x\ncredentials: { api-key: { file: gone.key } }\n");
        assert!(said.contains("cannot read") && said.contains("gone.key"), "{said}");
    }
}
