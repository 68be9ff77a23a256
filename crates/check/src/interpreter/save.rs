//! Reads what a scenario keeps of an exchange.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::answer::Done;
use super::environment::Environment;
use super::variables::Variables;
use uptake_suite::save::{Save, SaveFrom};
use uptake_suite::saved::Response;
use uptake_suite::step::Step;
use uptake_wire::Answer;

/// What was not in the answer, by the name under which it should have been saved.
pub(crate) type Missing = BTreeMap<String, String>;

/// Keeps what a step saves of its first answer; gives what was not there.
pub(crate) fn save(
    step: &Step,
    environment: &Environment<'_>,
    dones: &[Done],
    variables: &mut Variables,
) -> Missing {
    let mut missing = BTreeMap::new();
    let Some(done) = dones.first() else { return missing };
    for save in &step.save {
        match saved(save, done) {
            Ok(value) => {
                if let Some(text) = value.as_str().filter(|_| save.secret) {
                    environment.secrets.taint(&save.name, text);
                }
                variables.set(&save.name, value);
            }
            Err(why) => {
                variables.unset(&save.name);
                missing.insert(save.name.clone(), why);
            }
        }
    }
    missing
}

/// The value, or why it is not there.
pub(crate) fn saved(save: &Save, done: &Done) -> Result<Value, String> {
    let answer = done.answer();
    // Interim answers may have come without a final one.
    if answer.is_none() && !matches!(save.from, SaveFrom::Interim(_)) {
        return Err("there was no response".to_owned());
    }
    save.read(&Received { done, answer })
}

/// An answer as values are read from it.
struct Received<'d> {
    done: &'d Done,
    /// None where only interim responses came.
    answer: Option<&'d Answer>,
}

impl Response for Received<'_> {
    fn status(&self) -> u16 {
        self.answer.map_or(0, |answer| answer.status)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.answer?.header(name)
    }

    fn body(&self) -> &[u8] {
        self.answer.map_or(&[], |answer| &answer.body)
    }

    fn json(&self) -> Option<Cow<'_, Value>> {
        self.done.body.as_ref().map(Cow::Borrowed)
    }

    fn url(&self) -> &str {
        self.done.exchange.request.url.as_str()
    }

    fn resolve(&self, reference: &str) -> Result<String, String> {
        let url = &self.done.exchange.request.url;
        url.join(reference).map(Into::into).map_err(|error| error.to_string())
    }

    fn interim(&self, name: &str) -> Vec<(u16, &str)> {
        let interim = self.done.exchange.interim.iter();
        interim.filter_map(|interim| Some((interim.status, interim.header(name)?))).collect()
    }

    fn took(&self) -> Duration {
        self.done.exchange.took
    }
}
