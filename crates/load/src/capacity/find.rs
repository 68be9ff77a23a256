//! Carries out a search for the capacity: each step is a load run of its own, with its own connections and warm-up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::figures::{StepFigures, WINDOW_SHARE};
use super::knee::knee;
use super::search::{Found, Judgement, Measurement, Next, Search, SearchSettings};
use crate::aggregator::{IntervalHistograms, IntervalReport};
use crate::error::LoadError;
use crate::plan::{LoadPlan, Model, OfferedLoad, SaturationPolicy, Stage, WorkUnit};
use crate::run::{RunOptions, run};
use crate::threshold::Conjunction;
use uptake_outcome::load::{
    CAPACITY_FORMAT, CapacityRun, CapacityStep, LoadEnding, LoadRun, LoadTarget, LoadUnit, Micros, Offered,
    Phase, ServerOwner, StepKind, StepVerdict,
};
use uptake_stop::Stopper;
use uptake_suite::Suite;
use uptake_target::Target;

/// What a search needs beside its plan.
pub struct CapacityOptions<'t> {
    /// What an upload is.
    pub suite: &'t Suite,
    /// The server under load.
    pub target: &'t Target,
    /// Whether it is uptake's own.
    pub owner: ServerOwner,
    /// Ends the search early.
    pub stopper: Stopper,
    /// Is told how the search goes.
    pub listener: CapacityListener,
}

/// What happens in a search.
#[derive(Debug)]
pub enum CapacityEvent<'e> {
    /// A load is going to be offered.
    Begins {
        /// What for.
        kind: StepKind,
        /// The load, with its unit.
        load: String,
        /// For how long, with the warm-up.
        seconds: f64,
    },
    /// A second of it is over.
    Second(&'e IntervalReport<'e>),
    /// A step is over.
    Ended {
        /// What was measured.
        step: &'e CapacityStep,
        /// The load, with its unit.
        load: String,
    },
}

/// Is told how a search goes.
pub type CapacityListener = Arc<dyn Fn(&CapacityEvent<'_>) + Send + Sync>;

/// The share of a run that its warm-up takes before it, at least.
const WARM_UP: u32 = 5;
/// The length of a step, unless the plan says otherwise.
const STEP: Duration = Duration::from_secs(10);
/// No load is tried that is below the first one by more than this factor.
const LOWEST: f64 = 1_000.0;
/// Uploads in flight beyond what the condition allows: with more, it has failed.
const SPARE_IN_FLIGHT: f64 = 1.5;
/// How long uploads are assumed to take where the condition names no time.
const LONG_UPLOAD_MICROS: f64 = 10e6;
/// The most uploads at once, unless the plan says otherwise.
const MAX_IN_FLIGHT: usize = 20_000;
/// The fewest.
const MIN_IN_FLIGHT: usize = 1_000;
/// If a greater share of uploads is not over at the end of a step, though they had time to finish, the condition has failed.
const MAX_CUT_OFF: f64 = 0.01;

/// Searches the highest load that meets the plan's condition.
pub async fn find_capacity(plan: LoadPlan, options: CapacityOptions<'_>) -> Result<CapacityRun, LoadError> {
    let condition =
        plan.find_capacity.clone().ok_or_else(|| LoadError::Flag("--find-capacity is missing".to_owned()))?;
    let (settings, unit) = settings(&plan);
    let started_at = jiff::Timestamp::now().to_string();
    let began = Instant::now();
    let mut driver =
        Driver { plan, condition, unit, options, steps: Vec::new(), runs: 0, warnings: Vec::new() };
    let found = driver.drive(Search::new(settings)).await?;
    let Driver { plan, condition, options, steps, warnings, .. } = driver;
    let target = options.target;
    Ok(CapacityRun {
        format: CAPACITY_FORMAT,
        uptake: env!("CARGO_PKG_VERSION").to_owned(),
        name: plan.name.clone(),
        target: LoadTarget {
            name: target.name.clone(),
            base_url: target.base_url.to_string(),
            proxy: target.proxy(),
            owner: options.owner,
        },
        condition: condition.to_string(),
        unit,
        plan: plan.description(),
        seed: plan.seed.0,
        started_at,
        took_seconds: began.elapsed().as_secs_f64(),
        capacity: found.capacity,
        above: found.above,
        bound: found.bound,
        knee: knee_of(&steps),
        steps,
        saturation_allowed: plan.saturation == SaturationPolicy::Allow,
        warnings,
    })
}

fn settings(plan: &LoadPlan) -> (SearchSettings, LoadUnit) {
    match &plan.model {
        Model::Open(open) => {
            let start = open.offered.stages.first().map_or(1.0, |stage| stage.from);
            let (unit, least) = match open.offered.unit {
                // One upload in each window.
                WorkUnit::Uploads => {
                    (LoadUnit::Uploads, 1.0 / (WINDOW_SHARE * plan.duration.unwrap_or(STEP).as_secs_f64()))
                }
                WorkUnit::Segments => (LoadUnit::Segments, start / LOWEST),
                WorkUnit::Bytes => (LoadUnit::Bytes, start / LOWEST),
            };
            (SearchSettings { start, least: least.min(start), is_whole: false }, unit)
        }
        #[expect(clippy::cast_precision_loss, reason = "uploaders are few")]
        Model::Closed { uploaders, .. } => {
            (SearchSettings { start: *uploaders as f64, least: 1.0, is_whole: true }, LoadUnit::Uploaders)
        }
    }
}

/// The knee of the loads that were stable; of a load that was measured twice, the last figures count.
fn knee_of(steps: &[CapacityStep]) -> Option<f64> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for step in steps {
        if matches!(step.verdict, StepVerdict::Met | StepVerdict::NotMet) && step.uploads > 0 {
            points.retain(|(load, _)| (load - step.load).abs() > f64::EPSILON * step.load);
            #[expect(clippy::cast_precision_loss, reason = "microseconds of less than an hour")]
            points.push((step.load, step.upload_p99 as f64));
        }
    }
    knee(&points)
}

struct Driver<'t> {
    plan: LoadPlan,
    condition: Conjunction,
    unit: LoadUnit,
    options: CapacityOptions<'t>,
    steps: Vec<CapacityStep>,
    runs: u64,
    warnings: Vec<String>,
}

impl Driver<'_> {
    async fn drive(&mut self, mut search: Search) -> Result<Found, LoadError> {
        let mut figures = StepFigures::default();
        loop {
            let measurement = match search.next() {
                Next::Done(found) => return Ok(found),
                Next::Measure(measurement) => measurement,
            };
            if !measurement.is_continued {
                figures = StepFigures::default();
            }
            let plan = self.step_plan(&measurement);
            let judgement = match self.run(plan.clone(), &measurement).await {
                Ok(run) if run.ending == LoadEnding::Interrupted => return Ok(search.interrupted()),
                Ok(run) => self.judge(&run, &plan, &mut figures),
                Err(error @ LoadError::Descriptors { .. }) => Judgement::GeneratorLimit(error.to_string()),
                Err(error) => return Err(error),
            };
            if let Some(verdict) = search.record(judgement) {
                let step = self.step(&measurement, &figures, verdict);
                let load = self.unit.written(measurement.load);
                (self.options.listener)(&CapacityEvent::Ended { step: &step, load });
                self.steps.push(step);
            }
        }
    }

    async fn run(&mut self, plan: LoadPlan, measurement: &Measurement) -> Result<LoadRun, LoadError> {
        let CapacityOptions { suite, target, owner, stopper, listener } = &self.options;
        let seconds = (plan.warm_up + plan.duration.unwrap_or_default()).as_secs_f64();
        let load = self.unit.written(measurement.load);
        listener(&CapacityEvent::Begins { kind: measurement.kind, load, seconds });
        self.runs += 1;
        let listener = Arc::clone(listener);
        let options = RunOptions {
            suite,
            target,
            owner: *owner,
            intervals: IntervalHistograms::Keep,
            start_at: None,
            stopper: stopper.clone(),
            listener: Box::new(move |report| listener(&CapacityEvent::Second(report))),
        };
        run(plan, options).await
    }

    /// The plan of a run: the given one with another load.
    fn step_plan(&self, measurement: &Measurement) -> LoadPlan {
        let mut plan = self.plan.clone();
        let duration = self.plan.duration.unwrap_or(STEP) * measurement.lengths;
        plan.duration = Some(duration);
        // A queue that is nearly full takes long to settle, so a longer run has a longer warm-up.
        plan.warm_up = plan.warm_up.max(duration / WARM_UP);
        // Each run draws other sizes and arrivals.
        plan.seed = plan.seed.derive(&format!("run {}", self.runs));
        let load = measurement.load;
        match &mut plan.model {
            Model::Open(open) => {
                open.offered = OfferedLoad {
                    stages: vec![Stage { from: load, to: load, length: Some(duration) }],
                    unit: open.offered.unit,
                    trace: None,
                    written: self.unit.written(load),
                };
                if !open.is_limit_explicit {
                    open.max_in_flight = in_flight(load, open.offered.unit, self.condition.longest());
                }
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a whole number above zero"
            )]
            Model::Closed { uploaders, .. } => *uploaders = load as usize,
        }
        plan
    }

    fn judge(&mut self, run: &LoadRun, plan: &LoadPlan, figures: &mut StepFigures) -> Judgement {
        for warning in &run.warnings {
            // Those with numbers in them are about a single run.
            if !warning.contains(|c: char| c.is_ascii_digit()) && !self.warnings.contains(warning) {
                self.warnings.push(warning.clone());
            }
        }
        figures.add_run(run, plan.duration.unwrap_or_default().as_secs_f64(), &self.condition);
        if self.plan.saturation == SaturationPolicy::Fail
            && let Some(why) = run.saturation.first().cloned().or_else(|| full(run, plan))
        {
            return Judgement::GeneratorLimit(why);
        }
        if is_cut_off(run) {
            return Judgement::Stable(false);
        }
        figures.judge(&self.condition, matches!(plan.model, Model::Open(_)))
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    fn step(&self, measurement: &Measurement, figures: &StepFigures, verdict: StepVerdict) -> CapacityStep {
        let counts = figures.whole.counts;
        let work = match self.unit {
            LoadUnit::Uploads | LoadUnit::Uploaders => counts.uploads,
            LoadUnit::Segments => figures.segments,
            LoadUnit::Bytes => counts.goodput_bytes,
        };
        let ended = counts.uploads + counts.errors + counts.abandoned;
        let at = |quantile| {
            let upload: Option<&Micros> =
                figures.whole.phases.get(&Phase::Upload).filter(|samples| !samples.is_empty());
            upload.map_or(0, |samples| samples.value_at_quantile(quantile).min(samples.max()))
        };
        CapacityStep {
            kind: measurement.kind,
            load: measurement.load,
            seconds: counts.seconds,
            uploads: counts.uploads,
            reached: if counts.seconds > 0.0 { work as f64 / counts.seconds } else { 0.0 },
            error_share: if ended == 0 { 0.0 } else { counts.errors as f64 / ended as f64 },
            upload_p50: at(0.5),
            upload_p99: at(0.99),
            values: self.condition.values(&figures.whole),
            verdict,
        }
    }
}

/// How many uploads may be in flight: more than can be while the condition is met (Little's law).
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped")]
fn in_flight(load: f64, unit: WorkUnit, longest_micros: Option<f64>) -> usize {
    let seconds = longest_micros.unwrap_or(LONG_UPLOAD_MICROS) / 1e6;
    match unit {
        // An upload has at least one segment.
        WorkUnit::Uploads | WorkUnit::Segments => {
            ((load * seconds * SPARE_IN_FLIGHT) as usize).clamp(MIN_IN_FLIGHT, MAX_IN_FLIGHT)
        }
        WorkUnit::Bytes => MIN_IN_FLIGHT,
    }
}

/// Whether this machine allowed fewer uploads at once than the load needs, and all were in flight.
fn full(run: &LoadRun, plan: &LoadPlan) -> Option<String> {
    let Offered::Open { max_in_flight, .. } = &run.offered else { return None };
    let Model::Open(open) = &plan.model else { return None };
    let is_lowered = *max_in_flight < open.max_in_flight as u64;
    let is_full = run.series.iter().any(|second| second.in_flight >= *max_in_flight);
    (is_lowered && is_full).then(|| {
        format!("this machine allows {max_in_flight} uploads at once, and all were in flight: raise the limit of open files (ulimit -n)")
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn is_cut_off(run: &LoadRun) -> bool {
    let summary = &run.summary;
    let cut_off = summary.unfinished + summary.not_started;
    cut_off as f64 > MAX_CUT_OFF * (summary.started + summary.not_started) as f64
}
