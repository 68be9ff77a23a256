//! The values of a plan that decide what an upload is, in one canonical form: runs are comparable when they are equal.

use std::collections::BTreeMap;

use super::distribution::Distribution;
use super::load_plan::{LoadPlan, Protocol, TokenPolicy, Verification};
use super::model::{Model, OpenModel};
use super::offered_load::OfferedLoad;
use super::upload_shape::Order;
use super::weighted::Weighted;
use uptake_payload::{Framing, Total};

impl LoadPlan {
    /// The values that decide what an upload is, under the keys of a plan.
    pub(crate) fn description(&self) -> BTreeMap<String, String> {
        let shape = &self.shape;
        let mut values = vec![
            ("framing", weighted(&shape.framing, |framing| framing_word(framing).to_owned())),
            ("total", weighted(&shape.total, |total| total_word(total).to_owned())),
            ("order", if shape.order == Order::InTurn { "in-turn" } else { "shuffled" }.to_owned()),
            ("parallel-segments", shape.parallel.to_string()),
            ("segment", distribution(&shape.segment, "")),
            ("abandoned", format!("{}%", self.outcomes.abandoned * 100.0)),
            ("resumed", format!("{}%", self.outcomes.resumed * 100.0)),
            ("token", token_word(&self.token).to_owned()),
            ("verify", verify_word(self.verify)),
            ("http2", (self.protocol == Protocol::Http2).to_string()),
        ];
        if shape.recorded.is_some() {
            values.push(("size", "as recorded".to_owned()));
        } else if shape.files.is_empty() {
            values.push(("size", distribution(&shape.size, "")));
        } else {
            let files: Vec<String> = shape.files.iter().map(|file| file.display().to_string()).collect();
            values.push(("file", files.join(", ")));
        }
        if let Some(suite) = &self.suite {
            values.push(("suite", suite.clone()));
        }
        if let Some(bandwidth) = &shape.bandwidth {
            values.push(("bandwidth", distribution(bandwidth, "/s")));
        }
        if let Some(pauses) = &shape.pauses {
            let share = pauses.share * 100.0;
            values.push(("pause", format!("{}:{share}%", distribution(&pauses.lengths, "us"))));
        }
        if self.outcomes.dropped > 0.0 {
            values.push(("drop", format!("{}%", self.outcomes.dropped * 100.0)));
        }
        if let Model::Open(OpenModel { offered: OfferedLoad { trace: Some(trace), .. }, .. }) = &self.model {
            values.push(("from", format!("sha256:{} ({} uploads)", trace.sha256(), trace.count())));
            values.push(("speed", trace.speed().to_string()));
        }
        values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }
}

fn distribution(sizes: &Distribution, per: &str) -> String {
    match sizes {
        Distribution::Uniform(min, max) => format!("{min}{per}..{max}{per}"),
        Distribution::LogNormal { median, sigma } => format!("log-normal({median}{per}, {sigma})"),
        Distribution::Listed(sizes) => weighted(sizes, |size| format!("{size}{per}")),
    }
}

fn weighted<T: Copy>(values: &Weighted<T>, word: impl Fn(T) -> String) -> String {
    let items: Vec<String> = values
        .items()
        .map(|(value, weight)| match weight {
            1 => word(value),
            weight => format!("{weight}*{}", word(value)),
        })
        .collect();
    items.join(", ")
}

fn framing_word(framing: Framing) -> &'static str {
    match framing {
        Framing::None => "none",
        Framing::Bytes => "bytes",
        Framing::Parts => "parts",
    }
}

fn total_word(total: Total) -> &'static str {
    match total {
        Total::Named | Total::Claimed(_) => "named",
        Total::Open => "open",
        Total::OpenUntilLast => "open-until-last",
    }
}

fn verify_word(verify: Verification) -> String {
    match verify {
        Verification::Off => "none".to_owned(),
        Verification::Status => "status".to_owned(),
        Verification::Digest(share) => format!("digest:{}%", share * 100.0),
    }
}

fn token_word(token: &TokenPolicy) -> &'static str {
    match token {
        TokenPolicy::Each(_) => "each",
        TokenPolicy::One(_) => "one",
        TokenPolicy::Given(_) => "given",
    }
}
