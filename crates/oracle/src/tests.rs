//! The oracle against tables taken from the contract. Nothing is sent here; `tests/fuzz.rs` holds the model against the
//! reference server.

use super::*;

const MIN: u64 = 1024;
const LIMITS: ContractLimits = ContractLimits {
    min_segment: MIN,
    max_segment: 8 * MIN,
    max_request: 8 * MIN,
    max_total: 52_428_800_000,
    max_parts: 10_000,
    grace: 86_400_000,
    margin: 2000,
};

fn request(link: VideoRef, range: Option<&str>, offset: u64, length: u64) -> Request {
    Request {
        token: 0,
        link,
        range: range.map(str::to_owned),
        offset,
        files: vec![length],
        broken_off: false,
        odd: false,
        began: Span::at(0),
        arrived: Span::at(0),
    }
}

fn accepted(video: Video) -> Answer {
    Answer { status: Some(201), slug: None, video }
}

/// A model with one token, and an upload of it that these segments began.
fn begun(segments: &[(&str, u64, u64)]) -> Model {
    let mut model = Model::new(LIMITS);
    model.created(3600, Span::at(0));
    for (at, (range, offset, length)) in segments.iter().enumerate() {
        let (link, video) =
            if at == 0 { (VideoRef::Begins(0), Video::New) } else { (VideoRef::Upload(0), Video::Known(0)) };
        let request = request(link, Some(range), *offset, *length);
        model.answered(&[(request, accepted(video))]).expect("the contract allows it");
    }
    model
}

/// What is allowed to a later segment with this header and so many bytes: a rule, and whether it is accepted.
fn verdict(model: &Model, range: &str, length: u64) -> (&'static str, bool) {
    match model.predict(&request(VideoRef::Upload(0), Some(range), 0, length)).as_slice() {
        [Allowed::Accepted { rule, .. }] => (*rule, true),
        [Allowed::Refused { rule, .. }] => (*rule, false),
        other => panic!("{range}: {other:?}"),
    }
}

#[test]
fn byte_ranges_are_judged_as_the_rules_say() {
    // 0-1023 of 4096 is there, and 2048-3071.
    let model = begun(&[("bytes 0-1023/4096", 0, MIN), ("bytes 2048-3071/4096", 2048, MIN)]);
    for (range, length, rule, accepted) in [
        ("bytes 1024-2047/4096", 1024, "BYTES-02", true),
        ("bytes 1024-2047/*", 1024, "BYTES-02", true),
        ("bytes 3072-4095/4096", 1024, "BYTES-08", true),
        ("bytes 4095-4095/4096", 1, "BYTES-08", true),
        ("bytes 1024-2046/4096", 1023, "BYTES-07", false),
        ("bytes 1024-2047/4096", 1023, "BYTES-10", false),
        ("bytes 1024-2047/4096", 1025, "BYTES-10", false),
        ("bytes 0-1023/4096", 1024, "BYTES-11", false),
        ("bytes 1023-2047/4096", 1025, "BYTES-11", false),
        ("bytes 1024-2048/4096", 1025, "BYTES-11", false),
        ("bytes 1024-2047/4097", 1024, "BYTES-12", false),
        ("bytes 3072-4096/4096", 1025, "BYTES-14", false),
        ("bytes 3072-4096/*", 1025, "BYTES-14", false),
        ("bytes 1024-", 1024, "BYTES-20", false),
        ("part 2/4", 1024, "BYTES-21", false),
    ] {
        assert_eq!(verdict(&model, range, length), (rule, accepted), "{range}");
    }
}

#[test]
fn ranges_of_an_open_total_are_judged_as_the_rules_say() {
    let model = begun(&[("bytes 0-1023/*", 0, MIN), ("bytes 2048-3071/*", 2048, MIN)]);
    for (range, length, rule, accepted) in [
        ("bytes 1024-2047/3072", 1024, "BYTES-02", true),
        ("bytes 3072-3072/3073", 1, "BYTES-08", true),
        // Small, and not known to be the last.
        ("bytes 3072-3072/*", 1, "BYTES-07", false),
        ("bytes 1024-2047/2048", 1024, "BYTES-18", false),
        ("bytes 52428798977-52428800000/*", 1024, "BYTES-15", false),
        ("bytes 1024-2047/52428800001", 1024, "BYTES-16", false),
        ("bytes 3072-12287/*", 9216, "BYTES-09", false),
        ("bytes 1024-2047/0", 1024, "BYTES-17", false),
        ("bytes 2047-1024/*", 1024, "BYTES-13", false),
    ] {
        assert_eq!(verdict(&model, range, length), (rule, accepted), "{range}");
    }
}

#[test]
fn parts_are_judged_as_the_rules_say() {
    let named = begun(&[("part 1/4", 0, MIN), ("part 3/4", 2048, MIN)]);
    let open = begun(&[("part 1/*", 0, MIN), ("part 3/*", 2048, MIN)]);
    for (model, range, length, rule, accepted) in [
        (&named, "part 2/4", 1024, "PART-03", true),
        (&named, "part 4/*", 1, "PART-01", true),
        (&named, "part 2/4", 1023, "PART-07", false),
        (&named, "part 3/4", 1024, "PART-08", false),
        (&named, "part 2/5", 1024, "PART-09", false),
        (&named, "part 0/4", 1024, "PART-10", false),
        (&named, "part 5/4", 1024, "PART-11", false),
        (&named, "part 5/*", 1024, "PART-11", false),
        (&named, "part 2/4", 8193, "UPLOAD-07", false),
        (&named, "bytes 1024-2047/4096", 1024, "PART-16", false),
        (&open, "part 2/3", 1024, "PART-03", true),
        (&open, "part 4/4", 1, "PART-01", true),
        (&open, "part 4/*", 1, "PART-07", false),
        (&open, "part 10001/*", 1024, "PART-12", false),
        (&open, "part 2/10001", 1024, "PART-14", false),
        (&open, "part 2/2", 1024, "PART-15", false),
    ] {
        assert_eq!(verdict(model, range, length), (rule, accepted), "{range}");
    }
}

#[test]
fn a_form_is_judged_before_it_belongs_to_anything() {
    let mut model = Model::new(LIMITS);
    model.created(3600, Span::at(0));
    for (files, rule, accepted) in [
        (vec![1], "UPLOAD-01", true),
        (vec![8192], "UPLOAD-01", true),
        (vec![], "UPLOAD-04", false),
        (vec![1, 1], "UPLOAD-05", false),
        (vec![0], "UPLOAD-06", false),
        (vec![8193], "UPLOAD-07", false),
    ] {
        let request = Request { files: files.clone(), ..request(VideoRef::Begins(0), None, 0, 0) };
        let allowed = model.predict(&request);
        assert_eq!(allowed.len(), 1);
        assert_eq!(allowed[0].rule(), Some(rule), "{files:?}");
        assert_eq!(matches!(allowed[0], Allowed::Accepted { .. }), accepted, "{files:?}");
    }
    // What the documents do not speak of may be refused, and need not be.
    let odd = Request { odd: true, ..request(VideoRef::Begins(0), None, 0, 1) };
    assert!(matches!(model.predict(&odd).as_slice(), [Allowed::Accepted { .. }, Allowed::AnyRefusal]));
}

/// What is allowed at this second to a segment that begins an upload, and to one that goes on with one.
fn at(model: &Model, second: u64) -> [Vec<Option<&'static str>>; 2] {
    let at = Span::at(second * 1000);
    [(VideoRef::Begins(1), "bytes 0-1023/2048"), (VideoRef::Upload(0), "bytes 1024-1024/1025")].map(
        |(link, range)| {
            let length = if link == VideoRef::Upload(0) { 1 } else { MIN };
            let request = Request { began: at, arrived: at, ..request(link, Some(range), 1024, length) };
            model.predict(&request).iter().map(Allowed::rule).collect()
        },
    )
}

const DAY: u64 = 86_400;

#[test]
fn time_is_judged_a_margin_away_from_its_instants() {
    let model = begun(&[("bytes 0-1023/1025", 0, MIN)]);
    assert_eq!(at(&model, 3597), [[Some("BYTES-06")], [Some("BYTES-08")]]);
    assert_eq!(at(&model, 3603), [[Some("TTL-03")], [Some("GRACE-01")]]);
    assert_eq!(at(&model, 3600 + DAY - 3), [[Some("TTL-03")], [Some("GRACE-01")]]);
    assert_eq!(at(&model, 3600 + DAY + 3), [[Some("TTL-03")], [Some("GRACE-03")]]);
    // Within the margin both are allowed.
    assert_eq!(at(&model, 3600).map(|allowed| allowed.len()), [2, 2]);
    assert_eq!(at(&model, 3600 + DAY)[1].len(), 2);
}

#[test]
fn a_deleted_token_authenticates_nothing() {
    let mut model = begun(&[("bytes 0-1023/1025", 0, MIN)]);
    model.deleted(0, Span::at(10_000), Some(204)).expect("it is deleted");
    assert_eq!(at(&model, 20), [[Some("REVOKE-02")], [Some("REVOKE-05")]]);
    assert!(model.shown(0, Span::at(20_000), Some(404)).is_ok());
    assert!(model.shown(0, Span::at(20_000), Some(200)).is_err());
    assert!(model.listed(0, Span::at(20_000), true).is_err());
    assert!(model.deleted(0, Span::at(20_000), Some(204)).is_err(), "there is nothing to delete any more");
    let mut graced = begun(&[("bytes 0-1023/1025", 0, MIN)]);
    graced.deleted(0, Span::at(3_700_000), Some(204)).expect("an expired token is deleted in its grace");
    assert_eq!(at(&graced, 3800)[1], [Some("REVOKE-06")]);
}

#[test]
fn completion_comes_with_the_last_missing_byte() {
    let mut model = begun(&[("bytes 0-1023/3072", 0, MIN), ("bytes 2048-3071/3072", 2048, MIN)]);
    let look = |status: &str, ranges: &[(u64, u64)]| ObservedStatus {
        status: 200,
        ingest: Some(status.to_owned()),
        ranges: Some(ranges.to_vec()),
        ..ObservedStatus::default()
    };
    let now = Span::at(0);
    let two = [(0, 1023), (2048, 3071)];
    assert!(model.observed(0, now, &look("uploading", &two)).is_ok());
    assert_eq!(model.observed(0, now, &look("uploaded", &two)).unwrap_err().0, "BYTES-05");
    assert_eq!(model.observed(0, now, &look("uploading", &[(0, 1023)])).unwrap_err().0, "BYTES-04");
    assert_eq!(model.bytes(0), None);
    let last = request(VideoRef::Upload(0), Some("bytes 1024-2047/3072"), 1024, MIN);
    model.answered(&[(last, accepted(Video::Known(0)))]).expect("it fits");
    assert_eq!(model.bytes(0), Some(vec![(0, MIN), (1024, MIN), (2048, MIN)]));
    assert!(model.observed(0, now, &look("uploaded", &[])).is_ok());
    assert_eq!(model.observed(0, now, &look("uploading", &two)).unwrap_err().0, "BYTES-01");
    let short = ObservedStatus { filesize: Some(3071), ..look("uploaded", &[]) };
    assert_eq!(model.observed(0, now, &short).unwrap_err().0, "UPLOAD-11");
}

#[test]
fn of_two_that_exclude_each_other_one_is_accepted_whichever() {
    let same = || request(VideoRef::Upload(0), Some("bytes 1024-2047/3072"), 1024, MIN);
    let refused = || Answer {
        status: Some(400),
        slug: Some("video-content-range-by-bytes-range-overlap".to_owned()),
        video: Video::None,
    };
    let yes = || accepted(Video::Known(0));
    for (answers, right) in [
        ([yes(), refused()], true),
        ([refused(), yes()], true),
        ([yes(), yes()], false),
        ([refused(), refused()], false),
    ] {
        let mut model = begun(&[("bytes 0-1023/3072", 0, MIN)]);
        let [one, other] = answers;
        assert_eq!(model.answered(&[(same(), one), (same(), other)]).is_ok(), right);
    }
}

#[test]
fn an_answer_of_another_video_or_none_is_not_the_right_one() {
    let mut model = begun(&[("part 1/2", 0, MIN)]);
    let second = request(VideoRef::Upload(0), Some("part 2/2"), MIN, 1);
    for wrong in [
        accepted(Video::New),
        accepted(Video::None),
        Answer { status: Some(200), ..accepted(Video::Known(0)) },
        Answer { status: Some(500), slug: None, video: Video::None },
        Answer { status: None, slug: None, video: Video::None },
    ] {
        assert!(model.answered(&[(second.clone(), wrong.clone())]).is_err(), "{wrong:?}");
    }
    // What broke off has not arrived, and leaves no answer.
    let broken = Request { broken_off: true, ..second.clone() };
    model.answered(&[(broken, Answer { status: None, slug: None, video: Video::None })]).expect("allowed");
    model.answered(&[(second, accepted(Video::Known(0)))]).expect("it can be sent again");
}
