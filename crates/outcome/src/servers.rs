//! Suites that ran against several servers, side by side: what each server keeps, and what moved since an earlier comparison.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Change, Ending, Exit, FailOn, Level, RuleResult, Run, Verdict};

/// The version of the JSON form of [`Servers`].
pub const SERVERS_FORMAT: u32 = 1;

/// The result of `uptake matrix`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Servers {
    /// The version of this form.
    #[schemars(extend("const" = SERVERS_FORMAT))]
    pub format: u32,
    /// The version of uptake.
    pub uptake: String,
    /// The title in the plan.
    pub title: String,
    /// When the first test started, in UTC.
    pub started_at: String,
    /// The duration in seconds.
    pub took_seconds: f64,
    /// How it ended: completed, interrupted, or with a report that could not be written.
    pub ending: Ending,
    /// Each suite against each server, in the order of the plan.
    pub entries: Vec<ServerEntry>,
    /// What moved since an earlier comparison, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
}

/// One suite against one server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerEntry {
    /// The server's name in the plan.
    pub server: String,
    /// The server's version in the plan.
    pub version: String,
    /// The result; absent where the server did not start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
    /// The suite, as the plan names it.
    pub suite: String,
    /// Why there is no result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What moved since an earlier comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Since {
    /// When the earlier comparison started.
    pub started_at: String,
    /// The servers and rules that moved.
    pub moves: Vec<Move>,
    /// The servers and suites that only the earlier comparison has, each as `server, suite`.
    pub gone: Vec<String>,
}

/// A server that is new, has another version, or of which a verdict changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Move {
    /// The server.
    pub server: String,
    /// The suite.
    pub suite: String,
    /// The version in the earlier comparison; absent where the server or the suite is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was_version: Option<String>,
    /// The version now.
    pub version: String,
    /// The rules whose verdicts changed.
    pub changes: Vec<Change>,
}

/// How a server does on the rules of one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelScore {
    /// The level.
    pub level: Level,
    /// Rules that passed or were tolerated.
    pub kept: usize,
    /// Rules that failed, those that are waived among them.
    pub broken: usize,
    /// Rules that apply and were not tested.
    pub untested: usize,
}

impl LevelScore {
    /// Whether every rule of the level that applies was tested and is kept. A waiver excuses a deviation; it does not undo it.
    pub fn is_met(self) -> bool {
        self.kept > 0 && self.broken == 0 && self.untested == 0
    }

    /// The rules that apply.
    pub fn rules(self) -> usize {
        self.kept + self.broken + self.untested
    }
}

impl fmt::Display for LevelScore {
    /// The rules that are kept, of those that apply: `70/72`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kept, self.rules())
    }
}

impl Run {
    /// The score of each level that has rules which apply, the strictest first.
    pub fn levels(&self) -> Vec<LevelScore> {
        let score = |level| {
            let of = |wanted: &[Verdict]| {
                let of_level = |rule: &&RuleResult| rule.level == level && wanted.contains(&rule.verdict);
                self.rules.iter().filter(of_level).count()
            };
            LevelScore {
                level,
                kept: of(&[Verdict::Passed, Verdict::Tolerated]),
                broken: of(&[Verdict::Failed, Verdict::Waived]),
                untested: of(&[
                    Verdict::Blocked,
                    Verdict::Inconclusive,
                    Verdict::Suspended,
                    Verdict::NotCovered,
                ]),
            }
        };
        let levels = [Level::Must, Level::Should, Level::May].map(score);
        levels.into_iter().filter(|score| score.rules() > 0).collect()
    }
}

impl Servers {
    /// The exit code: a failure outranks what could not be tested.
    pub fn exit(&self, fail_on: FailOn) -> Exit {
        if self.ending == Ending::Interrupted {
            return Exit::Interrupted;
        }
        let of = |entry: &ServerEntry| entry.run.as_ref().map_or(Exit::CouldNotTest, |run| run.exit(fail_on));
        let exits: Vec<Exit> = self.entries.iter().map(of).collect();
        if self.ending.trouble().is_some() {
            return Exit::CouldNotTest;
        }
        if exits.is_empty() {
            return Exit::NothingTested;
        }
        let order =
            [Exit::Interrupted, Exit::Failed, Exit::CouldNotTest, Exit::NothingTested, Exit::Suspended];
        order.into_iter().find(|exit| exits.contains(exit)).unwrap_or(Exit::Success)
    }

    /// The suites, in the order of the plan.
    pub fn suites(&self) -> Vec<&str> {
        let mut suites: Vec<&str> = Vec::new();
        for entry in &self.entries {
            if !suites.contains(&entry.suite.as_str()) {
                suites.push(&entry.suite);
            }
        }
        suites
    }

    /// Compares with an earlier comparison.
    pub fn compare(&mut self, earlier: &Self) {
        let old_of = |entry: &ServerEntry| earlier.entries.iter().find(|old| old.is_same(entry));
        let moves = self.entries.iter().map(|entry| entry.moved(old_of(entry)));
        let moves = moves
            .filter(|moved| moved.was_version.as_ref() != Some(&moved.version) || !moved.changes.is_empty());
        let is_gone = |old: &&ServerEntry| !self.entries.iter().any(|entry| entry.is_same(old));
        let gone = earlier.entries.iter().filter(is_gone);
        self.since = Some(Since {
            started_at: earlier.started_at.clone(),
            moves: moves.collect(),
            gone: gone.map(|entry| format!("{}, {}", entry.server, entry.suite)).collect(),
        });
    }
}

impl ServerEntry {
    fn is_same(&self, other: &Self) -> bool {
        (&self.server, &self.suite) == (&other.server, &other.suite)
    }

    /// What moved since `old`. Without a result on either side no verdict changed.
    fn moved(&self, old: Option<&Self>) -> Move {
        let rules = |entry: Option<&Self>| entry.and_then(|entry| entry.run.clone()).map(|run| run.rules);
        let mut changes = Vec::new();
        if let (Some(new), Some(old)) = (rules(Some(self)), rules(old)) {
            for rule in new {
                let was = old.iter().find(|old| old.id == rule.id).map(|old| old.verdict);
                if was != Some(rule.verdict) {
                    changes.push(Change { rule: rule.id, was, is: rule.verdict, also_in: Vec::new() });
                }
            }
        }
        Move {
            server: self.server.clone(),
            suite: self.suite.clone(),
            was_version: old.map(|old| old.version.clone()),
            version: self.version.clone(),
            changes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::run_of;
    use super::{SERVERS_FORMAT, ServerEntry, Servers};
    use crate::{Ending, Exit, FailOn, Level, Run, Verdict};

    fn entry(server: &str, version: &str, run: Option<Run>) -> ServerEntry {
        ServerEntry {
            server: server.to_owned(),
            version: version.to_owned(),
            error: run.is_none().then(|| "it did not start".to_owned()),
            run,
            suite: "tus".to_owned(),
        }
    }

    fn servers(entries: Vec<ServerEntry>) -> Servers {
        Servers {
            format: SERVERS_FORMAT,
            uptake: "0.1.0".to_owned(),
            title: "Servers".to_owned(),
            started_at: "2026-01-15T00:00:00Z".to_owned(),
            took_seconds: 1.0,
            ending: Ending::Completed,
            entries,
            since: None,
        }
    }

    #[test]
    fn a_level_is_met_where_every_rule_of_it_is_kept() {
        let met = |verdicts: &[(&str, Verdict)]| run_of(verdicts).levels()[0].is_met();
        assert!(met(&[
            ("A-01", Verdict::Passed),
            ("A-02", Verdict::Tolerated),
            ("A-03", Verdict::NotApplicable)
        ]));
        for verdict in [
            Verdict::Failed,
            Verdict::Waived,
            Verdict::Blocked,
            Verdict::Inconclusive,
            Verdict::Suspended,
            Verdict::NotCovered,
        ] {
            assert!(!met(&[("A-01", Verdict::Passed), ("A-02", verdict)]), "{verdict}");
        }
    }

    #[test]
    fn a_level_without_rules_that_apply_has_no_score() {
        let run = run_of(&[("A-01", Verdict::NotApplicable)]);
        assert_eq!(run.levels(), []);
        let run = run_of(&[("A-01", Verdict::Passed)]);
        assert_eq!(run.levels().iter().map(|score| score.level).collect::<Vec<_>>(), [Level::Must]);
    }

    #[test]
    fn the_exit_code_is_that_of_the_worst_entry() {
        let of = |verdict| Some(run_of(&[("A-01", verdict)]));
        let exit = |entries| servers(entries).exit(FailOn::Must);
        let good = || entry("a", "1", of(Verdict::Passed));
        assert_eq!(exit(vec![good()]), Exit::Success);
        assert_eq!(exit(vec![good(), entry("b", "1", None)]), Exit::CouldNotTest);
        assert_eq!(exit(vec![entry("b", "1", None), entry("c", "1", of(Verdict::Failed))]), Exit::Failed);
        assert_eq!(exit(Vec::new()), Exit::NothingTested);
        let interrupted = Servers { ending: Ending::Interrupted, ..servers(vec![good()]) };
        assert_eq!(interrupted.exit(FailOn::Must), Exit::Interrupted);
    }

    #[test]
    fn what_moved_is_named_and_what_did_not_is_not() {
        let of = |first, second| Some(run_of(&[("A-01", first), ("A-02", second)]));
        let old = servers(vec![
            entry("same", "1", of(Verdict::Passed, Verdict::Failed)),
            entry("mended", "1", of(Verdict::Passed, Verdict::Failed)),
            entry("gone", "1", of(Verdict::Passed, Verdict::Passed)),
        ]);
        let mut new = servers(vec![
            entry("same", "1", of(Verdict::Passed, Verdict::Failed)),
            entry("mended", "2", of(Verdict::Passed, Verdict::Passed)),
            entry("new", "1", of(Verdict::Passed, Verdict::Passed)),
        ]);
        new.compare(&old);
        let since = new.since.expect("it was compared");
        assert_eq!(since.gone, ["gone, tus"]);
        let [mended, fresh] = since.moves.as_slice() else { panic!("{since:?}") };
        assert_eq!((mended.server.as_str(), mended.was_version.as_deref()), ("mended", Some("1")));
        assert_eq!(mended.changes.len(), 1, "{mended:?}");
        assert_eq!((mended.changes[0].was, mended.changes[0].is), (Some(Verdict::Failed), Verdict::Passed));
        assert_eq!((fresh.server.as_str(), &fresh.was_version, fresh.changes.len()), ("new", &None, 0));
    }
}
