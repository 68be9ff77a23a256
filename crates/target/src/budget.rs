//! How many calls a minute a target answers, as its profile says.

use std::time::Duration;

use uptake_yaml::{Node, Reader};

/// The kinds of calls that targets count apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// It carries a file.
    Upload,
    /// It changes something.
    Write,
    /// It only reads.
    Read,
}

impl CallKind {
    /// Every kind, in the order in which they are counted.
    pub const ALL: [Self; 3] = [Self::Upload, Self::Write, Self::Read];

    /// Its name, as a profile writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Upload => "uploads",
            Self::Write => "writes",
            Self::Read => "reads",
        }
    }
}

/// So many calls of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Calls([u32; 3]);

impl Calls {
    /// How many there are of a kind.
    pub fn of(self, kind: CallKind) -> u32 {
        self.0[kind as usize]
    }

    /// How many there are in all.
    pub fn all(self) -> u64 {
        self.0.iter().map(|count| u64::from(*count)).sum()
    }

    /// Adds some of a kind.
    pub fn add(&mut self, kind: CallKind, count: u32) {
        let have = &mut self.0[kind as usize];
        *have = have.saturating_add(count);
    }

    /// Adds all of another.
    pub fn extend(&mut self, other: Self) {
        for kind in CallKind::ALL {
            self.add(kind, other.of(kind));
        }
    }

    /// Takes one of a kind, where there is one.
    pub(super) fn take(&mut self, kind: CallKind) -> bool {
        let have = &mut self.0[kind as usize];
        let there = *have > 0;
        *have = have.saturating_sub(1);
        there
    }
}

/// By which clock a target counts its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedBy {
    /// By real time, as everything that stands before a server does.
    RealTime,
    /// By the clock that the profile says how to turn: turning it begins a new minute.
    TargetClock,
}

/// How many calls a target answers in a window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budgets {
    /// The calls, by kind.
    pub calls: Calls,
    /// The window: a minute, where nothing else is said.
    pub window: Duration,
    /// By which clock.
    pub counted_by: CountedBy,
}

const MINUTE: Duration = Duration::from_secs(60);

impl Budgets {
    /// So many uploads, writes and reads a minute of real time.
    pub fn a_minute(uploads: u32, writes: u32, reads: u32) -> Self {
        Self { calls: Calls([uploads, writes, reads]), window: MINUTE, counted_by: CountedBy::RealTime }
    }

    /// The least time in which so many calls can be made: the first window's share goes at once.
    pub fn least(&self, calls: Calls) -> Duration {
        let windows = |kind| calls.of(kind).div_ceil(self.calls.of(kind).max(1)).saturating_sub(1);
        CallKind::ALL
            .into_iter()
            .map(|kind| self.window.saturating_mul(windows(kind)))
            .max()
            .unwrap_or_default()
    }

    pub(super) fn read(reader: &Reader, node: &Node) -> Option<Self> {
        let mut fields = reader.fields(node, "budgets")?;
        let mut calls = Calls::default();
        let mut given = Vec::new();
        for kind in CallKind::ALL {
            given.push((kind, fields.require(kind.word())));
        }
        let per = fields.take("per").map_or(Some(MINUTE), |node| {
            let per = reader.duration(node, "per")?;
            if per.is_zero() {
                reader.problem(node.at, "per cannot be 0", "write `per: 1m`")
            } else {
                Some(per)
            }
        });
        let words = [("real-time", CountedBy::RealTime), ("target-clock", CountedBy::TargetClock)];
        let counted_by = fields
            .take("counted-by")
            .map_or(Some(CountedBy::RealTime), |node| reader.word(node, "counted-by", &words));
        drop(fields);
        for (kind, node) in given {
            let node = node?;
            let count = reader.natural(node, kind.word())?;
            match u32::try_from(count) {
                Ok(0) => {
                    let help = "leave `budgets` out where nothing is limited";
                    return reader.problem(node.at, format!("{} cannot be 0", kind.word()), help);
                }
                Ok(count) => calls.add(kind, count),
                // More than that nobody can spend in a minute.
                Err(_) => calls.add(kind, u32::MAX),
            }
        }
        Some(Self { calls, window: per?, counted_by: counted_by? })
    }
}
