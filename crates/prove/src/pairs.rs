//! Which of the recorded pairs of a rule and a defect are enough to run: each defect with a rule that catches it, each rule
//! with a defect that it catches. Every other pair of the record tells nothing new.

use std::collections::BTreeMap;

use uptake_outcome::Run;
use uptake_reference::Defect;

/// The rules to run against each defect; a defect that the record does not know has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pairs(BTreeMap<&'static str, Vec<String>>);

/// A rule of the record, with the defects that it catches.
type Recorded<'r> = (&'r str, &'r str, Vec<Defect>);

impl Pairs {
    /// Chooses among `proof`, which names the defects that each rule catches, those of `planted`. Only rules that `clean`
    /// has judged can fail.
    pub(super) fn choose(proof: &BTreeMap<String, Vec<String>>, clean: &Run, planted: &[Defect]) -> Self {
        let catches = |id: &str| -> Vec<Defect> {
            let named = proof.get(id).map_or(&[][..], Vec::as_slice);
            planted.iter().copied().filter(|defect| named.iter().any(|name| name == defect.name())).collect()
        };
        let judged = clean.rules.iter().filter(|rule| rule.verdict.is_judged());
        let recorded: Vec<Recorded<'_>> =
            judged.map(|rule| (rule.id.as_str(), rule.area.as_str(), catches(&rule.id))).collect();
        let mut pairs = Self::default();
        for defect in planted {
            let catching = recorded.iter().filter(|(_, _, defects)| defects.contains(defect));
            // A rule of its own area, and of these the one that catches the fewest: it is about just that.
            let best = catching.min_by_key(|(_, area, defects)| (*area != defect.area(), defects.len()));
            if let Some((rule, ..)) = best {
                pairs.add(*defect, rule);
            }
        }
        for (rule, area, defects) in &recorded {
            if pairs.0.values().flatten().any(|chosen| chosen == rule) {
                continue;
            }
            let least = |defect: &&Defect| (defect.area() != *area, pairs.of(**defect).len());
            if let Some(defect) = defects.iter().min_by_key(least).copied() {
                pairs.add(defect, rule);
            }
        }
        pairs
    }

    fn add(&mut self, defect: Defect, rule: &str) {
        self.0.entry(defect.name()).or_default().push(rule.to_owned());
    }

    /// The rules to run against `defect`.
    pub(super) fn of(&self, defect: Defect) -> &[String] {
        self.0.get(defect.name()).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{defect, run};
    use uptake_outcome::{Ending, Verdict};

    const PLANTED: [&str; 3] = ["any-api-key-exchanged", "ttl-in-milliseconds", "token-answers-201"];

    fn chosen(proof: &[(&str, &[&str])], rules: &[(&str, Verdict)]) -> Vec<String> {
        let proof = proof
            .iter()
            .map(|(rule, defects)| {
                ((*rule).to_owned(), defects.iter().map(|&name| name.to_owned()).collect())
            })
            .collect();
        let planted = PLANTED.map(defect);
        let pairs = Pairs::choose(&proof, &run(rules, Ending::Completed), &planted);
        planted.iter().map(|defect| pairs.of(*defect).join(" ")).collect()
    }

    const PASSED: [(&str, Verdict); 3] =
        [("AUTH-01", Verdict::Passed), ("TOKEN-01", Verdict::Passed), ("TOKEN-02", Verdict::Passed)];

    #[test]
    fn each_defect_has_the_rule_that_is_most_about_it_and_each_rule_a_defect() {
        let proof: &[(&str, &[&str])] = &[
            ("AUTH-01", &["any-api-key-exchanged"]),
            ("TOKEN-01", &["ttl-in-milliseconds", "token-answers-201"]),
            ("TOKEN-02", &["ttl-in-milliseconds"]),
        ];
        assert_eq!(chosen(proof, &PASSED), ["AUTH-01", "TOKEN-02", "TOKEN-01"]);
        let shared: &[(&str, &[&str])] =
            &[("TOKEN-01", &["ttl-in-milliseconds"]), ("TOKEN-02", &["ttl-in-milliseconds"])];
        assert_eq!(chosen(shared, &PASSED), ["", "TOKEN-01 TOKEN-02", ""], "both rules are to be proven");
    }

    #[test]
    fn a_rule_of_another_area_serves_where_there_is_no_other() {
        let proof: &[(&str, &[&str])] = &[
            ("AUTH-01", &["token-answers-201"]),
            ("TOKEN-01", &["token-answers-201", "ttl-in-milliseconds"]),
        ];
        assert_eq!(chosen(proof, &PASSED), ["", "TOKEN-01", "TOKEN-01 AUTH-01"]);
        let proof: &[(&str, &[&str])] = &[("AUTH-01", &["token-answers-201"])];
        assert_eq!(chosen(proof, &PASSED), ["", "", "AUTH-01"]);
    }

    #[test]
    fn what_the_scenarios_at_hand_do_not_judge_and_what_is_not_planted_is_left_out() {
        let proof: &[(&str, &[&str])] = &[
            ("TOKEN-01", &["ttl-in-milliseconds"]),
            ("TOKEN-02", &["planted-no-longer"]),
            ("TTL-01", &["token-answers-201"]),
        ];
        let rules = [("TOKEN-01", Verdict::NotCovered), ("TOKEN-02", Verdict::Passed)];
        assert_eq!(chosen(proof, &rules), ["", "", ""]);
    }
}
