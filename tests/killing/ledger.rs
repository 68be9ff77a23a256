//! The book of all callers, and how a server is held against it.

use super::upload::{Fate, Upload};
use super::{Caller, Random};

/// What the callers were told so far.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) uploads: Vec<Upload>,
    pub(crate) tokens: Vec<String>,
    /// Tokens, and videos, that are deleted.
    pub(crate) dead_tokens: Vec<String>,
    pub(crate) dead_videos: Vec<String>,
    pub(crate) acknowledged: u64,
    pub(crate) refused: u64,
    pub(crate) broken_off: u64,
    /// Uploads whose name nobody was told, and deletions that were never answered.
    pub(crate) nameless: usize,
    pub(crate) unsure: usize,
    /// Segments whose answer never came, and how many of them had been accepted.
    pub(crate) unknown: [u64; 2],
}

impl Ledger {
    /// Holds a server that was just started against what the one before it said.
    pub(crate) fn hold_against(&mut self, caller: &mut Caller) {
        for token in &self.tokens {
            assert_eq!(status(caller, &format!("/upload-tokens/{token}")), 200, "{token} was acknowledged");
        }
        for token in &self.dead_tokens {
            assert_eq!(status(caller, &format!("/upload-tokens/{token}")), 404, "{token} was deleted");
        }
        for video in &self.dead_videos {
            assert_eq!(status(caller, &format!("/videos/{video}")), 404, "{video} was deleted");
        }
        let Self { uploads, unknown, nameless, .. } = self;
        for upload in uploads.iter_mut() {
            let was_sent = upload.segments.iter().any(|(_, fate)| *fate == Fate::Unknown);
            *nameless += usize::from(upload.video.is_none() && was_sent);
            hold(upload, caller, unknown);
        }
    }

    /// Sends what is missing.
    pub(crate) fn finish(&mut self, caller: &mut Caller) {
        for upload in &mut self.uploads {
            while let Some(index) = upload.open().first().copied() {
                let (status, body) = caller.send(&upload.request(index), &mut || {}).unwrap();
                assert_eq!(status, 201, "{body} for {upload:?}");
                upload.video = body["videoId"].as_str().map(str::to_owned);
                upload.segments[index].1 = Fate::Acknowledged;
            }
        }
    }

    pub(crate) fn complete(&self) -> usize {
        self.uploads.iter().filter(|upload| upload.is_complete()).count()
    }

    pub(crate) fn told(&self) -> String {
        format!(
            "{} segments acknowledged, {} refused, {} broken off, {} without an answer (of which {} had been \
             accepted); {} uploads complete, {} tokens and {} videos deleted",
            self.acknowledged,
            self.refused,
            self.broken_off,
            self.unknown[0],
            self.unknown[1],
            self.complete(),
            self.dead_tokens.len(),
            self.dead_videos.len(),
        )
    }

    /// Whether enough happened for the test to say anything.
    pub(crate) fn was_put_to_the_test(&self, kills: u64) -> bool {
        self.acknowledged > 2 * kills && self.refused > kills / 2 && self.unknown[0] > kills
    }
}

fn status(caller: &mut Caller, path: &str) -> u16 {
    caller.call("GET", path, "").unwrap().0
}

fn hold(upload: &mut Upload, caller: &mut Caller, unknown: &mut [u64; 2]) {
    let Some(video) = upload.video.clone() else {
        // Nobody was told its name, so it is begun again.
        unknown[0] += upload.segments.iter().filter(|(_, fate)| *fate == Fate::Unknown).count() as u64;
        upload.segments.iter_mut().for_each(|(_, fate)| *fate = Fate::Open);
        return;
    };
    let (status, body) = caller.call("GET", &format!("/videos/{video}/status"), "").unwrap();
    assert_eq!(status, 200, "{upload:?}");
    let listed = upload.listed(&body["ingest"]);
    for index in 0..upload.segments.len() {
        let is_there = listed.contains(&index);
        let fate = &mut upload.segments[index].1;
        match (*fate, is_there) {
            (Fate::Acknowledged, false) => panic!("segment {index} was acknowledged and is lost: {upload:?}"),
            (Fate::Open, true) => {
                panic!("segment {index} was refused, or never sent, and is there: {upload:?}")
            }
            (Fate::Unknown, _) => {
                unknown[0] += 1;
                unknown[1] += u64::from(is_there);
            }
            _ => {}
        }
        *fate = if is_there { Fate::Acknowledged } else { Fate::Open };
    }
    if upload.is_complete() {
        let (_, known) = caller.known(&video).unwrap();
        assert_eq!(known["complete"], true, "{known} of {upload:?}");
        assert_eq!(known["sha256"], upload.sum(), "{known} of {upload:?}");
    }
}

impl Ledger {
    /// An upload that somebody may go on with; it is given back by whoever took it.
    pub(crate) fn take(&mut self, random: &mut Random) -> Option<Upload> {
        let open: Vec<_> = (0..self.uploads.len()).filter(|at| !self.uploads[*at].is_complete()).collect();
        (open.len() > 6 || !open.is_empty() && random.percent(60))
            .then(|| self.uploads.swap_remove(open[random.pick(open.len())]))
    }
}
