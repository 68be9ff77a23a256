//! The expectation that failed.

use super::writer::{ScenarioInput, Writer};
use crate::mismatch::Evidence;
use crate::yaml::{letter, quoted};
use uptake_oracle::{Allowed, ExpectedStatus};

impl Writer<'_> {
    /// The expectation that failed, where it is not that of a segment or of a call about a token.
    pub(super) fn evidence(&mut self) {
        let ScenarioInput { mismatch, status_timeout, .. } = *self.input;
        let rule = mismatch.rule.as_str();
        match &mismatch.evidence {
            Evidence::Answer(_) | Evidence::Token { .. } | Evidence::Call(_) | Evidence::Upload(_) => {}
            Evidence::Joint => {
                self.line(1, "- one of them is accepted and the other refused:");
                self.line(3, "check: true");
                let that = "(status_1 == 201) != (status_2 == 201)";
                self.line(3, &format!("expect: {{ {rule}: {{ that: [{}] }} }}", quoted(that)));
            }
            Evidence::Stored { upload, .. } => {
                let letter = letter(*upload);
                self.line(1, "- the stored bytes are those that were sent:");
                self.line(3, &format!("get: \"${{stored}}/${{video_{letter}}}\""));
                let sum = format!("$.sha256: \"${{digest('sha256', 'hex', 'upload_{letter}')}}\"");
                self.line(3, &format!("expect: {{ {rule}: {{ status: 200, json: {{ {sum} }} }} }}"));
            }
            Evidence::Status { upload, wanted } => {
                let letter = letter(*upload);
                self.line(1, "- what the status shows:");
                self.line(3, &format!("get: \"/videos/${{video_{letter}}}/status\""));
                self.line(3, "auth: key");
                if !status_timeout.is_zero() {
                    self.line(3, &format!("within: {}s", status_timeout.as_secs().max(1)));
                }
                self.look(rule, wanted);
            }
        }
    }

    fn look(&mut self, rule: &str, wanted: &ExpectedStatus) {
        match wanted {
            ExpectedStatus::Complete { size, .. } if rule == "UPLOAD-11" => {
                let size = self.number(*size);
                let text = format!("$.ingest.filesize: {{ one-of: [\"${{{size}}}\", null] }}");
                self.line(3, &format!("expect: {{ {rule}: {{ status: 200, json: {{ {text} }} }} }}"));
            }
            ExpectedStatus::Complete { .. } => {
                let text = "$.ingest.status: { one-of: [uploaded, ingesting, ingested] }";
                self.line(3, &format!("expect: {{ {rule}: {{ status: 200, json: {{ {text} }} }} }}"));
            }
            ExpectedStatus::NeverComplete { .. } => {
                // It may be gone, and then there is no status to see.
                self.line(3, &format!("expect: {{ {rule}: {{ body: {{ excludes: '\"uploaded\"' }} }} }}"));
            }
            ExpectedStatus::UnderWay { listing, ranges: Some(ranges), .. } if *listing == rule => {
                let froms: Vec<_> = ranges.iter().map(|(from, _)| self.number(*from)).collect();
                let tos: Vec<_> = ranges.iter().map(|(_, to)| self.number(*to)).collect();
                self.line(3, "expect: { status: 200 }");
                self.line(3, "save: { froms: \"$.ingest.receivedBytes[*].from\", tos: \"$.ingest.receivedBytes[*].to\" }");
                self.line(1, "- they are those that arrived:");
                self.line(3, "check: true");
                let that = [
                    format!("sorted(froms) == [{}]", froms.join(", ")),
                    format!("sorted(tos) == [{}]", tos.join(", ")),
                ];
                let that: Vec<_> = that.iter().map(|that| quoted(that)).collect();
                self.line(3, &format!("expect: {{ {rule}: {{ that: [{}] }} }}", that.join(", ")));
            }
            ExpectedStatus::UnderWay { listing, parts: Some((parts, total)), .. } if *listing == rule => {
                let parts: Vec<_> = parts.iter().map(u64::to_string).collect();
                let total = total.map_or_else(|| "null".to_owned(), |total| total.to_string());
                let text = format!(
                    "$.ingest.receivedParts.parts: [{}], $.ingest.receivedParts.total: {total}",
                    parts.join(", ")
                );
                self.line(3, &format!("expect: {{ {rule}: {{ status: 200, json: {{ {text} }} }} }}"));
            }
            ExpectedStatus::UnderWay { .. } => {
                let text = "$.ingest.status: uploading";
                self.line(3, &format!("expect: {{ {rule}: {{ status: 200, json: {{ {text} }} }} }}"));
            }
        }
    }
}

/// What an answer must be, as an expectation.
pub(super) fn answer(allowed: &[Allowed], known: bool, upload: usize) -> String {
    let mut statuses: Vec<String> = Vec::new();
    let mut slugs: Vec<&str> = Vec::new();
    let mut accepted = false;
    let mut any = false;
    for kind in allowed {
        match kind {
            Allowed::Accepted { .. } => {
                accepted = true;
                statuses.push("201".to_owned());
            }
            Allowed::Refused { statuses: more, slugs: names, .. } => {
                statuses.extend(more.iter().map(u16::to_string));
                slugs.extend(names);
            }
            Allowed::AnyRefusal => any = true,
            Allowed::Plain { .. } | Allowed::Listing { .. } | Allowed::Anything => {}
        }
    }
    if any {
        statuses.push("4xx".to_owned());
    }
    let mut words = vec![format!("status: [{}]", statuses.join(", "))];
    if !accepted && !any && !slugs.is_empty() && !statuses.iter().any(|status| status == "413") {
        words.push(format!("problem: [{}]", slugs.join(", ")));
    }
    if accepted && statuses.len() == 1 {
        let id = if known {
            format!("$.videoId: \"${{video_{}}}\"", letter(upload))
        } else {
            "$.videoId: { type: string }".to_owned()
        };
        words.push(format!("json: {{ {id} }}"));
    }
    words.push("answered: true".to_owned());
    words.join(", ")
}
