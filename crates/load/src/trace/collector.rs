//! Collects the arrivals of a recording, and counts what could not be read.

/// Nanoseconds of a second.
pub(super) const NANOS: u64 = 1_000_000_000;

/// A recorded upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// When it arrived, in nanoseconds.
    pub(super) at: u64,
    /// Its size; 0 if it was not recorded.
    pub(super) bytes: u64,
}

/// The most arrivals of a recording, which need 16 bytes of memory each.
const MAX_ENTRIES: usize = 10_000_000;
/// The largest upload: more is no size, but a mistake.
const MAX_BYTES: u64 = 1 << 40;

/// What was read so far.
#[derive(Debug)]
pub(super) struct Collector {
    /// The name of the file, without its folder.
    name: String,
    /// What is counted: `line` or `entry`.
    unit: &'static str,
    entries: Vec<Entry>,
    pub(super) has_sizes: bool,
    read: u64,
    unread: u64,
    first_unread: Option<(u64, String)>,
}

impl Collector {
    pub(super) fn new(name: String, unit: &'static str) -> Self {
        Self { name, unit, entries: Vec::new(), has_sizes: false, read: 0, unread: 0, first_unread: None }
    }

    /// Takes what a line or an entry is: an upload, something else (`None`), or unreadable.
    pub(super) fn take(&mut self, number: u64, entry: Result<Option<Entry>, String>) -> Result<(), String> {
        self.read += 1;
        match entry {
            Ok(None) => {}
            Ok(Some(entry)) if entry.bytes > MAX_BYTES => {
                self.reject(number, "its size is above 1 TiB".to_owned());
            }
            Ok(Some(_)) if self.entries.len() == MAX_ENTRIES => {
                return Err(format!("more than {MAX_ENTRIES} uploads: give a shorter recording"));
            }
            Ok(Some(entry)) => self.entries.push(entry),
            Err(why) => self.reject(number, why),
        }
        Ok(())
    }

    fn reject(&mut self, number: u64, why: String) {
        self.unread += 1;
        self.first_unread.get_or_insert((number, why));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What could not be read, in a sentence.
    pub(super) fn unread_sentence(&self) -> Option<String> {
        let (number, why) = self.first_unread.as_ref()?;
        let Self { name, unit, read, unread, .. } = self;
        let units = if *unit == "entry" { "entries" } else { "lines" };
        Some(format!(
            "{name}: {unread} of {read} {units} could not be read and were left out; the first is {unit} {number}: {why}"
        ))
    }

    /// The arrivals in the order of time. Where all times are whole seconds, those of a second are spread over it.
    pub(super) fn into_sorted(self) -> Vec<Entry> {
        let mut entries = self.entries;
        entries.sort_by_key(|entry| entry.at);
        if entries.iter().all(|entry| entry.at % NANOS == 0) {
            for second in entries.chunk_by_mut(|one, other| one.at == other.at) {
                let count = second.len() as u64;
                for (number, entry) in (0..).zip(second) {
                    entry.at += NANOS * number / count;
                }
            }
        }
        entries
    }
}
