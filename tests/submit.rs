//! What `uptake submit` prints for each engine. CI gives the same files to validators of others (`.ci/manifests`).
#![cfg(unix)]

#[path = "common/mod.rs"]
mod common;

use std::process::Command;

use common::{Ended, Folder, command, run};
use uptake_yaml::{Node, SourceFile, Value, parse};

const PROFILE: &str = "\
target: staging
base-url: https://staging.example.com
credentials: { api-key: { env: UPTAKE_API_KEY } }
";

const KUBERNETES: [&str; 9] = [
    "kubernetes",
    "--shards",
    "4",
    "--name",
    "nightly",
    "--image",
    "registry.example.com/uptake:1.0",
    "--results",
    "s3://bucket/load",
];

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("staging.yaml", PROFILE);
    folder.write(
        "plan.yaml",
        "load: evening\ntarget: staging.yaml\nrate: 100/s\nduration: 5m\nfail-if: [errors > 0.1%]\n",
    );
    folder
}

fn submit(folder: &Folder, options: &[&str], words: &[&str]) -> Ended {
    run(command(&[&["submit"], options, &["--"], words].concat()).current_dir(folder.root()))
}

/// What is printed, without the version of this build.
fn printed(options: &[&str], words: &[&str]) -> String {
    submit(&folder(), options, words).with_code(0).stdout.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

const LOAD: [&str; 5] = ["load", "--target", "staging.yaml", "--rate", "100/s"];
const CHECK: [&str; 5] = ["check", "-t", "staging.yaml", "--fail-on", "should"];
const FUZZ: [&str; 5] = ["fuzz", "-t", "staging.yaml", "--out", "found"];

#[test]
fn kubernetes() {
    insta::assert_snapshot!(
        "kubernetes_load",
        printed(&KUBERNETES, &["load", "plan.yaml", "--size", "5MiB"])
    );
    let options = [
        "--shards",
        "2",
        "--name",
        "check",
        "--image",
        "uptake",
        "--results",
        "/results",
        "--volume-claim",
        "shared",
    ];
    insta::assert_snapshot!("kubernetes_fuzz", printed(&[&["kubernetes"], &options[..]].concat(), &FUZZ));
}

#[test]
fn slurm() {
    insta::assert_snapshot!(
        "slurm_load",
        printed(&["slurm", "--shards", "4", "--cpus", "8", "--report", "json=all.json"], &LOAD)
    );
    insta::assert_snapshot!(
        "slurm_fuzz",
        printed(&["slurm", "--shards", "2", "--results", "s3://bucket/check"], &FUZZ)
    );
}

#[test]
fn github() {
    insta::assert_snapshot!("github_load", printed(&["github", "--shards", "4"], &LOAD));
    let options = [
        "github",
        "--shards",
        "2",
        "--results",
        "s3://bucket/x",
        "--report",
        "junit=uptake.xml",
        "--secret",
        "OTHER_KEY",
    ];
    insta::assert_snapshot!("github_check", printed(&options, &CHECK));
}

#[test]
fn gitlab() {
    insta::assert_snapshot!("gitlab_load", printed(&["gitlab", "--shards", "4"], &LOAD));
    let options = [
        "gitlab",
        "--shards",
        "2",
        "--results",
        "s3://bucket/x",
        "--report",
        "junit=uptake.xml",
        "--image",
        "uptake",
    ];
    insta::assert_snapshot!("gitlab_check", printed(&options, &CHECK));
}

/// A pinned action is brought up to date with those of this repository.
#[test]
fn github_uses_the_actions_that_this_repository_uses() {
    let ours = [".github/workflows/ci.yml", ".github/workflows/release.yml"]
        .map(|path| std::fs::read_to_string(path).expect("a workflow"))
        .concat();
    let workflow = printed(&["github", "--shards", "2", "--report", "json=all.json"], &LOAD);
    let actions: Vec<&str> =
        workflow.lines().filter_map(|line| line.split_once("uses: ")).map(|(_, action)| action).collect();
    assert_eq!(actions.len(), 4);
    for action in actions {
        assert!(ours.contains(action), "{action}");
    }
}

/// A file whose name is all that shells, YAML, Kubernetes and GitHub read in their own way.
const NASTY: &str = "it's $(HOME) `x` \"q\" ${{ secrets.X }} %{name} #! é.yaml";

/// The words that a shell makes of the line of a script that begins like this.
fn words(script: &str, begins: &str) -> Vec<String> {
    let line = script
        .lines()
        .find_map(|line| line.trim_start().strip_prefix(begins))
        .expect("the line of the command");
    let printing = format!("set -- {line}\nprintf '%s\\n' \"$@\"");
    let output = Command::new("sh").args(["-eu", "-c", &printing]).output().expect("sh runs");
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").lines().map(str::to_owned).collect()
}

#[test]
fn every_engine_gives_uptake_the_words_that_were_typed() {
    let folder = folder();
    folder.write(NASTY, PROFILE);
    let typed = ["load", "--target", NASTY, "--fail-if", "upload.p99 > 2s", "--size", "1MiB..2MiB"];
    let printed = |engine: &[&str]| submit(&folder, engine, &typed).with_code(0).stdout;
    assert_eq!(words(&printed(&["slurm", "--shards", "2"]), "srun --kill-on-bad-exit=0 uptake "), typed);
    assert_eq!(words(&printed(&["gitlab", "--shards", "2"]), "uptake "), typed);
    // What GitHub makes of the expression.
    let github = printed(&["github", "--shards", "2"]).replace("${{ '${{' }}", "${{");
    assert_eq!(words(&github, "uptake "), typed);
    let kubernetes = printed(&KUBERNETES);
    let job = kubernetes.split("\n---\n").nth(2).expect("the Job behind the config map");
    let node = parse(&SourceFile::new("job.yaml", job)).expect("YAML");
    let container = item(at(&node, &["spec", "template", "spec", "containers"]), 0);
    let Value::List(arguments) = &at(container, &["args"]).value else { panic!("a list") };
    // What Kubernetes makes of a doubled dollar sign.
    let arguments: Vec<String> = arguments.iter().map(|word| text(word).replace("$$", "$")).collect();
    assert_eq!(arguments, typed);
    assert_eq!(text(at(item(at(container, &["volumeMounts"]), 0), &["mountPath"])), format!("/work/{NASTY}"));
}

fn at<'n>(node: &'n Node, path: &[&str]) -> &'n Node {
    path.iter().fold(node, |node, name| {
        let Value::Map(entries) = &node.value else { panic!("{name}: no map") };
        &entries.iter().find(|(key, _)| key.text == *name).unwrap_or_else(|| panic!("no {name}")).1
    })
}

fn item(node: &Node, index: usize) -> &Node {
    let Value::List(items) = &node.value else { panic!("no list") };
    &items[index]
}

fn text(node: &Node) -> &str {
    let Value::Text(text) = &node.value else { panic!("no text: {node:?}") };
    text
}

#[test]
fn a_target_from_the_environment_is_written_down() {
    let folder = folder();
    let mut submit = command(&["submit", "slurm", "--shards", "2", "--", "load"]);
    let ended = run(submit
        .current_dir(folder.root())
        .env("UPTAKE_TARGET", "staging.yaml")
        .env("UPTAKE_SHARD", "1/2"));
    assert!(ended.with_code(0).stdout.contains(" uptake load --target staging.yaml\n"));
    let none = run(command(&["submit", "slurm", "--shards", "2", "--", "load"]).current_dir(folder.root()));
    assert!(none.with_code(0).stderr.contains("each shard tests its own reference server"));
}

#[test]
fn a_folder_and_a_file_elsewhere_have_no_place_in_a_config_map() {
    let folder = folder();
    folder.write("scenarios/one.yaml", "");
    folder.write("large.bin", &"x".repeat(1 << 20));
    for (file, hint) in [("large.bin", "larger than the 900 KiB"), ("scenarios", "is not a file")] {
        let ended =
            submit(&folder, &KUBERNETES, &["load", "-t", "staging.yaml", "--file", file]).with_code(2);
        assert!(ended.stderr.contains(hint) && ended.stderr.contains("into the image"), "{}", ended.stderr);
    }
    let above = submit(&folder, &KUBERNETES, &["load", "-t", "staging.yaml", "--file", "../x"]).with_code(2);
    assert!(above.stderr.contains("not below this folder"), "{}", above.stderr);
    // A path of the image is left alone.
    submit(&folder, &KUBERNETES, &["load", "-t", "staging.yaml", "--file", "/data/film.mp4"]).with_code(0);
}

#[test]
fn wrong_commands_and_options_are_explained() {
    let slurm: &[&str] = &["slurm", "--shards", "4"];
    let cases: [(&[&str], &[&str], &str); 20] = [
        (slurm, &["prove"], "`prove` cannot be divided into shards: write load, check or fuzz"),
        (slurm, &["load", "--rat", "1/s"], "unexpected argument '--rat'"),
        (slurm, &["load", "--rate", "many"], "invalid rate `many`"),
        (slurm, &["load", "--uploaders", "2"], "--uploaders 2 cannot be divided among 4 shards"),
        (slurm, &["load", "missing.yaml"], "missing.yaml"),
        (slurm, &["check", "--rule", "NO-SUCH-RULE"], "unknown rule `NO-SUCH-RULE`"),
        (slurm, &["check", "-t", "missing.yaml"], "missing.yaml"),
        (
            slurm,
            &["load", "--shard", "1/4"],
            "--shard cannot be used in a submitted command: it is set for each shard",
        ),
        (slurm, &["load", "--results", "x"], "write it before `--`"),
        (slurm, &["load", "--start-at", "+1m"], "write --start-in TIME before `--`"),
        (slurm, &["load", "--report", "json=a.json"], "overwrite each other's report"),
        (slurm, &["load", "--upload-token", "secret"], "set UPTAKE_UPLOAD_TOKEN where the shards run"),
        (slurm, &["load", "--find-capacity", "errors < 1%"], "one process finds the capacity"),
        (slurm, &["load", "--target", "https://a.test/\n"], "which a manifest cannot hold"),
        (&["slurm", "--shards", "0"], &["load"], "write a whole number of at least 1"),
        (&["slurm", "--shards", "2", "--report", "junit=x"], &["load"], "--report junit=x"),
        (&["github", "--shards", "257"], &["load"], "at most 256"),
        (&["gitlab", "--shards", "2", "--results", "folder"], &["load"], "jobs of GitLab share no folder"),
        (&["slurm", "--shards", "2", "--results", "a $b"], &["load"], "write letters, digits"),
        (
            &["kubernetes", "--shards", "2", "--image", "i", "--results", "folder"],
            &["load"],
            "pods share no folder",
        ),
    ];
    for (options, words, hint) in cases {
        let ended = submit(&folder(), options, words).with_code(2);
        let said = ended.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(hint), "{options:?} {words:?}: {said}");
        assert_eq!(ended.stdout, "", "{options:?} {words:?}");
    }
}
