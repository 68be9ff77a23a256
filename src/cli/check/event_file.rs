//! Writes what happens during a run as JSON lines, each as soon as it happens. `uptake_outcome::EventLine` is their form.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::cli::error::CliError;
use uptake_check::{RunEvent, WaitCause, target_summary};
use uptake_outcome::{Event, EventLine, FORMAT, FailOn, Run, RunFinished, RunStarted, WaitsFor};
use uptake_suite::Loaded;
use uptake_target::Target;

/// An event file that is open.
pub(super) struct EventFile {
    path: PathBuf,
    sink: Mutex<Sink>,
}

struct Sink {
    writer: Box<dyn Write + Send>,
    /// Why a line could not be written; nothing is written after it.
    trouble: Option<io::Error>,
}

impl EventFile {
    /// Opens the file, before anything is sent. A run that is resumed continues it.
    pub(super) fn open(path: &Path, continues: bool) -> Result<Self, CliError> {
        let writer: Box<dyn Write + Send> = if path.as_os_str() == "-" {
            Box::new(io::stdout())
        } else {
            let mut options = OpenOptions::new();
            options.create(true).append(continues).write(true).truncate(!continues);
            Box::new(options.open(path).map_err(|source| cannot_open(path, &source))?)
        };
        Ok(Self { path: path.to_owned(), sink: Mutex::new(Sink { writer, trouble: None }) })
    }

    /// Whether the lines go to stdout, so that nothing else may be printed there.
    pub(super) fn takes_stdout(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    /// Writes an event of a run.
    pub(super) fn see(&self, event: &RunEvent, loaded: &Loaded, target: &Target, seed: u64) {
        self.write(match event.clone() {
            RunEvent::Started { scenarios } => Event::RunStarted(RunStarted {
                format: FORMAT,
                uptake: env!("CARGO_PKG_VERSION").to_owned(),
                suite: loaded.suite.name.clone(),
                target: target_summary(target),
                seed,
                scenarios,
            }),
            RunEvent::ScenarioStarted { scenario, file } => Event::ScenarioStarted { scenario, file },
            RunEvent::Exchange { scenario, exchange } => {
                Event::Exchange { scenario: Some(scenario).filter(|name| !name.is_empty()), sent: exchange }
            }
            RunEvent::Waiting { scenario, cause, until } => Event::Waiting {
                scenario,
                cause: match cause {
                    WaitCause::RateLimit => WaitsFor::RateLimit,
                    WaitCause::Time => WaitsFor::Time,
                },
                seconds: until.saturating_duration_since(Instant::now()).as_secs_f64(),
            },
            RunEvent::Ended { scenario, file, verdict, failed, took } => {
                Event::ScenarioFinished { scenario, file, verdict, failed, took_seconds: took.as_secs_f64() }
            }
        });
    }

    /// Writes the verdicts.
    pub(super) fn verdicts(&self, run: &Run) {
        for rule in &run.rules {
            self.write(Event::RuleVerdict {
                rule: rule.id.clone(),
                area: rule.area.clone(),
                level: rule.level,
                verdict: rule.verdict,
                reason: rule.reason.clone(),
            });
        }
    }

    /// Writes the last line.
    pub(super) fn finish(&self, run: &Run, fail_on: FailOn) {
        self.write(Event::RunFinished(RunFinished {
            ending: run.ending.clone(),
            summary: run.summary.clone(),
            took_seconds: run.took_seconds,
            exit_code: run.exit(fail_on).code(),
        }));
    }

    /// Why the file is not complete.
    pub(super) fn trouble(&self) -> Result<(), CliError> {
        let Some(source) = self.sink().trouble.take() else { return Ok(()) };
        Err(CliError::Write { path: self.path.display().to_string(), source })
    }

    fn write(&self, event: Event) {
        let mut sink = self.sink();
        if sink.trouble.is_some() {
            return;
        }
        let line = EventLine { time: format!("{:.3}", jiff::Timestamp::now()), event };
        let mut text = serde_json::to_string(&line).expect("plain data whose keys are strings");
        text.push('\n');
        let written = sink.writer.write_all(text.as_bytes()).and_then(|()| sink.writer.flush());
        match written {
            // Whoever reads has read enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => sink.writer = Box::new(io::sink()),
            Err(error) => sink.trouble = Some(error),
            Ok(()) => {}
        }
    }

    fn sink(&self) -> MutexGuard<'_, Sink> {
        self.sink.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cannot_open(path: &Path, error: &io::Error) -> CliError {
    let why = match error.kind() {
        ErrorKind::NotFound => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            format!("there is no directory {}", folder.unwrap_or(Path::new(".")).display())
        }
        ErrorKind::IsADirectory => "it is a directory; name a file in it".to_owned(),
        kind => kind.to_string(),
    };
    CliError::Usage(format!("cannot write the events to {}: {why}", path.display()))
}
