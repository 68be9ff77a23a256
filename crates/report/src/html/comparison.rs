//! The page of a comparison: load runs overlaid, and their figures side by side.

use askama::Template;

use super::chart::Chart;
use super::load_charts::percentiles;
use super::page::{Page, shown, spelt};
use crate::figures::{percent, written};
use uptake_outcome::Exit;
use uptake_outcome::load::{Difference, Fares, JudgedFigure, LoadRun, merge};
use uptake_outcome::text::count;

/// An old group of runs, and the new ones that were compared with it.
#[derive(Debug)]
pub struct Compared {
    /// What the old group is called.
    pub name: String,
    /// The old runs.
    pub old: Vec<LoadRun>,
    /// The new groups.
    pub groups: Vec<ComparedGroup>,
    /// The exit code of the comparison.
    pub exit: Exit,
}

/// A new group of runs, and how its figures differ from the old ones.
#[derive(Debug)]
pub struct ComparedGroup {
    /// What it is called.
    pub name: String,
    /// Its runs.
    pub runs: Vec<LoadRun>,
    /// Its figures beside the old ones.
    pub differences: Vec<Difference>,
    /// The figures that were held against a tolerance.
    pub judged: Vec<JudgedFigure>,
}

#[derive(Template)]
#[template(path = "comparison.html")]
struct ComparisonPage {
    page: Page,
    charts: Vec<Chart>,
    groups: Vec<GroupView>,
}

#[derive(Debug)]
struct GroupView {
    title: String,
    rows: Vec<Row>,
    is_repeated: bool,
    is_judged: bool,
}

#[derive(Debug)]
struct Row {
    figure: String,
    old: String,
    new: String,
    change: String,
    interval: String,
    tone: &'static str,
    word: &'static str,
}

/// `compared` as a page.
#[expect(clippy::missing_panics_doc, reason = "what is expected cannot fail")]
pub fn comparison_html(compared: &Compared) -> String {
    let sentence = match compared.exit {
        Exit::Failed => "WORSE: figures are worse by more than the tolerance, and not by chance",
        Exit::CouldNotTest => "CANNOT TELL: there are too few runs",
        _ if compared.groups.iter().any(|group| !group.judged.is_empty()) => {
            "NOT WORSE: all figures are within their tolerance, or worse only by chance"
        }
        _ => "COMPARED: no tolerance was given",
    };
    let names: Vec<&str> = compared.groups.iter().map(|group| group.name.as_str()).collect();
    let subject = format!("old: {}, new: {}", compared.name, names.join(", "));
    let first = compared.old.first().or_else(|| compared.groups.iter().find_map(|group| group.runs.first()));
    let (uptake, started) = first.map_or(("", ""), |run| (run.uptake.as_str(), run.started_at.as_str()));
    let mut page = Page::new("uptake report compare", "Load runs compared", compared.exit, sentence)
        .about(&subject)
        .made_by(uptake, started);
    if sentence.starts_with("COMPARED") {
        page.tone = "quiet";
    }
    let mut overlaid: Vec<(String, LoadRun)> = Vec::new();
    let groups = compared.groups.iter().map(|group| ("new: ", &group.name, &group.runs));
    for (word, name, runs) in std::iter::once(("old: ", &compared.name, &compared.old)).chain(groups) {
        if let Some(run) = merge(runs).ok().or_else(|| runs.first().cloned()) {
            overlaid.push((shown(&format!("{word}{name}")), run));
        }
    }
    let curves: Vec<(&str, &LoadRun)> = overlaid.iter().map(|(name, run)| (name.as_str(), run)).collect();
    let comparison = ComparisonPage {
        page,
        charts: percentiles(&curves).into_iter().collect(),
        groups: compared.groups.iter().map(|group| GroupView::new(compared, group)).collect(),
    };
    comparison.render().expect("writing to a String cannot fail")
}

impl GroupView {
    fn new(compared: &Compared, group: &ComparedGroup) -> Self {
        let (old, new) = (count(compared.old.len(), "run"), count(group.runs.len(), "run"));
        let row = |difference: &Difference| {
            let judged = group.judged.iter().find(|judged| judged.figure == difference.figure);
            let (tone, word) = match judged.map(|judged| judged.fares) {
                Some(Fares::Worse) => ("bad", "worse"),
                Some(Fares::Well) => ("good", "ok"),
                Some(Fares::Unknown) => ("doubt", "too few runs"),
                None => ("quiet", ""),
            };
            Row {
                figure: difference.figure.clone(),
                old: spelt(&written(difference.unit, difference.old)),
                new: spelt(&written(difference.unit, difference.new)),
                change: percent(difference.change),
                interval: difference.interval.map_or_else(String::new, |interval| {
                    format!("{} to {}", percent(interval.low), percent(interval.high))
                }),
                tone,
                word,
            }
        };
        Self {
            title: shown(&format!("{} ({old}) and {} ({new})", compared.name, group.name)),
            rows: group.differences.iter().map(row).collect(),
            is_repeated: group.differences.iter().any(|difference| difference.interval.is_some()),
            is_judged: !group.judged.is_empty(),
        }
    }
}
