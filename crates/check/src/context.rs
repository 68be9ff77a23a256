//! What all scenarios of a run share: the means to send, and what has been seen of the target.

use std::time::Duration;

use super::clocks::TargetClocks;
use super::interpreter::{Environment, Mode, Program};
use super::job::{CheckError, KeepExchanges, RunOptions};
use super::progress::{Listener, RunEvent};
use super::real_time::WaitLimits;
use super::request_counts::RequestCounts;
use super::stop_signal::StopSignal;
use super::unreported::Unreported;
use super::waiting::WaitingScenarios;
use uptake_outcome::ClockSource;
use uptake_payload::Seed;
use uptake_run_folder::RunFolderError;
use uptake_stop::Stopper;
use uptake_suite::{Loaded, Scenario};
use uptake_target::{Pacer, SeenBy, Target};
use uptake_wire::Client;

/// How long a run that may not wait for real time waits where an answer asks for it.
const DEFAULT_RETRY_WAIT: Duration = Duration::from_secs(2 * 60);
/// The same for the clean-up of a run that was stopped.
const LAST_RETRY_WAIT: Duration = Duration::from_secs(5);

/// A run against a target.
pub(crate) struct RunContext<'r> {
    pub(crate) environment: Environment<'r>,
    pub(crate) client: Client,
    pub(crate) pacer: Pacer,
    pub(crate) seed: Seed,
    pub(crate) stop: StopSignal,
    pub(crate) counts: RequestCounts,
    pub(crate) clocks: TargetClocks,
    pub(crate) waiting: WaitingScenarios,
    /// How long scenarios may wait for real time; where this says nothing, rules about time need a clock that can be moved.
    pub(crate) waits: Option<WaitLimits>,
    /// Which scenarios keep their exchanges.
    pub(crate) keep: KeepExchanges,
    /// Exchanges that the listener has not heard of yet.
    pub(crate) unreported: Unreported,
    /// Who hears what happens, where anybody does.
    listener: Option<&'r Listener<'r>>,
}

impl<'r> RunContext<'r> {
    pub(crate) fn new(
        loaded: &'r Loaded,
        target: &'r Target,
        options: &RunOptions,
        stopper: Stopper,
    ) -> Result<Self, CheckError> {
        let mut environment = Environment::new(&loaded.suite, target);
        environment.patience = options.patience;
        Ok(Self {
            environment,
            client: Client::new(target.settings.clone())?,
            pacer: Pacer::new(target.budgets),
            seed: Seed(options.seed),
            stop: StopSignal::new(stopper),
            counts: RequestCounts::default(),
            clocks: TargetClocks::named(target.clock_seen_by.map(clock_source)),
            waiting: WaitingScenarios::default(),
            waits: None,
            keep: options.keep,
            unreported: Unreported::new(options.reports_exchanges),
            listener: None,
        })
    }

    /// The same, where scenarios may wait for real time.
    pub(crate) fn with_waits(mut self, waits: Option<WaitLimits>) -> Self {
        self.waits = waits;
        self.environment.may_wait = waits.is_some();
        self
    }

    /// The same, with somebody who hears what happens.
    pub(crate) fn with_listener(mut self, listener: &'r Listener<'r>) -> Self {
        self.listener = Some(listener);
        self
    }

    /// Reports something that happened.
    pub(crate) fn report(&self, event: RunEvent) {
        if let Some(listener) = self.listener {
            listener(event);
        }
    }

    /// Reports the exchanges that have ended since the last time.
    pub(crate) fn report_exchanges(&self) {
        for (scenario, exchange) in self.unreported.take(&self.environment) {
            self.report(RunEvent::Exchange { scenario, exchange: Box::new(exchange) });
        }
    }

    pub(crate) fn target(&self) -> &'r Target {
        self.environment.target
    }

    /// A scenario as the interpreter takes it.
    pub(crate) fn program<'p>(&'p self, scenario: &'p Scenario, mode: Mode) -> Program<'p> {
        Program { environment: &self.environment, scenario, mode }
    }

    /// A run that cannot be written down any more ends: what it makes could be left behind by a kill.
    pub(crate) fn heed(&self, written: Result<(), RunFolderError>) {
        if let Err(error) = written {
            self.stop.harness_failed(&error.to_string());
        }
    }

    /// The longest that the run waits because an answer asks for it. Whoever stopped the run waits a moment only.
    pub(crate) fn longest_retry_wait(&self) -> Duration {
        if !self.stop.is_running() {
            return LAST_RETRY_WAIT;
        }
        let window = self.target().budgets.map_or(Duration::ZERO, |budgets| budgets.window);
        let within = self.waits.map_or(DEFAULT_RETRY_WAIT, |limits| limits.within);
        within.max(window).saturating_add(Duration::from_secs(1))
    }

    /// The target's clock was moved on.
    pub(crate) fn advanced(&self, by: Duration) {
        self.pacer.turned(by);
        self.clocks.advanced(by);
    }
}

fn clock_source(seen_by: SeenBy) -> ClockSource {
    match seen_by {
        SeenBy::Created => ClockSource::Created,
        SeenBy::Date => ClockSource::Date,
    }
}
