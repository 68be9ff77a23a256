//! What is wrong with the credentials of a suite is said where it stands.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails aloud")]
#![allow(dead_code, reason = "the other tests use the rest of what they have in common")]

mod common;

use common::loaded;

const SCENARIO: (&str, &str) =
    ("x/one.yaml", "scenario: One\nsteps: [ ask: { get: /, expect: { X-01: { status: 200 } } } ]\n");

/// Loads a suite with these lines in it.
fn suite(lines: &str) -> Result<usize, String> {
    let rule = "rules: [ { id: X-01, area: x, level: must, text: It holds, source: [test] } ]";
    let text = format!("suite: little\nareas: {{ x: all }}\n{rule}\n{lines}\n");
    loaded(&[("suite.yaml", &text), SCENARIO]).map(|scenarios| scenarios.len())
}

const SIGNED: &str = "access-key: \"${credential.id}\", secret-key: \"${value}\", region: here, service: s3";

#[test]
fn a_credential_that_signs_is_made_of_several_secrets() {
    let lines = format!(
        "credentials: {{ key: {{ from: [secret, id], sign: {{ sigv4: header, {SIGNED} }} }} }}\nauth: key"
    );
    assert_eq!(suite(&lines), Ok(1));
}

#[test]
fn a_request_without_a_credential_of_its_own_has_that_of_the_suite() {
    let lines = "credentials: { key: { from: secret, header: { X-Key: \"${value}\" } } }\nauth: key";
    let text = format!(
        "suite: little\nareas: {{ x: all }}\nrules: [ {{ id: X-01, area: x, level: must, text: It holds, source: [test] }} ]\n{lines}\n"
    );
    let scenarios = loaded(&[("suite.yaml", &text), SCENARIO]).unwrap();
    assert_eq!(scenarios[0].secrets, ["secret"]);
}

#[test]
fn what_is_wrong_with_a_credential_is_said() {
    let credential = |text: &str| format!("credentials: {{ key: {{ {text} }} }}");
    for (lines, part) in [
        (
            credential(&format!("from: [secret, id], sign: {{ sigv4: query, {SIGNED} }}")),
            "the URL has no lifetime",
        ),
        (
            credential(&format!("from: [secret, id], sign: {{ sigv4: header, expires: 60, {SIGNED} }}")),
            "only a signature in a URL has a lifetime",
        ),
        (
            credential(&format!("from: secret, sign: {{ sigv4: header, {SIGNED} }}")),
            "`credential.id` is not defined here",
        ),
        (credential("from: secret, sign: { sigv4: header, region: here }"), "sign has no `access-key`"),
        (
            credential("from: secret, sign: { gcs-v4: header, access-key: a, private-key: b, token: c }"),
            "sign has no key `token`",
        ),
        (
            credential("from: secret, sign: { gcs-v4: query, access-key: a, secret-key: b }"),
            "the URL has no lifetime",
        ),
        (credential("from: secret, sign: { gcs-v4: header, access-key: a }"), "needs exactly one key"),
        (
            credential(
                "from: secret, sign: { azure-sas: header, account: a, account-key: b, permissions: r, expires: 1 }",
            ),
            "azure-sas cannot be `header`",
        ),
        (
            credential(
                "from: secret, sign: { azure-sas: query, account: a, account-key: b, permissions: r }",
            ),
            "the URL has no lifetime",
        ),
        (
            credential(
                "from: secret, sign: { azure-sas: query, account: a, account-key: b, permissions: r, expires: 1, resource: disk }",
            ),
            "resource cannot be `disk`",
        ),
        (credential("from: secret, sign: { at: 1 }"), "the kind of signature is missing"),
        (credential("optional: true, header: { X-Key: a }"), "cannot be optional"),
        (credential("from: secret"), "is not sent anywhere"),
        ("auth: key".to_owned(), "a credential cannot be `key`"),
        ("problem: { text: a }".to_owned(), "the location of the error code is missing"),
        ("problem: { xml: a }".to_owned(), "not an XML path"),
    ] {
        let said = suite(&lines).expect_err(&lines);
        assert!(said.contains(part), "{lines}\n{said}");
    }
}
