//! What every handler shares: the settings, the clock, the state, the store, and the database where there is one.

use std::sync::{Arc, Mutex, MutexGuard};

use http::HeaderMap;

use crate::clock::Clock;
use crate::config::{Config, Storage};
use crate::database::change::Change;
use crate::database::open;
use crate::database::record::StoredState;
use crate::database::writer::{DatabaseWriter, Recorded};
use crate::error::ReferenceError;
use crate::operation::Operation;
use crate::policy::decisions::Policy;
use crate::policy::facts::Caller;
use crate::problem::{Problem, kind};
use crate::server::rate_limit::RateLimiter;
use crate::settings::Settings;
use crate::state::credentials;
use crate::state::restore::restore;
use crate::state::server_state::{Complete, Origin, ServerState};
use crate::store::{SEGMENTS, Store, Unassembled};
use crate::timestamp::Timestamp;

/// The server, apart from its sockets.
pub(crate) struct App {
    /// The address of the API, without a slash at the end.
    pub(crate) origin: String,
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) rate_limiter: RateLimiter,
    pub(crate) store: Store,
    database: Option<DatabaseWriter>,
    state: Mutex<ServerState>,
}

impl App {
    /// Opens the store, restores what is in it, and finishes what a server before this one could not. This takes as long
    /// as the disk does.
    pub(crate) fn new(
        config: &Config,
        policy: Policy,
        origin: String,
    ) -> Result<(Self, Vec<Complete>), ReferenceError> {
        if config.api_key.is_empty() {
            return Err(ReferenceError::EmptyKey);
        }
        let (database, stored) = match &config.storage {
            Storage::Directory(folder) => {
                let opened = open::open(folder, SEGMENTS)?;
                (Some(opened.writer), opened.stored)
            }
            _ => (None, StoredState::default()),
        };
        let store = Store::open(&config.storage)?;
        let settings = Settings::new(config, policy);
        let started = Origin { recorded: database.is_some(), starts: stored.starts, seed: config.seed };
        let mut state = ServerState::new(config.api_key.clone(), settings.clone(), started);
        let clock = Clock::new(config.clock, config.skew).moved(stored.advanced);
        let complete = match &config.storage {
            Storage::Directory(folder) => restore(&mut state, stored, &store, folder)?,
            _ => Vec::new(),
        };
        store.serve();
        let rate_limiter = RateLimiter::new(config.rate_limit, Arc::clone(&settings.policy));
        let app = Self { origin, settings, clock, rate_limiter, store, database, state: Mutex::new(state) };
        Ok((app, complete))
    }

    /// The state, for one short look; never across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, ServerState> {
        self.state.lock().expect("nothing panics while it decides")
    }

    /// Decides something, and gives what must be awaited before it is answered. Decisions are recorded in the order in
    /// which they are made.
    pub(crate) fn decide<T>(&self, decision: impl FnOnce(&mut ServerState) -> T) -> (T, Recorded) {
        let mut state = self.state();
        let outcome = decision(&mut state);
        let changes = state.take_changes();
        let Some(database) = &self.database else {
            // Files go away without the lock.
            drop(state);
            drop(changes);
            return (outcome, Recorded::at_once());
        };
        (outcome, database.record(changes))
    }

    /// Decides something that is answered as soon as it is on the disk.
    pub(crate) async fn commit<T>(
        &self,
        decision: impl FnOnce(&mut ServerState) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let (outcome, recorded) = self.decide(decision);
        let outcome = outcome?;
        recorded.wait().await?;
        Ok(outcome)
    }

    /// What is over goes from memory and disk.
    pub(crate) async fn tidy(&self) -> Result<(), Problem> {
        self.commit(|state| {
            state.tidy(self.now());
            Ok(())
        })
        .await
    }

    /// Moves the clock, which lasts.
    pub(crate) async fn advance(&self, millis: i64) -> Option<Result<Timestamp, Problem>> {
        let now = self.clock.advance(millis)?;
        let moved = self.commit(|state| {
            state.changes.note(|| Change::Advanced(self.clock.advanced()));
            state.tidy(now);
            Ok(now)
        });
        Some(moved.await)
    }

    /// Puts the segments of a complete upload together, once it is recorded that they are there.
    pub(crate) async fn assemble(&self, recorded: Recorded, complete: Complete) -> Result<(), Problem> {
        let Complete { video_id, pieces } = complete;
        if let Err(problem) = recorded.wait().await {
            self.state().unassembled(&video_id, pieces);
            return Err(problem);
        }
        match self.store.assemble(&video_id, pieces, Arc::clone(&self.settings.policy)).await {
            Ok(assembled) => {
                let done = |state: &mut ServerState| {
                    state.assembled(&video_id, assembled);
                    Ok(())
                };
                self.commit(done).await
            }
            Err(Unassembled { error, pieces }) => {
                self.state().unassembled(&video_id, pieces);
                let detail = format!("The file could not be assembled: {}.", error.kind());
                Err(Problem::new(kind::INTERNAL, detail))
            }
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets a call pass, or says why not. `POST /upload` heeds no `Authorization`: its upload token alone decides.
    pub(crate) fn authorize(&self, operation: Operation, headers: &HeaderMap) -> Result<(), Problem> {
        let now = self.now();
        let policy = &self.settings.policy;
        let mut credentials = credentials::read(headers);
        policy.credentials(headers, &mut credentials);
        let state = self.state();
        let verdict = match &credentials {
            Ok(credentials) => state.check(credentials, now),
            Err(problem) => Err(problem.clone()),
        };
        let caller = Caller {
            operation,
            headers,
            credentials: credentials.as_ref().ok(),
            verdict: &verdict,
            upload_token: credentials.as_ref().ok().and_then(|shown| state.tokens.get(shown.secret())),
            now,
        };
        policy.authorized(&caller, if operation.needs_authorization() { verdict.clone() } else { Ok(()) })
    }

    /// Records what was decided, and lets the folder go.
    pub(crate) fn close(&self) {
        self.store.spare();
        if let Some(database) = &self.database {
            database.close();
        }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.close();
    }
}
