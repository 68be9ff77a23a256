//! Faults of segments.

use super::plan::{Plan, SMALL};
use crate::case::{Frame, Segment, VideoRef};

/// Content-Range values that are in no grammar.
const MALFORMED: [&str; 9] = [
    "bytes",
    "bytes 0-",
    "bytes 0-9",
    "bytes -9/10",
    "bytes 0-9/10abc",
    "part 1",
    "part one/2",
    "part 1/2/3",
    "parts 1/1",
];

impl Plan {
    /// A segment with one thing wrong with it, or one that only looks as if it had.
    pub(super) fn bend(&mut self, mut segment: Segment) -> Segment {
        match self.draw.below(16) {
            0 => segment.form.files = self.draw.one(&[0, 2]),
            1 => segment.length = 0,
            2 => segment.link = VideoRef::Unknown,
            3 => segment.frame = Frame::Malformed(self.draw.one(&MALFORMED)),
            4 => segment.break_off = Some(segment.length / 2),
            5 => segment.length = self.odd_length(segment.length),
            _ => segment.frame = self.bent_frame(&mut segment),
        }
        segment
    }

    fn odd_length(&mut self, length: u64) -> u64 {
        let limits = self.settings.limits;
        let max = limits.max_request;
        let too_large = if max <= SMALL { max + 1 } else { length + 1 };
        self.draw.one(&[length + 1, length.saturating_sub(1).max(1), limits.min_segment - 1, too_large])
    }

    fn bent_frame(&mut self, segment: &mut Segment) -> Frame {
        let limits = self.settings.limits;
        let draw = &mut self.draw;
        match segment.frame.clone() {
            Frame::Bytes { from, to, total } => match draw.below(12) {
                0 => Frame::Bytes { from: to + 1, to: from, total },
                1 => Frame::Bytes { from, to, total: Some(0) },
                2 => Frame::Bytes { from, to, total: Some(to + draw.one(&[0, 1])) },
                3 => Frame::Bytes { from, to, total: Some(limits.max_total + 1) },
                4 => Frame::Bytes { from, to, total: Some(total.unwrap_or(to + 1) + draw.one(&[1, 1000])) },
                5 if from > 0 => {
                    segment.offset = from - 1;
                    segment.length = to - from + 2;
                    Frame::Bytes { from: from - 1, to, total }
                }
                6 => {
                    let to = limits.max_total;
                    Frame::Bytes { from: to + 1 - segment.length.max(1), to, total: None }
                }
                7 => Frame::Part { number: draw.one(&[1, 2]), count: draw.one(&[None, Some(2)]) },
                8 => Frame::None,
                9 if limits.max_segment <= SMALL => {
                    segment.length = limits.max_segment + draw.one(&[0, 1, 1]);
                    Frame::Bytes { from, to: from + segment.length - 1, total: None }
                }
                10 => {
                    segment.length = limits.min_segment - 1;
                    Frame::Bytes {
                        from,
                        to: from + segment.length - 1,
                        total: total.map(|total| total + limits.min_segment),
                    }
                }
                _ => Frame::Bytes { from, to, total: None },
            },
            Frame::Part { number, count } => match draw.below(10) {
                0 => Frame::Part { number: 0, count },
                1 => Frame::Part { number, count: Some(0) },
                2 => Frame::Part { number, count: Some(draw.one(&[1, number, limits.max_parts + 1])) },
                3 => Frame::Part { number, count: count.map(|count| count + 1).or(Some(number)) },
                4 => Frame::Part { number: count.unwrap_or(number) + 1, count },
                5 => Frame::Part { number: limits.max_parts + draw.one(&[0, 1]), count: None },
                6 => {
                    let (from, to) = (segment.offset, segment.offset + segment.length.max(1) - 1);
                    Frame::Bytes { from, to, total: draw.one(&[None, Some(to + 1)]) }
                }
                7 => Frame::None,
                8 => {
                    segment.length = limits.min_segment - 1;
                    Frame::Part { number, count: count.map(|count| count.max(number + 1)) }
                }
                _ => Frame::Part { number, count: None },
            },
            Frame::None | Frame::Malformed(_) => Frame::Part { number: 1, count: draw.one(&[Some(1), None]) },
        }
    }
}
