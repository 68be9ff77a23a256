//! Every command and every YAML block of the README and the guide is run, so that none of them goes stale.
//!
//! Only what a test cannot have is replaced: addresses lead to a server of the test, and a run of minutes takes a second.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

mod block;
#[path = "../common/mod.rs"]
mod common;
mod links;
mod prose;
mod wording;
mod workplace;
mod yaml_block;

use std::path::{Path, PathBuf};

use self::block::Block;
use self::workplace::Workplace;

/// The pages that people read, from the root of the checkout.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages: Vec<PathBuf> =
        ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "scenarios/README.md", "fixtures/README.md"]
            .iter()
            .map(|page| root.join(page))
            .collect();
    for entry in std::fs::read_dir(root.join("docs/src")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    pages
}

/// The blocks of a page by their order, since one may need what another wrote.
fn blocks(page: &Path) -> Vec<Block> {
    block::read(page, &std::fs::read_to_string(page).unwrap())
}

/// Runs what the blocks of one page say.
fn holds(page: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workplace = Workplace::new();
    let mut wrong = Vec::new();
    for block in blocks(&root.join(page)) {
        let outcome = match block.language.as_str() {
            "console" => workplace.run_console(&block),
            "yaml" => yaml_block::holds(&workplace, &block),
            "sh" | "groovy" | "text" => Ok(()),
            other => Err(format!("no test knows how to hold a block of `{other}`")),
        };
        if let Err(why) = outcome {
            wrong.push(format!("{}:{}: {why}", page, block.line));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_readme_holds() {
    holds("README.md");
}

#[test]
fn the_guide_to_contributing_holds() {
    holds("CONTRIBUTING.md");
    holds("docs/src/extending.md");
    holds("docs/src/decisions.md");
}

#[test]
fn the_first_steps_hold() {
    holds("docs/src/introduction.md");
    holds("docs/src/install.md");
    holds("docs/src/start.md");
    holds("docs/src/targets.md");
}

#[test]
fn the_pages_on_time_and_rates_hold() {
    holds("docs/src/time.md");
    holds("docs/src/rate-limits.md");
}

#[test]
fn the_recipes_for_ci_hold() {
    holds("docs/src/ci.md");
    holds("docs/src/reports.md");
}

#[test]
fn the_page_on_load_holds() {
    holds("docs/src/load.md");
}

#[test]
fn the_page_on_many_machines_holds() {
    holds("docs/src/many-machines.md");
}

#[test]
fn the_page_on_fuzzing_holds() {
    holds("docs/src/fuzz.md");
}

#[test]
fn the_page_on_planted_defects_holds() {
    holds("docs/src/prove.md");
    holds("docs/src/matrix.md");
}

#[test]
fn the_page_on_a_new_protocol_holds() {
    holds("docs/src/new-protocol.md");
}

#[test]
fn the_page_on_the_reference_server_holds() {
    holds("docs/src/reference-server.md");
}

#[test]
fn the_pages_on_suites_hold() {
    holds("docs/src/scenarios.md");
    holds("docs/src/own-suite.md");
    holds("docs/src/protocols.md");
    holds("scenarios/README.md");
}

#[test]
fn the_reference_pages_hold() {
    holds("docs/src/exit-codes.md");
    holds("docs/src/formats.md");
    holds("docs/src/vocabulary.md");
}

#[test]
fn every_link_leads_somewhere() {
    let wrong: Vec<String> = pages().iter().flat_map(|page| links::broken(page)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_summary_names_every_page_of_the_guide() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src");
    let summary = std::fs::read_to_string(folder.join("SUMMARY.md")).unwrap();
    for page in pages().iter().filter(|page| page.starts_with(&folder)) {
        let name = page.file_name().unwrap().to_str().unwrap();
        assert!(
            name == "SUMMARY.md" || summary.contains(&format!("({name})")),
            "{name} is not in the summary"
        );
    }
}

#[test]
fn the_readme_is_short() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    assert!(std::fs::metadata(readme).unwrap().len() <= 8 << 10);
}
