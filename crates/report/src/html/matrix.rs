//! The page of a kill matrix: which rules catch which defects, drawn and listed.

use askama::Template;

use super::chart::{Axis, Cell, Chart, FULL, Heat};
use super::page::{Chip, Fact, Page, Tile, distinct, fact, searchable, shown};
use crate::terminal::{matrix_heading, matrix_sentence};
use uptake_outcome::text::duration;
use uptake_outcome::{DefectResult, Extent, Fate, Matrix, ProvenBy, Verdict};

#[derive(Template)]
#[template(path = "matrix.html")]
struct MatrixPage {
    page: Page,
    tiles: Vec<Tile>,
    charts: Vec<Chart>,
    chips: Vec<Chip>,
    areas: Vec<String>,
    defects: Vec<DefectView>,
    is_whole: bool,
    /// What a row is, one and many.
    row: &'static str,
    rows: &'static str,
    rules: Vec<RuleRow>,
    about: Vec<Fact>,
}

#[derive(Debug)]
struct DefectView {
    name: String,
    area: String,
    fate: &'static str,
    tone: &'static str,
    description: String,
    search: String,
    caught_by: Vec<String>,
    unjudged: Vec<String>,
    error: String,
}

#[derive(Debug)]
struct RuleRow {
    id: String,
    level: String,
    text: String,
    proven_by: Vec<String>,
    /// The verdict without a defect that keeps it from being proven; empty where nothing does.
    not_provable: &'static str,
}

/// `matrix` as a page.
#[expect(clippy::missing_panics_doc, reason = "what is expected cannot fail")]
pub fn matrix_html(matrix: &Matrix) -> String {
    let (row, rows) = match matrix.by {
        ProvenBy::PlantedDefects => ("Defect", "Defects"),
        ProvenBy::Mutations => ("Mutation", "Mutations"),
    };
    let about = match matrix.by {
        ProvenBy::PlantedDefects => {
            "Is every rule able to fail? Each defect is planted in the reference server, and the suite runs against it."
        }
        ProvenBy::Mutations => {
            "Is every rule able to fail? The server's responses are changed before uptake reads them, one at a time, and the scenario runs again."
        }
    };
    let page = Page::new("uptake prove", &matrix_heading(matrix), matrix.exit(), &matrix_sentence(matrix))
        .about(about)
        .made_by(&matrix.uptake, &matrix.started_at);
    let fates = [Fate::Survived, Fate::Error, Fate::Diffuse, Fate::Caught];
    let of = |fate: Fate| matrix.defects.iter().filter(|defect| defect.fate == fate).count();
    let chips =
        fates.iter().map(|fate| Chip { word: fate.word(), tone: tone(*fate, matrix.by), count: of(*fate) });
    let mut defects: Vec<&DefectResult> = matrix.defects.iter().collect();
    defects.sort_by_key(|defect| fates.iter().position(|fate| *fate == defect.fate));
    let rule = |rule: &uptake_outcome::RuleProof| RuleRow {
        id: shown(&rule.id),
        level: rule.level.to_string(),
        text: shown(&rule.text),
        proven_by: rule.proven_by.iter().map(|name| shown(name)).collect(),
        not_provable: rule.not_provable.map(Verdict::word).unwrap_or_default(),
    };
    let mut rules: Vec<_> = matrix.rules.iter().collect();
    rules.sort_by_key(|rule| !rule.is_unproven());
    let matrix_page = MatrixPage {
        page,
        tiles: tiles(matrix),
        charts: drawn(matrix).into_iter().collect(),
        chips: chips.filter(|chip| chip.count > 0).collect(),
        areas: distinct(matrix.defects.iter().map(|defect| defect.area.as_str()))
            .into_iter()
            .map(shown)
            .collect(),
        defects: defects.into_iter().map(|defect| DefectView::new(defect, matrix.by)).collect(),
        is_whole: matrix.extent == Extent::Whole,
        row,
        rows,
        rules: rules.into_iter().map(rule).collect(),
        about: [
            fact("Suite", &matrix.suite),
            fact("Seed", &matrix.seed.to_string()),
            fact("Started", &matrix.started_at),
            fact("uptake", &matrix.uptake),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    matrix_page.render().expect("writing to a String cannot fail")
}

fn tone(fate: Fate, by: ProvenBy) -> &'static str {
    match fate {
        Fate::Survived if by == ProvenBy::Mutations => "doubt",
        Fate::Caught => "good",
        Fate::Diffuse | Fate::Error => "doubt",
        Fate::Survived => "bad",
    }
}

fn tiles(matrix: &Matrix) -> Vec<Tile> {
    let summary = &matrix.summary;
    let is_planted = matrix.by == ProvenBy::PlantedDefects;
    let mut tiles = vec![
        Tile::new(
            if is_planted { "Defects caught" } else { "Mutations caught" },
            summary.caught + summary.diffuse,
        )
        .unit(format!("of {}", summary.defects)),
        Tile::new("Survived", summary.survived).toned("bad", summary.survived > 0 && is_planted),
        Tile::new("Rules proven", summary.proven).unit(format!("of {}", summary.rules)),
    ];
    if matrix.extent == Extent::Whole {
        tiles.push(Tile::new("Unproven", summary.unproven).toned("bad", summary.unproven > 0));
    }
    if summary.errors > 0 {
        tiles.push(Tile::new("Errors", summary.errors).toned("doubt", true));
    }
    tiles.push(Tile::new("Duration", duration(matrix.took_seconds)));
    tiles
}

/// The matrix as a drawing: a column for each rule, a row for each defect, both in the order of their catalogues.
fn drawn(matrix: &Matrix) -> Option<Chart> {
    let (columns, rows) =
        (u32::try_from(matrix.rules.len()).ok()?, u32::try_from(matrix.defects.len()).ok()?);
    let mut cells = Vec::new();
    for (defect, row) in matrix.defects.iter().zip(1_u32..) {
        for (rule, column) in matrix.rules.iter().zip(0_u32..) {
            let level = match () {
                () if defect.caught_by.contains(&rule.id) => 6,
                () if defect.unjudged.contains(&rule.id) => 2,
                () => continue,
            };
            let (x, y) = (f64::from(column), f64::from(rows - row));
            cells.push(Cell { from: (x, y), to: (x + 1.0, y + 1.0), level });
        }
    }
    (!cells.is_empty()).then(|| {
        Chart::heat(&Heat {
            title: "Kill matrix",
            text: "A row for each defect, a column for each rule, both in the order of their catalogues. Dark: the rule caught \
                   the defect; light: the defect prevented the rule from being tested."
                .to_owned(),
            cells,
            x: Axis { range: 0.0..f64::from(columns), mark: rule_at(matrix), marks: 12 },
            y: Axis { range: 0.0..f64::from(rows), mark: area_at(matrix), marks: 10 },
            size: FULL,
        })
    })
}

/// The rule of a column.
fn rule_at(matrix: &Matrix) -> Box<dyn Fn(f64) -> String> {
    let ids: Vec<String> = matrix.rules.iter().map(|rule| shown(&rule.id)).collect();
    Box::new(move |x| ids.get(index(x)).cloned().unwrap_or_default())
}

/// The area of the defect of a row; rows are counted from below.
fn area_at(matrix: &Matrix) -> Box<dyn Fn(f64) -> String> {
    let areas: Vec<String> = matrix.defects.iter().rev().map(|defect| shown(&defect.area)).collect();
    Box::new(move |y| areas.get(index(y)).cloned().unwrap_or_default())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a mark of an axis that begins at zero"
)]
fn index(mark: f64) -> usize {
    mark as usize
}

impl DefectView {
    fn new(defect: &DefectResult, by: ProvenBy) -> Self {
        let caught_by = defect.caught_by.join(" ");
        Self {
            name: shown(&defect.name),
            area: shown(&defect.area),
            fate: defect.fate.word(),
            tone: tone(defect.fate, by),
            description: shown(&defect.description),
            search: searchable(&[&defect.name, &defect.area, &defect.description, &caught_by]),
            caught_by: defect.caught_by.iter().map(|id| shown(id)).collect(),
            unjudged: defect.unjudged.iter().map(|id| shown(id)).collect(),
            error: shown(defect.error.as_deref().unwrap_or_default()),
        }
    }
}
