//! Turns what was measured into the [`LoadRun`] that reports render.

use std::collections::BTreeMap;
use std::time::Duration;

use super::aggregator::{Measured, Totals};
use super::context::RunContext;
use super::cpu::resident_bytes;
use super::early_end::EndReason;
use super::failure::{ErrorClass, Failure, Step};
use super::plan::{Model, SaturationPolicy, TokenPolicy};
use super::recorder::{Recorder, Sample};
use super::saturation::{Saturation, SaturationCheck};
use uptake_outcome::load::{
    ErrorCount, Generator, LOAD_FORMAT, LoadEnding, LoadRun, LoadSummary, LoadTarget, Offered, Phase,
    PhaseResult, ServerOwner,
};
use uptake_target::Target;

/// When a run began and ended.
#[derive(Debug)]
pub(super) struct RunTiming {
    pub(super) started_at: jiff::Timestamp,
    /// The time since the start, including the warm-up.
    pub(super) elapsed: Duration,
    pub(super) threads: usize,
}

/// The result of a run.
pub(super) fn result(
    context: &RunContext,
    target: &Target,
    owner: ServerOwner,
    mut totals: Totals,
    timing: &RunTiming,
) -> LoadRun {
    let plan = &context.plan;
    let due = count_due(context);
    let reason = context.early_end.reason();
    if reason.is_none() {
        // Numbers beyond the end of the schedule, which threads take to notice the end, count for nothing.
        for at in due.instants_from(context, context.numbers_taken()) {
            let sample = Sample { due: at, started: timing.elapsed, finished: timing.elapsed, paced: None };
            let failure = Failure { step: Step::Upload, class: ErrorClass::NotStarted };
            totals.recorder.counters.not_started += 1;
            totals.recorder.failed(sample, failure);
        }
    }
    let took = took(context, &totals, timing);
    let generator = Generator {
        threads: timing.threads as u64,
        cpu_seconds: rounded(totals.cpu_seconds),
        cpu_busiest: rounded(totals.cpu_busiest),
        cpu_occupied: rounded(totals.cpu_occupied),
        cpu_waited: rounded(totals.cpu_waited),
        resident_bytes: resident_bytes(),
    };
    let default_limit = match &plan.model {
        Model::Open(open) if !open.is_limit_explicit && !plan.finds_capacity() => {
            Some(open.max_in_flight as u64)
        }
        _ => None,
    };
    let check = SaturationCheck { recorder: &totals.recorder, generator: &generator, default_limit };
    let Saturation { reasons, notes } = check.check();
    let measured = Measured { recorder: &totals.recorder, seconds: took };
    let thresholds = plan.fail_if.iter().map(|threshold| threshold.judge(&measured)).collect();
    LoadRun {
        format: LOAD_FORMAT,
        uptake: env!("CARGO_PKG_VERSION").to_owned(),
        name: plan.name.clone(),
        target: LoadTarget {
            name: target.name.clone(),
            base_url: target.base_url.to_string(),
            proxy: target.proxy(),
            owner,
        },
        offered: offered(context, due.count),
        plan: plan.description(),
        seed: plan.seed.0,
        started_at: timing.started_at.to_string(),
        took_seconds: took,
        ending: match reason {
            None => LoadEnding::Completed,
            Some(EndReason::Interrupted) => LoadEnding::Interrupted,
            Some(EndReason::Aborted(why)) => LoadEnding::Aborted { why },
        },
        summary: summary(&totals, took),
        phases: phases(&totals.recorder),
        errors: errors(&totals.recorder),
        series: totals.series,
        generator,
        saturation: reasons,
        saturation_allowed: plan.saturation == SaturationPolicy::Allow,
        thresholds,
        warnings: [warnings(context, owner, &totals.recorder), notes].concat(),
        intervals: totals.intervals,
    }
}

/// The arrivals that a schedule calls for.
struct Due {
    count: u64,
    /// How many there are in this shard, including those of the warm-up; `None` if the schedule has no end.
    numbers: Option<u64>,
}

fn count_due(context: &RunContext) -> Due {
    let (Some(schedule), Some(_)) = (&context.schedule, context.end()) else {
        return Due { count: context.uploads.unwrap_or(0), numbers: None };
    };
    let mut cursor = schedule.cursor();
    let most = context.uploads.unwrap_or(u64::MAX);
    let (mut count, mut numbers) = (0, 0);
    while count < most
        && let Some(due) = cursor.due(context.plan.shard.nth(numbers), |number| context.work(number))
    {
        count += u64::from(due >= context.plan.warm_up);
        numbers += 1;
    }
    Due { count, numbers: Some(numbers) }
}

impl Due {
    /// When the arrivals were due that no thread took.
    fn instants_from(&self, context: &RunContext, taken: u64) -> Vec<Duration> {
        let (Some(schedule), Some(numbers)) = (&context.schedule, self.numbers) else { return Vec::new() };
        let mut cursor = schedule.cursor();
        let own = (taken..numbers).map(|k| context.plan.shard.nth(k));
        own.filter_map(|number| cursor.due(number, |number| context.work(number))).collect()
    }
}

/// The time from the end of the warm-up to the end of the last upload, and at least the time in which uploads were started.
fn took(context: &RunContext, totals: &Totals, timing: &RunTiming) -> f64 {
    let last = match (context.early_end.reason(), context.plan.duration) {
        _ if totals.recorder.counters.unfinished > 0 || totals.recorder.counters.not_started > 0 => {
            timing.elapsed
        }
        (None, Some(duration)) if context.plan.uploads.is_none() => {
            totals.last_end.max(context.plan.warm_up + duration)
        }
        _ if totals.last_end.is_zero() => timing.elapsed,
        _ => totals.last_end,
    };
    last.saturating_sub(context.plan.warm_up).as_secs_f64()
}

fn offered(context: &RunContext, arrivals_due: u64) -> Offered {
    match &context.plan.model {
        Model::Open(open) => Offered::Open {
            rate: open.offered.written.clone(),
            arrivals: open.arrivals.word().to_owned(),
            max_in_flight: open.max_in_flight as u64,
            arrivals_due,
        },
        Model::Closed { uploaders, think_written, .. } => {
            Offered::Closed { uploaders: *uploaders as u64, think: think_written.clone() }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "rates need no exact integers")]
fn summary(totals: &Totals, took: f64) -> LoadSummary {
    let counters = totals.recorder.counters;
    let a_second = |number: u64| if took > 0.0 { number as f64 / took } else { 0.0 };
    let ended = counters.uploads + counters.abandoned + counters.given_up + counters.errors;
    LoadSummary {
        uploads: counters.uploads,
        uploads_per_second: a_second(counters.uploads),
        goodput_bytes_per_second: a_second(counters.goodput_bytes),
        errors: counters.errors,
        error_share: if ended == 0 { 0.0 } else { counters.errors as f64 / ended as f64 },
        started: counters.started,
        abandoned: counters.abandoned,
        resumed: counters.resumed,
        dropped: counters.dropped,
        given_up: counters.given_up,
        not_started: counters.not_started,
        unfinished: counters.unfinished,
        segments: counters.segments,
        goodput_bytes: counters.goodput_bytes,
        bytes_sent: counters.bytes_sent,
        bytes_on_wire: counters.bytes_on_wire,
        early_responses: counters.early_responses,
        requests: counters.requests,
        retries: counters.retries,
        verified: counters.verified,
        connections: counters.connections,
        connections_peak: totals.connections_peak,
        warm_up_uploads: counters.warm_up,
    }
}

fn phases(recorder: &Recorder) -> BTreeMap<Phase, PhaseResult> {
    Phase::ALL
        .into_iter()
        .filter(|phase| !recorder.samples(*phase).is_empty())
        .map(|phase| (phase, PhaseResult::of(recorder.samples(phase), recorder.clipped(phase))))
        .collect()
}

fn errors(recorder: &Recorder) -> Vec<ErrorCount> {
    let mut errors: Vec<ErrorCount> = recorder
        .failures()
        .iter()
        .map(|(failure, count)| {
            let (class, text) = (failure.class.word(), failure.class.explanation());
            let status = match failure.class {
                ErrorClass::Status(status) => Some(status),
                _ => None,
            };
            ErrorCount {
                step: failure.step.word().to_owned(),
                class: class.to_owned(),
                status,
                count: *count,
                text: text.to_owned(),
            }
        })
        .collect();
    errors.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| (&a.step, &a.class).cmp(&(&b.step, &b.class))));
    errors
}

fn warnings(context: &RunContext, owner: ServerOwner, recorder: &Recorder) -> Vec<String> {
    let mut warnings = Vec::new();
    if owner == ServerOwner::Own {
        warnings.push(
            "the target is uptake's own reference server in this process: it shares the processor with the generator, and the \
             figures include both"
                .to_owned(),
        );
    }
    if let Model::Open(open) = &context.plan.model
        && let Some(unread) = open.offered.trace.as_ref().and_then(|trace| trace.unread())
    {
        warnings.push(unread.to_owned());
    }
    let early = recorder.counters.early_responses;
    if early > 0 {
        let responses = if early == 1 { "response" } else { "responses" };
        warnings.push(format!("{early} {responses} came before their request had been sent"));
    }
    if recorder.counters.lacking > 0 {
        warnings.push(format!(
            "{} responses lacked a value that later segments carry: these were sent without it",
            recorder.counters.lacking
        ));
    }
    if recorder.counters.retries > 0 {
        warnings.push(format!(
            "{} requests were repeated on a new connection, because the server had closed the idle one",
            recorder.counters.retries
        ));
    }
    let makes_tokens = !matches!(context.plan.token, TokenPolicy::Given(_));
    if owner == ServerOwner::Named && makes_tokens && recorder.counters.uploads > 0 {
        warnings.push(
            if context.script.token.is_some() || matches!(context.plan.token, TokenPolicy::One(_)) {
                "the uploads of this run remain on the target, and its tokens too until they expire (--ttl)"
                    .to_owned()
            } else {
                "the uploads of this run remain on the target".to_owned()
            },
        );
    }
    warnings
}

fn rounded(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}
