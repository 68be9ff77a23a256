//! The page of several servers side by side: levels met, scores by area, rules by server, and each deviation with the request that
//! shows it.

use askama::Template;

use super::page::{Chip, Fact, Note, Page, Tile, distinct, fact, searchable, shown, tone_of_verdict};
use super::rules::RuleView;
use crate::terminal::servers_sentence;
use uptake_outcome::text::{count, duration};
use uptake_outcome::{Change, FailOn, Level, RuleResult, Run, ServerEntry, Servers, Verdict};

#[derive(Template)]
#[template(path = "servers.html")]
struct ServersPage {
    page: Page,
    tiles: Vec<Tile>,
    notes: Vec<Note>,
    levels: Vec<Level>,
    rows: Vec<EntryRow>,
    since: Option<(String, Vec<MoveRow>)>,
    suites: Vec<SuiteView>,
    servers: Vec<String>,
    chips: Vec<Chip>,
    deviations: Vec<Deviation>,
    about: Vec<Fact>,
}

/// A suite against a server, in one row.
struct EntryRow {
    server: String,
    version: String,
    suite: String,
    /// For each level: the score, and its tone.
    scores: Vec<(String, &'static str)>,
    failed: String,
    waived: String,
    untested: String,
    date: String,
    error: String,
}

/// A verdict that changed, or a server that is new or gone.
struct MoveRow {
    server: String,
    suite: String,
    what: String,
    was: String,
    is: String,
    tone: &'static str,
}

/// A suite with all the servers that it ran against.
struct SuiteView {
    number: usize,
    name: String,
    servers: Vec<String>,
    /// Of each area the score of each server.
    areas: Vec<(String, Vec<String>)>,
    rules: Vec<RuleRow>,
}

/// A rule with its verdict on each server.
struct RuleRow {
    id: String,
    level: String,
    text: String,
    search: String,
    cells: Vec<VerdictCell>,
}

/// The verdict on a server: a sign, the word, and the deviation that explains it.
struct VerdictCell {
    sign: &'static str,
    word: &'static str,
    tone: &'static str,
    link: String,
}

/// A rule that a server does not keep.
struct Deviation {
    anchor: String,
    server: String,
    rule: RuleView,
}

/// `servers` as a page.
#[expect(clippy::missing_panics_doc, reason = "what is expected cannot fail")]
pub fn servers_html(servers: &Servers, fail_on: FailOn) -> String {
    let sentence = servers_sentence(servers, fail_on);
    let page = Page::new("uptake matrix", &servers.title, servers.exit(fail_on), &sentence);
    let deviations = deviations(servers);
    let verdicts = [Verdict::Failed, Verdict::Waived];
    let chips = verdicts.map(|verdict| Chip {
        word: verdict.word(),
        tone: tone_of_verdict(verdict),
        count: deviations.iter().filter(|deviation| deviation.rule.verdict == verdict.word()).count(),
    });
    let view = ServersPage {
        page: page.about(&subject(servers)).made_by(&servers.uptake, &servers.started_at),
        tiles: tiles(servers, &deviations),
        notes: notes(servers),
        levels: levels(servers),
        rows: servers.entries.iter().map(|entry| row(entry, &levels(servers))).collect(),
        since: servers.since.as_ref().map(|since| (shown(&since.started_at), moves(servers))),
        suites: servers
            .suites()
            .into_iter()
            .enumerate()
            .map(|(at, suite)| suite_view(servers, at, suite))
            .collect(),
        servers: distinct(deviations.iter().map(|deviation| deviation.server.as_str()))
            .into_iter()
            .map(str::to_owned)
            .collect(),
        chips: chips.into_iter().filter(|chip| chip.count > 0).collect(),
        deviations,
        about: [
            fact("Duration", &duration(servers.took_seconds)),
            fact("Suites", &suites_by_digest(servers)),
            fact("uptake", &servers.uptake),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    view.render().expect("writing to a String cannot fail")
}

/// The number of servers and suites.
fn subject(servers: &Servers) -> String {
    let names = distinct(servers.entries.iter().map(|entry| entry.server.as_str()));
    format!("{}, {}", count(names.len(), "server"), count(servers.suites().len(), "suite"))
}

/// The name of a server with its version.
fn name(entry: &ServerEntry) -> String {
    shown(&format!("{} {}", entry.server, entry.version))
}

fn rules(entry: &ServerEntry) -> &[RuleResult] {
    entry.run.as_ref().map(|run| run.rules.as_slice()).unwrap_or_default()
}

fn tiles(servers: &Servers, deviations: &[Deviation]) -> Vec<Tile> {
    let meets = |entry: &&ServerEntry| {
        let levels = entry.run.as_ref().map(Run::levels).unwrap_or_default();
        levels.iter().any(|score| score.level == Level::Must && score.is_met())
    };
    let met = servers.entries.iter().filter(meets).count();
    let of = |verdict: Verdict| {
        deviations.iter().filter(|deviation| deviation.rule.verdict == verdict.word()).count()
    };
    let rules: usize =
        servers.entries.iter().filter_map(|entry| entry.run.as_ref()).map(|run| run.summary.judged).sum();
    vec![
        Tile::new("Meet every must", met)
            .unit(format!("of {}", servers.entries.len()))
            .toned("good", met > 0),
        Tile::new("Rules tested", rules),
        Tile::new("Failed", of(Verdict::Failed)).toned("bad", of(Verdict::Failed) > 0),
        Tile::new("Waived", of(Verdict::Waived)).toned("doubt", of(Verdict::Waived) > 0),
    ]
}

fn notes(servers: &Servers) -> Vec<Note> {
    let line = |entry: &ServerEntry| {
        let of_run = || entry.run.as_ref().and_then(|run| run.ending.trouble());
        let why = entry.error.clone().or_else(of_run)?;
        Some(format!("{}, {}: {why}", name(entry), entry.suite))
    };
    let lines: Vec<String> = servers.entries.iter().filter_map(line).collect();
    Note::some("doubt", "Could not test", &lines).into_iter().collect()
}

/// The levels that any of the suites has.
fn levels(servers: &Servers) -> Vec<Level> {
    let has = |level: &Level| servers.entries.iter().flat_map(rules).any(|rule| rule.level == *level);
    [Level::Must, Level::Should, Level::May].into_iter().filter(has).collect()
}

fn row(entry: &ServerEntry, levels: &[Level]) -> EntryRow {
    let scores = entry.run.as_ref().map(Run::levels).unwrap_or_default();
    let cell = |level: &Level| match scores.iter().find(|score| score.level == *level) {
        None => (String::new(), ""),
        Some(of_level) => {
            let tone = match of_level {
                met if met.is_met() => "good",
                broken if broken.broken > 0 && *level == Level::Must => "bad",
                _ => "doubt",
            };
            (of_level.to_string(), tone)
        }
    };
    let number = |wanted: &[Verdict]| {
        let number = rules(entry).iter().filter(|rule| wanted.contains(&rule.verdict)).count();
        if number == 0 { String::new() } else { number.to_string() }
    };
    let date = entry.run.as_ref().map_or("", |run| run.started_at.split('T').next().unwrap_or_default());
    EntryRow {
        server: shown(&entry.server),
        version: shown(&entry.version),
        suite: shown(&entry.suite),
        scores: levels.iter().map(cell).collect(),
        failed: number(&[Verdict::Failed]),
        waived: number(&[Verdict::Waived]),
        untested: number(&[Verdict::Blocked, Verdict::Inconclusive, Verdict::Suspended, Verdict::NotCovered]),
        date: shown(date),
        error: if entry.run.is_none() { "not tested".to_owned() } else { String::new() },
    }
}

fn moves(servers: &Servers) -> Vec<MoveRow> {
    let Some(since) = &servers.since else { return Vec::new() };
    let mut rows = Vec::new();
    for moved in &since.moves {
        let (server, suite) = (shown(&moved.server), shown(&moved.suite));
        if moved.was_version.as_ref() != Some(&moved.version) {
            rows.push(MoveRow {
                server: server.clone(),
                suite: suite.clone(),
                what: "version".to_owned(),
                was: moved.was_version.as_deref().map_or_else(|| "new".to_owned(), shown),
                is: shown(&moved.version),
                tone: "quiet",
            });
        }
        rows.extend(moved.changes.iter().map(|change: &Change| MoveRow {
            server: server.clone(),
            suite: suite.clone(),
            what: shown(&change.rule),
            was: change.was.map_or("not in the suite", Verdict::word).to_owned(),
            is: change.is.word().to_owned(),
            tone: tone_of_verdict(change.is),
        }));
    }
    rows.extend(since.gone.iter().map(|gone| {
        let (server, suite) = gone.rsplit_once(", ").unwrap_or((gone, ""));
        let (server, suite) = (shown(server), shown(suite));
        MoveRow {
            server,
            suite,
            what: "server".to_owned(),
            was: "tested".to_owned(),
            is: "not tested".to_owned(),
            tone: "quiet",
        }
    }));
    rows
}

fn suite_view(servers: &Servers, number: usize, suite: &str) -> SuiteView {
    let entries: Vec<&ServerEntry> =
        servers.entries.iter().filter(|entry| entry.suite == suite && entry.run.is_some()).collect();
    let all = || entries.iter().flat_map(|entry| rules(entry));
    let areas = distinct(all().map(|rule| rule.area.as_str()));
    let ids = distinct(all().map(|rule| rule.id.as_str()));
    let known = ids.iter().filter_map(|id| all().find(|rule| rule.id == *id));
    SuiteView {
        number,
        name: shown(suite),
        servers: entries.iter().map(|entry| name(entry)).collect(),
        areas: areas
            .into_iter()
            .map(|area| (shown(area), entries.iter().map(|entry| area_score(entry, area)).collect()))
            .collect(),
        rules: known.map(|rule| rule_row(servers, &entries, rule)).collect(),
    }
}

/// The rules of an area that a server keeps, of those that were tested.
fn area_score(entry: &ServerEntry, area: &str) -> String {
    let of_area = || rules(entry).iter().filter(|rule| rule.area == area);
    let judged = of_area().filter(|rule| rule.verdict.is_judged()).count();
    let kept = of_area().filter(|rule| matches!(rule.verdict, Verdict::Passed | Verdict::Tolerated)).count();
    if judged == 0 { "–".to_owned() } else { format!("{kept}/{judged}") }
}

fn rule_row(servers: &Servers, entries: &[&ServerEntry], rule: &RuleResult) -> RuleRow {
    let cell = |entry: &&ServerEntry| {
        let found = rules(entry).iter().find(|other| other.id == rule.id);
        let Some(found) = found else {
            return VerdictCell { sign: "", word: "not in the suite", tone: "quiet", link: String::new() };
        };
        let at = servers.entries.iter().position(|other| std::ptr::eq(other, *entry)).unwrap_or_default();
        VerdictCell {
            sign: sign(found.verdict),
            word: found.verdict.word(),
            tone: tone_of_verdict(found.verdict),
            link: if is_deviation(found) { anchor(at, found) } else { String::new() },
        }
    };
    let cells: Vec<VerdictCell> = entries.iter().map(cell).collect();
    let words: Vec<&str> = cells.iter().map(|cell| cell.word).collect();
    RuleRow {
        id: shown(&rule.id),
        level: rule.level.to_string(),
        text: shown(&rule.text),
        search: searchable(&[&rule.id, &rule.text, &rule.area, &words.join(" ")]),
        cells,
    }
}

/// What stands in a cell: the word is read out.
fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "✓",
        Verdict::Tolerated => "≈",
        Verdict::Failed => "✗",
        Verdict::Waived => "w",
        Verdict::Blocked | Verdict::Inconclusive => "?",
        Verdict::Suspended | Verdict::NotApplicable | Verdict::NotCovered => "–",
    }
}

fn is_deviation(rule: &RuleResult) -> bool {
    matches!(rule.verdict, Verdict::Failed | Verdict::Waived)
}

fn anchor(entry: usize, rule: &RuleResult) -> String {
    let id: String = rule.id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("d{entry}-{id}")
}

fn deviations(servers: &Servers) -> Vec<Deviation> {
    let of = |(at, entry): (usize, &ServerEntry)| {
        let Some(run) = &entry.run else { return Vec::new() };
        let broken = run.rules.iter().filter(|rule| is_deviation(rule));
        let view = |rule| Deviation {
            anchor: anchor(at, rule),
            server: name(entry),
            rule: RuleView { is_open: false, ..RuleView::new(run, rule) },
        };
        broken.map(view).collect::<Vec<_>>()
    };
    servers.entries.iter().enumerate().flat_map(of).collect()
}

fn suites_by_digest(servers: &Servers) -> String {
    let one = |suite: &str| {
        let digest = servers
            .entries
            .iter()
            .filter(|entry| entry.suite == suite)
            .find_map(|entry| entry.run.as_ref().map(|run| run.suite_digest.as_str()))
            .unwrap_or_default();
        if digest.is_empty() { suite.to_owned() } else { format!("{suite} (SHA-256 {digest})") }
    };
    servers.suites().into_iter().map(one).collect::<Vec<_>>().join(", ")
}
