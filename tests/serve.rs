//! `uptake serve` and `uptake check` fit together: the profile that one writes is all that the other needs.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails aloud")]

mod common;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use uptake_outcome::Verdict;

use self::common::{Folder, command, rules_that, uptake};

/// A server as a process of its own.
struct Serving {
    child: Child,
    origin: String,
}

impl Serving {
    /// Starts a server, and returns once it says that it is ready.
    fn start(arguments: &[&str]) -> Self {
        let own = ["serve", "--listen", "127.0.0.1:0", "--api-key", "THE-KEY-OF-THE-SERVER", "--discard"];
        let small = ["--min-segment", "64KiB", "--max-segment", "256KiB", "--max-request", "320KiB"];
        let mut serve = command(&[&own[..], &small, arguments].concat());
        let mut child = serve.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let origin =
            line.trim_end().strip_prefix("listening on ").unwrap_or_else(|| panic!("it said {line}"));
        Self { origin: origin.to_owned(), child }
    }

    /// Asks it to end, and gives its exit code.
    fn terminate(mut self) -> Option<i32> {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It has ended already, unless the test has failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn what_serve_writes_is_all_that_check_needs() {
    let folder = Folder::new();
    let profile = folder.path("target.yaml");
    let server = Serving::start(&["--write-profile", &profile]);
    assert!(server.origin.starts_with("http://127.0.0.1:"), "{}", server.origin);
    let report = format!("json={}", folder.path("run.json"));
    let areas = ["scenarios/api-video/part", "scenarios/api-video/grace"];
    uptake(&[&["check", "--target", &profile, "--report", &report], &areas[..]].concat()).with_code(0);
    let run = folder.run("run.json");
    assert_eq!(run.target.base_url.trim_end_matches('/'), server.origin);
    let passed = rules_that(&run, Verdict::Passed);
    for rule in ["PART-01", "PART-07", "GRACE-01", "GRACE-09"] {
        assert!(passed.contains(&rule), "{rule} needs the profile's limits, or its clock: {passed:?}");
    }
    assert_eq!(server.terminate(), Some(0));
}

/// The profile names the certificate that was made, so nothing has to be trusted blindly; the clock is moved besides.
#[test]
fn a_secured_server_is_judged_like_any_other() {
    let folder = Folder::new();
    let profile = folder.path("target.yaml");
    let server = Serving::start(&["--write-profile", &profile, "--tls"]);
    assert!(server.origin.starts_with("https://127.0.0.1:"), "{}", server.origin);
    assert!(folder.read("target.yaml.pem").contains("BEGIN CERTIFICATE"));
    let areas = ["scenarios/api-video/http", "scenarios/api-video/bytes", "scenarios/api-video/ttl"];
    uptake(&[&["check", "--target", &profile], &areas[..]].concat()).with_code(0);
    let untrusting = folder.read("target.yaml").replace("tls: ", "# ");
    let untrusting = folder.write("untrusting.yaml", &untrusting);
    let ended = uptake(&["check", "--target", &untrusting, areas[2]]).with_code(3);
    assert!(format!("{}{}", ended.stdout, ended.stderr).contains("certificate"), "{ended:?}");
    uptake(&["check", "--target", &untrusting, "--insecure", areas[2]]).with_code(0);
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_certificate_that_cannot_be_used_is_an_error_of_usage() {
    let folder = Folder::new();
    let (empty, gone) = (folder.write("empty.pem", ""), folder.path("gone.key"));
    for (certificate, key) in [(&empty, &gone), (&gone, &empty)] {
        let ended = uptake(&["serve", "--listen", "127.0.0.1:0", "--cert", certificate, "--key", key]);
        let ended = ended.with_code(2);
        assert!(ended.stderr.contains(certificate.as_str()), "{ended:?}");
        assert!(ended.stdout.is_empty(), "{ended:?}");
    }
}

#[test]
fn a_defect_that_was_asked_for_is_found_by_the_next_command() {
    let folder = Folder::new();
    let profile = folder.path("target.yaml");
    let server = Serving::start(&["--write-profile", &profile, "--defect", "grace-of-23-hours"]);
    let report = format!("json={}", folder.path("run.json"));
    let check = ["check", "scenarios/api-video/grace", "--target", &profile, "--report", &report];
    uptake(&check).with_code(1);
    assert_eq!(
        rules_that(&folder.run("run.json"), Verdict::Failed),
        ["GRACE-01", "GRACE-02", "GRACE-04", "GRACE-08", "GRACE-10"]
    );
    assert_eq!(server.terminate(), Some(0));
}
