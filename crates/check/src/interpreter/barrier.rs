//! The barriers of a `parallel` step, by name: the driver owns the real ones.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use uptake_suite::step::{Action, Step};

/// A barrier. It opens once, when so many have come to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct BarrierId {
    /// The `parallel` step, by its number.
    pub(crate) parallel: u64,
    pub(crate) name: String,
    pub(crate) parties: usize,
}

/// The barriers of each branch, in the order in which its steps name them. A barrier opens when all who name it have come.
pub(crate) fn barriers_of(branches: &[Vec<Step>], parallel: u64) -> Vec<Vec<BarrierId>> {
    let mentions: Vec<Vec<&str>> = branches.iter().map(|steps| mentions(steps)).collect();
    let mut parties: BTreeMap<&str, usize> = BTreeMap::new();
    for name in mentions.iter().flatten() {
        *parties.entry(name).or_default() += 1;
    }
    let barrier = |name: &str| BarrierId { parallel, name: name.to_owned(), parties: parties[name] };
    mentions.iter().map(|names| names.iter().map(|name| barrier(name)).collect()).collect()
}

/// Takes the next barrier of this name from those that are ahead. Outside `parallel` there are none.
pub(crate) fn take(ahead: &mut Vec<BarrierId>, name: &str) -> Option<BarrierId> {
    let at = ahead.iter().position(|barrier| barrier.name == name)?;
    Some(ahead.remove(at))
}

fn mentions(steps: &[Step]) -> Vec<&str> {
    let mut names = Vec::new();
    for step in steps {
        let held = match &step.action {
            Action::Meet(name) => std::slice::from_ref(name),
            Action::Request(request) => &request.envelope.delivery.hold,
            Action::Upload(upload) => &upload.envelope.delivery.hold,
            _ => &[],
        };
        names.extend(held.iter().map(String::as_str));
        if let Action::Repeat(repeat) = &step.action {
            names.extend(self::mentions(&repeat.steps));
        }
    }
    names
}
