//! What one caller does until the server dies.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::upload::{Fate, Upload};
use super::{Caller, Ledger, Random};

pub(crate) struct Work<'a> {
    pub(crate) random: Random,
    pub(crate) caller: &'a mut Caller,
    pub(crate) ledger: &'a Mutex<Ledger>,
    pub(crate) events: &'a AtomicU64,
}

impl Work<'_> {
    /// One piece of work; nothing, once the server is dead.
    pub(crate) fn go_on(&mut self) -> Option<()> {
        match self.random.below(20) {
            0 => self.delete_a_token(),
            1 => self.delete_a_video(),
            _ => {
                let mut upload = self.upload()?;
                let outcome = self.send(&mut upload);
                self.ledger.lock().unwrap().uploads.push(upload);
                outcome
            }
        }
    }

    /// One that is under way, or a new one.
    fn upload(&mut self) -> Option<Upload> {
        let under_way = self.ledger.lock().unwrap().take(&mut self.random);
        if under_way.is_some() {
            return under_way;
        }
        let token = self.token()?;
        self.ledger.lock().unwrap().tokens.push(token.clone());
        Some(Upload::new(token, &mut self.random))
    }

    fn token(&mut self) -> Option<String> {
        let (status, body) = self.caller.call("POST", "/upload-tokens", "{}").ok()?;
        assert_eq!(status, 200, "{body}");
        Some(body["token"].as_str().unwrap().to_owned())
    }

    fn delete_a_token(&mut self) -> Option<()> {
        let token = self.token()?;
        let (status, _) = self.caller.call("DELETE", &format!("/upload-tokens/{token}"), "").ok()?;
        assert_eq!(status, 204);
        self.ledger.lock().unwrap().dead_tokens.push(token);
        Some(())
    }

    fn delete_a_video(&mut self) -> Option<()> {
        let mut ledger = self.ledger.lock().unwrap();
        let Some(at) = ledger.uploads.iter().position(Upload::is_complete) else { return Some(()) };
        // Whether a server that dies over it has deleted it cannot be known, so it is no longer asked for.
        let video = ledger.uploads.swap_remove(at).video.unwrap();
        ledger.unsure += 1;
        drop(ledger);
        let (status, _) = self.caller.call("DELETE", &format!("/videos/{video}"), "").ok()?;
        assert_eq!(status, 204);
        let mut ledger = self.ledger.lock().unwrap();
        ledger.unsure -= 1;
        ledger.dead_videos.push(video);
        Some(())
    }

    /// Sends one segment, and before it, now and then, what must leave no trace.
    fn send(&mut self, upload: &mut Upload) -> Option<()> {
        let open = upload.open();
        let index = open[self.random.pick(open.len())];
        if upload.video.is_some() && self.random.percent(30) {
            self.be_refused(upload, index)?;
        }
        if self.random.percent(10) {
            self.event();
            self.caller.break_off(&upload.request(index)).ok()?;
            self.ledger.lock().unwrap().broken_off += 1;
        }
        upload.segments[index].1 = Fate::Unknown;
        self.event();
        let events = self.events;
        let request = upload.request(index);
        let answered = self.caller.send(&request, &mut || {
            events.fetch_add(1, Ordering::SeqCst);
        });
        let (status, body) = answered.ok()?;
        assert_eq!(status, 201, "{body} for {upload:?}");
        upload.video = body["videoId"].as_str().map(str::to_owned);
        upload.segments[index].1 = Fate::Acknowledged;
        self.event();
        self.ledger.lock().unwrap().acknowledged += 1;
        if upload.is_complete() {
            let (_, known) = self.caller.known(upload.video.as_deref().unwrap()).ok()?;
            assert_eq!(known["sha256"], upload.sum(), "{known} of {upload:?}");
        }
        Some(())
    }

    fn be_refused(&mut self, upload: &Upload, index: usize) -> Option<()> {
        let Some(request) = upload.refused(index, &mut self.random) else { return Some(()) };
        self.event();
        let (status, body) = self.caller.send(&request, &mut || {}).ok()?;
        assert!((400..500).contains(&status), "{status} {body} for {upload:?}");
        self.ledger.lock().unwrap().refused += 1;
        Some(())
    }

    fn event(&self) {
        self.events.fetch_add(1, Ordering::SeqCst);
    }
}
