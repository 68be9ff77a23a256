//! uptake proves that an upload endpoint keeps its contract, and measures how it holds under load.
//!
//! The rooms of the house, from the roof down; imports run downhill only, never in a circle, and rooms on one floor
//! never import each other:
//!
//! ```text
//! cli > prove > check, fuzz, gate, load, reference, report > suite, keep > target > wire > payload, yaml > outcome
//! ```
//!
//! `report` reads `outcome` alone; `reference` reads nothing of ours: two that agree because they are the same code
//! prove nothing. A unit test at the end of this file holds the table.

pub mod check;
pub mod cli;
pub mod fuzz;
pub mod gate;
pub mod keep;
pub mod load;
pub mod outcome;
pub mod payload;
pub mod prove;
pub mod reference;
pub mod report;
pub mod suite;
pub mod target;
pub mod wire;
pub mod yaml;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    /// The rooms, each with those that it may import. A room that is not here may not exist.
    const MAY_IMPORT: [(&str, &[&str]); 15] = [
        (
            "cli",
            &[
                "check",
                "fuzz",
                "gate",
                "keep",
                "load",
                "outcome",
                "payload",
                "prove",
                "reference",
                "report",
                "suite",
                "target",
                "wire",
                "yaml",
            ],
        ),
        ("prove", &["check", "outcome", "payload", "reference", "suite", "target", "wire", "yaml"]),
        ("check", &["keep", "outcome", "payload", "suite", "target", "wire", "yaml"]),
        ("keep", &[]),
        ("load", &["outcome", "payload", "target", "wire", "yaml"]),
        ("gate", &["outcome", "yaml"]),
        ("fuzz", &["outcome", "payload", "target", "wire"]),
        ("reference", &[]),
        ("report", &["outcome"]),
        ("suite", &["outcome", "payload", "target", "wire", "yaml"]),
        ("target", &["outcome", "payload", "wire", "yaml"]),
        ("wire", &["outcome", "payload"]),
        ("payload", &[]),
        ("yaml", &["outcome"]),
        ("outcome", &[]),
    ];

    fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).expect("a folder of the house") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source file");
                found.push((path.display().to_string(), text));
            }
        }
    }

    /// The rooms behind every `crate::`, in paths and in grouped imports alike.
    fn imported(text: &str) -> BTreeSet<String> {
        let mut rooms = BTreeSet::new();
        for (at, _) in text.match_indices("crate::") {
            let rest = &text[at + "crate::".len()..];
            let group = rest.strip_prefix('{').and_then(|rest| rest.split_once("};"));
            let names: Vec<&str> = match group {
                Some((inside, _)) => inside.split(',').collect(),
                None => vec![rest],
            };
            for name in names {
                let name: String =
                    name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if MAY_IMPORT.iter().any(|(room, _)| *room == name) {
                    rooms.insert(name);
                }
            }
        }
        rooms
    }

    #[test]
    fn imports_run_downhill_only() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        for (room, allowed) in MAY_IMPORT {
            let folder = root.join(room);
            if !folder.is_dir() {
                continue;
            }
            let mut files = Vec::new();
            sources(&folder, &mut files);
            for (file, text) in files {
                for other in imported(&text) {
                    assert!(
                        other == room || allowed.contains(&other.as_str()),
                        "{file}: {room} may not import {other}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_room_is_on_the_plan() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        for entry in std::fs::read_dir(root).expect("the house") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").display().to_string();
            assert!(
                !path.is_dir() || MAY_IMPORT.iter().any(|(room, _)| *room == name),
                "{name} is no room of the plan"
            );
        }
    }

    /// The oracle is written from the contract alone, and so is the reference server. What the two share proves nothing.
    #[test]
    fn the_oracle_shares_no_code_with_anybody() {
        let mut files = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/fuzz/oracle"), &mut files);
        assert!(files.len() > 5, "the oracle is there");
        for (file, text) in files {
            // Its tests ask the reference server over the wire.
            if file.ends_with("tests.rs") {
                continue;
            }
            for path in ["crate::", "super::super", "uptake::"] {
                assert!(!text.contains(path), "{file}: the oracle may not use {path}");
            }
            let used = text.lines().filter_map(|line| {
                let line = line.trim_start();
                line.strip_prefix("pub ").unwrap_or(line).strip_prefix("use ")
            });
            for path in used {
                let own = ["std::", "super::", "allowed::", "fault::", "look::", "model::", "state::"];
                assert!(own.iter().any(|own| path.starts_with(own)), "{file}: {path}");
            }
        }
    }

    #[test]
    fn grouped_imports_are_seen() {
        let rooms =
            imported("use crate::{outcome::Run, suite::{Rule, Suite}};\nfn f() { crate::wire::curl }");
        assert_eq!(rooms.into_iter().collect::<Vec<_>>(), ["outcome", "suite", "wire"]);
    }
}
