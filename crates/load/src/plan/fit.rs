//! Holds a plan against a suite: uploads can be sent only in the ways that the suite describes.

use std::sync::Arc;

use super::load_plan::{LoadPlan, TokenPolicy, Verification};
use super::raw::RawPlan;
use super::resolve::Resolver;
use super::upload_shape::Order;
use super::weighted::Weighted;
use crate::error::LoadError;
use uptake_payload::{Framing, Total};
use uptake_suite::Suite;
use uptake_suite::protocol::{self, UploadProtocol};
use uptake_suite::request::Auth;
use uptake_yaml::SourceFile;

impl LoadPlan {
    /// The same plan for this suite, with what the suite has where the plan says nothing. What it does not have is refused.
    pub fn for_suite(
        mut self,
        raw: &RawPlan,
        file: Option<&Arc<SourceFile>>,
        suite: &Suite,
    ) -> Result<Self, LoadError> {
        let protocol = suite.upload.as_deref().ok_or_else(|| LoadError::NoUpload(suite.name.clone()))?;
        let mut resolver = Resolver::new(raw, file);
        let name = &suite.name;
        self.fit_segments(&mut resolver, protocol, name);
        if protocol.token.is_none() {
            if matches!(self.token, TokenPolicy::Given(_)) {
                return Err(LoadError::Flag(format!(
                    "--upload-token: the suite `{name}` has no upload tokens"
                )));
            }
            for key in ["token", "ttl"] {
                resolver.refuse(key, &format!("the suite `{name}` has no upload tokens"));
            }
        }
        match self.verify {
            Verification::Status if protocol.ask.is_none() => {
                let why = format!("the suite `{name}` has no request that shows what was received (`ask`)");
                resolver.refuse("verify", &why);
            }
            Verification::Digest(_) if protocol.stored.is_none() => {
                let why = format!("the suite `{name}` has no request that shows what is stored (`stored`)");
                resolver.refuse("verify", &why);
            }
            _ => {}
        }
        resolver.finish(self)
    }

    fn fit_segments(&mut self, resolver: &mut Resolver<'_>, protocol: &UploadProtocol, name: &str) {
        let labels = &protocol.segment.labels;
        let ways = [
            ("bytes", Framing::Bytes, labels.bytes.is_some()),
            ("parts", Framing::Parts, labels.parts.is_some()),
            ("none", Framing::None, protocol.whole.is_some()),
        ];
        if resolver.raw.get("framing").is_none() && labels.bytes.is_none() {
            self.shape.framing = Weighted::only(Framing::Parts);
        }
        let known: Vec<&str> = ways.iter().filter(|(.., has)| *has).map(|(word, ..)| *word).collect();
        for (word, framing, has) in ways {
            if !has && self.shape.framing.values().any(|given| given == framing) {
                let why = format!("the suite `{name}` has no `{word}`: write {}", known.join(" or "));
                resolver.refuse("framing", &why);
            }
        }
        let is_open = self.shape.total.values().any(|total| total != Total::Named);
        if is_open && protocol.segment.open_total.is_none() {
            let why = format!("in the suite `{name}` each segment names the total: write named");
            resolver.refuse("total", &why);
        }
        if protocol.segment.order == protocol::Order::InTurn && self.shape.order == Order::Shuffled {
            let why = format!("in the suite `{name}` segments are sent in turn: write in-turn");
            resolver.refuse("order", &why);
        }
        if !protocol.segment.parallel && self.shape.parallel > 1 {
            let why = format!("in the suite `{name}` segments are sent one at a time: write 1");
            resolver.refuse("parallel-segments", &why);
        }
    }

    /// Whether this run creates tokens with a credential of the target.
    pub fn needs_credential(&self, suite: &Suite) -> bool {
        let token = suite.upload.as_ref().and_then(|upload| upload.token.as_ref());
        let has_auth = token.is_some_and(|call| !matches!(call.request.envelope.auth, Auth::None));
        has_auth && !matches!(self.token, TokenPolicy::Given(_))
    }
}
