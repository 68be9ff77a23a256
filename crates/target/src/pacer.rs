//! When the next call may go: budgets that are known beforehand, and what answers say is left.
//!
//! A budget is kept whatever way the target counts, by windows that begin with a call, by the minutes of a clock, or
//! by a window that slides: in any window of time no more calls are under way, or have ended, than it allows. That is
//! also the least time in which so many calls can be made. Whoever must not be held up midway reserves calls first.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::budget::{Budgets, CallKind, Calls, CountedBy};

/// Two clocks run a little differently: so much is added to each window.
const SLACK: Duration = Duration::from_millis(20);
/// A call that is under way for so many windows is counted as one that went out long ago.
const LONGEST_WINDOWS: u32 = 2;
/// Longer than any run: a server or a profile may name a time that no clock can reach.
const FAR: Duration = Duration::from_secs(10 * 365 * 86_400);

/// What an answer says of calls to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal {
    /// So many may go before the end of the window.
    pub remaining: u32,
    /// The window ends then.
    pub ends_in: Duration,
}

/// What is known of the calls of one kind.
#[derive(Debug, Default)]
struct Book {
    /// When the calls that still count ended, the oldest first.
    ended: VecDeque<Instant>,
    /// When those began that are under way.
    under_way: Vec<Instant>,
    reserved: u32,
    /// What the latest answer said, and when that is over.
    told: Option<(u32, Instant)>,
}

/// Holds calls back until they may go.
#[derive(Debug)]
pub struct Pacer {
    budgets: Option<Budgets>,
    books: Mutex<[Book; 3]>,
    changed: Notify,
}

/// Calls that are kept for somebody. What is left goes back when it is dropped.
#[derive(Debug)]
pub struct Reservation<'p> {
    pacer: &'p Pacer,
    left: Mutex<Calls>,
}

/// A call under way.
#[derive(Debug)]
pub struct Turn<'p> {
    pacer: &'p Pacer,
    kind: CallKind,
    began: Instant,
}

impl Pacer {
    /// A pacer that keeps to `budgets`, where there are any, and learns from answers in any case.
    pub fn new(budgets: Option<Budgets>) -> Self {
        let budgets = budgets.map(|budgets| Budgets { window: budgets.window.min(FAR), ..budgets });
        Self { budgets, books: Mutex::default(), changed: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, [Book; 3]> {
        self.books.lock().expect("no holder of this lock panics")
    }

    /// Keeps `calls` for somebody, or says after what time it may be asked again. More than the budget of a window can
    /// be kept for nobody; so much of it is.
    pub fn reserve(&self, calls: Calls) -> Result<Reservation<'_>, Duration> {
        let now = Instant::now();
        let mut books = self.lock();
        let mut kept = Calls::default();
        let mut wait = Duration::ZERO;
        for kind in CallKind::ALL {
            let most = self.budgets.map_or(u32::MAX, |budgets| budgets.calls.of(kind));
            let wanted = calls.of(kind).min(most);
            kept.add(kind, wanted);
            if wanted > 0 {
                wait = wait.max(self.until_free(&mut books[kind as usize], kind, wanted, now));
            }
        }
        if !wait.is_zero() {
            return Err(wait);
        }
        for kind in CallKind::ALL {
            books[kind as usize].reserved += kept.of(kind);
        }
        Ok(Reservation { pacer: self, left: Mutex::new(kept) })
    }

    /// A reservation of nothing: each call waits for its turn.
    pub fn nothing(&self) -> Reservation<'_> {
        Reservation { pacer: self, left: Mutex::default() }
    }

    /// How long until `wanted` calls more may go.
    fn until_free(&self, book: &mut Book, kind: CallKind, wanted: u32, now: Instant) -> Duration {
        let mut wait = Duration::ZERO;
        if let Some(budgets) = self.budgets {
            book.forget(budgets.window + SLACK, now);
            let busy = book.ended.len() + book.under_way.len() + book.reserved as usize;
            let over = (busy + wanted as usize).saturating_sub(budgets.calls.of(kind) as usize);
            if over > 0 {
                // Where calls under way stand in the way, nobody knows when they end: it is looked again soon.
                wait = match book.ended.get(over - 1) {
                    Some(ended) => (*ended + budgets.window + SLACK).saturating_duration_since(now),
                    None => budgets.window.min(Duration::from_secs(1)),
                };
            }
        }
        match book.told {
            Some((_, ends)) if now >= ends => book.told = None,
            Some((remaining, ends)) => {
                let busy = u32::try_from(book.under_way.len()).unwrap_or(u32::MAX);
                let free = remaining.saturating_sub(busy).saturating_sub(book.reserved);
                if free < wanted && (busy + book.reserved > 0 || remaining < wanted) {
                    // With nothing under way the next window is the first that can help.
                    let soon = if busy > 0 { Duration::from_millis(20) } else { ends - now };
                    wait = wait.max(soon.min(ends - now));
                }
            }
            None => {}
        }
        wait
    }

    /// Comes back when a call of this kind may go; gives how long that took, too.
    pub async fn turn(&self, kind: CallKind, reservation: &Reservation<'_>) -> (Turn<'_>, Duration) {
        let asked = Instant::now();
        let mut waited = Duration::ZERO;
        loop {
            let changed = self.changed.notified();
            let wait = {
                let now = Instant::now();
                let mut books = self.lock();
                let book = &mut books[kind as usize];
                // A reserved call still waits where an answer said that nothing is left.
                let spent = book.told.is_some_and(|(remaining, ends)| remaining == 0 && now < ends);
                if !spent && reservation.left.lock().expect("no holder of this lock panics").take(kind) {
                    book.reserved = book.reserved.saturating_sub(1);
                    return (self.begin(book, kind, now), waited);
                }
                let wait = self.until_free(book, kind, 1, now);
                if wait.is_zero() {
                    return (self.begin(book, kind, now), waited);
                }
                wait
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = changed => {}
            }
            waited = asked.elapsed();
        }
    }

    /// A call that goes at once, whatever the budget says: for those that ask to be refused.
    pub fn at_once(&self, kind: CallKind, reservation: &Reservation<'_>) -> Turn<'_> {
        let mut books = self.lock();
        let book = &mut books[kind as usize];
        if reservation.left.lock().expect("no holder of this lock panics").take(kind) {
            book.reserved = book.reserved.saturating_sub(1);
        }
        self.begin(book, kind, Instant::now())
    }

    fn begin(&self, book: &mut Book, kind: CallKind, now: Instant) -> Turn<'_> {
        book.under_way.push(now);
        Turn { pacer: self, kind, began: now }
    }

    /// The target's clock was turned: what answers said of the time to come is void, and where calls are counted by that
    /// clock they are so much older.
    pub fn turned(&self, by: Duration) {
        let shifts = self.budgets.is_some_and(|budgets| budgets.counted_by == CountedBy::TargetClock);
        for book in self.lock().iter_mut() {
            book.told = None;
            if shifts {
                // What is older than the machine's own clock has long been forgotten.
                book.ended = book.ended.iter().filter_map(|ended| ended.checked_sub(by)).collect();
            }
        }
        self.changed.notify_waiters();
    }

    /// Whether turning the target's clock makes calls free.
    pub fn follows_clock(&self) -> bool {
        self.budgets.is_some_and(|budgets| budgets.counted_by == CountedBy::TargetClock)
    }
}

impl Book {
    fn forget(&mut self, window: Duration, now: Instant) {
        while self.ended.front().is_some_and(|ended| now >= *ended + window) {
            self.ended.pop_front();
        }
        self.under_way.retain(|began| now < *began + window * LONGEST_WINDOWS);
    }
}

impl Turn<'_> {
    /// The call has ended, and its answer, where there was one, said so much.
    pub fn ended(self, signal: Option<Signal>) {
        let now = Instant::now();
        let mut books = self.pacer.lock();
        let book = &mut books[self.kind as usize];
        if let Some(Signal { remaining, ends_in }) = signal {
            let ends = now + ends_in.min(FAR);
            // Answers overtake each other: within one window the least is the latest.
            book.told = Some(match book.told {
                Some((least, known)) if now < known && ends < known + Duration::from_secs(2) => {
                    (least.min(remaining), known.max(ends))
                }
                _ => (remaining, ends),
            });
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut books = self.pacer.lock();
        let book = &mut books[self.kind as usize];
        if let Some(at) = book.under_way.iter().position(|began| *began == self.began) {
            book.under_way.swap_remove(at);
        }
        if self.pacer.budgets.is_some() {
            book.ended.push_back(Instant::now());
        }
        drop(books);
        self.pacer.changed.notify_waiters();
    }
}

impl<'p> Reservation<'p> {
    /// Gives back what is left, and keeps nothing.
    pub fn give_back(&self) {
        let left = std::mem::take(&mut *self.left.lock().expect("no holder of this lock panics"));
        self.release(left);
    }

    /// Takes over what another keeps.
    pub fn add(&self, other: &Reservation<'p>) {
        let calls = std::mem::take(&mut *other.left.lock().expect("no holder of this lock panics"));
        self.left.lock().expect("no holder of this lock panics").extend(calls);
    }

    fn release(&self, left: Calls) {
        let mut books = self.pacer.lock();
        for kind in CallKind::ALL {
            let book = &mut books[kind as usize];
            book.reserved = book.reserved.saturating_sub(left.of(kind));
        }
        drop(books);
        self.pacer.changed.notify_waiters();
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        self.give_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Windows short enough to be lived through.
    const WINDOW: Duration = Duration::from_millis(150);

    fn budgets(reads: u32) -> Budgets {
        Budgets { window: WINDOW, ..Budgets::a_minute(1, 1, reads) }
    }

    fn reads(count: u32) -> Calls {
        let mut calls = Calls::default();
        calls.add(CallKind::Read, count);
        calls
    }

    async fn call(pacer: &Pacer) -> Duration {
        let (turn, waited) = pacer.turn(CallKind::Read, &pacer.nothing()).await;
        turn.ended(None);
        waited
    }

    #[tokio::test]
    async fn so_many_calls_take_no_less_than_the_least_time_that_their_budget_allows() {
        let budgets = budgets(40);
        let pacer = Pacer::new(Some(budgets));
        let began = Instant::now();
        for _ in 0..200 {
            call(&pacer).await;
        }
        assert_eq!(budgets.least(reads(200)), WINDOW * 4);
        let took = began.elapsed();
        // A second window more would be a fault; the machine may be busy for less than that.
        assert!(took >= WINDOW * 4 && took < WINDOW * 7, "{took:?}");
    }

    #[tokio::test]
    async fn in_no_window_are_there_more_calls_than_the_budget_however_they_are_begun() {
        let pacer = &Pacer::new(Some(budgets(3)));
        let sent = &Mutex::new(Vec::new());
        futures_util::future::join_all((0..20).map(|at| async move {
            let (turn, _) = pacer.turn(CallKind::Read, &pacer.nothing()).await;
            sent.lock().expect("not poisoned").push(Instant::now());
            // Some calls take a while, and others are begun meanwhile.
            tokio::time::sleep(Duration::from_millis(at % 5)).await;
            turn.ended(None);
        }))
        .await;
        let sent = sent.lock().expect("not poisoned");
        assert!(sent.windows(4).all(|four| four[3] - four[0] >= WINDOW), "{sent:?}");
    }

    #[tokio::test]
    async fn what_is_reserved_is_there_and_what_is_left_of_it_comes_back() {
        let pacer = Pacer::new(Some(Budgets::a_minute(1, 1, 3)));
        let kept = pacer.reserve(reads(2)).expect("nothing was spent");
        assert!(pacer.reserve(reads(2)).is_err());
        assert_eq!(call(&pacer).await, Duration::ZERO);
        let (turn, waited) = pacer.turn(CallKind::Read, &kept).await;
        assert_eq!(waited, Duration::ZERO);
        drop((turn, kept));
        assert!(pacer.reserve(reads(1)).is_ok());
        assert!(pacer.reserve(reads(2)).is_err(), "two were spent");
        assert!(
            Pacer::new(Some(budgets(3))).reserve(reads(100)).is_ok(),
            "a window's worth is all that can be kept"
        );
    }

    #[tokio::test]
    async fn what_an_answer_says_holds_until_the_window_is_over_or_the_clock_is_turned() {
        let pacer = Pacer::new(None);
        let spent = |ends_in| Some(Signal { remaining: 0, ends_in });
        let (turn, _) = pacer.turn(CallKind::Read, &pacer.nothing()).await;
        turn.ended(spent(WINDOW));
        let (turn, waited) = pacer.turn(CallKind::Read, &pacer.nothing()).await;
        assert!(waited >= WINDOW, "{waited:?}");
        turn.ended(spent(Duration::from_secs(3_600)));
        assert!(pacer.reserve(reads(1)).is_err());
        pacer.turned(Duration::from_secs(3_600));
        assert_eq!(call(&pacer).await, Duration::ZERO);
    }

    #[tokio::test]
    async fn a_wait_that_no_clock_can_reach_holds_calls_back_and_breaks_nothing() {
        let pacer = Pacer::new(Some(Budgets { window: Duration::MAX, ..Budgets::a_minute(100, 100, 100) }));
        for ends_in in [Duration::MAX, Duration::from_secs(u64::MAX), Duration::from_secs(1 << 62)] {
            for remaining in [0, u32::MAX] {
                pacer.at_once(CallKind::Read, &pacer.nothing()).ended(Some(Signal { remaining, ends_in }));
                pacer.at_once(CallKind::Read, &pacer.nothing()).ended(Some(Signal { remaining, ends_in }));
                assert_eq!(pacer.reserve(reads(1)).is_err(), remaining == 0);
                pacer.turned(Duration::MAX);
            }
        }
    }

    #[tokio::test]
    async fn a_budget_of_the_targets_own_clock_is_free_again_when_that_is_turned() {
        for (counted_by, free) in [(CountedBy::TargetClock, true), (CountedBy::RealTime, false)] {
            let pacer = Pacer::new(Some(Budgets { counted_by, ..Budgets::a_minute(1, 1, 1) }));
            call(&pacer).await;
            assert!(pacer.reserve(reads(1)).is_err());
            pacer.turned(Duration::from_secs(61));
            assert_eq!(pacer.reserve(reads(1)).is_ok(), free);
        }
    }
}
