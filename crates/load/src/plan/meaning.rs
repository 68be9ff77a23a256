//! What a draft means.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::draft::{Draft, Said};
use super::{Arrivals, Choice, Fates, Model, Offer, OpenModel, Spread, Think, words};
use crate::LoadError;
use crate::threshold::Threshold;
use uptake_payload::{Framing, Seed, Total};
use uptake_yaml::{Problem, Problems, SourceFile};

/// A plan: everything that is to be known before a run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What it is called.
    pub name: String,
    /// Who decides when an upload starts.
    pub model: Model,
    /// For how long uploads are started, the warm-up not counted; none where their number says it.
    pub duration: Option<Duration>,
    /// How many are started at most, the warm-up not counted.
    pub uploads: Option<u64>,
    /// How long nothing is counted.
    pub warm_up: Duration,
    /// What an upload is.
    pub shape: Shape,
    /// Where tokens come from.
    pub token: TokenPolicy,
    /// What becomes of uploads on purpose.
    pub fates: Fates,
    /// Bytes a second for each uploader.
    pub bandwidth: Option<u64>,
    /// How finished uploads are verified.
    pub verify: VerifyBy,
    /// The seed of all that looks random.
    pub seed: Seed,
    /// What must not be.
    pub fail_if: Vec<Threshold>,
    /// What ends the run early.
    pub abort_on: Vec<Threshold>,
    /// What a generator that is the bottleneck means.
    pub saturation: Saturation,
    /// How requests are sent.
    pub protocol: Protocol,
    /// Where connections are made to, in turn; none means where the URL leads.
    pub addresses: Vec<SocketAddr>,
    /// How many threads send.
    pub threads: Option<usize>,
    /// How long uploads that run at the end may take to finish.
    pub linger: Duration,
}

/// What an upload is.
#[derive(Debug, Clone)]
pub struct Shape {
    /// How large files are.
    pub size: Spread,
    /// How large segments are.
    pub segment: Spread,
    /// How segments are labelled.
    pub framing: Choice<Framing>,
    /// Which total the labels name.
    pub total: Choice<Total>,
    /// In which order segments are sent.
    pub order: Order,
    /// How many segments of an upload are sent at once, after the first.
    pub parallel: usize,
    /// Real files, in turn; none means seeded content.
    pub files: Vec<PathBuf>,
}

/// In which order segments are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// From the first to the last.
    InTurn,
    /// In any order.
    Shuffled,
}

/// Where tokens come from.
#[derive(Clone, PartialEq, Eq)]
pub enum TokenPolicy {
    /// Each upload creates its own.
    Each(Option<u64>),
    /// One is created before the run.
    One(Option<u64>),
    /// This one, as it is.
    Given(String),
}

impl std::fmt::Debug for TokenPolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Each(_) => "Each",
            Self::One(_) => "One",
            Self::Given(_) => "Given",
        })
    }
}

/// How finished uploads are verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifyBy {
    /// Not at all.
    Nothing,
    /// By the video's status: what was received must be what was sent.
    Status,
}

/// What a generator that is the bottleneck means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saturation {
    /// That nothing can be said.
    Fails,
    /// Nothing but words in the report.
    Allowed,
}

/// How requests are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1, on connections that are kept.
    Http1,
    /// HTTP/2, several requests on a connection.
    Http2,
}

/// Tokens end by themselves where nothing else is said: a run may make a great many.
const TTL: u64 = 3_600;
const DURATION: Duration = Duration::from_secs(10);
const MAX_IN_FLIGHT: u64 = 1_000;

/// Reads the texts, and collects what is wrong with them.
struct Meaning<'d> {
    draft: &'d Draft,
    file: Option<&'d Arc<SourceFile>>,
    problems: Vec<Problem>,
    flaws: Vec<String>,
}

impl Plan {
    /// The plan that a draft means. `token` is used as it is, and comes from a flag alone: it is a secret.
    pub fn new(
        draft: &Draft,
        file: Option<&Arc<SourceFile>>,
        token: Option<String>,
    ) -> Result<Self, LoadError> {
        let mut meaning = Meaning { draft, file, problems: Vec::new(), flaws: Vec::new() };
        let plan = meaning.plan(token);
        let Meaning { problems, flaws, .. } = meaning;
        if let Some(flaw) = flaws.into_iter().next() {
            return Err(LoadError::Flag(flaw));
        }
        Ok(Problems::or(problems, Some(plan))?)
    }
}

impl Meaning<'_> {
    fn wrong(&mut self, said: &Said, why: &str) {
        let key = said.key;
        match (said.at, self.file) {
            (Some(at), Some(file)) => self.problems.push(Problem::new(file, at, format!("{key}: {why}"))),
            _ => self.flaws.push(format!("--{key}: {why}")),
        }
    }

    fn read<T>(&mut self, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let said = self.draft.get(key)?;
        match parse(&said.text) {
            Ok(value) => Some(value),
            Err(why) => {
                self.wrong(said, &why);
                None
            }
        }
    }

    fn all<T>(&mut self, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> Vec<T> {
        let draft = self.draft;
        let mut values = Vec::new();
        for said in draft.all(key) {
            match parse(&said.text) {
                Ok(value) => values.push(value),
                Err(why) => self.wrong(said, &why),
            }
        }
        values
    }

    /// Says that two things do not go together; the one that is in the draft is to blame.
    fn refuse(&mut self, key: &str, why: &str) {
        if let Some(said) = self.draft.get(key) {
            self.wrong(said, why);
        }
    }

    fn count(&mut self, key: &str) -> Option<usize> {
        self.read(key, words::count).map(|number| usize::try_from(number).unwrap_or(usize::MAX))
    }

    fn plan(&mut self, token: Option<String>) -> Plan {
        let uploads = self.read("uploads", words::count);
        let said_duration = self.read("duration", words::duration);
        if said_duration.is_some_and(|duration| duration.is_zero()) {
            self.refuse("duration", "a run of no time measures nothing");
        }
        let duration = said_duration.or_else(|| uploads.is_none().then_some(DURATION));
        let model = self.model(duration);
        let duration = match &model {
            Model::Open(open) => open.offer.length(),
            Model::Closed { .. } => duration,
        };
        let verify = self.read("verify", |text| {
            words::word(text, &[("none", VerifyBy::Nothing), ("status", VerifyBy::Status)])
        });
        let allowed = self.read("allow-saturated", words::truth).unwrap_or(false);
        let http2 = self.read("http2", words::truth).unwrap_or(false);
        let fates = Fates {
            abandoned: self.read("abandoned", words::share).unwrap_or(0.0),
            resumed: self.read("resumed", words::share).unwrap_or(0.0),
        };
        if fates.abandoned + fates.resumed > 1.0 {
            self.refuse("resumed", "together with those that are abandoned that is more than all uploads");
        }
        Plan {
            name: self.draft.name.clone().unwrap_or_else(|| "load".to_owned()),
            model,
            duration,
            uploads,
            warm_up: self.read("warm-up", words::duration).unwrap_or_default(),
            shape: self.shape(),
            token: self.token(token),
            fates,
            bandwidth: self.read("bandwidth", words::bytes_a_second),
            verify: verify.unwrap_or(VerifyBy::Nothing),
            seed: Seed(self.read("seed", seed).unwrap_or(1)),
            fail_if: self.all("fail-if", str::parse),
            abort_on: self.all("abort-on", str::parse),
            saturation: if allowed { Saturation::Allowed } else { Saturation::Fails },
            protocol: if http2 { Protocol::Http2 } else { Protocol::Http1 },
            addresses: self.all("address", |text| {
                text.parse().map_err(|_| format!("`{text}` is no address: write IP:PORT"))
            }),
            threads: self.count("threads"),
            linger: self.read("linger", words::duration).unwrap_or(Duration::from_secs(30)),
        }
    }

    fn model(&mut self, duration: Option<Duration>) -> Model {
        let is_closed = self.draft.get("uploaders").is_some();
        let is_open = self.draft.get("rate").is_some() || self.draft.get("stages").is_some();
        if is_closed && is_open {
            self.refuse(
                "uploaders",
                "uploaders make the closed model, a rate or stages make the open one; take one",
            );
        }
        if is_open {
            let offer = if self.draft.get("stages").is_some() {
                self.refuse("rate", "the stages say the rate");
                self.refuse("duration", "the stages say how long the run is");
                self.read("stages", Offer::staged)
            } else {
                self.read("rate", |text| Offer::steady(text, duration))
            };
            self.refuse("think", "only uploaders rest: it belongs to the closed model");
            let arrivals = self.read("arrivals", |text| {
                words::word(text, &[("constant", Arrivals::Constant), ("poisson", Arrivals::Poisson)])
            });
            let most = self.count("max-in-flight");
            let fallback =
                Offer { stages: Vec::new(), unit: super::WorkUnit::Uploads, written: String::new() };
            return Model::Open(OpenModel {
                offer: offer.unwrap_or(fallback),
                arrivals: arrivals.unwrap_or(Arrivals::Constant),
                is_limit_asked_for: most.is_some(),
                max_in_flight: most.unwrap_or(usize::try_from(MAX_IN_FLIGHT).expect("it is small")),
            });
        }
        for key in ["arrivals", "max-in-flight"] {
            self.refuse(key, "it belongs to the open model: say a rate, or stages");
        }
        let think = self.read("think", Think::parse).unwrap_or(Think::NONE);
        let think_written = self.draft.text("think").unwrap_or("none").to_owned();
        Model::Closed { uploaders: self.count("uploaders").unwrap_or(8), think, think_written }
    }

    fn shape(&mut self) -> Shape {
        let files: Vec<PathBuf> = self.all("file", |text| Ok(PathBuf::from(text)));
        if !files.is_empty() {
            self.refuse("size", "the files have their sizes");
        }
        let framings = [("none", Framing::None), ("bytes", Framing::Bytes), ("parts", Framing::Parts)];
        let totals =
            [("named", Total::Named), ("open", Total::Open), ("open-until-last", Total::OpenUntilLast)];
        let orders = [("in-turn", Order::InTurn), ("shuffled", Order::Shuffled)];
        let size = self.read("size", Spread::parse).unwrap_or_else(|| Spread::fixed(5 << 20));
        let segment = self.read("segment", Spread::parse);
        let framing = self
            .read("framing", |text| Choice::parse(text, |one| words::word(one, &framings)))
            .unwrap_or_else(|| Choice::only(Framing::Bytes));
        if framing.values().all(|framing| framing == Framing::None) {
            self.refuse("segment", "without framing a file is sent in one request");
        }
        let total = self
            .read("total", |text| Choice::parse(text, |one| words::word(one, &totals)))
            .unwrap_or_else(|| Choice::only(Total::Named));
        Shape {
            size,
            // What the vendor's own clients send.
            segment: segment.unwrap_or_else(|| Spread::fixed(50 << 20)),
            framing,
            total,
            order: self.read("order", |text| words::word(text, &orders)).unwrap_or(Order::InTurn),
            parallel: self.count("parallel-segments").unwrap_or(1),
            files,
        }
    }

    fn token(&mut self, given: Option<String>) -> TokenPolicy {
        let ttl = self.read("ttl", ttl).unwrap_or(Some(TTL));
        if let Some(token) = given {
            for key in ["token", "ttl"] {
                self.refuse(key, "the token is given, so that none is created");
            }
            return TokenPolicy::Given(token);
        }
        let one = self.read("token", |text| words::word(text, &[("each", false), ("one", true)]));
        if one == Some(true) { TokenPolicy::One(ttl) } else { TokenPolicy::Each(ttl) }
    }
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

/// Whole seconds; `0` and `never` mean that a token does not expire.
fn ttl(text: &str) -> Result<Option<u64>, String> {
    if matches!(text, "0" | "0s" | "never") {
        return Ok(None);
    }
    let ttl = words::duration(text)?;
    if ttl.subsec_nanos() != 0 || ttl.is_zero() {
        return Err(format!("`{text}` is not a number of whole seconds"));
    }
    Ok(Some(ttl.as_secs()))
}
