//! What the files of `uptake init` say.

use std::fmt::Write as _;

use uptake_outcome::CapabilityFinding;

/// The target profile; `found` is what the server was seen to do, `None` where it was not asked.
pub(super) fn profile(
    name: &str,
    base_url: &impl std::fmt::Display,
    found: Option<&[CapabilityFinding]>,
) -> String {
    let quoted = |text: String| serde_json::Value::String(text);
    let capabilities: Vec<&str> = match found {
        Some(found) => {
            let able = found.iter().filter(|finding| finding.detected == Some(true));
            able.map(|finding| finding.name.as_str()).collect()
        }
        None => vec!["status", "cors"],
    };
    let mut text = format!(
        "# The server to test, written by `uptake init`. `uptake lint target.yaml` checks this file.\n\
         target: {}\n\
         base-url: {}\n\
         credentials: {{ api-key: {{ env: UPTAKE_API_KEY }} }}\n",
        quoted(name.to_owned()),
        quoted(base_url.to_string().trim_end_matches('/').to_owned())
    );
    match found {
        None => text.push_str("# The server was not contacted; these are assumptions.\n"),
        Some(found) => {
            for finding in found.iter().filter(|finding| finding.detected != Some(true)) {
                let how = if finding.detected.is_some() { "not detected" } else { "could not be detected" };
                let seen: String =
                    finding.seen.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
                let _ = writeln!(text, "# {}: {how}: {seen}", finding.name);
            }
        }
    }
    let _ = writeln!(text, "capabilities: [{}]", capabilities.join(", "));
    text.push_str(MORE);
    text
}

/// What the server cannot be asked.
const MORE: &str = r#"
# Remove the `#` where it applies to the server:
# limits: { min-segment: 5MiB, max-segment: 200MiB, max-request: 200MiB }   # the sizes that it documents
# budgets: { uploads: 60, writes: 300, reads: 600 }                         # the requests a minute that it accepts
# clock: { advance: { post: "https://…/clock", json: { seconds: "${seconds}" } } }   # then add `clock` to capabilities
"#;

/// An empty waiver file.
pub(super) const WAIVERS: &str = "\
# Known failures, each excused until a day. `uptake check --write-waivers FILE` writes one for each failure of a run.
#
# - rule: BYTES-11
#   reason: the storage accepts a range twice; fixed in the next release
#   until: 2027-01-31
#   issue: https://example.com/issues/17
[]
";

/// The workflow of GitHub Actions.
pub(super) fn github() -> String {
    GITHUB.replace("VERSION", env!("CARGO_PKG_VERSION"))
}

const GITHUB: &str = r#"# Tests the upload contract. Set the secret UPTAKE_API_KEY in the settings of the repository, and replace OWNER with the
# owner of uptake's repository.
name: Upload contract
on:
  push: { branches: [main] }
  pull_request:
permissions: { contents: read }
jobs:
  contract:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v4
      - uses: OWNER/uptake@vVERSION
        with:
          target: target.yaml
          waivers: waivers.yaml
        env: { UPTAKE_API_KEY: "${{ secrets.UPTAKE_API_KEY }}" }
"#;

/// The job of GitLab CI.
pub(super) const GITLAB: &str = r"# Tests the upload contract. Add `include: [ { local: uptake.gitlab-ci.yml } ]` to .gitlab-ci.yml, set the CI/CD variable
# UPTAKE_API_KEY, and use an image that has uptake.
upload-contract:
  script:
    - uptake check --target target.yaml --waivers waivers.yaml --report junit=uptake.xml --report json=uptake.json
  artifacts:
    when: always
    paths: [uptake.json]
    reports: { junit: uptake.xml }
";
