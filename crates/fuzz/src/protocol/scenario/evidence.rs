//! The expectation that failed, where it is not that of a segment.

use super::request::Placed;
use super::script::Script;
use super::statuses::{answer, statuses};
use crate::mismatch::{Evidence, ShownBy, UploadEvidence};
use crate::yaml::quoted;
use uptake_oracle::upload::{Aspect, Verdict};
use uptake_suite::protocol::{Received, Shows};
use uptake_suite::save::SaveFrom;

impl Script<'_> {
    /// The expectation that failed, where it is not that of a segment.
    pub(super) fn evidence(&mut self) -> Option<()> {
        let mismatch = self.input.mismatch;
        let Evidence::Upload(evidence) = &mismatch.evidence else { return None };
        match &evidence.shown_by {
            ShownBy::Segment if matches!(evidence.allowed.first(), Some(Verdict::Received { .. })) => {
                self.check(evidence)
            }
            ShownBy::Segment if evidence.aspect == Aspect::AtOnce => self.at_once(evidence),
            ShownBy::Segment | ShownBy::Complete => Some(()),
            ShownBy::Ask => self.asked(evidence),
            ShownBy::Stored(pieces) => self.stored(pieces),
        }
    }

    /// What has been received is not what was received.
    fn asked(&mut self, evidence: &UploadEvidence) -> Option<()> {
        let protocol = self.input.subject.protocol();
        let ask = protocol.ask.as_ref()?;
        let rule = &self.input.mismatch.rule;
        self.writer.line(1, "- ask what has been received:");
        self.writer.request(3, &self.caller, &ask.call.request, &Placed::Nothing)?;
        if let [Verdict::Accepted(_)] = evidence.allowed.as_slice() {
            let expected = answer(&evidence.allowed)?;
            self.writer.line(3, &format!("expect: {{ {rule}: {{ {expected} }} }}"));
            return Some(());
        }
        self.writer.line(3, &format!("expect: {{ status: {} }}", statuses(&ask.call.accepted)));
        if evidence.aspect == Aspect::Completed {
            let wanted = matches!(evidence.allowed.first(), Some(Verdict::Complete(true)));
            let complete = ask.complete_text.as_ref()?;
            self.writer.saves(3, &ask.call.save, "")?;
            return self.complete_or_not(complete, wanted);
        }
        self.writer.received(3, &ask.received, None)?;
        self.check(evidence)
    }

    fn complete_or_not(&mut self, text: &str, wanted: bool) -> Option<()> {
        // An expression about the answer cannot be calculated a step later.
        if ["answer.", "status", "received"].iter().any(|name| text.contains(name)) {
            return None;
        }
        let that = if wanted { text.to_owned() } else { format!("not ({text})") };
        self.that(&that);
        Some(())
    }

    /// `received` is what the oracle says.
    fn check(&mut self, evidence: &UploadEvidence) -> Option<()> {
        let protocol = self.input.subject.protocol();
        let received = match evidence.shown_by {
            ShownBy::Ask => &protocol.ask.as_ref()?.received,
            _ => &protocol.segment.received,
        };
        let kind = received.first()?.0;
        let bytes = match kind {
            Received::Bytes | Received::Size => "received",
            Received::LastByte => "received + 1",
            Received::Ranges | Received::Parts => "",
        };
        let mut any = Vec::new();
        for verdict in &evidence.allowed {
            any.push(match verdict {
                Verdict::Received { .. } if bytes.is_empty() => return None,
                Verdict::Received { least, greatest } if least == greatest => format!("{bytes} == {least}"),
                Verdict::Received { least, greatest } => {
                    format!("({bytes} >= {least} and {bytes} <= {greatest})")
                }
                Verdict::Segments(numbers) if kind == Received::Parts => {
                    let numbers: Vec<_> = numbers.iter().map(u64::to_string).collect();
                    format!("sorted(received) == [{}]", numbers.join(", "))
                }
                _ => return None,
            });
        }
        self.that(&any.join(" or "));
        Some(())
    }

    fn that(&mut self, that: &str) {
        self.writer.line(1, "- the received bytes are those that were sent:");
        self.writer.line(3, "check: true");
        let rule = &self.input.mismatch.rule;
        self.writer.line(3, &format!("expect: {{ {rule}: {{ that: [{}] }} }}", quoted(that)));
    }

    /// Of two segments one at most is accepted.
    fn at_once(&mut self, evidence: &UploadEvidence) -> Option<()> {
        let [Verdict::AnOrder { most: 1 }] = evidence.allowed.as_slice() else { return None };
        let [one, other] = [self.segments - 1, self.segments];
        self.that(&format!("not (status_{one} < 300 and status_{other} < 300)"));
        Some(())
    }

    /// What is stored is not what was sent.
    fn stored(&mut self, pieces: &[(u64, u64)]) -> Option<()> {
        let is_whole = pieces == [(0, self.input.case.content_size())];
        let stored = self.input.subject.protocol().stored.as_ref().filter(|_| is_whole)?;
        let rule = &self.input.mismatch.rule;
        self.writer.line(1, "- the stored bytes are those that were sent:");
        self.writer.request(3, &self.caller, &stored.call.request, &Placed::Nothing)?;
        self.writer.line(3, "within: 2s");
        let status = statuses(&stored.call.accepted);
        let expected = match &stored.shows {
            // `check` reads no larger bodies.
            Shows::Content if self.input.case.content_size() > 1 << 20 => return None,
            Shows::Content => "body: { of: file }".to_owned(),
            Shows::Sha256(save) => {
                let SaveFrom::Json(path) = &save.from else { return None };
                let digest = "${digest('sha256', 'hex', 'file')}";
                format!("json: {{ {}: {} }}", quoted(&path.to_string()), quoted(digest))
            }
        };
        self.writer.line(3, &format!("expect: {{ {rule}: {{ status: {status}, {expected} }} }}"));
        Some(())
    }
}
