//! Sends the requests of steps, and says what follows their answers.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::answer::Done;
use super::assume;
use super::barrier;
use super::conclude::{Unjudged, conclude, judge_everywhere, would_hold};
use super::effect::{Created, Effect, OnLoss, Outgoing, Sending};
use super::removed_by::address;
use super::save::saved;
use super::segments;
use super::state::{AfterPause, Branch, InFlight, Made, Purpose, Tries, Undo, Waiting};
use super::stop::{Obstacle, Stop};
use super::turn::{Next, Turn};
use uptake_outcome::CauseKind;
use uptake_suite::Resource;
use uptake_suite::expr::EvalError;
use uptake_suite::request::Request;
use uptake_suite::step::{Raw, Step};
use uptake_suite::upload::Upload;
use uptake_wire::{RawBytes, Then};

/// The pauses between the tries of a request that is repeated `within` a time: short at first, since most servers are
/// ready at once.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Why a step is not carried out over HTTP/2.
const NEEDS_HTTP1: &str = "needs HTTP/1.1";

/// A `request` step begins.
pub(crate) fn request(turn: &mut Turn<'_, '_>, branch: &mut Branch, step: &Step, request: &Request) -> Next {
    let patience = turn.program.environment.patience;
    let deadline = step.within.map(|within| turn.now.elapsed.saturating_add(within.min(patience)));
    send_request(turn, branch, step, request, Tries { deadline, pause: FIRST_PAUSE })
}

/// Sends the request of a step, for the first time or once more.
pub(crate) fn send_request(
    turn: &mut Turn<'_, '_>,
    branch: &mut Branch,
    step: &Step,
    request: &Request,
    tries: Tries,
) -> Next {
    let label = format!("{} {}", request.method, request.path.written());
    let built = turn.builder(step, &branch.variables).request(request);
    let built = match built {
        Err(_) if turn.is_forecast() => {
            let scope = turn.scope(&branch.variables);
            Ok(assume::request(&request.method, &request.path, &scope))
        }
        other => other,
    };
    match built {
        Ok(built) if !turn.program.environment.carries(&built) => not_over_http2(turn, branch, step),
        Ok(built) => {
            if turn.is_forecast() {
                assume::made(turn, branch, step, &built);
            }
            let hold = holds(branch, &request.envelope.delivery.hold);
            let environment = turn.program.environment;
            let begins = segments::begins_upload(environment, request)
                && environment.makes(&built.method, built.url.path());
            let on_loss = if begins && !step.may_break { OnLoss::SendAgain } else { OnLoss::of(step) };
            let requests = vec![(label, Outgoing::Request(Box::new(built)), hold)];
            send(turn, Purpose::Request(tries), requests, on_loss)
        }
        Err(error) => turn.give_up(&mut branch.findings, error, step),
    }
}

/// What the step sends exists only in HTTP/1.1. The steps behind it build on it, so they are left too.
fn not_over_http2(turn: &Turn<'_, '_>, branch: &mut Branch, step: &Step) -> Next {
    let stop = Stop::NotApplicable(NEEDS_HTTP1.to_owned());
    branch.findings.leave(turn.program, step, &stop);
    Next::Stop(stop)
}

/// A `raw` step begins.
pub(crate) fn raw(turn: &mut Turn<'_, '_>, branch: &mut Branch, step: &Step, raw: &Raw) -> Next {
    if !turn.program.environment.is_http1() {
        return not_over_http2(turn, branch, step);
    }
    let mut texts = Vec::new();
    for template in &raw.send {
        match template.text(&turn.scope(&branch.variables)) {
            Ok(text) => texts.push(text.into_bytes()),
            Err(_) if turn.is_forecast() => texts.push(template.written().as_bytes().to_vec()),
            Err(error) => return turn.give_up(&mut branch.findings, error, step),
        }
    }
    let bytes = texts.pop().unwrap_or_default();
    let then = if raw.half_close { Then::HalfClose } else { Then::KeepOpen };
    let what = Outgoing::Raw(RawBytes { earlier: texts, bytes, then });
    send(turn, Purpose::Raw, vec![("raw bytes".to_owned(), what, Vec::new())], OnLoss::of(step))
}

/// An `upload` step begins: with the upload that it goes on with, or a new one where it sends the first segment.
pub(crate) fn upload(turn: &mut Turn<'_, '_>, branch: &mut Branch, step: &Step, upload: &Upload) -> Next {
    let known = turn.shared.uploads.get(&upload.name);
    let goes_on = known.is_some_and(|state| !segments::chosen(&upload.segments, &state.plan).contains(&1));
    if !goes_on {
        let scope = turn.scope(&branch.variables);
        let fresh = segments::new_upload(turn.program.scenario, upload, turn.shared.seed, &scope);
        match fresh {
            Ok(state) => {
                turn.shared.uploads.insert(upload.name.clone(), state);
            }
            // How much it would send is not known.
            Err(_) if turn.is_forecast() => return Next::Done,
            Err(error) => return turn.give_up(&mut branch.findings, error, step),
        }
    }
    let ahead = segments::chosen(&upload.segments, &turn.shared.uploads[&upload.name].plan);
    send_segments(turn, branch, (step, upload), (ahead, Vec::new()))
}

/// Sends the next segments, or judges the answers where none is ahead. The first segment goes alone: only its answer says
/// which upload the others belong to.
fn send_segments(
    turn: &mut Turn<'_, '_>,
    branch: &mut Branch,
    (step, upload): (&Step, &Upload),
    (ahead, dones): (Vec<u32>, Vec<Done>),
) -> Next {
    if ahead.is_empty() {
        return conclude_answers(turn, branch, step, &dones);
    }
    let state = &turn.shared.uploads[&upload.name];
    let carries = upload.carry && !turn.program.environment.suite.uploads.carry.is_empty();
    let alone = !upload.together || (carries && !state.is_begun());
    let count = if alone { 1 } else { ahead.len() };
    let (now, later) = ahead.split_at(count);
    // Without what the first answer says it belongs to no upload yet.
    let begins = now == [1] && segments::is_fresh(turn.program.environment, upload, state);
    let builder = turn.builder(step, &branch.variables);
    let built: Result<Vec<_>, EvalError> = now
        .iter()
        .map(|number| match segments::request(&builder, upload, state, *number) {
            Err(_) if turn.is_forecast() => assume::segment(upload, state, *number, &builder.scope),
            other => other,
        })
        .collect();
    match built {
        Ok(built) if !built.iter().all(|(_, request)| turn.program.environment.carries(request)) => {
            not_over_http2(turn, branch, step)
        }
        Ok(built) => {
            if let Some((_, first)) = built.first().filter(|_| turn.is_forecast() && now.contains(&1)) {
                assume::made(turn, branch, step, first);
            }
            let first = built.first().filter(|_| begins);
            let makes = first
                .is_some_and(|(_, first)| turn.program.environment.makes(&first.method, first.url.path()));
            let on_loss = if makes { OnLoss::SendAgain } else { OnLoss::ByMethod };
            let requests = built.into_iter().map(|(label, request)| {
                let hold = holds(branch, &upload.envelope.delivery.hold);
                (label, Outgoing::Request(Box::new(request)), hold)
            });
            let requests = requests.collect();
            send(turn, Purpose::Segments { ahead: later.to_vec(), dones }, requests, on_loss)
        }
        Err(_) if turn.is_forecast() => Next::Done,
        Err(error) => turn.give_up(&mut branch.findings, error, step),
    }
}

/// Asks the driver to send requests, and waits for all of their answers.
fn send(
    turn: &mut Turn<'_, '_>,
    purpose: Purpose,
    requests: Vec<(String, Outgoing, Vec<barrier::BarrierId>)>,
    on_loss: OnLoss,
) -> Next {
    let in_flight = InFlight { purpose, pending: requests.len(), dones: BTreeMap::new(), interrupted: false };
    for (number, (label, what, hold)) in requests.into_iter().enumerate() {
        let sending = Sending { label, what, hold, is_clean_up: false, on_loss };
        turn.effects.push(Effect::Send(turn.ticket(number), Box::new(sending)));
    }
    Next::Wait(Waiting::Answers(Box::new(in_flight)))
}

fn holds(branch: &mut Branch, names: &[String]) -> Vec<barrier::BarrierId> {
    names.iter().filter_map(|name| barrier::take(&mut branch.barriers, name)).collect()
}

/// All answers of a step's requests are there.
pub(crate) fn answered(turn: &mut Turn<'_, '_>, branch: &mut Branch, step: &Step, sent: InFlight) -> Next {
    if sent.interrupted {
        return Next::Stop(Stop::Interrupted);
    }
    let dones: Vec<Done> = sent.dones.into_values().collect();
    if turn.is_forecast() {
        assume::saves(step, &mut branch.variables);
    }
    match sent.purpose {
        Purpose::Request(tries) => {
            let over = tries.deadline.is_none_or(|deadline| turn.now.elapsed + tries.pause > deadline);
            if over || dones.is_empty() || would_hold(turn.judging(step), &dones, &branch.variables) {
                return conclude_answers(turn, branch, step, &dones);
            }
            turn.effects.push(Effect::Sleep(turn.ticket(0), tries.pause));
            let pause = (tries.pause * 2).min(LONGEST_PAUSE);
            Next::Wait(Waiting::Pause(AfterPause::SameRequest(Tries { pause, ..tries })))
        }
        Purpose::Raw => judged(turn, branch, step, &dones),
        Purpose::Segments { ahead, dones: mut earlier } => {
            let uptake_suite::step::Action::Upload(upload) = &step.action else { return Next::Done };
            if turn.is_forecast() {
                assume::carried(turn, branch, upload);
            }
            for done in &dones {
                carry(turn, branch, upload, done);
            }
            earlier.extend(dones);
            segments_answered(turn, branch, (step, upload), (ahead, earlier))
        }
        Purpose::Undo(_) => Next::Done,
    }
}

fn segments_answered(
    turn: &mut Turn<'_, '_>,
    branch: &mut Branch,
    (step, upload): (&Step, &Upload),
    (ahead, dones): (Vec<u32>, Vec<Done>),
) -> Next {
    if dones.iter().any(|done| done.fault().is_some()) {
        return conclude_answers(turn, branch, step, &dones);
    }
    let fields = &turn.program.environment.suite.uploads.carry;
    let carries = upload.carry && !fields.is_empty();
    if ahead.is_empty() || !carries || turn.shared.uploads[&upload.name].is_begun() {
        return send_segments(turn, branch, (step, upload), (ahead, dones));
    }
    // Judged first: that the first answer is wrong may be just what a rule is about.
    match conclude_answers(turn, branch, step, &dones) {
        Next::Done => {}
        other => return other,
    }
    let Some(first) = dones.first() else { return Next::Done };
    let names: Vec<_> = fields.iter().map(|(_, path)| path.to_string()).collect();
    Next::Stop(branch.findings.stop(Obstacle {
        kind: CauseKind::Precondition,
        text: format!("{}: the first response contains no {}", first.label, names.join(", ")),
        place: step.place.clone(),
        exchange: Some(first.record(&turn.program.environment.secrets)),
    }))
}

/// Judges answers, by what the suite says of every answer and by what the step expects.
fn conclude_answers(turn: &mut Turn<'_, '_>, branch: &mut Branch, step: &Step, dones: &[Done]) -> Next {
    let errors = judge_everywhere(turn.judging(step), dones, &branch.variables, &mut branch.findings);
    for (error, place) in errors {
        turn.no_value(&mut branch.findings, error, &place);
    }
    judged(turn, branch, step, dones)
}

/// Judges answers by what the step expects.
pub(crate) fn judged(turn: &mut Turn<'_, '_>, branch: &mut Branch, step: &Step, dones: &[Done]) -> Next {
    if turn.is_forecast() {
        return Next::Done;
    }
    match conclude(turn.judging(step), dones, &mut branch.variables, &mut branch.findings) {
        Ok(()) => Next::Done,
        Err(Unjudged::Stop(stop)) => Next::Stop(stop),
        Err(Unjudged::NoValue(error, place)) => {
            let stop = turn.no_value(&mut branch.findings, error, &place);
            branch.findings.leave_own(turn.program, step, &stop);
            Next::Stop(stop)
        }
    }
}

/// Keeps what the first answer says of the upload.
fn carry(turn: &mut Turn<'_, '_>, branch: &mut Branch, upload: &Upload, done: &Done) {
    let Some(state) = turn.shared.uploads.get_mut(&upload.name) else { return };
    let (Some(body), false) = (&done.body, state.is_begun()) else { return };
    if !done.answer().is_some_and(|answer| (200..300).contains(&answer.status)) {
        return;
    }
    for (field, path) in &turn.program.environment.suite.uploads.carry {
        if let Some(Value::String(value)) = path.find(body) {
            branch.variables.set(format!("{}.{field}", upload.name), value.clone().into());
            state.carried.push((field.clone(), value));
        }
    }
}

/// What an answer says was made is removed at the end, whether the scenario wanted it or not.
pub(crate) fn note_made(turn: &mut Turn<'_, '_>, branch: &mut Branch, done: &Done) {
    let Some(answer) = done.answer() else { return };
    let Some(method) = &done.exchange.request.method else { return };
    let environment = turn.program.environment;
    let path = environment.relative(done.exchange.request.url.path());
    for resource in &environment.suite.resources {
        if !resource.status.has(answer.status)
            || !resource.is_made_by(method.as_str(), path, &environment.given)
        {
            continue;
        }
        // What the target cannot remove is not to be removed.
        if environment.unmet(&resource.needs).is_some() {
            continue;
        }
        let Ok(Value::String(id)) = saved(&resource.id, done) else { continue };
        let Some(id) = address(resource, id, path, &turn.scope(&branch.variables)) else { continue };
        let made = Made { resource: resource.name.clone(), id };
        // A later answer that names it again says nothing of this moment.
        let is_new = turn.shared.made.insert(made.clone());
        let created = if is_new { created(resource, done) } else { None };
        turn.effects.push(Effect::Made(made.clone(), created));
        branch.add_undo(Undo::Remove(made));
    }
}

/// When a resource was made, as the answer says.
fn created(resource: &Resource, done: &Done) -> Option<Created> {
    let text = resource.made_at.as_ref()?.find(done.body.as_ref()?)?;
    let date = text.as_str()?.parse::<jiff::Timestamp>().ok()?;
    let date = u64::try_from(date.as_second()).ok()?;
    Some(Created { date, sent: done.exchange.started, took: done.exchange.took })
}
