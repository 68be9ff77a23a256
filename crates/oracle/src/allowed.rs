//! What may be answered, and what was.

use std::fmt;

use super::fault::Fault;

/// One kind of answer that the contract allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// 201 with the video that the segment belongs to.
    Accepted {
        /// The rule that demands it.
        rule: &'static str,
        /// The upload that was begun before; none where this answer must name a new video.
        known: Option<usize>,
    },
    /// A refusal with one of these statuses and, where there are any, one of these slugs.
    Refused {
        /// The rule that demands it.
        rule: &'static str,
        /// The statuses.
        statuses: Vec<u16>,
        /// The slugs.
        slugs: Vec<&'static str>,
    },
    /// Any refusal: the contract does not say that such a request must be accepted.
    AnyRefusal,
    /// Whatever comes, and be it nothing.
    Anything,
    /// A call about a token, answered with this status.
    Plain {
        /// The rule that demands it.
        rule: &'static str,
        /// The status.
        status: u16,
    },
    /// A token stands, or does not stand, in the list of active tokens.
    Listing {
        /// The rule that demands it.
        rule: &'static str,
        /// Whether it must.
        listed: bool,
    },
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status; none where no answer came.
    pub status: Option<u16>,
    /// The last segment of the problem's type.
    pub slug: Option<String>,
    /// Which video the answer names.
    pub video: Video,
}

/// The video that an answer names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Video {
    /// None.
    None,
    /// One that no answer had named before.
    New,
    /// That of an upload which was begun before.
    Known(usize),
}

/// The target answered what no reading of the contract allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which of the requests that went out together.
    pub request: usize,
    /// What would have been allowed.
    pub allowed: Vec<Allowed>,
    /// Whether each answer alone would have been right, and only all of them together are not.
    pub joint: bool,
}

impl Allowed {
    /// A refusal that any of these faults may be given for. The first names the rule.
    pub(super) fn refused(faults: &[Fault]) -> Self {
        let mut statuses: Vec<u16> = faults.iter().flat_map(|fault| fault.statuses).copied().collect();
        let mut slugs: Vec<&str> = faults.iter().flat_map(|fault| fault.slugs).copied().collect();
        statuses.sort_unstable();
        statuses.dedup();
        slugs.sort_unstable();
        slugs.dedup();
        Self::Refused { rule: faults.first().map_or("UPLOAD-01", |fault| fault.rule), statuses, slugs }
    }

    /// Whether this answer is of that kind.
    pub fn allows(&self, answer: &Answer) -> bool {
        let status = answer.status.unwrap_or(0);
        match self {
            Self::Anything => true,
            Self::AnyRefusal => (400..500).contains(&status),
            Self::Accepted { known, .. } => {
                status == 201 && answer.video == known.map_or(Video::New, Video::Known)
            }
            Self::Refused { statuses, slugs, .. } => {
                // 413 comes from what stands in front of the server and knows no slugs.
                let named = || answer.slug.as_deref().is_some_and(|slug| slugs.contains(&slug));
                statuses.contains(&status) && (status == 413 || slugs.is_empty() || named())
            }
            Self::Plain { status: wanted, .. } => status == *wanted,
            Self::Listing { .. } => false,
        }
    }

    /// The rule behind it; none where nothing is demanded.
    pub const fn rule(&self) -> Option<&'static str> {
        match self {
            Self::Accepted { rule, .. }
            | Self::Refused { rule, .. }
            | Self::Plain { rule, .. }
            | Self::Listing { rule, .. } => Some(rule),
            Self::AnyRefusal | Self::Anything => None,
        }
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted { known: None, .. } => f.write_str("201 and a new video"),
            Self::Accepted { known: Some(_), .. } => f.write_str("201 and the upload's own video"),
            Self::Refused { statuses, slugs, .. } => {
                let statuses: Vec<_> = statuses.iter().map(u16::to_string).collect();
                write!(f, "{}", statuses.join(" or "))?;
                if slugs.is_empty() { Ok(()) } else { write!(f, " {}", slugs.join(" or ")) }
            }
            Self::AnyRefusal => f.write_str("any 4xx"),
            Self::Anything => f.write_str("anything"),
            Self::Plain { status, .. } => write!(f, "{status}"),
            Self::Listing { listed: true, .. } => f.write_str("a list with the token"),
            Self::Listing { listed: false, .. } => f.write_str("a list without the token"),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            None => return f.write_str("no response"),
            Some(status) => write!(f, "{status}")?,
        }
        if let Some(slug) = &self.slug {
            write!(f, " {slug}")?;
        }
        if self.status.is_some_and(|status| status < 300) {
            match self.video {
                Video::None => f.write_str(" and no video")?,
                Video::New => f.write_str(" and a new video")?,
                Video::Known(_) => f.write_str(" and a known video")?,
            }
        }
        Ok(())
    }
}
