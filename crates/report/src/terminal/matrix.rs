//! The kill matrix for a terminal: counts by area, then surviving defects and unproven rules by name.
//!
//! ```text
//! api-video against 4 planted defects
//! uptake 0.1.0, seed 7
//!
//!  area  defects  caught  survived  rules  proven  unproven
//! ──────────────────────────────────────────────────────────
//!  auth        2       1         1      2       1         1
//!  http        2       2                1       1
//! ──────────────────────────────────────────────────────────
//!  all         4       3         1      3       2         1
//!
//! Unproven (no defect makes these rules fail)
//!   AUTH-15 should A refresh sent as text is accepted
//!
//! Survived (no rule fails)
//!   refresh-late (auth) The response to a refresh is a second late.
//!     untested  HTTP-03
//!
//! Defects tested: 3 by their recorded rules, 1 by the whole suite; `--full` tests all by the whole suite.
//! NOT PROVEN: 4 defects: 3 caught, 1 survived; 3 rules: 2 proven, 1 unproven, in 41.5 s (seed 7, exit code 1)
//! ```

use tabled::{
    builder::Builder,
    settings::{Alignment, Color, Style as Lines, object::Cell, object::Columns, style::HorizontalLine},
};

use super::{
    page::Page,
    style::{Style, Tone, tone_of_exit},
};
use crate::{facts::Fact, text::one_line};
use uptake_outcome::text::{count, duration};
use uptake_outcome::{
    DefectResult, Ending, Exit, Extent, Fate, Matrix, ProvenBy, RuleProof, TestedWith, Verdict,
};

/// `matrix` for a terminal.
pub fn matrix_terminal(matrix: &Matrix, style: Style) -> String {
    let mut page = Page::new(style);
    page.strong(Tone::Plain, &one_line(&matrix_heading(matrix)));
    page.broken(&format!("uptake {}, seed {}", matrix.uptake, matrix.seed));
    table(&mut page, matrix);
    caught(&mut page, matrix);
    diffuse(&mut page, matrix);
    errors(&mut page, matrix);
    unproven(&mut page, matrix);
    not_provable(&mut page, matrix);
    survived(&mut page, matrix);
    page.gap();
    if let Some(line) = tested_with(matrix) {
        page.broken(&line);
    }
    page.strong(tone_of_exit(matrix.exit()), &matrix_sentence(matrix));
    page.text()
}

/// What was done to the server, as a heading.
pub(crate) fn matrix_heading(matrix: &Matrix) -> String {
    let number = matrix.defects.len();
    match matrix.by {
        ProvenBy::PlantedDefects => format!("{} against {}", matrix.suite, count(number, "planted defect")),
        ProvenBy::Mutations => format!("{} against {} of responses", matrix.suite, count(number, "mutation")),
    }
}

/// What the rows of the matrix are.
fn noun(matrix: &Matrix) -> &'static str {
    match matrix.by {
        ProvenBy::PlantedDefects => "defect",
        ProvenBy::Mutations => "mutation",
    }
}

/// How much of the suite the defects were tested with, where it was not the whole of it.
fn tested_with(matrix: &Matrix) -> Option<String> {
    if matrix.by == ProvenBy::Mutations {
        return None;
    }
    let parts: Vec<_> = TestedWith::ALL
        .into_iter()
        .map(|with| (with, matrix.defects.iter().filter(|defect| defect.tested_with == with).count()))
        .filter(|(_, number)| *number > 0)
        .collect();
    let is_whole = parts.iter().all(|(with, _)| *with == TestedWith::WholeSuite);
    let told = parts.iter().map(|(with, number)| format!("{number} {}", with.words()));
    (!is_whole).then(|| {
        format!(
            "Defects tested: {}; `--full` tests all by the whole suite.",
            told.collect::<Vec<_>>().join(", ")
        )
    })
}

/// What `matrix` came to, and the exit code that follows from it.
pub fn matrix_sentence(matrix: &Matrix) -> String {
    let exit = matrix.exit();
    let word = match exit {
        Exit::Success => "PROVEN",
        Exit::Interrupted => "INTERRUPTED",
        Exit::CouldNotTest => "COULD NOT TEST",
        Exit::NothingTested if matrix.by == ProvenBy::Mutations => "NOTHING TO PROVE",
        Exit::NothingTested => "NO DEFECT PLANTED",
        _ => "NOT PROVEN",
    };
    let summary = &matrix.summary;
    let defects = counted([
        (summary.caught, "caught"),
        (summary.diffuse, "diffuse"),
        (summary.survived, "survived"),
        (summary.errors, if summary.errors == 1 { "error" } else { "errors" }),
    ]);
    let rules = match matrix.extent {
        Extent::Whole => counted([
            (summary.proven, "proven"),
            (summary.unproven, "unproven"),
            (summary.not_provable, "not provable here"),
        ]),
        Extent::Chosen => counted([(summary.proven, "proven")]),
    };
    let trouble = matrix.ending.trouble().map_or_else(String::new, |why| format!("{}; ", one_line(&why)));
    format!(
        "{word}: {trouble}{}{defects}; {}{rules}, in {} (seed {}, exit code {})",
        count(summary.defects, noun(matrix)),
        count(summary.rules, "rule"),
        duration(matrix.took_seconds),
        matrix.seed,
        exit.code()
    )
}

/// `: 2 caught, 1 diffuse`, without what does not occur.
fn counted<const N: usize>(counts: [(usize, &str); N]) -> String {
    let told: Vec<_> = counts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    if told.is_empty() { String::new() } else { format!(": {}", told.join(", ")) }
}

/// A column: its heading, its tone, and what it counts.
type Column = (&'static str, Tone, fn(&[&DefectResult], &[&RuleProof]) -> usize);

fn fates(defects: &[&DefectResult], fate: Fate) -> usize {
    defects.iter().filter(|defect| defect.fate == fate).count()
}

const COLUMNS: [Column; 8] = [
    ("defects", Tone::Plain, |defects, _| defects.len()),
    ("caught", Tone::Good, |defects, _| fates(defects, Fate::Caught)),
    ("diffuse", Tone::Warning, |defects, _| fates(defects, Fate::Diffuse)),
    ("survived", Tone::Bad, |defects, _| fates(defects, Fate::Survived)),
    ("error", Tone::Doubt, |defects, _| fates(defects, Fate::Error)),
    ("rules", Tone::Plain, |_, rules| rules.len()),
    ("proven", Tone::Good, |_, rules| rules.iter().filter(|rule| !rule.proven_by.is_empty()).count()),
    ("unproven", Tone::Bad, |_, rules| rules.iter().filter(|rule| rule.is_unproven()).count()),
];

fn table(page: &mut Page, matrix: &Matrix) {
    let defects: Vec<&DefectResult> = matrix.defects.iter().collect();
    let rules: Vec<&RuleProof> = matrix.rules.iter().collect();
    let mut areas: Vec<&str> = Vec::new();
    let named = rules.iter().map(|rule| rule.area.as_str());
    for area in named.chain(defects.iter().map(|defect| defect.area.as_str())) {
        if !areas.contains(&area) {
            areas.push(area);
        }
    }
    // Only what occurs is shown; and of rules nothing is said where only some defects were planted.
    let shown: Vec<Column> = COLUMNS
        .into_iter()
        .filter(|(name, _, number)| {
            number(&defects, &rules) > 0 && (*name != "unproven" || matrix.extent == Extent::Whole)
        })
        .collect();
    let row = |name: &str, defects: &[&DefectResult], rules: &[&RuleProof]| {
        let cells = shown.iter().map(|(_, _, number)| match number(defects, rules) {
            0 => String::new(),
            some => some.to_string(),
        });
        std::iter::once(name.to_owned()).chain(cells).collect::<Vec<_>>()
    };
    let named =
        |name: &&str| if *name == "defects" { format!("{}s", noun(matrix)) } else { (*name).to_owned() };
    let names = shown.iter().map(|(name, _, _)| *name);
    let heading = std::iter::once("area".to_owned()).chain(names.map(|name| named(&name)));
    let mut records = vec![heading.collect::<Vec<_>>()];
    for area in &areas {
        let defects: Vec<_> = defects.iter().copied().filter(|defect| defect.area == *area).collect();
        let rules: Vec<_> = rules.iter().copied().filter(|rule| rule.area == *area).collect();
        records.push(row(&one_line(area), &defects, &rules));
    }
    records.push(row("all", &defects, &rules));
    let line = HorizontalLine::new('─');
    let mut table = Builder::from_iter(&records).build();
    table
        .with(Lines::empty().horizontals([(1, line), (areas.len() + 1, line)]))
        .modify(Columns::new(1..), Alignment::right());
    for (column, (_, tone, _)) in shown.iter().enumerate() {
        // A mutation that survives is no fault of the suite.
        let is_fault = matrix.by == ProvenBy::PlantedDefects || shown[column].0 != "survived";
        let tone = if is_fault { *tone } else { Tone::Plain };
        let Some((on, off)) = page.style().escapes(tone) else { continue };
        for (index, record) in records.iter().enumerate().skip(1) {
            if !record[column + 1].is_empty() {
                table.modify(Cell::new(index, column + 1), Color::new(&on, &off));
            }
        }
    }
    page.table(&table);
}

fn of(matrix: &Matrix, fate: Fate) -> Vec<&DefectResult> {
    matrix.defects.iter().filter(|defect| defect.fate == fate).collect()
}

fn named(defect: &DefectResult) -> String {
    format!("{} ({})  {}", one_line(&defect.name), one_line(&defect.area), one_line(&defect.description))
}

/// Listed only where some defects were chosen; all of them would be too many.
fn caught(page: &mut Page, matrix: &Matrix) {
    let defects = of(matrix, Fate::Caught);
    if defects.is_empty() || matrix.extent == Extent::Whole {
        return;
    }
    page.section(Tone::Good, "Caught");
    for defect in defects {
        page.item(&named(defect));
        page.fact(&Fact::broken("by", &defect.caught_by.join(" ")));
        if !defect.unjudged.is_empty() {
            page.fact(&Fact::broken("untested", &defect.unjudged.join(" ")));
        }
    }
}

fn diffuse(page: &mut Page, matrix: &Matrix) {
    let defects = of(matrix, Fate::Diffuse);
    if defects.is_empty() {
        return;
    }
    page.section(Tone::Warning, "Diffuse (only rules of other areas fail)");
    for defect in defects {
        page.item(&named(defect));
        page.fact(&Fact::broken("by", &defect.caught_by.join(" ")));
    }
}

fn errors(page: &mut Page, matrix: &Matrix) {
    let defects = of(matrix, Fate::Error);
    if defects.is_empty() {
        return;
    }
    page.section(Tone::Doubt, "Error (the run did not complete)");
    for defect in defects {
        page.item(&named(defect));
        if let Some(why) = &defect.error {
            page.fact(&Fact::broken("reason", why));
        }
    }
}

fn unproven(page: &mut Page, matrix: &Matrix) {
    // Where a run said nothing, a rule may be proven by just that defect; the page says both.
    let mut rules = matrix.unproven().filter(|_| matrix.ending == Ending::Completed).peekable();
    if rules.peek().is_none() {
        return;
    }
    page.section(Tone::Bad, &format!("Unproven (no {} makes these rules fail)", noun(matrix)));
    for rule in rules {
        page.item(&format!("{}  {}  {}", one_line(&rule.id), rule.level, one_line(&rule.text)));
    }
}

/// The rules that this server keeps from being proven, by their verdicts.
fn not_provable(page: &mut Page, matrix: &Matrix) {
    for verdict in Verdict::ALL {
        let rules = matrix.rules.iter().filter(|rule| rule.not_provable == Some(verdict));
        let ids: Vec<_> = rules.map(|rule| one_line(&rule.id)).collect();
        if ids.is_empty() {
            continue;
        }
        page.section(Tone::Doubt, &format!("Not provable on this server ({verdict} without a mutation)"));
        page.item(&ids.join(" "));
    }
}

fn survived(page: &mut Page, matrix: &Matrix) {
    let defects = of(matrix, Fate::Survived);
    if defects.is_empty() || matrix.by == ProvenBy::Mutations {
        return;
    }
    page.section(Tone::Bad, "Survived (no rule fails)");
    for defect in defects {
        page.item(&named(defect));
        if !defect.unjudged.is_empty() {
            page.fact(&Fact::broken("untested", &defect.unjudged.join(" ")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Style, matrix_sentence, matrix_terminal};
    use crate::matrix_sample;
    use uptake_outcome::{Ending, Extent, Matrix};

    #[test]
    fn a_matrix_of_every_fate() {
        insta::assert_snapshot!(matrix_terminal(&matrix_sample::matrix(), Style::plain(100)));
    }

    #[test]
    fn a_matrix_without_survivors() {
        insta::assert_snapshot!(matrix_terminal(&matrix_sample::green(), Style::plain(100)));
    }

    #[test]
    fn a_matrix_of_mutations() {
        insta::assert_snapshot!(matrix_terminal(&matrix_sample::mutations(), Style::plain(100)));
    }

    #[test]
    fn colour_is_only_where_it_is_asked_for() {
        let matrix = matrix_sample::matrix();
        assert!(!matrix_terminal(&matrix, Style::plain(100)).contains('\u{1b}'));
        assert!(matrix_terminal(&matrix, Style::coloured(100)).contains('\u{1b}'));
    }

    #[test]
    fn the_sentence_says_why_the_exit_code_is_what_it_is() {
        let interrupted = Matrix { ending: Ending::Interrupted, ..matrix_sample::green() };
        let chosen = Matrix { extent: Extent::Chosen, ..matrix_sample::green() };
        let matrices = [matrix_sample::green(), matrix_sample::matrix(), interrupted, chosen];
        insta::assert_snapshot!(matrices.map(|matrix| matrix_sentence(&matrix)).join("\n"));
    }
}
