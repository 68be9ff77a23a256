//! The table by area: how many rules have which verdict.

use tabled::{
    builder::Builder,
    settings::{
        Alignment, Color, Style as Lines,
        object::{Cell, Columns, Rows},
        style::HorizontalLine,
    },
};

use super::{page::Page, style::tone_of};
use crate::{facts::COLUMNS, text::one_line};
use uptake_outcome::{RuleResult, Run, Verdict};

/// Counts by area, and of all areas.
pub(super) fn areas(page: &mut Page, run: &Run) {
    if run.rules.is_empty() {
        return;
    }
    let columns: Vec<Verdict> =
        COLUMNS.into_iter().filter(|&verdict| run.rules.iter().any(|rule| rule.verdict == verdict)).collect();
    let mut areas: Vec<&str> = Vec::new();
    for rule in &run.rules {
        if !areas.contains(&rule.area.as_str()) {
            areas.push(&rule.area);
        }
    }

    let mut records = vec![heading(&columns)];
    for area in &areas {
        let rules: Vec<_> = run.rules.iter().filter(|rule| rule.area == *area).collect();
        records.push(row(&one_line(area), &columns, &rules));
    }
    if areas.len() > 1 {
        records.push(row("all", &columns, &run.rules.iter().collect::<Vec<_>>()));
    }
    draw(page, &records, &columns, areas.len());
}

fn heading(columns: &[Verdict]) -> Vec<String> {
    let words = columns.iter().map(|verdict| verdict.word().replace(' ', "\n"));
    ["area".to_owned(), "rules".to_owned()].into_iter().chain(words).collect()
}

fn row(name: &str, columns: &[Verdict], rules: &[&RuleResult]) -> Vec<String> {
    let mut cells = vec![name.to_owned(), rules.len().to_string()];
    for &verdict in columns {
        // Nothing where there is nothing: what stands in the table is what there is to see.
        let number = rules.iter().filter(|rule| rule.verdict == verdict).count();
        cells.push(if number == 0 { String::new() } else { number.to_string() });
    }
    cells
}

fn draw(page: &mut Page, records: &[Vec<String>], columns: &[Verdict], areas: usize) {
    let rule = HorizontalLine::new('─');
    // A total of one area would only say it again.
    let above_total = if areas > 1 { areas + 1 } else { 1 };
    let mut table = Builder::from_iter(records).build();
    table
        .with(Lines::empty().horizontals([(1, rule), (above_total, rule)]))
        .modify(Columns::new(1..), Alignment::right())
        .modify(Rows::first(), Alignment::bottom());
    for (column, &verdict) in columns.iter().enumerate().map(|(index, verdict)| (index + 2, verdict)) {
        let Some((on, off)) = page.style().escapes(tone_of(verdict)) else { continue };
        for (index, record) in records.iter().enumerate().skip(1) {
            if !record[column].is_empty() {
                table.modify(Cell::new(index, column), Color::new(&on, &off));
            }
        }
    }
    page.table(&table);
}
