//! `uptake explain`: explains the exit codes, the verdicts and the other words that reports use as codes.

use std::fmt::Write as _;

use clap::Args;

use super::error::CliError;
use super::output;
use super::parsers::unknown;
use uptake_outcome::{CauseKind, Exit, MistakeCode, Verdict};

/// The options of `uptake explain`.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// Exit code, verdict, cause, ending or kind of mistake, such as 3, blocked or unknown-key [default: list all]
    #[arg(value_name = "CODE")]
    codes: Vec<String>,
}

/// What is explained of one code.
struct Entry {
    code: String,
    title: String,
    text: String,
}

impl Entry {
    fn new(code: &str, title: &str, text: &str) -> Self {
        Self { code: code.to_string(), title: title.to_owned(), text: text.to_owned() }
    }
}

/// Runs it.
pub(super) fn run(args: &ExplainArgs) -> Result<Exit, CliError> {
    let groups = groups();
    let mut text = String::new();
    if args.codes.is_empty() {
        for (heading, entries) in &groups {
            let _ = writeln!(text, "{heading}:");
            for entry in entries {
                let _ = writeln!(text, "  {:<20} {}", entry.code, entry.title);
            }
            text.push('\n');
        }
        let _ = writeln!(text, "`uptake explain CODE` says more. `uptake rules ID` explains a rule.");
    }
    for code in &args.codes {
        let wanted = code.trim().to_lowercase().replace([' ', '_'], "-");
        let found: Vec<_> = groups
            .iter()
            .flat_map(|(heading, entries)| entries.iter().map(move |entry| (heading, entry)))
            .filter(|(_, entry)| entry.code == wanted)
            .collect();
        if found.is_empty() {
            return Err(CliError::Usage(not_known(code, &groups)));
        }
        for (heading, entry) in found {
            let kind = heading.to_lowercase();
            let kind = kind.strip_suffix('s').unwrap_or(&kind);
            let _ = writeln!(text, "{} ({kind}): {}", entry.code, entry.title);
            for line in wrapped(&entry.text) {
                let _ = writeln!(text, "  {line}");
            }
            text.push('\n');
        }
    }
    output::data(&format!("{}\n", text.trim_end()))?;
    Ok(Exit::Success)
}

fn not_known(code: &str, groups: &[(&str, Vec<Entry>)]) -> String {
    let id = code.to_uppercase();
    if id.rsplit_once('-').is_some_and(|(_, number)| number.parse::<u32>().is_ok()) {
        return format!("unknown code `{code}`; `uptake rules {id}` explains a rule");
    }
    let codes = groups.iter().flat_map(|(_, entries)| entries).map(|entry| entry.code.as_str());
    let codes: Vec<&str> = codes.collect();
    unknown("code", code, &codes, "`uptake explain` lists all codes")
}

/// The text in lines of at most 90 characters.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if !line.is_empty() && line.len() + word.len() >= 90 {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

fn groups() -> Vec<(&'static str, Vec<Entry>)> {
    let mistake = |code: &MistakeCode| Entry::new(code.code(), code.title(), code.explanation());
    vec![
        ("Exit codes", EXITS.into_iter().map(exit).collect()),
        ("Verdicts", Verdict::ALL.into_iter().map(verdict).collect()),
        ("Causes", CAUSES.into_iter().map(cause).collect()),
        ("Endings", ENDINGS.iter().map(|(code, title, text)| Entry::new(code, title, text)).collect()),
        ("Mistakes", MistakeCode::ALL.iter().map(mistake).collect()),
    ]
}

const EXITS: [Exit; 7] = [
    Exit::Success,
    Exit::Failed,
    Exit::BadInput,
    Exit::CouldNotTest,
    Exit::NothingTested,
    Exit::Suspended,
    Exit::Interrupted,
];

fn exit(exit: Exit) -> Entry {
    let (title, text) = match exit {
        Exit::Success => (
            "Success",
            "Every required rule passed, every threshold held, nothing was found. Rules of level `should` may have \
             failed, unless --fail-on should is given; the report lists them.",
        ),
        Exit::Failed => (
            "A rule or a threshold failed, fuzz found a counterexample, or a planted defect survived",
            "The server broke a required rule, or load exceeded a threshold. The report names the rule, its source, the \
             line of the scenario, the expected and the actual result, and the command that tests the rule again.",
        ),
        Exit::BadInput => (
            "Invalid input",
            "An option, a scenario, a suite, a target profile, a waiver file, a load plan or a report file is wrong. \
             Nothing was sent. The message on stderr says what, where, and what to do. `uptake lint` finds mistakes in \
             files.",
        ),
        Exit::CouldNotTest => (
            "Could not test",
            "The run has no result, or not enough of one: the server is unreachable, it refused the credentials, a required rule is blocked or inconclusive, a report could not be written, or uptake itself \
             failed. Fix the cause that the last line names, and run again.",
        ),
        Exit::NothingTested => (
            "Nothing was tested",
            "No scenario matched the filters, or all of them were blocked or not applicable. An empty run is not a success: a misspelt filter must not make a CI job pass. `uptake check --list` shows what the filters select.",
        ),
        Exit::Suspended => (
            "Suspended",
            "Scenarios wait for real time to pass, such as the expiry of a token, and the server has no test clock. The run is stored; `uptake resume` continues it when they are due.",
        ),
        Exit::Interrupted => (
            "Interrupted",
            "Ctrl-C or SIGTERM stopped the run. What it had created on the server was removed, unless the report lists \
             it; `uptake clean` removes the rest.",
        ),
    };
    Entry::new(&exit.code().to_string(), title, text)
}

fn verdict(verdict: Verdict) -> Entry {
    let (title, text) = match verdict {
        Verdict::NotCovered => (
            "No scenario that ran tests the rule",
            "The suite has no scenario for it, the filters or --cost excluded its scenarios, or the run ended before. It \
             counts neither as passed nor as failed.",
        ),
        Verdict::NotApplicable => (
            "The target lacks a capability that the rule needs",
            "The report names the capability. If the server has it, add it under `capabilities` in the target profile.",
        ),
        Verdict::Passed => {
            ("Every expectation held", "Each scenario that tests the rule found what it expects.")
        }
        Verdict::Tolerated => (
            "A deviation that the rule allows",
            "The response is not what the documentation says, but the rule accepts it, for example because two sources \
             contradict each other. It is a warning and fails no run.",
        ),
        Verdict::Suspended => (
            "A scenario waits for real time",
            "`uptake resume` continues it. With a test clock (`clock` in the target profile), nothing waits.",
        ),
        Verdict::Waived => (
            "Failed, and waived",
            "A waiver file excuses the failure until a date, with a reason. After that date the rule fails again.",
        ),
        Verdict::Blocked => (
            "A precondition failed, so the rule could not be tested",
            "A step that is not about the rule did not get what it needs, for example no token was created. The cause is \
             listed once, with its exchange. If the rule is required, the exit code is 3.",
        ),
        Verdict::Inconclusive => (
            "The network, a rate limit or a clock prevented a result",
            "The rule has no result. Run it again; if it stays inconclusive, give uptake the server's rate \
             limits (`budgets`) or a clock in the target profile. If the rule is required, the exit code is 3.",
        ),
        Verdict::Failed => (
            "The server broke the rule",
            "At least one expectation did not hold. The report shows the exchange and a curl command that repeats it. A \
             rule of level `may` never fails.",
        ),
    };
    Entry::new(&verdict.word().replace(' ', "-"), title, text)
}

const CAUSES: [CauseKind; 4] =
    [CauseKind::Precondition, CauseKind::Network, CauseKind::RateLimit, CauseKind::Time];

fn cause(cause: CauseKind) -> Entry {
    match cause {
        CauseKind::Precondition => Entry::new(
            "precondition",
            "A step that a rule depends on did not succeed",
            "The rules that depend on it are blocked. Look at the exchange of the cause first: often one fix unblocks many rules.",
        ),
        CauseKind::Network => Entry::new(
            "network",
            "A request got no response",
            "The rules that depend on it are inconclusive. Requests that are safe to repeat are sent again before a scenario gives up.",
        ),
        CauseKind::RateLimit => Entry::new(
            "rate-limit",
            "The server kept responding with 429",
            "The rules that depend on it are inconclusive. Write how many requests a minute the server accepts: `budgets` in the \
             target profile.",
        ),
        CauseKind::Time => Entry::new(
            "time",
            "The clocks are too far apart, or a step came too late",
            "The rules that depend on it are inconclusive. Synchronise the clocks, or raise `margin` in the target profile.",
        ),
    }
}

/// How a run can end, as `ending.how` of the JSON report says.
const ENDINGS: [(&str, &str, &str); 7] = [
    ("completed", "Every selected scenario ran", "The verdicts say the rest."),
    ("interrupted", "The user stopped the run", "The report has the results so far. The exit code is 130."),
    (
        "first-failure",
        "--fail-fast stopped the run",
        "A required rule failed; scenarios that had not started were not run. The exit code is 1.",
    ),
    (
        "out-of-reach",
        "The target could not be reached, or its responses could not be read",
        "Check the address, the port, the certificate (--ca) and the proxy variables. The exit code is 3.",
    ),
    (
        "credential-refused",
        "The target refused a credential of its profile",
        "It returned 401 or 403 to a request that needs only the credential, so no rule was judged. Check the API key. \
         The exit code is 3.",
    ),
    (
        "harness-failed",
        "Internal error of uptake",
        "uptake itself failed; the run has no result for the target. The exit code is 3.",
    ),
    (
        "not-written",
        "A report could not be written",
        "The rules were judged, but a file that you asked for is missing or incomplete. The exit code is 3.",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ENDINGS, ExplainArgs, groups, run};
    use uptake_outcome::Ending;

    #[test]
    fn every_code_is_explained_once_and_in_whole_sentences() {
        let mut seen = BTreeSet::new();
        for (heading, entries) in groups() {
            for entry in entries {
                assert!(entry.text.ends_with('.') && !entry.title.is_empty(), "{}", entry.code);
                assert!(seen.insert((heading, entry.code.clone())), "{} stands twice", entry.code);
            }
        }
    }

    #[test]
    fn the_endings_are_those_of_the_json_report() {
        let why = || "it is so".to_owned();
        let endings = [
            Ending::Completed,
            Ending::Interrupted,
            Ending::FirstFailure,
            Ending::OutOfReach { why: why() },
            Ending::CredentialRefused { why: why() },
            Ending::HarnessFailed { why: why() },
            Ending::NotWritten { why: why() },
        ];
        let written: Vec<String> = endings
            .iter()
            .map(|ending| {
                serde_json::to_value(ending).expect("plain data")["how"].as_str().unwrap_or("").to_owned()
            })
            .collect();
        assert_eq!(written, ENDINGS.map(|(code, ..)| code));
    }

    #[test]
    fn an_unknown_code_is_refused_with_the_nearest_one_and_a_rule_leads_to_its_command() {
        let error =
            |code: &str| run(&ExplainArgs { codes: vec![code.to_owned()] }).expect_err("unknown").to_string();
        assert!(error("blockd").contains("did you mean `blocked`?"), "{}", error("blockd"));
        assert!(error("ttl-02").contains("uptake rules TTL-02"), "{}", error("ttl-02"));
        assert!(error("99").contains("`uptake explain` lists all codes"), "{}", error("99"));
    }
}
