//! Callers that mean harm by HTTP/2: whatever they send, it ends in a refusal or a closed connection, and the next caller
//! is served as ever.

use crate::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, Frames, HEADERS, Heard, PING, RESET, SETTINGS,
    WINDOW_UPDATE, frame, head, header,
};
use crate::support::Bench;

const KIB: usize = 1024;

async fn say(bench: &Bench, bytes: &[u8]) -> Heard {
    let heard = Frames::connect(bench, &[]).await.say(bytes).await;
    assert!(!heard.failed, "a call returned 500");
    assert_eq!(bench.get("/upload-tokens").await.status, 200, "the next caller is served");
    heard
}

/// The numbers of streams that a client may open.
fn streams(count: u32) -> impl Iterator<Item = u32> {
    (0..count).map(|number| number * 2 + 1)
}

#[tokio::test]
async fn calls_that_are_cancelled_as_soon_as_they_are_made_end_the_connection() {
    let bench = Bench::start().await;
    let mut flood = Vec::new();
    for stream in streams(20_000) {
        flood.extend(frame(HEADERS, END_HEADERS | END_STREAM, stream, &head("GET", "/upload-tokens")));
        flood.extend(frame(RESET, 0, stream, &8_u32.to_be_bytes()));
    }
    assert!(say(&bench, &flood).await.went_away());
}

#[tokio::test]
async fn calls_without_end_are_refused_past_a_number() {
    let bench = Bench::start().await;
    let mut flood = Vec::new();
    for stream in streams(5000) {
        flood.extend(frame(HEADERS, END_HEADERS, stream, &head("POST", "/upload?token=to")));
    }
    let heard = say(&bench, &flood).await;
    assert!(heard.kinds.contains(&RESET) || heard.went_away(), "{} frames", heard.kinds.len());
}

#[tokio::test]
async fn heads_that_are_too_long_are_refused() {
    let bench = Bench::start().await;
    let long = [head("GET", "/upload-tokens"), header("a", 1000 * KIB)].concat();
    let mut pieces = long.chunks(16 * KIB);
    let mut flood = frame(HEADERS, END_STREAM, 1, pieces.next().unwrap());
    for piece in pieces {
        flood.extend(frame(CONTINUATION, 0, 1, piece));
    }
    flood.extend(frame(CONTINUATION, END_HEADERS, 1, &[]));
    say(&bench, &flood).await;
    // Many small ones, and a head that never ends.
    let mut flood = frame(HEADERS, END_STREAM, 1, &head("GET", "/"));
    let many = header("a", 10).repeat(1000);
    for _ in 0..1000 {
        flood.extend(frame(CONTINUATION, 0, 1, &many));
    }
    assert!(say(&bench, &flood).await.went_away());
    // Empty pieces cost nothing to send.
    let mut flood = frame(HEADERS, END_STREAM, 1, &head("GET", "/"));
    flood.extend(frame(CONTINUATION, 0, 1, &[]).repeat(100_000));
    assert!(say(&bench, &flood).await.went_away());
}

/// A table that holds one long header, which every call names a thousand times by one byte.
#[tokio::test]
async fn heads_that_swell_when_they_are_unpacked_are_refused() {
    let bench = Bench::start().await;
    let mut long = header("a", 3 * KIB);
    long[0] = 0x40;
    let mut flood = Vec::new();
    for stream in streams(100) {
        let first = if stream == 1 { long.clone() } else { Vec::new() };
        let bomb = [head("GET", "/upload-tokens"), first, vec![0xbe; 10_000]].concat();
        flood.extend(frame(HEADERS, END_HEADERS | END_STREAM, stream, &bomb));
    }
    say(&bench, &flood).await;
}

#[tokio::test]
async fn what_must_be_answered_at_once_is_no_way_to_fill_memory() {
    let bench = Bench::start().await;
    for nuisance in [
        frame(PING, 0, 0, &[7; 8]),
        frame(SETTINGS, 0, 0, &[]),
        frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 255, 255]),
        frame(WINDOW_UPDATE, 0, 0, &1_u32.to_be_bytes()),
        frame(0xee, 0, 0, &[0; 100]),
    ] {
        say(&bench, &nuisance.repeat(50_000)).await;
    }
}

#[tokio::test]
async fn frames_that_break_the_rules_end_the_connection() {
    let bench = Bench::start().await;
    let begun = frame(HEADERS, END_HEADERS, 1, &head("POST", "/upload?token=to"));
    for wrong in [
        // Nonsense, of some length.
        vec![0xff; 100_000],
        // Frames on streams where they cannot be.
        frame(DATA, 0, 0, b"a"),
        frame(DATA, 0, 7, b"a"),
        frame(SETTINGS, 0, 1, &[]),
        frame(HEADERS, END_HEADERS, 2, &head("GET", "/")),
        frame(HEADERS, END_HEADERS, 0, &head("GET", "/")),
        frame(CONTINUATION, END_HEADERS, 1, &[]),
        // Lengths that they cannot have.
        frame(SETTINGS, 0, 0, &[0; 5]),
        frame(PING, 0, 0, &[0; 3]),
        vec![0xff, 0xff, 0xff, DATA, 0, 0, 0, 0, 1],
        // Windows that are none, or too large.
        frame(WINDOW_UPDATE, 0, 0, &[0; 4]),
        frame(WINDOW_UPDATE, 0, 0, &0x7fff_ffff_u32.to_be_bytes()).repeat(2),
        // Heads that cannot be unpacked.
        frame(HEADERS, END_HEADERS, 1, &[0xff; 100]),
        frame(HEADERS, END_HEADERS, 1, &[0xbf]),
        // Another head inside one that has not ended.
        [frame(HEADERS, 0, 1, &head("GET", "/")), frame(HEADERS, 0, 3, &head("GET", "/"))].concat(),
    ] {
        assert!(say(&bench, &wrong).await.went_away(), "{:?}", &wrong[..wrong.len().min(20)]);
        say(&bench, &[&begun[..], &wrong].concat()).await;
    }
}

#[tokio::test]
async fn heads_without_what_a_call_needs_are_refused() {
    let bench = Bench::start().await;
    for head in [
        Vec::new(),
        vec![0x82],
        vec![0x82, 0x86],
        // A connection header, a name in capitals, and a pseudo header behind others.
        [head("GET", "/"), header("connection", 5)].concat(),
        [head("GET", "/"), header("CAPITAL", 5)].concat(),
        [header("a", 5), head("GET", "/")].concat(),
        [head("GET", "/"), header(":strange", 5)].concat(),
        head("GET", "no/path"),
        head("GET", ""),
        head("CONNECT", "/"),
        head("NO METHOD", "/"),
    ] {
        say(&bench, &frame(HEADERS, END_HEADERS | END_STREAM, 1, &head)).await;
    }
}

/// Bodies that are longer or shorter than they say: not one of them is a file.
#[tokio::test]
async fn bodies_of_another_length_than_declared_are_refused() {
    let bench = Bench::start().await;
    let token = bench.token(0).await;
    for (declared, sent) in
        [("5", 3), ("5", 9), ("0", 9), ("-1", 3), ("five", 3), ("99999999999999999999", 3)]
    {
        let mut call = head("POST", &format!("/upload?token={token}"));
        let mut length = header("content-length", declared.len());
        let at = length.len() - declared.len();
        length[at..].copy_from_slice(declared.as_bytes());
        call.extend(length);
        let talk = [frame(HEADERS, END_HEADERS, 1, &call), frame(DATA, END_STREAM, 1, &vec![b'a'; sent])];
        say(&bench, &talk.concat()).await;
    }
}
