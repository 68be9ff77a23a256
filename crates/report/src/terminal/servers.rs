//! Several servers side by side, for a terminal: the scores by level, what moved, the rules that failed.
//!
//! ```text
//! Upload servers
//! uptake 0.1.0
//!
//!  server          suite   must  should   may  failed  waived
//! ────────────────────────────────────────────────────────────
//!  alpha 2.4.5     tus    60/60     9/9   3/5               2
//!  beta 1.0        tus    58/60     9/9             2
//!
//! Failed
//!   beta 1.0, tus
//!     TUS-04  must  PATCH beyond the offset is refused with 409 and stores nothing
//!
//! FAILED: 2 servers: 1 keeps the required rules, 1 does not, in 8.1 s (exit code 1)
//! ```

use tabled::builder::Builder;
use tabled::settings::{Alignment, Style as Lines, object::Columns, style::HorizontalLine};

use super::page::Page;
use super::style::{Style, Tone, tone_of_exit};
use crate::text::one_line;
use uptake_outcome::text::{count, duration};
use uptake_outcome::{Exit, FailOn, Level, Run, ServerEntry, Servers, Verdict};

/// `servers` for a terminal.
pub fn servers_terminal(servers: &Servers, style: Style, fail_on: FailOn) -> String {
    let mut page = Page::new(style);
    page.strong(Tone::Plain, &one_line(&servers.title));
    page.broken(&format!("uptake {}", servers.uptake));
    table(&mut page, servers);
    moves(&mut page, servers);
    errors(&mut page, servers);
    failed(&mut page, servers);
    page.gap();
    page.strong(tone_of_exit(servers.exit(fail_on)), &servers_sentence(servers, fail_on));
    page.text()
}

/// What the comparison came to, and the exit code that follows from it.
pub fn servers_sentence(servers: &Servers, fail_on: FailOn) -> String {
    let exit = servers.exit(fail_on);
    let word = match exit {
        Exit::Success => "PASSED",
        Exit::Failed => "FAILED",
        Exit::Interrupted => "INTERRUPTED",
        Exit::NothingTested => "NOTHING TESTED",
        _ => "COULD NOT TEST",
    };
    let of = |wanted: &dyn Fn(Exit) -> bool| {
        let exits = servers.entries.iter().map(|entry| exit_of(entry, fail_on));
        exits.filter(|exit| wanted(*exit)).count()
    };
    let parts = [
        (of(&|exit| exit == Exit::Success), "passed"),
        (of(&|exit| exit == Exit::Failed), "failed"),
        (of(&|exit| !matches!(exit, Exit::Success | Exit::Failed)), "could not be tested"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    let trouble = servers.ending.trouble().map_or_else(String::new, |why| format!("{}; ", one_line(&why)));
    format!(
        "{word}: {trouble}{}{}{}, in {} (exit code {})",
        count(servers.entries.len(), "server"),
        if parts.is_empty() { "" } else { ": " },
        parts.join(", "),
        duration(servers.took_seconds),
        exit.code()
    )
}

fn exit_of(entry: &ServerEntry, fail_on: FailOn) -> Exit {
    entry.run.as_ref().map_or(Exit::CouldNotTest, |run| run.exit(fail_on))
}

/// The name of an entry: `alpha 2.4.5`.
fn name(entry: &ServerEntry) -> String {
    one_line(&format!("{} {}", entry.server, entry.version))
}

fn table(page: &mut Page, servers: &Servers) {
    if servers.entries.is_empty() {
        return;
    }
    let heading = ["server", "suite", "must", "should", "may", "failed", "waived"];
    let mut records = vec![heading.map(str::to_owned).to_vec()];
    for entry in &servers.entries {
        let mut cells = vec![name(entry), one_line(&entry.suite)];
        let levels = entry.run.as_ref().map(Run::levels).unwrap_or_default();
        for level in [Level::Must, Level::Should, Level::May] {
            let of_level = levels.iter().find(|score| score.level == level);
            cells.push(of_level.map_or_else(String::new, ToString::to_string));
        }
        for verdict in [Verdict::Failed, Verdict::Waived] {
            let rules = entry.run.iter().flat_map(|run| &run.rules);
            let number = rules.filter(|rule| rule.verdict == verdict).count();
            cells.push(if number == 0 { String::new() } else { number.to_string() });
        }
        records.push(cells);
    }
    let mut table = Builder::from_iter(records).build();
    table
        .with(Lines::empty().horizontals([(1, HorizontalLine::new('─'))]))
        .modify(Columns::new(2..), Alignment::right());
    page.table(&table);
}

fn moves(page: &mut Page, servers: &Servers) {
    let Some(since) = &servers.since else { return };
    page.section(Tone::Plain, &format!("Since {}", one_line(&since.started_at)));
    if since.moves.is_empty() && since.gone.is_empty() {
        page.item("nothing changed");
    }
    for moved in &since.moves {
        let was = match &moved.was_version {
            None => "new".to_owned(),
            Some(was) if *was == moved.version => String::new(),
            Some(was) => format!("was {was}"),
        };
        let about = format!("{} {}, {}", moved.server, moved.version, moved.suite);
        page.item(&one_line(&if was.is_empty() { about } else { format!("{about}: {was}") }));
        for change in &moved.changes {
            page.detail(&one_line(&change.words()));
        }
    }
    for gone in &since.gone {
        page.item(&one_line(&format!("{gone}: not in this comparison")));
    }
}

fn errors(page: &mut Page, servers: &Servers) {
    let troubles = servers.entries.iter().filter_map(|entry| {
        let of_run = || entry.run.as_ref().and_then(|run| run.ending.trouble());
        Some((entry, entry.error.clone().or_else(of_run)?))
    });
    for (index, (entry, why)) in troubles.enumerate() {
        if index == 0 {
            page.section(Tone::Doubt, "Could not test");
        }
        page.item(&format!("{}, {}", name(entry), one_line(&entry.suite)));
        page.detail(&one_line(&why));
    }
}

fn failed(page: &mut Page, servers: &Servers) {
    let is_failed = |entry: &&ServerEntry| {
        entry.run.iter().flat_map(|run| &run.rules).any(|rule| rule.verdict == Verdict::Failed)
    };
    for (index, entry) in servers.entries.iter().filter(is_failed).enumerate() {
        if index == 0 {
            page.section(Tone::Bad, "Failed");
        }
        page.item(&format!("{}, {}", name(entry), one_line(&entry.suite)));
        for rule in entry.run.iter().flat_map(|run| &run.rules).filter(|rule| rule.verdict == Verdict::Failed)
        {
            page.detail(&one_line(&format!("{}  {}  {}", rule.id, rule.level, rule.text)));
        }
    }
}
