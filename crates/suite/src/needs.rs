//! The targets that a rule, a scenario or a step is about, by their capabilities.

/// Capabilities that a target must have, and those that it must not have. Without any, all targets are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// `needs`: it says nothing of a target without one of these.
    pub has: Vec<String>,
    /// `lacks`: it says nothing of a target with one of these.
    pub lacks: Vec<String>,
}

impl Needs {
    /// Why a target is not meant, where `can` says what it is capable of.
    pub fn unmet(&self, can: impl Fn(&str) -> bool) -> Option<String> {
        let missing = self.has.iter().find(|name| !can(name));
        let missing = missing.map(|name| format!("the target does not declare the capability `{name}`"));
        missing.or_else(|| {
            let extra = self.lacks.iter().find(|name| can(name))?;
            Some(format!("the target declares the capability `{extra}`"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Needs;

    #[test]
    fn a_target_is_meant_that_has_what_is_needed_and_lacks_the_rest() {
        let needs = Needs { has: vec!["a".to_owned()], lacks: vec!["b".to_owned()] };
        assert_eq!(needs.unmet(|name| name == "a"), None);
        assert_eq!(needs.unmet(|_| true).as_deref(), Some("the target declares the capability `b`"));
        assert_eq!(needs.unmet(|_| false).as_deref(), Some("the target does not declare the capability `a`"));
        assert_eq!(Needs::default().unmet(|_| false), None);
    }
}
