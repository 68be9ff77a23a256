//! The values that expressions know without a scenario saying so: the target's limits, address, variables and secrets.

use std::collections::BTreeMap;

use serde_json::Value;

use super::suite::Suite;
use uptake_target::Target;

/// The predefined values, by name. Secrets are among them, as `credential.NAME`.
pub fn predefined(suite: &Suite, target: &Target) -> BTreeMap<String, Value> {
    let limits = target.limits;
    let numbers = [
        ("limit.min_segment", limits.min_segment),
        ("limit.max_segment", limits.max_segment),
        ("limit.max_request", limits.max_request),
        ("limit.max_total", limits.max_total),
        ("limit.max_parts", limits.max_parts),
        ("grace", target.grace.as_secs()),
        ("margin", target.margin.as_secs()),
    ];
    let base = &target.base_url;
    let stored = target.stored.as_ref().map(|url| url.as_str().trim_end_matches('/'));
    let texts = [
        ("origin", base.origin().ascii_serialization()),
        ("base_url", base.as_str().trim_end_matches('/').to_owned()),
        ("host", uptake_wire::host(base)),
        ("base_path", base.path().trim_end_matches('/').to_owned()),
        ("stored", stored.unwrap_or_default().to_owned()),
    ];
    let mut values: BTreeMap<String, Value> =
        numbers.into_iter().map(|(name, number)| (name.to_owned(), number.into())).collect();
    values.extend(texts.into_iter().map(|(name, text)| (name.to_owned(), text.into())));
    let vars = suite.vars.iter().map(|(name, default)| (name, target.vars.get(name).unwrap_or(default)));
    values.extend(vars.map(|(name, value)| (name.clone(), value.clone())));
    for (name, value) in &target.credentials {
        values.insert(format!("credential.{}", name.replace('-', "_")), value.as_str().into());
    }
    values
}
