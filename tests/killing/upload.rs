//! One upload: what is to be sent of it, and what its caller was told of each segment.

use std::fmt::Write as _;
use std::ops::Range;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Random;
use super::process::SEGMENT;

/// How a segment fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It has not been sent, or was refused or broken off.
    Open,
    /// It was sent, and the server died before it answered.
    Unknown,
    Acknowledged,
}

#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) token: String,
    pub(crate) video: Option<String>,
    by_bytes: bool,
    seed: u8,
    pub(crate) segments: Vec<(Range<usize>, Fate)>,
}

impl Upload {
    pub(crate) fn new(token: String, random: &mut Random) -> Self {
        let count = 1 + random.pick(7);
        let mut segments = Vec::new();
        let mut from = 0;
        for number in 1..=count {
            let smallest = if number == count { 1 } else { SEGMENT };
            let to = from + smallest + random.pick(SEGMENT / 2);
            segments.push((from..to, Fate::Open));
            from = to;
        }
        let seed = random.below(256).to_le_bytes()[0];
        Self { token, video: None, by_bytes: random.percent(50), seed, segments }
    }

    fn total(&self) -> usize {
        self.segments.last().map_or(0, |(range, _)| range.end)
    }

    fn content(&self, range: Range<usize>) -> Vec<u8> {
        range.map(|at| (at.wrapping_mul(131) ^ (at >> 9)).to_le_bytes()[0] ^ self.seed).collect()
    }

    pub(crate) fn sum(&self) -> String {
        format!("{:x}", Sha256::digest(self.content(0..self.total())))
    }

    /// The request of one segment.
    pub(crate) fn request(&self, index: usize) -> Vec<u8> {
        let range = self.segments[index].0.clone();
        self.framed(&self.place(index), &self.content(range))
    }

    /// One that must be refused, though its bytes are there: it repeats, overlaps, or is too small.
    pub(crate) fn refused(&self, index: usize, random: &mut Random) -> Option<Vec<u8>> {
        let other = |at: usize| -> Vec<u8> {
            self.content(self.segments[at].0.clone()).into_iter().map(|byte| byte ^ 0xff).collect()
        };
        let mut wrong = other(index);
        let acknowledged = self.segments.iter().position(|(_, fate)| *fate == Fate::Acknowledged);
        if let Some(again) = acknowledged.filter(|_| random.percent(50)) {
            return Some(self.framed(&self.place(again), &other(again)));
        }
        // The last one may be small.
        let small = index + 1 < self.segments.len() && !self.by_bytes;
        wrong.truncate(1000);
        (small || self.by_bytes && wrong.len() != self.segments[index].0.len())
            .then(|| self.framed(&self.place(index), &wrong))
    }

    fn place(&self, index: usize) -> String {
        let range = &self.segments[index].0;
        if self.by_bytes {
            format!("bytes {}-{}/{}", range.start, range.end - 1, self.total())
        } else {
            format!("part {}/{}", index + 1, self.segments.len())
        }
    }

    fn framed(&self, place: &str, content: &[u8]) -> Vec<u8> {
        let mut form = Vec::new();
        if let Some(video) = &self.video {
            let part =
                format!("--edge\r\ncontent-disposition: form-data; name=\"videoId\"\r\n\r\n{video}\r\n");
            form.extend_from_slice(part.as_bytes());
        }
        form.extend_from_slice(
            b"--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"film.mp4\"\r\n\r\n",
        );
        form.extend_from_slice(content);
        form.extend_from_slice(b"\r\n--edge--\r\n");
        let mut head = format!("POST /upload?token={} HTTP/1.1\r\nhost: a\r\n", self.token);
        write!(head, "content-type: multipart/form-data; boundary=edge\r\ncontent-range: {place}\r\n")
            .unwrap();
        write!(head, "content-length: {}\r\n\r\n", form.len()).unwrap();
        let mut request = head.into_bytes();
        request.extend(form);
        request
    }

    /// Which segments a status lists.
    pub(crate) fn listed(&self, ingest: &Value) -> Vec<usize> {
        let whole = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
        let found: Vec<_> = if self.by_bytes {
            let ranges = ingest["receivedBytes"].as_array().unwrap();
            let index = |range: &Value| {
                let range = whole(&range["from"])..whole(&range["to"]) + 1;
                self.segments.iter().position(|(own, _)| *own == range)
            };
            ranges.iter().map(index).collect()
        } else {
            let parts = ingest["receivedParts"]["parts"].as_array().unwrap();
            parts.iter().map(|part| Some(whole(part) - 1)).collect()
        };
        found
            .into_iter()
            .map(|index| index.unwrap_or_else(|| panic!("{ingest} holds what was never sent")))
            .collect()
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.segments.iter().all(|(_, fate)| *fate == Fate::Acknowledged)
    }

    /// Those that may be sent.
    pub(crate) fn open(&self) -> Vec<usize> {
        let open = |(index, (_, fate)): (usize, &(Range<usize>, Fate))| {
            (*fate != Fate::Acknowledged).then_some(index)
        };
        self.segments.iter().enumerate().filter_map(open).collect()
    }
}
