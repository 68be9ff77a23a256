//! Suites are built into the binary, and are named instead of a directory.

mod common;

use self::common::{Ended, Folder, command, run, uptake};

/// Runs the binary in a folder.
fn uptake_in(folder: &Folder, arguments: &[&str]) -> Ended {
    run(command(arguments).current_dir(folder.root()))
}

/// The folders of `scenarios/` that are suites.
fn suites() -> Vec<String> {
    let folders = std::fs::read_dir("scenarios").expect("the suites").map(|entry| entry.expect("an entry"));
    let suites = folders.filter(|folder| folder.path().join("suite.yaml").is_file());
    let mut names: Vec<String> =
        suites.map(|folder| folder.file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

#[test]
fn every_suite_is_listed() {
    let listed = uptake(&["suite", "list"]).with_code(0).stdout;
    let names: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, suites());
}

#[test]
fn a_built_in_suite_needs_no_files() {
    let empty = Folder::new();
    for name in suites() {
        let rules = uptake_in(&empty, &["rules", "--suite", &name]).with_code(0).stdout;
        let here = uptake(&["rules", "--suite", &format!("scenarios/{name}")]).with_code(0).stdout;
        assert_eq!(rules, here, "{name}");
    }
}

#[test]
fn a_directory_with_a_suite_is_used_before_a_built_in_suite_of_its_name() {
    let folder = Folder::new();
    folder.write("tus/notes.txt", "no suite yet");
    let listed = || uptake_in(&folder, &["rules", "--suite", "tus"]).with_code(0).stdout;
    assert!(listed().contains("TUS-02"), "without a suite.yaml the directory is no suite");
    let own = "suite: mine\nextends: tus\nareas: { own: Rules of my own }\nrules: [ { id: OWN-01, area: own, level: must, text: It holds } ]\n";
    folder.write("tus/suite.yaml", own);
    assert!(listed().contains("OWN-01") && listed().contains("TUS-02"), "{}", listed());
}

#[test]
fn a_misspelt_name_is_answered_with_the_names() {
    let error = uptake(&["check", "--suite", "tuss", "--list"]).with_code(2).stderr;
    assert!(error.contains(&format!("no built-in suite of this name ({})", suites().join(", "))), "{error}");
}
