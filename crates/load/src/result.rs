//! From what was measured to the one value that reports render.

use std::collections::BTreeMap;
use std::time::Duration;

use super::desk::Shared;
use super::merger::{Measured, Merged};
use super::plan::{Model, Saturation, TokenPolicy};
use super::processor::resident_bytes;
use super::recorder::{Class, Failure, Recorder, Sample, Step};
use super::saturation::Evidence;
use super::stop::Reason;
use uptake_outcome::load::{
    ErrorCount, Generator, LOAD_FORMAT, LoadEnding, LoadRun, LoadSummary, LoadTarget, Offered, Phase,
    PhaseResult, ServerOwner,
};
use uptake_target::Target;

/// How a run ended, as its clock saw it.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) started_at: jiff::Timestamp,
    /// Since the start, the warm-up included.
    pub(super) elapsed: Duration,
    pub(super) threads: usize,
    /// How many arrivals were taken from the schedule.
    pub(super) taken: u64,
}

/// The result of a run.
pub(super) fn result(
    shared: &Shared,
    target: &Target,
    owner: ServerOwner,
    mut merged: Merged,
    ended: &Ended,
) -> LoadRun {
    let plan = &shared.plan;
    let due = count_due(shared);
    let reason = shared.stopper.reason();
    if reason.is_none() {
        // A thread takes one number too many to see that the schedule is over; they count for nothing.
        for at in due.instants_from(shared, ended.taken) {
            let sample = Sample { due: at, started: ended.elapsed, finished: ended.elapsed };
            let failure = Failure { step: Step::Upload, class: Class::NotStarted };
            merged.recorder.tally.not_started += 1;
            merged.recorder.failed(sample, failure);
        }
    }
    let took = took(shared, &merged, ended);
    let generator = Generator {
        threads: ended.threads as u64,
        cpu_seconds: rounded(merged.cpu_seconds),
        cpu_busiest: rounded(merged.cpu_busiest),
        cpu_occupied: rounded(merged.cpu_occupied),
        cpu_waited: rounded(merged.cpu_waited),
        resident_bytes: resident_bytes(),
    };
    let unasked_limit = match &plan.model {
        Model::Open(open) if !open.is_limit_asked_for => Some(open.max_in_flight as u64),
        _ => None,
    };
    let evidence = Evidence { recorder: &merged.recorder, generator: &generator, unasked_limit };
    let saturation = evidence.words();
    let measured = Measured { recorder: &merged.recorder, seconds: took };
    let thresholds = plan.fail_if.iter().map(|threshold| threshold.judge(&measured)).collect();
    LoadRun {
        format: LOAD_FORMAT,
        uptake: env!("CARGO_PKG_VERSION").to_owned(),
        name: plan.name.clone(),
        target: LoadTarget { name: target.name.clone(), base_url: target.base_url.to_string(), owner },
        offered: offered(shared, due.count),
        seed: plan.seed.0,
        started_at: ended.started_at.to_string(),
        took_seconds: took,
        ending: match reason {
            None => LoadEnding::Completed,
            Some(Reason::Interrupted) => LoadEnding::Interrupted,
            Some(Reason::Aborted(why)) => LoadEnding::Aborted { why },
        },
        summary: summary(&merged, took),
        phases: phases(&merged.recorder),
        errors: errors(&merged.recorder),
        series: merged.series,
        generator,
        saturation,
        saturation_allowed: plan.saturation == Saturation::Allowed,
        thresholds,
        warnings: warnings(shared, owner, &merged.recorder),
        intervals: merged.intervals,
    }
}

/// The arrivals that a schedule calls for.
struct Due {
    count: u64,
    /// How many numbers there are, those of the warm-up included; none where the schedule has no end.
    numbers: Option<u64>,
}

fn count_due(shared: &Shared) -> Due {
    let (Some(schedule), Some(_)) = (&shared.schedule, shared.end()) else {
        return Due { count: shared.plan.uploads.unwrap_or(0), numbers: None };
    };
    let mut cursor = schedule.cursor();
    let most = shared.plan.uploads.unwrap_or(u64::MAX);
    let (mut count, mut number) = (0, 0);
    while count < most
        && let Some(due) = cursor.due(number, |number| shared.work(number))
    {
        count += u64::from(due >= shared.plan.warm_up);
        number += 1;
    }
    Due { count, numbers: Some(number) }
}

impl Due {
    /// The instants of the arrivals that nobody took.
    fn instants_from(&self, shared: &Shared, taken: u64) -> Vec<Duration> {
        let (Some(schedule), Some(numbers)) = (&shared.schedule, self.numbers) else { return Vec::new() };
        let mut cursor = schedule.cursor();
        (taken..numbers).filter_map(|number| cursor.due(number, |number| shared.work(number))).collect()
    }
}

/// From the end of the warm-up to the end of the last upload, and at least as long as uploads were to be started.
fn took(shared: &Shared, merged: &Merged, ended: &Ended) -> f64 {
    let last = match (shared.stopper.reason(), shared.plan.duration) {
        _ if merged.recorder.tally.unfinished > 0 || merged.recorder.tally.not_started > 0 => ended.elapsed,
        (None, Some(duration)) if shared.plan.uploads.is_none() => {
            merged.last_end.max(shared.plan.warm_up + duration)
        }
        _ if merged.last_end.is_zero() => ended.elapsed,
        _ => merged.last_end,
    };
    last.saturating_sub(shared.plan.warm_up).as_secs_f64()
}

fn offered(shared: &Shared, arrivals_due: u64) -> Offered {
    match &shared.plan.model {
        Model::Open(open) => Offered::Open {
            rate: open.offer.written.clone(),
            arrivals: open.arrivals.word().to_owned(),
            max_in_flight: open.max_in_flight as u64,
            arrivals_due,
        },
        Model::Closed { uploaders, think_written, .. } => {
            Offered::Closed { uploaders: *uploaders as u64, think: think_written.clone() }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate is no count")]
fn summary(merged: &Merged, took: f64) -> LoadSummary {
    let tally = merged.recorder.tally;
    let a_second = |number: u64| if took > 0.0 { number as f64 / took } else { 0.0 };
    let ended = tally.uploads + tally.abandoned + tally.errors;
    LoadSummary {
        uploads: tally.uploads,
        uploads_per_second: a_second(tally.uploads),
        goodput_bytes_per_second: a_second(tally.goodput_bytes),
        errors: tally.errors,
        error_share: if ended == 0 { 0.0 } else { tally.errors as f64 / ended as f64 },
        started: tally.started,
        abandoned: tally.abandoned,
        resumed: tally.resumed,
        not_started: tally.not_started,
        unfinished: tally.unfinished,
        segments: tally.segments,
        goodput_bytes: tally.goodput_bytes,
        bytes_sent: tally.bytes_sent,
        requests: tally.requests,
        retries: tally.retries,
        verified: tally.verified,
        connections: tally.connections,
        connections_peak: merged.connections_peak,
        warm_up_uploads: tally.warm_up,
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
            let (class, text) = failure.class.words();
            let status = match failure.class {
                Class::Status(status) => Some(status),
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

fn warnings(shared: &Shared, owner: ServerOwner, recorder: &Recorder) -> Vec<String> {
    let mut warnings = Vec::new();
    if owner == ServerOwner::Own {
        warnings.push(
            "the target is uptake's own reference server in this process: it shares the processor with the generator, so that \
             the figures are those of both"
                .to_owned(),
        );
    }
    if recorder.tally.without_id > 0 {
        warnings.push(format!(
            "{} answers named no videoId, so that the segments after them went without one",
            recorder.tally.without_id
        ));
    }
    if recorder.tally.retries > 0 {
        warnings.push(format!(
            "{} requests were repeated on a new connection, because the kept one had been closed",
            recorder.tally.retries
        ));
    }
    let makes_tokens = !matches!(shared.plan.token, TokenPolicy::Given(_));
    if owner == ServerOwner::Named && makes_tokens && recorder.tally.uploads > 0 {
        warnings.push(
            "the videos that this run made are left with the target, and its tokens too, until they expire as --ttl says"
                .to_owned(),
        );
    }
    warnings
}

fn rounded(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}
