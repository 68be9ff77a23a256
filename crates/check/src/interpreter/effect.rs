//! What the interpreter asks of its driver, and what the driver tells it.

use std::time::{Duration, SystemTime};

use super::answer::Done;
use super::barrier::BarrierId;
use super::state::Made;
use super::stop::Suspension;
use uptake_outcome::{CauseKind, Place};
use uptake_suite::step::Step;
use uptake_wire::{RawBytes, Request};

/// Who waits for what happens: a branch, by its way from the trunk, and the number of its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) branch: Vec<usize>,
    pub(crate) number: usize,
}

/// Something for the driver to do. Where it bears a ticket, the interpreter waits to be told what came of it.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Send something, and report the answer.
    Send(Ticket, Box<Sending>),
    /// Sleep.
    Sleep(Ticket, Duration),
    /// Let time pass for the target.
    PassTime(Ticket, TimeAdvance),
    /// Wait at a barrier.
    Meet(Ticket, BarrierId),
    /// Count as arrived at a barrier that the branch will not come to any more, so that nobody waits for it.
    Leave(BarrierId),
    /// Note in the journal that something was made.
    Made(Made, Option<Created>),
    /// Note in the journal that something is gone.
    Gone(Made),
    /// End the run: uptake itself failed.
    Fail(String),
}

/// A request to send.
#[derive(Debug)]
pub(crate) struct Sending {
    /// What it is called in reports, the same in every run.
    pub(crate) label: String,
    pub(crate) what: Outgoing,
    /// The barriers to meet before the last byte goes out.
    pub(crate) hold: Vec<BarrierId>,
    /// Whether it belongs to the clean-up: it goes out though the run was stopped, and that what it removes is gone
    /// already is as good.
    pub(crate) is_clean_up: bool,
    /// What happens where no answer comes.
    pub(crate) on_loss: OnLoss,
}

/// What happens where the network loses a request, or the server closes the connection instead of answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnLoss {
    /// It is sent again where its method and its path say that this does no harm.
    ByMethod,
    /// It is sent again: it begins an upload, and another one is as good.
    SendAgain,
    /// It is not sent again: the server may do so.
    Accept,
}

impl OnLoss {
    /// What a step says of its requests.
    pub(crate) fn of(step: &Step) -> Self {
        if step.may_break { Self::Accept } else { Self::ByMethod }
    }
}

/// What goes over the wire.
#[derive(Debug)]
pub(crate) enum Outgoing {
    Request(Box<Request>),
    Raw(RawBytes),
}

/// Time to pass for the target.
#[derive(Debug)]
pub(crate) struct TimeAdvance {
    pub(crate) step: String,
    pub(crate) place: Place,
    pub(crate) time: Duration,
    /// The most that may have passed when the next step begins.
    pub(crate) at_most: Option<Duration>,
    /// Whether the scenario can be suspended here: it is not where other steps are around this one.
    pub(crate) may_suspend: bool,
}

/// When something was made, as the answer that speaks of it says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Created {
    /// Seconds since 1970, by the target's clock.
    pub(crate) date: u64,
    /// When its request began, and how long the exchange took, by ours.
    pub(crate) sent: SystemTime,
    pub(crate) took: Duration,
}

/// What came of an effect.
#[derive(Debug)]
pub(crate) enum Happened {
    /// The exchange has ended.
    Answered(Box<Done>),
    /// A forecast takes the request to have succeeded.
    Assumed,
    /// The pause is over, or all have come to the barrier.
    Over,
    /// Time has passed, or why not.
    Passed(Result<(), NotPassed>),
    /// Nothing was sent: the target is unreachable.
    OutOfReach,
    /// The run was stopped meanwhile.
    Interrupted,
}

/// Why time has not passed as it should.
#[derive(Debug)]
pub(crate) enum NotPassed {
    /// The scenario cannot be judged.
    Obstacle(CauseKind, String),
    /// It would take longer than anybody is ready to wait.
    NotApplicable(String),
    /// It takes longer than the run.
    Suspended(Suspension),
}

/// The outside world at the moment at which the interpreter goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    /// Since the driver began with this scenario.
    pub(crate) elapsed: Duration,
    /// Whether the run was stopped.
    pub(crate) stopping: bool,
    pub(crate) clock: ClockView,
}

/// What is known of the target's clock.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ClockView {
    /// By how many seconds it is ahead of this machine's now.
    pub(crate) ahead: f64,
    /// How far it may be from that.
    pub(crate) uncertainty: f64,
}
