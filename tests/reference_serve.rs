//! `uptake serve` as a process: what it says, what it writes, and how it ends.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot run the program fails aloud")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::{fs, iter};

use uptake_reference::Defect;
use uptake_reference::gcs::GcsDefect;

const PROGRAM: &str = env!("CARGO_BIN_EXE_uptake");

/// A server as a process, ended with the test.
struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Process {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0", "--discard"])
            .args(arguments)
            .env_remove("UPTAKE_API_KEY")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    fn code(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already, unless the test has failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).arg("serve").args(arguments).output().unwrap()
}

#[test]
fn it_says_where_it_listens_once_its_profile_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("target.yaml");
    let mut process = Process::start(&[
        "--api-key",
        "THE-KEY",
        "--clock",
        "virtual",
        "--write-profile",
        profile.to_str().unwrap(),
    ]);
    let origin = process.line().strip_prefix("listening on ").unwrap().to_owned();
    let control = process.line().strip_prefix("control on ").unwrap().to_owned();
    let written = fs::read_to_string(&profile).unwrap();
    for expected in
        [format!("base-url: {origin}"), format!("{control}/clock/advance"), "target.yaml.key".to_owned()]
    {
        assert!(written.contains(&expected), "{expected} is missing from {written}");
    }
    let key = folder.path().join("target.yaml.key");
    assert_eq!(fs::read_to_string(&key).unwrap().trim(), "THE-KEY");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);

    let mut socket = TcpStream::connect(origin.strip_prefix("http://").unwrap()).unwrap();
    socket.write_all(b"GET /upload-tokens HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    process.signal("TERM");
    assert_eq!(process.code(), Some(0));
}

#[test]
fn it_shows_a_key_that_it_made_up_and_ends_by_interrupt() {
    let mut process = Process::start(&[]);
    assert!(process.line().starts_with("listening on http://127.0.0.1:"));
    let key = process.line();
    assert!(key.starts_with("api key ") && key.len() > 40, "{key}");
    process.signal("INT");
    assert_eq!(process.code(), Some(0));
}

#[test]
fn it_lists_every_defect_on_a_line_of_its_own() {
    let output = run(&["--list-defects"]);
    assert!(output.status.success());
    let listed = String::from_utf8(output.stdout).unwrap();
    for (line, defect) in iter::zip(listed.lines(), Defect::all()) {
        let words: Vec<_> = line.split_whitespace().take(3).collect();
        assert_eq!(words, [defect.area(), defect.name(), defect.fact()]);
        assert!(line.ends_with(defect.description()));
    }
    assert_eq!(listed.lines().count(), Defect::all().len());
}

#[test]
fn defects_belong_to_a_protocol() {
    let listed = run(&["--protocol", "gcs", "--list-defects"]);
    assert!(listed.status.success());
    let listed = String::from_utf8(listed.stdout).unwrap();
    let names: Vec<_> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, GcsDefect::ALL.map(GcsDefect::name));
    for arguments in [
        &["--protocol", "gcs", "--defect", "grace-of-23-hours"][..],
        &["--defect", "gaps-closed"],
        &["--protocol", "s3", "--list-defects"],
        &["--protocol", "gcs", "--store", "folder"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn what_it_does_not_understand_is_an_error_of_usage() {
    for arguments in [
        ["--defect", "no-such-defect"],
        ["--min-segment", "5 MB"],
        ["--min-segment", "0"],
        ["--max-segment", "0"],
        ["--max-request", "0"],
        ["--max-total", "0"],
        ["--max-parts", "0"],
        ["--grace", "soon"],
        ["--skew", "90"],
        ["--rate-limit", "1,2"],
        ["--rate-limit", "1,0,3"],
        ["--listen", "nowhere"],
        ["--control", "on"],
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        assert!(String::from_utf8_lossy(&output.stderr).contains(arguments[0]), "{arguments:?}");
    }
}

#[test]
fn an_address_that_is_taken_is_an_error_and_no_crash() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&["--listen", &address]);
    assert_ne!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).contains(&address));
}

/// No server starts: it would run until it is stopped, and this test with it.
#[test]
fn a_minimum_above_the_maximum_of_a_segment_is_an_error_of_usage() {
    for (arguments, sizes) in [
        (&["--min-segment", "10MiB", "--max-segment", "1MiB"][..], ["10MiB", "1MiB"]),
        (&["--max-segment", "1MiB"], ["5MiB", "1MiB"]),
        (&["--min-segment", "201MiB"], ["201MiB", "200MiB"]),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        let expected = format!("--min-segment is {} and --max-segment is {}:", sizes[0], sizes[1]);
        assert!(stderr.contains(&expected), "{stderr}");
    }
    let mut equal = Process::start(&["--min-segment", "1MiB", "--max-segment", "1MiB"]);
    assert!(equal.line().starts_with("listening on "));
}

#[test]
fn a_profile_replaces_no_file_unless_forced() {
    for (taken, secured) in [("target.yaml", false), ("target.yaml.key", false), ("target.yaml.pem", true)] {
        let folder = tempfile::tempdir().unwrap();
        let profile = folder.path().join("target.yaml");
        fs::write(folder.path().join(taken), "precious").unwrap();
        let arguments: Vec<_> = ["--write-profile", profile.to_str().unwrap()]
            .into_iter()
            .chain(secured.then_some("--tls"))
            .collect();

        let output = run(&[&["--listen", "127.0.0.1:0"][..], &arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{taken}");
        assert!(output.stdout.is_empty(), "{taken}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            stderr.contains(&format!("{taken} already exists")) && stderr.contains("--force"),
            "{stderr}"
        );
        let left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, [taken], "nothing is written beside it");
        assert_eq!(fs::read_to_string(folder.path().join(taken)).unwrap(), "precious");

        let mut process = Process::start(&[&arguments[..], &["--force"]].concat());
        assert!(process.line().starts_with("listening on "), "{taken}");
        assert_ne!(fs::read_to_string(folder.path().join(taken)).unwrap(), "precious");
        let key = fs::metadata(folder.path().join("target.yaml.key")).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600, "{taken}");
    }
}

#[test]
fn a_certificate_that_a_plain_server_does_not_write_is_not_in_its_way() {
    let folder = tempfile::tempdir().unwrap();
    let (profile, other) = (folder.path().join("target.yaml"), folder.path().join("target.yaml.pem"));
    fs::write(&other, "precious").unwrap();
    let mut process = Process::start(&["--write-profile", profile.to_str().unwrap()]);
    assert!(process.line().starts_with("listening on "));
    assert_eq!(fs::read_to_string(&other).unwrap(), "precious");
}

#[test]
fn a_directory_is_no_place_for_a_profile_even_if_forced() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("place");
    fs::create_dir(&place).unwrap();
    let output = run(&["--listen", "127.0.0.1:0", "--write-profile", place.to_str().unwrap(), "--force"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is a directory"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no key is left beside it");
}
