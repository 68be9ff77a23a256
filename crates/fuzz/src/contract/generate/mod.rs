//! Generates cases of the contract: calls of every kind about a few tokens and videos, with time in between.
//!
//! What it remembers of a case only makes calls meaningful. It does not judge; the oracle does.

mod actions;
mod draw;
mod fault;
mod plan;
mod time;
mod together;

use proptest::test_runner::TestRng;

use self::actions::{KINDS, Kind};
use self::draw::Draw;
use self::plan::Plan;
use super::case::{Action, Call, ContractCase};
use crate::strategy::GeneratorSettings;
use uptake_oracle::contract::ListQuery;

/// A case, drawn from this generator.
pub(crate) fn case(settings: GeneratorSettings, rng: TestRng) -> ContractCase {
    let mut plan = Plan {
        settings,
        draw: Draw(rng),
        now: 0,
        steps: Vec::new(),
        tokens: Vec::new(),
        videos: Vec::new(),
        access: Vec::new(),
    };
    // Each case makes some kinds of calls more often, and others not at all: that leads deeper than a bit of everything.
    let kinds: Vec<(u64, Kind)> =
        KINDS.iter().map(|(weight, kind)| (weight * plan.draw.one(&[0, 1, 1, 4]), *kind)).collect();
    let length = 4 + plan.draw.below(12);
    for _ in 0..length {
        let kind = plan.draw.weighted(&kinds);
        plan.step(kind);
    }
    plan.read_everything();
    ContractCase { steps: plan.steps }
}

impl Plan {
    fn step(&mut self, kind: Kind) {
        match kind {
            Kind::CreateToken => self.create_token(),
            Kind::List => self.list(),
            Kind::ShowToken => self.show_token(),
            Kind::DeleteToken => self.delete_token(),
            Kind::Begin => self.begin(),
            Kind::Continue => self.proceed(),
            Kind::Status => self.video(Action::ShowStatus),
            Kind::ShowVideo => self.video(Action::ShowVideo),
            Kind::DeleteVideo => self.video(Action::DeleteVideo),
            Kind::Container => self.container(),
            Kind::Source => self.source(),
            Kind::Exchange => self.exchange(),
            Kind::Refresh => self.refresh(),
            Kind::Advance => self.pass_time(),
            Kind::Http => self.http(),
            Kind::AtOnce => self.at_once(),
            Kind::During => self.during(),
            Kind::Life => self.life(),
        }
    }

    /// At the end everything is read once, so that no change goes unseen.
    fn read_everything(&mut self) {
        if !self.tokens.is_empty() {
            self.push(Call::by_key(Action::List(ListQuery { size: Some(100), ..ListQuery::default() })));
        }
        for video in 0..self.videos.len() {
            self.push(Call::by_key(Action::ShowStatus(video)));
        }
        if let Some(last) = self.videos.len().checked_sub(1) {
            self.push(Call::by_key(Action::ShowVideo(last)));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::test_runner::RngAlgorithm;
    use uptake_target::Limits;

    use super::*;

    const SETTINGS: GeneratorSettings = GeneratorSettings {
        limits: Limits {
            min_segment: 1024,
            max_segment: 8192,
            max_request: 8192,
            max_total: 52_428_800_000,
            max_parts: 10_000,
        },
        grace: 86_400,
        margin: 2,
        clock: true,
    };

    fn generated(settings: GeneratorSettings, seed: u8) -> ContractCase {
        case(settings, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
    }

    #[test]
    fn a_seed_gives_one_case_and_another_seed_another() {
        assert_eq!(generated(SETTINGS, 1), generated(SETTINGS, 1));
        assert_ne!(generated(SETTINGS, 1), generated(SETTINGS, 2));
    }

    #[test]
    fn every_kind_of_call_is_generated() {
        let cases: Vec<_> = (0..=255).map(|seed| generated(SETTINGS, seed)).collect();
        let mut operations: Vec<_> = cases
            .iter()
            .flat_map(ContractCase::calls)
            .map(|call| crate::contract::describe::operation(&call.action))
            .collect();
        operations.sort_unstable();
        operations.dedup();
        assert_eq!(operations.len(), 15, "{operations:?}");
    }

    #[test]
    fn a_clock_that_cannot_be_moved_is_not_moved() {
        let settings = GeneratorSettings { clock: false, ..SETTINGS };
        assert!((0..=255).all(|seed| !generated(settings, seed).moves_the_clock()));
    }
}
