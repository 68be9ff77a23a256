//! The model against small simulated servers of several kinds of protocols, faithful and not.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Offsets in turn, complete when full, and what broke off keeps its beginning.
fn in_turn() -> Semantics {
    Semantics {
        order: Order::InTurn,
        placed_by: PlacedBy::Offset,
        again: Again::Refused,
        sizes: Sizes { min: 0, max: None, multiple: 1, last_is_exempt: true },
        broken_off: BrokenOff::Prefix,
        completion: Completion::WhenFull,
        accepted: Statuses::of(&[204]),
        accepted_last: Statuses::of(&[204]),
        completed: Statuses::class(2),
        refused: Refusals {
            gap: Some(Statuses::of(&[409])),
            overlap: Some(Statuses::of(&[409])),
            beyond: Some(Statuses::of(&[413])),
            ..Refusals::default()
        },
    }
}

/// Numbered parts in any order, each replaced by a later one of its number, completed by a request.
fn parts() -> Semantics {
    Semantics {
        order: Order::Any,
        placed_by: PlacedBy::Number,
        again: Again::Replaces,
        sizes: Sizes { min: 5, max: Some(100), multiple: 1, last_is_exempt: true },
        broken_off: BrokenOff::Nothing,
        completion: Completion::ByRequest,
        accepted: Statuses::of(&[200]),
        accepted_last: Statuses::of(&[200]),
        completed: Statuses::of(&[200]),
        refused: Refusals {
            too_small: Some(Statuses::of(&[400])),
            too_large: Some(Statuses::of(&[400])),
            gone: Some(Statuses::of(&[404])),
            ..Refusals::default()
        },
    }
}

fn segment(number: u64, from: u64, length: u64) -> Segment {
    Segment { number, from, length, is_last: false, broken_off: None }
}

fn status(status: u16) -> Reply {
    Reply { status: Some(status), received: None }
}

fn bytes(bytes: u64) -> Report {
    Report { bytes: Some(bytes), ..Report::default() }
}

#[track_caller]
fn refused(result: Result<(), Violation>, aspect: Aspect, text: &str) {
    let violation = result.expect_err("the model objects");
    assert_eq!((violation.aspect, violation.to_string()), (aspect, text.to_owned()));
}

#[test]
fn a_segment_in_turn_is_accepted_and_the_offset_is_its_end() {
    let mut model = Model::new(in_turn(), 10);
    assert_eq!(model.answered(&segment(1, 0, 4), Reply { status: Some(204), received: Some(4) }), Ok(()));
    assert_eq!(model.reported(&bytes(4)), Ok(()));
    refused(model.clone().reported(&bytes(3)), Aspect::Asked, "4 bytes received");
    refused(
        model.clone().answered(&segment(2, 4, 2), Reply { status: Some(204), received: Some(5) }),
        Aspect::Received,
        "6 bytes received",
    );
    refused(model.answered(&segment(2, 4, 2), status(409)), Aspect::Accepted, "204");
}

#[test]
fn gap_overlap_repetition_and_excess_are_refused_and_change_nothing() {
    let mut model = Model::new(in_turn(), 10);
    assert_eq!(model.answered(&segment(1, 0, 4), status(204)), Ok(()));
    for (sent, aspect, wanted) in [
        (segment(2, 5, 2), Aspect::Gap, "409"),
        (segment(2, 3, 2), Aspect::Overlap, "409"),
        (segment(1, 0, 4), Aspect::Again, "409"),
        (segment(2, 4, 7), Aspect::Beyond, "413"),
        (segment(2, 3, 8), Aspect::Overlap, "409 or 413"),
    ] {
        refused(model.clone().answered(&sent, status(204)), aspect, wanted);
    }
    for sent in [segment(2, 5, 2), segment(2, 3, 2), segment(1, 0, 4)] {
        assert_eq!(model.answered(&sent, status(409)), Ok(()));
        assert_eq!(model.reported(&bytes(4)), Ok(()));
    }
}

#[test]
fn what_broke_off_may_have_kept_any_beginning_and_the_report_says_which() {
    let mut model = Model::new(in_turn(), 10);
    let broken = Segment { broken_off: Some(6), ..segment(1, 0, 8) };
    assert_eq!(model.answered(&broken, Reply::default()), Ok(()));
    refused(model.clone().reported(&bytes(7)), Aspect::Asked, "0 to 6 bytes received");
    assert_eq!(model.reported(&bytes(3)), Ok(()));
    assert!(model.is_open());
    // As long as it may be worked on, a refusal is no fault.
    assert_eq!(model.clone().answered(&segment(2, 3, 2), status(423)), Ok(()));
    model.settle_at(3);
    refused(model.clone().answered(&segment(2, 3, 2), status(423)), Aspect::Accepted, "204");
    assert_eq!(model.answered(&segment(2, 3, 2), status(204)), Ok(()));
    assert_eq!(model.reported(&bytes(5)), Ok(()));
}

#[test]
fn an_upload_is_complete_with_its_last_byte_and_not_before() {
    let mut model = Model::new(in_turn(), 5);
    let complete = |complete| Report { complete: Some(complete), ..Report::default() };
    assert_eq!(model.answered(&segment(1, 0, 4), status(204)), Ok(()));
    refused(model.clone().reported(&complete(true)), Aspect::Completed, "an upload that is not complete");
    assert_eq!(model.content(), None);
    assert_eq!(model.answered(&segment(2, 4, 1), status(204)), Ok(()));
    refused(model.clone().reported(&complete(false)), Aspect::Completed, "a complete upload");
    assert_eq!(model.content(), Some(vec![(0, 5)]));
}

#[test]
fn of_two_segments_at_one_offset_at_once_one_at_most_is_accepted() {
    let model = Model::new(in_turn(), 10);
    let (one, other) = (segment(1, 0, 4), segment(1, 0, 6));
    let answers = |first, second| [(one, status(first)), (other, status(second))];
    assert_eq!(model.clone().answered_at_once(&answers(204, 409)), Ok(()));
    assert_eq!(model.clone().answered_at_once(&answers(423, 423)), Ok(()));
    refused(
        model.clone().answered_at_once(&answers(204, 204)),
        Aspect::AtOnce,
        "at most one of the segments accepted",
    );
    let mut model = model;
    assert_eq!(model.answered_at_once(&answers(409, 204)), Ok(()));
    refused(model.reported(&bytes(4)), Aspect::Asked, "6 bytes received");
}

#[test]
fn a_small_part_is_refused_at_once_or_when_the_upload_is_completed() {
    let mut model = Model::new(parts(), 20);
    assert_eq!(model.answered(&segment(1, 0, 3), status(200)), Ok(()));
    assert_eq!(model.answered(&segment(2, 3, 17), status(200)), Ok(()));
    refused(model.clone().completed(Some(200)), Aspect::Incomplete, "4xx");
    assert_eq!(model.completed(Some(400)), Ok(()));
}

#[test]
fn what_the_protocol_does_not_say_of_sizes_and_excess_is_no_fault_either_way() {
    let sizes = Sizes { min: 0, max: None, multiple: 4, last_is_exempt: true };
    let refused = Refusals { beyond: None, ..in_turn().refused };
    let semantics = Semantics { sizes, refused, accepted: Statuses::of(&[308]), ..in_turn() };
    let model = Model::new(semantics, 10);
    for answered in [308, 400] {
        let mut model = model.clone();
        assert_eq!(model.answered(&segment(1, 0, 3), status(answered)), Ok(()));
        assert_eq!(model.reported(&bytes(if answered == 308 { 3 } else { 0 })), Ok(()));
    }
    for answered in [204, 413] {
        let mut model = model.clone();
        assert_eq!(model.answered(&segment(1, 0, 11), status(answered)), Ok(()));
        refused_beyond(&mut model);
    }
}

#[track_caller]
fn refused_beyond(model: &mut Model) {
    refused(model.reported(&bytes(11)), Aspect::Asked, "0 to 10 bytes received");
}

#[test]
fn the_flag_completes_and_a_full_upload_without_it_is_not_complete() {
    let mut model = Model::new(Semantics { completion: Completion::ByFlag, ..in_turn() }, 5);
    assert_eq!(model.answered(&segment(1, 0, 5), status(204)), Ok(()));
    assert_eq!(model.is_complete(), Some(false));
    let last = Segment { is_last: true, ..segment(2, 5, 0) };
    assert_eq!(model.answered(&last, status(204)), Ok(()));
    assert_eq!(model.is_complete(), Some(true));
}

/// A server of parts: what it keeps, and its faults.
#[derive(Default)]
struct PartServer {
    parts: BTreeMap<u64, (u64, u64)>,
    is_complete: bool,
    deviation: Option<Deviation>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deviation {
    KeepsTheFirst,
    TakesSmallParts,
    TakesPartsAfterwards,
    ForgetsAPart,
    CompletesNothing,
}

impl PartServer {
    fn put(&mut self, segment: &Segment) -> u16 {
        if self.is_complete && self.deviation != Some(Deviation::TakesPartsAfterwards) {
            return 404;
        }
        if segment.length > 100 {
            return 400;
        }
        if segment.broken_off.is_none() {
            let keeps = self.deviation == Some(Deviation::KeepsTheFirst);
            if !keeps || !self.parts.contains_key(&segment.number) {
                self.parts.insert(segment.number, (segment.from, segment.length));
            }
        }
        200
    }

    fn complete(&mut self) -> u16 {
        let is_small = self.parts.values().rev().skip(1).any(|(_, length)| *length < 5);
        let takes_small = self.deviation == Some(Deviation::TakesSmallParts);
        let is_empty = self.parts.is_empty() && self.deviation != Some(Deviation::CompletesNothing);
        if self.is_complete || is_empty || (is_small && !takes_small) {
            return 400;
        }
        self.is_complete = true;
        if self.deviation == Some(Deviation::ForgetsAPart) {
            self.parts.pop_last();
        }
        200
    }

    fn content(&self) -> Vec<(u64, u64)> {
        self.parts.values().copied().collect()
    }
}

#[derive(Debug, Clone)]
enum Step {
    Put(Segment),
    Complete,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let part =
        (1..5_u64, 0..40_u64, prop_oneof![1..8_u64, 95..105_u64], proptest::option::weighted(0.2, 0..3_u64));
    let put = part.prop_map(|(number, from, length, broken_off)| {
        let broken_off = broken_off.filter(|after| *after < length);
        Step::Put(Segment { number, from, length, is_last: false, broken_off })
    });
    proptest::collection::vec(prop_oneof![6 => put, 1 => Just(Step::Complete)], 0..12)
}

/// Whether the model agrees with the server's answers, its list of parts, and its content.
fn agrees(server: &mut PartServer, steps: &[Step]) -> Result<(), Violation> {
    let mut model = Model::new(parts(), 1000);
    for step in steps {
        match step {
            Step::Put(segment) => {
                let answered = server.put(segment);
                model.answered(segment, status(answered))?;
            }
            Step::Complete => model.completed(Some(server.complete()))?,
        }
        if !server.is_complete {
            let numbers = server.parts.keys().copied().collect();
            model.reported(&Report { segments: Some(numbers), ..Report::default() })?;
        }
    }
    match model.content() {
        Some(content) if content != server.content() => {
            Err(Violation { aspect: Aspect::Content, allowed: Vec::new() })
        }
        _ => Ok(()),
    }
}

proptest! {
    #[test]
    fn the_model_agrees_with_a_faithful_server_of_parts(steps in steps()) {
        let agreed = agrees(&mut PartServer::default(), &steps);
        prop_assert_eq!(agreed, Ok(()));
    }

    #[test]
    fn the_model_agrees_with_a_faithful_server_that_takes_bytes_in_turn(
        total in 1..30_u64,
        sent in proptest::collection::vec((0..32_u64, 0..12_u64, proptest::option::weighted(0.2, 0..12_u64)), 0..12),
    ) {
        let mut model = Model::new(in_turn(), total);
        let mut kept = 0;
        for (from, length, broken_off) in sent {
            let broken_off = broken_off.filter(|after| *after < length);
            let sent = Segment { broken_off, ..segment(1, from, length) };
            let answered = if from != kept {
                409
            } else if from + length > total {
                413
            } else {
                // Of what broke off, half is kept.
                kept += broken_off.map_or(length, |after| after / 2);
                204
            };
            let reply = if broken_off.is_some() { Reply::default() } else { status(answered) };
            prop_assert_eq!(model.answered(&sent, reply), Ok(()));
            prop_assert_eq!(model.reported(&bytes(kept)), Ok(()));
            model.settle_at(kept);
            prop_assert_eq!(model.is_complete(), Some(kept == total));
        }
    }
}

#[test]
fn every_deviation_of_a_server_of_parts_is_seen() {
    let put = |number, from, length| Step::Put(segment(number, from, length));
    let again = vec![put(1, 0, 9), put(1, 9, 9), Step::Complete];
    for (deviation, steps) in [
        (Deviation::KeepsTheFirst, again),
        (Deviation::TakesSmallParts, vec![put(1, 0, 2), put(2, 2, 9), Step::Complete]),
        (Deviation::TakesPartsAfterwards, vec![put(1, 0, 9), Step::Complete, put(2, 9, 9)]),
        (Deviation::ForgetsAPart, vec![put(2, 9, 9), put(1, 0, 9), Step::Complete]),
        (Deviation::CompletesNothing, vec![Step::Complete]),
    ] {
        let mut server = PartServer { deviation: Some(deviation), ..PartServer::default() };
        assert!(agrees(&mut server, &steps).is_err(), "{deviation:?}");
        assert_eq!(agrees(&mut PartServer::default(), &steps), Ok(()), "{deviation:?}");
    }
}
