//! What a status shows of an upload, and what it must.

/// What a status showed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObservedStatus {
    /// The HTTP status.
    pub status: u16,
    /// `ingest.status`.
    pub ingest: Option<String>,
    /// `ingest.filesize`.
    pub filesize: Option<u64>,
    /// The ends of `ingest.receivedBytes`, sorted.
    pub ranges: Option<Vec<(u64, u64)>>,
    /// The numbers in `ingest.receivedParts`, as listed, and the total.
    pub parts: Option<(Vec<u64>, Option<u64>)>,
}

/// What a status must show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedStatus {
    /// A complete upload, of this size.
    Complete {
        /// The rule that demands it.
        rule: &'static str,
        /// How many bytes it has.
        size: u64,
    },
    /// An upload that is under way.
    UnderWay {
        /// The rule that says that it is not complete.
        rule: &'static str,
        /// The rule that says what is listed.
        listing: &'static str,
        /// The ranges that arrived.
        ranges: Option<Vec<(u64, u64)>>,
        /// The parts that arrived, and whether their number is known.
        parts: Option<(Vec<u64>, Option<u64>)>,
    },
    /// An upload that nobody can complete any more: it may be gone, and is never shown as complete.
    NeverComplete {
        /// The rule that demands it.
        rule: &'static str,
    },
}

/// What `ingest.status` is once an upload is complete.
const DONE: [&str; 3] = ["uploaded", "ingesting", "ingested"];

impl ExpectedStatus {
    /// The rule that this look breaks, if it breaks any.
    pub fn broken_by(&self, look: &ObservedStatus) -> Option<&'static str> {
        let done = look.ingest.as_deref().is_some_and(|ingest| DONE.contains(&ingest));
        match self {
            Self::Complete { rule, size } => {
                if look.status != 200 || !done {
                    return Some(rule);
                }
                look.filesize.is_some_and(|shown| shown != *size).then_some("UPLOAD-11")
            }
            Self::UnderWay { rule, listing, ranges, parts } => {
                // What is not a status at all says nothing of completion, and is no status of an upload in progress either.
                if look.status != 200 || done || look.ingest.is_none() {
                    return Some(rule);
                }
                let ranges_differ = ranges.is_some() && look.ranges != *ranges;
                let parts_differ = parts.is_some() && look.parts != *parts;
                (ranges_differ || parts_differ).then_some(*listing)
            }
            Self::NeverComplete { rule } => (look.status == 200 && done).then_some(*rule),
        }
    }
}

impl std::fmt::Display for ExpectedStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Complete { size, .. } => write!(f, "a complete upload of {size} bytes"),
            Self::UnderWay { ranges: Some(ranges), .. } => {
                write!(f, "an upload in progress with the bytes {}", listed(ranges))
            }
            Self::UnderWay { parts: Some((parts, total)), .. } => {
                let total = total.map_or_else(|| "null".to_owned(), |total| total.to_string());
                write!(f, "an upload in progress with the parts {parts:?} of {total}")
            }
            Self::UnderWay { .. } => f.write_str("an upload in progress"),
            Self::NeverComplete { .. } => f.write_str("an upload that is not complete"),
        }
    }
}

impl std::fmt::Display for ObservedStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.status)?;
        if let Some(ingest) = &self.ingest {
            write!(f, " {ingest}")?;
        }
        if let Some(size) = self.filesize {
            write!(f, ", filesize {size}")?;
        }
        if let Some(ranges) = &self.ranges {
            write!(f, ", bytes {}", listed(ranges))?;
        }
        if let Some((parts, total)) = &self.parts {
            let total = total.map_or_else(|| "null".to_owned(), |total| total.to_string());
            write!(f, ", parts {parts:?} of {total}")?;
        }
        Ok(())
    }
}

fn listed(ranges: &[(u64, u64)]) -> String {
    let ranges: Vec<_> = ranges.iter().map(|(from, to)| format!("{from}-{to}")).collect();
    format!("[{}]", ranges.join(", "))
}
