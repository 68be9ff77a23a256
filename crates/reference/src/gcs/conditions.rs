//! Preconditions of a request: `ifGenerationMatch` and its like.

use super::answer::Refusal;
use super::object::{METAGENERATION, Object};
use super::request::{Call, number};

/// The preconditions of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Conditions {
    generation: Pair,
    metageneration: Pair,
}

/// A number that must be the one, and one that must not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Pair {
    matches: Option<u64>,
    differs: Option<u64>,
}

/// How conditions fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unmet {
    /// A number is not the one that was named.
    Differs,
    /// A number is the one that was excluded.
    Matches,
}

impl Conditions {
    pub(super) fn of(call: &Call) -> Result<Self, Refusal> {
        let value = |name: &str| {
            let text = call.head.parameter(name);
            let number =
                text.map(|text| number(text).ok_or(Refusal::invalid("a precondition is not a number")));
            number.transpose()
        };
        let generation =
            Pair { matches: value("ifGenerationMatch")?, differs: value("ifGenerationNotMatch")? };
        let metageneration =
            Pair { matches: value("ifMetagenerationMatch")?, differs: value("ifMetagenerationNotMatch")? };
        Ok(Self { generation, metageneration })
    }

    /// Holds them against the object that there is; the generation of none is 0.
    pub(super) fn check(&self, object: Option<&Object>) -> Result<(), Unmet> {
        self.generation.check(object.map_or(0, |object| object.generation))?;
        self.metageneration.check(object.map_or(0, |_| METAGENERATION))
    }
}

impl Pair {
    fn check(self, number: u64) -> Result<(), Unmet> {
        if self.matches.is_some_and(|wanted| wanted != number) {
            return Err(Unmet::Differs);
        }
        if self.differs == Some(number) { Err(Unmet::Matches) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditions(query: &str) -> Result<Conditions, Refusal> {
        let request = http::Request::builder().uri(format!("/storage/v1/b/b/o/o?{query}"));
        Conditions::of(&Call::new(&request.body(()).unwrap().into_parts().0))
    }

    #[test]
    fn the_generation_of_no_object_is_0() {
        for (query, wanted) in [
            ("", Ok(())),
            ("ifGenerationMatch=0", Ok(())),
            ("ifGenerationMatch=7", Err(Unmet::Differs)),
            ("ifGenerationNotMatch=0", Err(Unmet::Matches)),
            ("ifGenerationNotMatch=7", Ok(())),
            ("ifMetagenerationMatch=1", Err(Unmet::Differs)),
        ] {
            assert_eq!(conditions(query).unwrap().check(None), wanted, "{query}");
        }
        assert!(conditions("ifGenerationMatch=x").is_err());
    }
}
