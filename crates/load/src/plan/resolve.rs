//! Turns the texts of a plan into a [`LoadPlan`], and collects what is wrong with them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::distribution::Distribution;
use super::load_plan::{EarlyResponses, LoadPlan, Protocol, SaturationPolicy, TokenPolicy, Verification};
use super::model::{Arrivals, Model, OpenModel};
use super::offered_load::{OfferedLoad, WorkUnit};
use super::outcome::OutcomeShares;
use super::pause::Pauses;
use super::raw::{RawPlan, RawValue};
use super::think_time::ThinkTime;
use super::upload_shape::{Order, UploadShape};
use super::values;
use super::weighted::Weighted;
use crate::error::LoadError;
use crate::threshold::Conjunction;
use crate::trace::Trace;
use uptake_outcome::Shard;
use uptake_payload::{Framing, Seed, Total};
use uptake_yaml::{Problem, Problems, SourceFile};

/// The lifetime of tokens, unless the plan says otherwise: a run may create a great many.
const TTL_SECONDS: u64 = 3_600;
const DURATION: Duration = Duration::from_secs(10);
/// The shortest time for which a search offers a load: a second for each of the windows that are compared.
const MIN_STEP: Duration = Duration::from_secs(4);
/// Where a search begins, unless the plan says otherwise.
const FIRST_RATE: &str = "10/s";
const MAX_IN_FLIGHT: usize = 1_000;
const UPLOADERS: usize = 8;
const SIZE: u64 = 5 << 20;
/// What the vendor's own clients send.
const SEGMENT: u64 = 50 << 20;
const LINGER: Duration = Duration::from_secs(30);
/// Where a number of uploads ends the run: they may be large, and the user waits for all of them.
const LINGER_FOR_UPLOADS: Duration = Duration::from_secs(600);

impl LoadPlan {
    /// The plan that the texts describe. `token` is used as it is; it comes from a flag alone, because it is a secret.
    pub fn new(
        raw: &RawPlan,
        file: Option<&Arc<SourceFile>>,
        token: Option<String>,
    ) -> Result<Self, LoadError> {
        let mut resolver = Resolver::new(raw, file);
        let plan = resolver.plan(token);
        resolver.finish(plan)
    }
}

/// Reads values, and collects what is wrong with them.
pub(super) struct Resolver<'d> {
    pub(super) raw: &'d RawPlan,
    file: Option<&'d Arc<SourceFile>>,
    problems: Vec<Problem>,
    wrong_flags: Vec<String>,
}

impl<'d> Resolver<'d> {
    pub(super) fn new(raw: &'d RawPlan, file: Option<&'d Arc<SourceFile>>) -> Self {
        Self { raw, file, problems: Vec::new(), wrong_flags: Vec::new() }
    }

    /// The plan, if nothing is wrong with its values.
    pub(super) fn finish(self, plan: LoadPlan) -> Result<LoadPlan, LoadError> {
        if let Some(wrong) = self.wrong_flags.into_iter().next() {
            return Err(LoadError::Flag(wrong));
        }
        Ok(Problems::or(self.problems, Some(plan))?)
    }

    fn reject(&mut self, value: &RawValue, why: &str) {
        let key = value.key;
        match (value.at, self.file) {
            (Some(at), Some(file)) => self.problems.push(Problem::new(file, at, format!("{key}: {why}"))),
            _ => self.wrong_flags.push(format!("--{key}: {why}")),
        }
    }

    pub(super) fn read<T>(&mut self, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let value = self.raw.get(key)?;
        match parse(&value.text) {
            Ok(parsed) => Some(parsed),
            Err(why) => {
                self.reject(value, &why);
                None
            }
        }
    }

    fn read_all<T>(&mut self, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> Vec<T> {
        let raw = self.raw;
        let mut parsed = Vec::new();
        for value in raw.all(key) {
            match parse(&value.text) {
                Ok(value) => parsed.push(value),
                Err(why) => self.reject(value, &why),
            }
        }
        parsed
    }

    /// Refuses a key that does not go with the others, if it is there.
    pub(super) fn refuse(&mut self, key: &str, why: &str) {
        if let Some(value) = self.raw.get(key) {
            self.reject(value, why);
        }
    }

    fn count(&mut self, key: &str) -> Option<usize> {
        self.read(key, values::count).map(|number| usize::try_from(number).unwrap_or(usize::MAX))
    }

    fn flag(&mut self, key: &str) -> bool {
        self.read(key, values::boolean).unwrap_or(false)
    }

    fn plan(&mut self, token: Option<String>) -> LoadPlan {
        let find_capacity = self.capacity();
        let seed = Seed(self.read("seed", seed).unwrap_or(1));
        let trace = self.trace(seed);
        let uploads = self.read("uploads", values::count);
        let given_duration = self.read("duration", values::duration);
        if given_duration.is_some_and(|duration| duration.is_zero()) {
            self.refuse("duration", "a duration of zero starts no upload");
        }
        if find_capacity.is_some() && given_duration.is_some_and(|duration| duration < MIN_STEP) {
            self.refuse("duration", "each load of a search must be offered for at least 4 s");
        }
        let length = trace.as_ref().map_or(DURATION, |trace| trace.length());
        let duration = given_duration.or_else(|| uploads.is_none().then_some(length));
        let model = self.model(duration, trace.as_ref());
        let duration = match &model {
            Model::Open(open) => open.offered.length(),
            Model::Closed { .. } => duration,
        };
        let verify = self.read("verify", verification);
        LoadPlan {
            suite: self.raw.text("suite").map(str::to_owned),
            name: self.raw.name.clone().unwrap_or_else(|| "load".to_owned()),
            model,
            duration,
            uploads,
            warm_up: self.read("warm-up", values::duration).unwrap_or_default(),
            shape: self.shape(trace.filter(|trace| trace.has_sizes())),
            token: self.token(token),
            outcomes: self.outcomes(),
            verify: verify.unwrap_or(Verification::Off),
            seed,
            fail_if: self.read_all("fail-if", str::parse),
            abort_on: self.read_all("abort-on", str::parse),
            saturation: if self.flag("allow-saturated") {
                SaturationPolicy::Allow
            } else {
                SaturationPolicy::Fail
            },
            early: if self.flag("allow-early") { EarlyResponses::Accept } else { EarlyResponses::Fail },
            protocol: if self.flag("http2") { Protocol::Http2 } else { Protocol::Http1 },
            addresses: self.read_all("address", |text| {
                text.parse().map_err(|_| format!("invalid address `{text}`: write IP:PORT"))
            }),
            threads: self.count("threads"),
            linger: self.read("linger", values::duration).unwrap_or(match duration {
                Some(_) => LINGER,
                None => LINGER_FOR_UPLOADS,
            }),
            shard: Shard::WHOLE,
            find_capacity,
        }
    }

    /// The condition of a search for the capacity, with which some other keys do not go.
    fn capacity(&mut self) -> Option<Conjunction> {
        let condition = self.read("find-capacity", str::parse)?;
        for (key, why) in [
            (
                "stages",
                "the search decides how the load changes: give its first one by --rate or --uploaders",
            ),
            ("uploads", "each load of the search is offered for a time: give --duration"),
            ("fail-if", "the condition of --find-capacity decides"),
            ("abort-on", "the condition of --find-capacity decides"),
        ] {
            self.refuse(key, why);
        }
        Some(condition)
    }

    fn outcomes(&mut self) -> OutcomeShares {
        let shares = OutcomeShares {
            abandoned: self.read("abandoned", values::share).unwrap_or(0.0),
            resumed: self.read("resumed", values::share).unwrap_or(0.0),
            dropped: self.read("drop", values::share).unwrap_or(0.0),
        };
        if shares.abandoned + shares.resumed > 1.0 {
            self.refuse("resumed", "abandoned and resumed together are more than 100%");
        }
        shares
    }

    fn model(&mut self, duration: Option<Duration>, trace: Option<&Arc<Trace>>) -> Model {
        let is_closed = self.raw.get("uploaders").is_some();
        let is_open = ["rate", "stages", "from"].iter().any(|key| self.raw.get(key).is_some());
        let is_search = self.raw.get("find-capacity").is_some();
        if is_closed && is_open && self.raw.get("from").is_none() {
            self.refuse(
                "uploaders",
                "uploaders belong to the closed model, a rate or stages to the open one: give one of them",
            );
        }
        if is_open || (is_search && !is_closed) {
            return self.open_model(duration, trace);
        }
        for key in ["arrivals", "max-in-flight"] {
            self.refuse(key, "it belongs to the open model: give a rate or stages too");
        }
        let think = self.read("think", ThinkTime::parse).unwrap_or(ThinkTime::NONE);
        let think_written = self.raw.text("think").unwrap_or("none").to_owned();
        Model::Closed { uploaders: self.count("uploaders").unwrap_or(UPLOADERS), think, think_written }
    }

    fn open_model(&mut self, duration: Option<Duration>, trace: Option<&Arc<Trace>>) -> Model {
        let offered = if let Some(from) = self.raw.text("from") {
            trace.map(|trace| OfferedLoad::recorded(trace, from, duration))
        } else if self.raw.get("stages").is_some() {
            self.refuse("rate", "the stages already have rates");
            self.refuse("duration", "the stages already have durations");
            self.read("stages", OfferedLoad::staged)
        } else if self.raw.get("rate").is_none() {
            OfferedLoad::steady(FIRST_RATE, duration).ok()
        } else {
            self.read("rate", |text| OfferedLoad::steady(text, duration))
        };
        self.refuse("think", "think time belongs to the closed model: give --uploaders instead of a rate");
        let arrivals = self.read("arrivals", |text| {
            values::word(text, &[("constant", Arrivals::Constant), ("poisson", Arrivals::Poisson)])
        });
        let limit = self.count("max-in-flight");
        // Only where the rate was rejected; the plan is not used then.
        let fallback =
            OfferedLoad { stages: Vec::new(), unit: WorkUnit::Uploads, written: String::new(), trace: None };
        Model::Open(OpenModel {
            offered: offered.unwrap_or(fallback),
            arrivals: if trace.is_some() {
                Arrivals::Recorded
            } else {
                arrivals.unwrap_or(Arrivals::Constant)
            },
            is_limit_explicit: limit.is_some(),
            max_in_flight: limit.unwrap_or(MAX_IN_FLIGHT),
        })
    }

    fn shape(&mut self, recorded: Option<Arc<Trace>>) -> UploadShape {
        let files: Vec<PathBuf> = self.read_all("file", |text| Ok(PathBuf::from(text)));
        if !files.is_empty() {
            self.refuse("size", "the files already have sizes");
        }
        let framings = [("none", Framing::None), ("bytes", Framing::Bytes), ("parts", Framing::Parts)];
        let totals =
            [("named", Total::Named), ("open", Total::Open), ("open-until-last", Total::OpenUntilLast)];
        let orders = [("in-turn", Order::InTurn), ("shuffled", Order::Shuffled)];
        let size = self.read("size", Distribution::of_sizes);
        let segment = self.read("segment", Distribution::of_sizes);
        let framing = self
            .read("framing", |text| Weighted::parse(text, |one| values::word(one, &framings)))
            .unwrap_or_else(|| Weighted::only(Framing::Bytes));
        if framing.values().all(|framing| framing == Framing::None) {
            self.refuse("segment", "without framing, a file is sent in one request");
        }
        let total = self
            .read("total", |text| Weighted::parse(text, |one| values::word(one, &totals)))
            .unwrap_or_else(|| Weighted::only(Total::Named));
        UploadShape {
            size: size.unwrap_or_else(|| Distribution::fixed(SIZE)),
            segment: segment.unwrap_or_else(|| Distribution::fixed(SEGMENT)),
            framing,
            total,
            order: self.read("order", |text| values::word(text, &orders)).unwrap_or(Order::InTurn),
            parallel: self.count("parallel-segments").unwrap_or(1),
            bandwidth: self.read("bandwidth", Distribution::of_bandwidths),
            pauses: self.read("pause", Pauses::parse),
            multiple: 1,
            recorded,
            files,
        }
    }

    fn token(&mut self, given: Option<String>) -> TokenPolicy {
        let ttl = self.read("ttl", ttl).unwrap_or(Some(TTL_SECONDS));
        if let Some(token) = given {
            for key in ["token", "ttl"] {
                self.refuse(key, "no token is created, because --upload-token gives one");
            }
            return TokenPolicy::Given(token);
        }
        let one = self.read("token", |text| values::word(text, &[("each", false), ("one", true)]));
        if one == Some(true) { TokenPolicy::One(ttl) } else { TokenPolicy::Each(ttl) }
    }
}

/// How uploads are verified; a share stands behind a colon.
fn verification(text: &str) -> Result<Verification, String> {
    if let Some(share) = text.strip_prefix("digest:") {
        return values::share(share.trim()).map(Verification::Digest);
    }
    let words = [
        ("none", Verification::Off),
        ("status", Verification::Status),
        ("digest", Verification::Digest(1.0)),
    ];
    values::word(text, &words)
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("invalid seed `{text}`: write a whole number"))
}

/// Whole seconds; `0` and `never` mean that a token does not expire.
fn ttl(text: &str) -> Result<Option<u64>, String> {
    if matches!(text, "0" | "0s" | "never") {
        return Ok(None);
    }
    let ttl = values::duration(text)?;
    if ttl.subsec_nanos() != 0 || ttl.is_zero() {
        return Err(format!("invalid lifetime `{text}`: write whole seconds, or never"));
    }
    Ok(Some(ttl.as_secs()))
}
