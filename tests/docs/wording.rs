//! Holds everything that people read against the table of words to avoid in the vocabulary.

use std::path::{Path, PathBuf};

use regex::Regex;

use super::prose::{self, Passage};

/// A word or a phrase to avoid.
struct Avoided {
    word: String,
    instead: String,
    pattern: Regex,
    /// Phrases that contain the word and are meant.
    allowed: Vec<Regex>,
}

/// The table below the heading "Words to avoid": `| avoid | write instead | except in |`; commas separate words, semicolons phrases.
fn table(vocabulary: &str) -> Vec<Avoided> {
    let (_, section) = vocabulary.split_once("## Words to avoid").expect("the vocabulary has the table");
    let rows = section.lines().skip_while(|line| !line.starts_with("| ---")).skip(1);
    let mut avoided = Vec::new();
    for row in rows.take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [words, instead, allowed] = cells[..] else { panic!("a row has three cells: {row}") };
        for word in words.split(", ") {
            let allowed = allowed.split("; ").filter(|phrase| !phrase.is_empty()).map(pattern).collect();
            let (word, instead) = (word.to_owned(), instead.to_owned());
            avoided.push(Avoided { pattern: pattern(&word), word, instead, allowed });
        }
    }
    avoided
}

/// The phrase in any case, however its words are spaced.
fn pattern(phrase: &str) -> Regex {
    let words: Vec<String> = phrase.split_whitespace().map(regex::escape).collect();
    Regex::new(&format!("(?i){}", words.join(r"\s+"))).unwrap()
}

/// The places of avoided words in a passage: the line of each and what to write instead.
fn found(passage: &Passage, avoided: &[Avoided]) -> Vec<(usize, String)> {
    let text = &passage.text;
    let mut found = Vec::new();
    for entry in avoided {
        for hit in entry.pattern.find_iter(text) {
            let is_allowed = entry.allowed.iter().any(|allowed| {
                allowed
                    .find_iter(text)
                    .any(|phrase| phrase.start() <= hit.start() && hit.end() <= phrase.end())
            });
            if stands_alone(text, hit.start(), hit.end()) && !is_allowed {
                let line = passage.line + text[..hit.start()].matches('\n').count();
                found.push((line, format!("\"{}\": write {}", entry.word, entry.instead)));
            }
        }
    }
    found
}

/// Whether a hit is a word of its own: no part of a longer word, a path, a quoted key, a placeholder or a name with dots or hyphens.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '$' | '<' | '{' | '}' | '=');
    let before = text[..start].chars().next_back();
    let mut after = text[end..].chars();
    let (next, over_next) = (after.next(), after.next());
    let dotted = matches!(next, Some('.' | ':')) && over_next.is_some_and(char::is_alphanumeric);
    let is_key = before == Some('"') && next == Some('"');
    !before.is_some_and(|c| part(c) || c == '.') && !next.is_some_and(part) && !dotted && !is_key
}

/// The files that people read or that show what is printed, from the root of the checkout.
fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "ARCHITECTURE.md"]
        .map(|page| root.join(page))
        .into();
    for folder in ["docs/src", "scenarios", "fixtures", "src", "crates", "tests"] {
        walk(&root.join(folder), &mut files);
    }
    files.retain(|path| {
        let relative = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        // Tests are read by those who change them; what they hold is in their snapshots.
        let is_test = relative.contains("tests/") || relative.ends_with("tests.rs");
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("rs") => !is_test,
            // Ids of rules and defects alone.
            Some("yaml") => !is_test && !relative.ends_with("proof.yaml"),
            // This page names the words.
            Some("md") => !relative.ends_with("vocabulary.md"),
            extension => extension == Some("snap"),
        }
    });
    files.sort();
    files
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            // Crates link to folders of the checkout, which are read where they are.
        } else if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}

#[test]
fn what_people_read_has_no_word_to_avoid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let avoided = table(&std::fs::read_to_string(root.join("docs/src/vocabulary.md")).unwrap());
    let mut wrong = Vec::new();
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        for passage in prose::passages(&path, &text) {
            for (line, what) in found(&passage, &avoided) {
                wrong.push(format!("{}:{line}: {what}", path.strip_prefix(root).unwrap().display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} words to avoid (docs/src/vocabulary.md):\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_kind_of_file_is_read() {
    let files = files();
    for name in [
        "README.md",
        "CHANGELOG.md",
        "docs/src/contract.md",
        "scenarios/README.md",
        "scenarios/tus/suite.yaml",
        "src/cli/explain.rs",
        "crates/yaml/src/mistake.rs",
        "tests/snapshots/lint__no-name.snap",
    ] {
        assert!(files.iter().any(|path| path.ends_with(name)), "{name}");
    }
}

/// What the matcher finds in a file, with this table.
fn planted(name: &str, text: &str) -> Vec<String> {
    let avoided = table(
        "## Words to avoid\n\n| avoid | write instead | except in |\n| --- | --- | --- |\n\
         | answer, answered | response | |\n| is no | is not a | there is no; is no longer |\n",
    );
    let passages = prose::passages(Path::new(name), text);
    let all = passages.iter().flat_map(|passage| found(passage, &avoided));
    all.map(|(line, what)| format!("{line}: {what}")).collect()
}

#[test]
fn a_planted_word_is_found_with_its_line() {
    assert_eq!(planted("a.md", "One.\n\nThe answer came.\n"), ["3: \"answer\": write response"]);
    assert_eq!(planted("a.md", "It is\nno file.\n"), ["1: \"is no\": write is not a"]);
    assert_eq!(
        planted("a.rs", "fn f() {\n    g(\"it was Answered late\")\n}\n"),
        ["2: \"answered\": write response"]
    );
    assert_eq!(
        planted("cli/a.rs", "/// One.\n///\n/// The answer.\nfn f() {}\n"),
        ["3: \"answer\": write response"]
    );
    assert_eq!(planted("a.yaml", "steps:\n  - the answer is late:\n"), ["2: \"answer\": write response"]);
    assert_eq!(planted("a.snap", "---\nsource: a.rs\n---\nno answer\n"), ["4: \"answer\": write response"]);
}

#[test]
fn keys_names_and_meant_phrases_are_no_hits() {
    for text in [
        "There is no file.",
        "It is no longer there.",
        "`answer`",
        "every-answer",
        "answer.status",
        "answers",
    ] {
        assert_eq!(planted("a.md", text), [""; 0], "{text}");
    }
    for text in
        ["fn f() { g(\"answer\") }", "use crate::answer::Answer;", "fn f() { g(\"{ \\\"answer\\\": 1 }\") }"]
    {
        assert_eq!(planted("a.rs", text), [""; 0], "{text}");
    }
    assert_eq!(planted("a.yaml", "expect: { answered: true }\ntimeouts: { answer: 30s }\n"), [""; 0]);
}
