//! What the bucket holds: upload sessions, and objects.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rand::distr::{Alphanumeric, SampleString as _};

use super::answer::Refusal;
use super::object::Object;
use super::session::Session;

/// The most sessions, and the most objects.
const MOST: usize = 100_000;
/// How long a session can be used: a week.
const LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A session, behind a lock that one request holds at a time.
pub(super) type SharedSession = Arc<tokio::sync::Mutex<Session>>;

struct Entry {
    name: String,
    started: Instant,
    session: SharedSession,
}

#[derive(Default)]
pub(super) struct Contents {
    sessions: BTreeMap<String, Entry>,
    /// Sessions from the oldest to the youngest; some may be over.
    order: VecDeque<(Instant, String)>,
    pub(super) objects: BTreeMap<String, Arc<Object>>,
    generation: u64,
}

/// The one bucket.
#[derive(Default)]
pub(super) struct Bucket(Mutex<Contents>);

impl Bucket {
    pub(super) fn lock(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    /// Starts a session; gives its id.
    pub(super) fn start(&mut self, session: Session, now: Instant) -> Result<String, Refusal> {
        self.forget_expired(now);
        if self.sessions.len() >= MOST {
            return Err(Refusal::FULL);
        }
        let id = Alphanumeric.sample_string(&mut rand::rng(), 43);
        let name = session.planned.name.clone();
        let session = Arc::new(tokio::sync::Mutex::new(session));
        self.sessions.insert(id.clone(), Entry { name, started: now, session });
        self.order.push_back((now, id.clone()));
        Ok(id)
    }

    /// Forgets what has expired, and the oldest sessions where there are too many: those of complete uploads, mostly.
    fn forget_expired(&mut self, now: Instant) {
        while let Some((started, id)) = self.order.front() {
            let is_over = !self.sessions.contains_key(id) || is_expired(*started, now);
            if !is_over && self.order.len() < MOST {
                return;
            }
            self.sessions.remove(id);
            self.order.pop_front();
        }
    }

    pub(super) fn session(&self, id: &str, now: Instant) -> Result<SharedSession, Refusal> {
        let entry = self.sessions.get(id).filter(|entry| !is_expired(entry.started, now));
        entry.map(|entry| Arc::clone(&entry.session)).ok_or(Refusal::NO_SESSION)
    }

    /// The session of a name that was started last.
    pub(super) fn session_of_name(&self, name: &str) -> Option<String> {
        let mut ids = self.order.iter().rev().map(|(_, id)| id);
        ids.find(|id| self.sessions.get(*id).is_some_and(|entry| entry.name == name)).cloned()
    }

    pub(super) fn has_session(&self, id: &str) -> bool {
        self.sessions.contains_key(id)
    }

    /// Ends a session; gives the name of its object.
    pub(super) fn end(&mut self, id: &str) -> Option<String> {
        self.sessions.remove(id).map(|entry| entry.name)
    }

    /// Ends every session of a name.
    pub(super) fn end_all(&mut self, name: &str) {
        self.sessions.retain(|_, entry| entry.name != name);
    }

    /// A generation that no object had before: microseconds since 1970, as far as these grow.
    pub(super) fn next_generation(&mut self, now: Timestamp) -> u64 {
        let now = u64::try_from(now.as_microsecond()).unwrap_or_default();
        self.generation = now.max(self.generation + 1);
        self.generation
    }

    pub(super) fn put(&mut self, object: Arc<Object>) -> Result<(), Refusal> {
        if self.objects.len() >= MOST && !self.objects.contains_key(&object.name) {
            return Err(Refusal::FULL);
        }
        self.objects.insert(object.name.clone(), object);
        Ok(())
    }
}

fn is_expired(started: Instant, now: Instant) -> bool {
    now.saturating_duration_since(started) > LIFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_expires_after_a_week() {
        let (mut contents, now) = (Contents::default(), Instant::now());
        let id = contents.start(Session::sample(), now).unwrap();
        assert!(contents.session(&id, now + LIFE).is_ok());
        let later = now + LIFE + Duration::from_secs(1);
        assert_eq!(contents.session(&id, later).err(), Some(Refusal::NO_SESSION));
        contents.start(Session::sample(), later).unwrap();
        assert_eq!((contents.sessions.len(), contents.order.len()), (1, 1));
    }

    #[test]
    fn the_oldest_session_makes_room() {
        let (mut contents, now) = (Contents::default(), Instant::now());
        let first = contents.start(Session::sample(), now).unwrap();
        for _ in 0..MOST {
            contents.start(Session::sample(), now).unwrap();
        }
        assert!(contents.session(&first, now).is_err());
        assert!(contents.sessions.len() <= MOST);
    }

    #[test]
    fn generations_grow_even_where_the_clock_does_not() {
        let (mut contents, now) = (Contents::default(), Timestamp::now());
        let first = contents.next_generation(now);
        assert!(contents.next_generation(now) > first);
    }
}
