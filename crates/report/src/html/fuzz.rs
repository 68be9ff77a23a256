//! The page of a fuzz run: the properties that were tested, and each counterexample.

use askama::Template;

use super::page::{Fact, Note, Page, Tile, fact, shown};
use crate::fuzz::fuzz_sentence;
use uptake_outcome::text::{bytes, duration};
use uptake_outcome::{Counterexample, FuzzRun, Stability};

#[derive(Template)]
#[template(path = "fuzz.html")]
struct FuzzPage {
    page: Page,
    tiles: Vec<Tile>,
    notes: Vec<Note>,
    properties: Vec<Property>,
    counterexamples: Vec<Shown>,
    about: Vec<Fact>,
}

#[derive(Debug)]
struct Property {
    name: String,
    text: String,
    cases: u64,
    found: usize,
}

/// A counterexample.
#[derive(Debug)]
struct Shown {
    rule: String,
    property: String,
    stability: &'static str,
    facts: Vec<Fact>,
    expected: String,
    got: String,
    picture: String,
    transcripts: Vec<String>,
    rerun: Option<String>,
}

/// `run` as a page.
#[expect(clippy::missing_panics_doc, reason = "what is expected cannot fail")]
pub fn fuzz_html(run: &FuzzRun) -> String {
    let heading = format!("Generated uploads against {}", run.target.name);
    let page = Page::new("uptake fuzz", &heading, run.exit(), &fuzz_sentence(run))
        .about(&format!("{} at {}", run.target.name, run.target.address()))
        .made_by(&run.uptake, &run.started_at);
    let property = |property: &uptake_outcome::PropertyResult| Property {
        name: shown(&property.name),
        text: shown(&property.text),
        cases: property.cases,
        found: property.counterexamples,
    };
    let fuzz = FuzzPage {
        page,
        tiles: tiles(run),
        notes: notes(run),
        properties: run.properties.iter().map(property).collect(),
        counterexamples: run.counterexamples.iter().map(Shown::new).collect(),
        about: [
            fact("Seed", &run.seed.to_string()),
            fact("Started", &run.started_at),
            fact("Capabilities declared", &run.target.capabilities.join(", ")),
            fact("uptake", &run.uptake),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    fuzz.render().expect("writing to a String cannot fail")
}

fn tiles(run: &FuzzRun) -> Vec<Tile> {
    let found = run.counterexamples.len();
    let mut tiles = vec![
        Tile::new("Counterexamples", found).toned(if found == 0 { "good" } else { "bad" }, true),
        Tile::new("Cases", run.cases),
        Tile::new("Requests", run.requests).unit(format!("{} sent", bytes(run.bytes_sent))),
        Tile::new("Duration", duration(run.took_seconds)),
    ];
    if run.unsaid > 0 {
        tiles.push(Tile::new("Cases without a result", run.unsaid).toned("doubt", true));
    }
    tiles
}

fn notes(run: &FuzzRun) -> Vec<Note> {
    let why = run.unsaid_because.as_slice();
    let why = if run.unsaid > 0 { why } else { &[] };
    Note::some("doubt", "Why the last case without a result had none", why).into_iter().collect()
}

impl Shown {
    fn new(found: &Counterexample) -> Self {
        let stability = match found.stability {
            Stability::Stable => "reproducible",
            Stability::Unstable => "unstable: it did not fail again",
            Stability::NotRepeated => "not tried again: the run ended, so it is not minimal",
        };
        let facts = [
            fact("Case", &found.case.to_string()),
            fact("Seen", &if found.seen == 1 { "once".to_owned() } else { format!("{} times", found.seen) }),
            fact("Result", stability),
            fact("Segments", &found.segments.to_string()),
            fact("Smaller cases tried", &found.tries.to_string()),
        ];
        Self {
            rule: shown(&found.rule),
            property: shown(&found.property),
            stability: if found.stability == Stability::Stable { "minimal" } else { "unstable" },
            facts: facts.into_iter().flatten().collect(),
            expected: shown(&found.expected),
            got: shown(&found.got),
            picture: shown(&found.picture),
            transcripts: found.transcripts.iter().map(|lines| shown(&lines.join("\n"))).collect(),
            rerun: found.scenario.as_ref().map(|file| shown(&format!("uptake check {file}"))),
        }
    }
}
