//! Simpler cases of the contract than one that failed. It is pure: which of them still fails is found out elsewhere.

use super::case::{Auth, Call, ContractCase, ContractStep};
use crate::case::{Form, Frame};
use uptake_oracle::contract::ListQuery;

/// The cases that are simpler than this one, which failed in its step `last`; the boldest first.
pub(crate) fn simpler(case: &ContractCase, last: usize) -> Vec<ContractCase> {
    let mut all = Vec::new();
    if last + 1 < case.steps.len() {
        all.push(ContractCase { steps: case.steps[..=last].to_vec() });
    }
    all.extend(without_steps(case));
    all.extend(without_callers(case));
    all.extend(one_by_one(case));
    all.extend(plainer(case));
    all.extend(sooner(case));
    let now = weight(case);
    all.retain(|other| weight(other) < now);
    all
}

/// How far a case is from the simplest, in the order in which that matters.
fn weight(case: &ContractCase) -> (usize, usize, usize, u64) {
    let odd = |call: &Call| {
        usize::from(call.from_page)
            + usize::from(call.auth != usual(call))
            + call.segment().map_or(0, |segment| {
                let framed = usize::from(segment.frame != Frame::None);
                crate::describe::oddities(segment).len() + framed
            })
            + query(call).map_or(0, |query| super::request::list_parameters(query).len())
    };
    // Calls made one after the other are plainer than those made at once, however many steps that takes.
    let grouped = |step: &ContractStep| match step {
        ContractStep::AtOnce(_) | ContractStep::During { .. } => 2 * step.calls().len(),
        ContractStep::Call(_) | ContractStep::Advance(_) => 0,
    };
    let advanced = case.steps.iter().map(|step| match step {
        ContractStep::Advance(seconds) | ContractStep::During { advance: seconds, .. } => *seconds,
        _ => 0,
    });
    (
        case.calls().count(),
        case.steps.len() + case.steps.iter().map(grouped).sum::<usize>(),
        case.calls().map(odd).sum(),
        advanced.sum::<u64>() + case.bytes(),
    )
}

/// Who usually makes such a call.
fn usual(call: &Call) -> Auth {
    if call.action.needs_key() || !matches!(call.auth, Auth::None | Auth::Key) {
        return if call.action.needs_key() { Auth::Key } else { Auth::None };
    }
    call.auth
}

fn query(call: &Call) -> Option<&ListQuery> {
    match &call.action {
        super::case::Action::List(query) => Some(query),
        _ => None,
    }
}

/// Without a half of the steps, without one of them, and without two of them.
fn without_steps(case: &ContractCase) -> Vec<ContractCase> {
    let count = case.steps.len();
    let mut all = Vec::new();
    let mut without = |gone: std::ops::Range<usize>| {
        let mut steps = case.steps.clone();
        steps.drain(gone);
        if !steps.is_empty() {
            all.push(ContractCase { steps: merged(steps) });
        }
    };
    let mut length = count / 2;
    while length > 1 {
        let mut from = 0;
        while from + length < count {
            without(from..from + length);
            from += length;
        }
        length /= 2;
    }
    for at in (0..count).rev() {
        without(at..at + 1);
    }
    all
}

/// Two moves of the clock in a row are one.
fn merged(steps: Vec<ContractStep>) -> Vec<ContractStep> {
    let mut all: Vec<ContractStep> = Vec::new();
    for step in steps {
        match (all.last_mut(), &step) {
            (Some(ContractStep::Advance(before)), ContractStep::Advance(more)) => *before += more,
            _ => all.push(step),
        }
    }
    all
}

/// Without one of the callers that begin at once, and without one of their calls.
fn without_callers(case: &ContractCase) -> Vec<ContractCase> {
    let mut all = Vec::new();
    for (at, step) in case.steps.iter().enumerate() {
        let mut replaced = |steps: Vec<ContractStep>| {
            let mut other = case.clone();
            other.steps.splice(at..=at, steps);
            all.push(other);
        };
        match step {
            ContractStep::AtOnce(callers) => {
                for one in 0..callers.len() {
                    let mut fewer = callers.clone();
                    fewer.remove(one);
                    replaced(match fewer.as_slice() {
                        [calls] => calls.iter().cloned().map(ContractStep::Call).collect(),
                        _ => vec![ContractStep::AtOnce(fewer)],
                    });
                    for call in 1..callers[one].len() {
                        let mut fewer = callers.clone();
                        fewer[one].remove(call);
                        replaced(vec![ContractStep::AtOnce(fewer)]);
                    }
                }
            }
            ContractStep::During { held, calls, advance } => {
                for one in 0..calls.len() {
                    let mut fewer = calls.clone();
                    fewer.remove(one);
                    if !fewer.is_empty() || *advance > 0 {
                        let (held, advance) = (held.clone(), *advance);
                        replaced(vec![ContractStep::During { held, calls: fewer, advance }]);
                    }
                }
            }
            ContractStep::Call(_) | ContractStep::Advance(_) => {}
        }
    }
    all
}

/// What begins at once, one after the other, in each order of two callers.
fn one_by_one(case: &ContractCase) -> Vec<ContractCase> {
    let mut all = Vec::new();
    for (at, step) in case.steps.iter().enumerate() {
        let calls: Vec<ContractStep> = match step {
            ContractStep::AtOnce(callers) => {
                callers.iter().flatten().cloned().map(ContractStep::Call).collect()
            }
            ContractStep::During { held, calls, advance } => {
                let before = calls.iter().cloned().map(ContractStep::Call);
                let time = (*advance > 0).then_some(ContractStep::Advance(*advance));
                before.chain(time).chain([ContractStep::Call(held.clone())]).collect()
            }
            ContractStep::Call(_) | ContractStep::Advance(_) => continue,
        };
        let reversed: Vec<_> = calls.iter().rev().cloned().collect();
        for apart in [calls, reversed] {
            let mut other = case.clone();
            other.steps.splice(at..=at, apart);
            all.push(other);
        }
    }
    all
}

/// With one call made plainer, or all of them.
fn plainer(case: &ContractCase) -> Vec<ContractCase> {
    let changes: [fn(&mut Call); 9] = [
        |call| call.from_page = false,
        |call| call.auth = usual(call),
        |call| change_form(call, |form| *form = Form { files: form.files, ..Form::PLAIN }),
        |call| change_form(call, |form| form.files = Form::PLAIN.files),
        make_whole,
        |call| change_query(call, |query| query.sort_by = None),
        |call| change_query(call, |query| query.sort_order = None),
        |call| change_query(call, |query| query.page = None),
        |call| change_query(call, |query| query.size = None),
    ];
    let mut all = Vec::new();
    for change in changes {
        let mut every = case.clone();
        every.steps.iter_mut().flat_map(ContractStep::calls_mut).for_each(change);
        all.push(every);
        for at in 0..case.calls().count() {
            let mut one = case.clone();
            if let Some(call) = one.steps.iter_mut().flat_map(ContractStep::calls_mut).nth(at) {
                change(call);
            }
            all.push(one);
        }
    }
    all
}

fn change_form(call: &mut Call, change: fn(&mut Form)) {
    match &mut call.action {
        super::case::Action::Upload { segment, .. } | super::case::Action::Source(segment) => {
            change(&mut segment.form);
        }
        _ => {}
    }
}

/// A file of one byte in one request.
fn make_whole(call: &mut Call) {
    if let super::case::Action::Upload { segment, .. } | super::case::Action::Source(segment) =
        &mut call.action
    {
        (segment.frame, segment.offset, segment.length) = (Frame::None, 0, 1);
        (segment.break_off, segment.chunked) = (None, false);
    }
}

fn change_query(call: &mut Call, change: fn(&mut ListQuery)) {
    if let super::case::Action::List(query) = &mut call.action {
        change(query);
    }
}

/// With less time between the steps.
fn sooner(case: &ContractCase) -> Vec<ContractCase> {
    let mut all = Vec::new();
    for (at, step) in case.steps.iter().enumerate() {
        let ContractStep::Advance(seconds) = step else { continue };
        for less in [10, 3600, 86_400, seconds / 2] {
            let mut other = case.clone();
            other.steps[at] = ContractStep::Advance(less.max(1));
            all.push(other);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::case::{Action, TokenName};

    fn advance(seconds: u64) -> ContractStep {
        ContractStep::Advance(seconds)
    }

    fn show(number: usize) -> ContractStep {
        ContractStep::Call(Call::by_key(Action::ShowToken(TokenName::Nth(number))))
    }

    /// What is left of a case when everything is left out that `fails` does not need.
    fn least(mut case: ContractCase, fails: impl Fn(&ContractCase) -> bool) -> ContractCase {
        while let Some(next) = simpler(&case, case.steps.len()).into_iter().find(|case| fails(case)) {
            case = next;
        }
        case
    }

    #[test]
    fn only_the_calls_that_matter_are_left() {
        let call = |number| Call::by_key(Action::ShowToken(TokenName::Nth(number)));
        let group = ContractStep::AtOnce(vec![vec![call(7), call(8)], vec![call(9)]]);
        let case = ContractCase { steps: vec![advance(5), show(1), group, show(2), advance(9)] };
        let shows = |case: &ContractCase, wanted| {
            case.calls().any(|call| call.action == Action::ShowToken(TokenName::Nth(wanted)))
        };
        let least = least(case, |case| shows(case, 8) && shows(case, 2));
        assert_eq!(least.steps, [show(8), show(2)]);
    }

    #[test]
    fn every_case_that_is_offered_is_simpler() {
        let case = ContractCase { steps: vec![advance(100), show(1), advance(50), show(2)] };
        for other in simpler(&case, 3) {
            assert!(weight(&other) < weight(&case), "{other:?}");
        }
    }
}
