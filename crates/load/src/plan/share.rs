//! The part of a plan that one shard carries out, and the identity of the whole.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::load_plan::{LoadPlan, SaturationPolicy};
use super::model::Model;
use crate::error::LoadError;
use crate::threshold::Threshold;
use uptake_outcome::Shard;
use uptake_payload::{Seed, hex};

impl LoadPlan {
    /// The part of this plan for one shard: every N-th arrival, and its share of the uploaders. Conditions of `fail-if` hold
    /// for all shards together, so this part has none.
    pub fn for_shard(mut self, shard: Shard) -> Result<Self, LoadError> {
        if self.finds_capacity() && !shard.is_whole() {
            return Err(LoadError::Flag("--find-capacity cannot be divided among shards".to_owned()));
        }
        let divided = |name: &str, total: usize| {
            let share = usize::try_from(shard.share(total as u64)).unwrap_or(usize::MAX);
            if total as u64 >= shard.of() { Ok(share) } else { Err(indivisible(name, total as u64, shard)) }
        };
        match &mut self.model {
            Model::Open(open) if open.is_limit_explicit => {
                open.max_in_flight = divided("max-in-flight", open.max_in_flight)?;
            }
            // The default limit protects one process, so each has it.
            Model::Open(_) => {}
            Model::Closed { uploaders, .. } => *uploaders = divided("uploaders", *uploaders)?,
        }
        if let Some(uploads) = self.uploads.filter(|uploads| *uploads < shard.of()) {
            return Err(indivisible("uploads", uploads, shard));
        }
        if !shard.is_whole() {
            self.fail_if.clear();
        }
        Ok(Self { shard, ..self })
    }

    /// Which part of the plan this is.
    pub fn shard(&self) -> Shard {
        self.shard
    }

    /// The conditions of `fail-if`, as written.
    pub fn conditions(&self) -> Vec<String> {
        self.fail_if.iter().map(Threshold::to_string).collect()
    }

    /// The seed of generated content: no two shards send the same bytes.
    pub(crate) fn content_seed(&self) -> Seed {
        let content = self.seed.derive("content");
        if self.shard.is_whole() { content } else { content.derive(&format!("shard {}", self.shard)) }
    }

    /// A digest of everything in the plan that decides what is sent and how it is judged. Shards of one run have the same; call
    /// it before [`LoadPlan::for_shard`].
    pub fn digest(&self) -> String {
        let mut text = format!("{}\nseed {}\n", self.name, self.seed.0);
        let model = match &self.model {
            Model::Open(open) => format!(
                "open {:?} {} {} {}",
                open.offered,
                open.arrivals.word(),
                open.max_in_flight,
                open.is_limit_explicit
            ),
            Model::Closed { uploaders, think, .. } => format!("closed {uploaders} {think:?}"),
        };
        let times = (self.duration, self.uploads, self.warm_up, self.linger);
        let judged = (self.saturation == SaturationPolicy::Allow, self.early);
        let conditions =
            (self.conditions(), self.abort_on.iter().map(Threshold::to_string).collect::<Vec<_>>());
        writeln!(text, "{model}\n{times:?}\n{judged:?}\n{conditions:?}\n{:?}", self.description())
            .expect("writing to a String cannot fail");
        format!("sha256:{}", hex(&Sha256::digest(text.as_bytes())))
    }
}

fn indivisible(name: &str, total: u64, shard: Shard) -> LoadError {
    LoadError::Flag(format!(
        "--{name} {total} cannot be divided among {} shards: give at least one for each",
        shard.of()
    ))
}

#[cfg(test)]
mod tests {
    use crate::plan::{LoadPlan, RawPlan};

    fn plan(values: &[(&'static str, &str)]) -> LoadPlan {
        let mut raw = RawPlan::default();
        for (key, text) in values {
            raw.set_flag(key, *text);
        }
        LoadPlan::new(&raw, None, None).expect("a plan")
    }

    #[test]
    fn plans_have_one_digest_exactly_if_they_ask_for_the_same() {
        let digest = |values: &[(&'static str, &str)]| plan(values).digest();
        assert_eq!(
            digest(&[("rate", "8/s")]),
            digest(&[("rate", "8/s"), ("seed", "1"), ("duration", "10s")])
        );
        assert_eq!(
            digest(&[("rate", "8/s")]),
            digest(&[("rate", "8/s"), ("threads", "2")]),
            "a matter of the machine"
        );
        let others: [&[(&'static str, &str)]; 8] = [
            &[("rate", "9/s")],
            &[("rate", "8/s"), ("seed", "2")],
            &[("rate", "8/s"), ("duration", "11s")],
            &[("rate", "8/s"), ("size", "1KiB")],
            &[("rate", "8/s"), ("fail-if", "errors > 0")],
            &[("rate", "8/s"), ("warm-up", "1s")],
            &[("rate", "8/s"), ("arrivals", "poisson")],
            &[("uploaders", "8")],
        ];
        for values in others {
            assert_ne!(digest(values), digest(&[("rate", "8/s")]), "{values:?}");
        }
    }
}
