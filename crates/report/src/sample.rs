//! One literal run with every verdict in it, which each format renders.

use uptake_outcome::{
    Budget, CapabilityFinding, Cause, CauseKind, ClockReading, Clocks, Ending, ExchangeRecord, FORMAT,
    Finding, HttpVersion, Leftover, Level, Pacing, Place, Retried, Retry, RuleResult, Run, ScenarioRef,
    Summary, Suspended, TargetSummary, Verdict, Waiver,
};

/// A capability that was detected.
fn capability(name: &str, declared: bool, seen: &str) -> CapabilityFinding {
    let (name, seen) = (name.to_owned(), seen.to_owned());
    CapabilityFinding { name, declared: Some(declared), detected: Some(true), seen }
}

/// A run in which every verdict occurs.
pub(super) fn run() -> Run {
    let rules = rules();
    let summary = Summary { scenarios: 9, requests: 64, bytes_sent: 73_400_320, ..Summary::count(&rules) };
    Run {
        format: FORMAT,
        uptake: "0.1.0".to_owned(),
        suite: "api-video".to_owned(),
        suite_digest: String::new(),
        target: TargetSummary {
            http_version: HttpVersion::Http1,
            name: "staging".to_owned(),
            base_url: "https://staging.example.test".to_owned(),
            proxy: None,
            capabilities: vec!["status".to_owned(), "rate-limit".to_owned()],
        },
        seed: 7,
        started_at: "2025-03-01T12:00:00Z".to_owned(),
        took_seconds: 3.207,
        ending: Ending::Completed,
        summary,
        rules,
        causes: causes(),
        leftovers: vec![Leftover {
            scenario: "One token serves several uploads".to_owned(),
            what: "the step \"delete the second video\"".to_owned(),
            why: "expected status 204, got 500".to_owned(),
            exchange: Some(exchange("DELETE", "/videos/vi42", 500, "")),
        }],
        warnings: vec!["the target's clock is 1.4 s ahead of this machine's".to_owned()],
        pacing: Pacing {
            budgets: Some(Budget { uploads: 40, writes: 40, reads: 100, per_seconds: 60.0 }),
            requests: 64,
            uploads: 20,
            writes: 24,
            reads: 20,
            waited_seconds: 61.5,
            turned_seconds: 0,
            answered_429: 1,
        },
        retries: vec![Retry {
            what: Retried::Request,
            scenario: "One token serves several uploads".to_owned(),
            request: "GET /videos/${second}".to_owned(),
            fault: "the server closed the connection without a response".to_owned(),
        }],
        clocks: Clocks {
            date: Some(ClockReading { offset_seconds: 1.4, uncertainty_seconds: 0.31, samples: 64 }),
            created: None,
            used: None,
        },
        capabilities: vec![
            capability("status", true, "GET /videos/${video}/status returned 200"),
            capability("cors", false, "OPTIONS /upload returned 204"),
        ],
        suspended: vec![Suspended {
            scenario: "Grace is the token's".to_owned(),
            file: "scenarios/api-video/grace/token.yaml".to_owned(),
            step: "let the grace end".to_owned(),
            from: "2025-03-02T12:00:00Z".to_owned(),
            until: Some("2025-03-02T12:00:08Z".to_owned()),
        }],
        folder: Some("reports/run-20250301T120000Z".to_owned()),
        answers: [(200, 40), (201, 9), (400, 12), (500, 1)].into(),
        left_out: Vec::new(),
        waivers: Vec::new(),
        baseline: None,
        rerun: None,
        scenarios: Vec::new(),
        excerpts: Vec::new(),
    }
}

/// A run of which nothing is to be said beside its rules.
fn calm() -> Run {
    Run {
        causes: Vec::new(),
        leftovers: Vec::new(),
        warnings: Vec::new(),
        pacing: Pacing::default(),
        retries: Vec::new(),
        clocks: Clocks::default(),
        capabilities: Vec::new(),
        suspended: Vec::new(),
        folder: None,
        ..run()
    }
}

/// The same, held against waivers of every fate and a baseline.
pub(super) fn waived() -> Run {
    let mut run = run();
    let waiver = |rule: &str, until: &str, line| Waiver {
        rule: rule.to_owned(),
        reason: "the storage is being replaced".to_owned(),
        until: until.to_owned(),
        issue: Some("https://issues.example.test/17".to_owned()),
        place: Place { file: "waivers.yaml".to_owned(), line, column: 9 },
    };
    run.waive(vec![
        waiver("AUTH-15", "2025-06-30", 1),
        waiver("BYTES-07", "2025-02-28", 5),
        waiver("TOKEN-01", "2025-06-30", 9),
    ]);
    let mut earlier = self::run();
    earlier.started_at = "2025-02-01T12:00:00Z".to_owned();
    for rule in &mut earlier.rules {
        rule.verdict = match rule.id.as_str() {
            "TOKEN-01" => Verdict::Failed,
            "BYTES-07" => Verdict::Passed,
            _ => rule.verdict,
        };
    }
    run.compare(&earlier);
    run
}

/// A run in which every chosen rule passed.
pub(super) fn green() -> Run {
    let mut rules = rules();
    rules.retain(|rule| rule.verdict == Verdict::Passed && rule.level == Level::Must);
    let summary = Summary { scenarios: 2, requests: 5, bytes_sent: 310, ..Summary::count(&rules) };
    Run { summary, rules, ..calm() }
}

/// A run that never came to judge anything.
pub(super) fn out_of_reach() -> Run {
    let mut rules = rules();
    for rule in &mut rules {
        rule.verdict = Verdict::NotCovered;
        rule.findings.clear();
        rule.reason = Some("the run ended before it was tested".to_owned());
    }
    let ending = Ending::OutOfReach {
        why: "GET https://staging.example.test/upload-tokens: no response within 10 s".to_owned(),
    };
    let summary = Summary { requests: 1, ..Summary::count(&rules) };
    Run { ending, summary, rules, ..calm() }
}

fn rules() -> Vec<RuleResult> {
    judged().into_iter().chain(not_judged()).collect()
}

fn judged() -> Vec<RuleResult> {
    let small = at("bytes/sizes.yaml", 14, "A range a byte too small", "send 5 MiB less one byte");
    let too_small = "video-content-range-by-bytes-range-too-small";
    vec![
        rule("AUTH-05", Level::Must, "The access token is accepted as Bearer", &["blog", "oas"])
            .scenario("auth/bearer.yaml", "A bearer token is accepted")
            .found(at("auth/bearer.yaml", 12, "A bearer token is accepted", "list tokens").passed()),
        rule("AUTH-15", Level::Should, "A refresh sent as JSON labelled text/plain is accepted", &["sdk"])
            .scenario("auth/refresh.yaml", "Browsers refresh with text/plain")
            .found(
                at("auth/refresh.yaml", 21, "Browsers refresh with text/plain", "refresh")
                    .finding(Verdict::Failed, "status 200", "status 415")
                    .showing(exchange(
                        "POST",
                        "/auth/refresh",
                        415,
                        "Unsupported \u{1b}[31mMedia\u{1b}[0m Type",
                    )),
            ),
        rule("TOKEN-01", Level::Must, "A created token has the requested ttl", &["oas", "blog"])
            .scenario("token/create.yaml", "A token is valid for its ttl")
            .found(at("token/create.yaml", 8, "A token is valid for its ttl", "create").passed()),
        rule(
            "TOKEN-07",
            Level::Must,
            "A ttl that is not an integer (a string or a fraction) is refused with 400",
            &["oas"],
        )
        .scenario("token/ttl-values.yaml", "A ttl is a whole number")
        .found(
            at("token/ttl-values.yaml", 31, "A ttl is a whole number", "ttl as a fraction").finding(
                Verdict::Tolerated,
                "status 400, problem invalid-attribute or invalid-payload",
                "status 422, problem invalid-attribute",
            ),
        ),
        rule(
            "BYTES-07",
            Level::Must,
            "A byte range of 5 MiB less one byte that is not the last is refused with 400",
            &["ref/video-content-range-by-bytes-range-too-small"],
        )
        .scenario("bytes/sizes.yaml", "A range a byte too small")
        .found(small.finding(Verdict::Failed, "status 400", "status 201").showing(exchange(
            "POST",
            "/upload?token=***",
            201,
            "{\"videoId\": \"vi42\",\n \"title\": \"clip.mp4\"}",
        )))
        .found(small.finding(
            Verdict::Failed,
            &format!("problem {too_small}"),
            "a response without `type`",
        )),
        rule("BYTES-11", Level::Must, "A byte range sent again is refused with 400", &["oas"])
            .scenario("bytes/overlap.yaml", "A range sent twice")
            .found(at("bytes/overlap.yaml", 19, "A range sent twice", "again").finding(
                Verdict::Waived,
                "status 400",
                "status 201",
            )),
        rule("TTL-10", Level::May, "GET of an expired token returns 200 or 404", &["oas"])
            .scenario("ttl/expired.yaml", "An expired token is shown or not")
            .found(at("ttl/expired.yaml", 17, "An expired token is shown or not", "show it").finding(
                Verdict::Passed,
                "status 200 or 404",
                "status 404",
            )),
    ]
}

fn not_judged() -> Vec<RuleResult> {
    let late = at("grace/late.yaml", 16, "A begun upload is completed late", "send the rest");
    let busy = at("http/order.yaml", 9, "Responses do not depend on the order", "list tokens");
    vec![
        rule("TTL-03", Level::Must, "After its ttl a token authenticates no first segment", &["blog"])
            .verdict(Verdict::NotApplicable, "the target has no clock that can be advanced"),
        rule("TTL-04", Level::Must, "A day is 86,400 seconds", &["blog"])
            .verdict(Verdict::NotApplicable, "the target has no clock that can be advanced"),
        rule("GRACE-01", Level::Must, "An upload begun in time may be completed after the ttl", &["blog"])
            .scenario("grace/late.yaml", "A begun upload is completed late")
            .found(late.finding(Verdict::Blocked, "status 201", "the step did not run").because(0)),
        rule("GRACE-02", Level::Must, "24 hours after the token's end nothing is accepted", &["blog"])
            .scenario("grace/late.yaml", "A begun upload is completed late")
            .found(late.finding(Verdict::Blocked, "status 401", "the step did not run").because(0)),
        rule("GRACE-05", Level::Must, "Grace is the token's, not the upload's", &["forum"])
            .verdict(Verdict::Suspended, "waits until 2025-03-02T12:00:00Z"),
        rule("HTTP-01", Level::Must, "Every error has the content type application/problem+json", &["oas"])
            .scenario("http/order.yaml", "Responses do not depend on the order")
            .found(busy.finding(Verdict::Inconclusive, "a problem document", "no response").because(1)),
        rule("HTTP-02", Level::Should, "Dates are those of the server's clock", &["guide/dates"])
            .scenario("http/dates.yaml", "Dates are now")
            .found(at("http/dates.yaml", 7, "Dates are now", "create a token").finding(
                Verdict::Inconclusive,
                "createdAt within 2 s of now",
                "the clocks are 9 s apart, more than the margin of 5 s",
            )),
        rule("HTTP-07", Level::Should, "HEAD responds as GET does, without a body", &["oas"])
            .verdict(Verdict::NotCovered, "no scenario tests it"),
        rule("HTTP-08", Level::Must, "An unknown path returns 404", &["oas"])
            .verdict(Verdict::NotCovered, "no scenario tests it"),
    ]
}

fn causes() -> Vec<Cause> {
    vec![
        Cause {
            kind: CauseKind::Precondition,
            text: "create a container: expected status 201, got 503".to_owned(),
            place: place("grace/late.yaml", 6),
            scenarios: vec!["A begun upload is completed late".to_owned()],
            exchange: Some(exchange("POST", "/videos", 503, "{\"title\": \"Down for maintenance\"}")),
        },
        Cause {
            kind: CauseKind::Network,
            text: "list tokens: the connection was closed before the response was complete".to_owned(),
            place: place("http/order.yaml", 8),
            scenarios: vec!["Responses do not depend on the order".to_owned()],
            exchange: None,
        },
    ]
}

/// Where a finding was made.
#[derive(Clone, Copy)]
struct At {
    file: &'static str,
    line: u32,
    scenario: &'static str,
    step: &'static str,
}

fn at(file: &'static str, line: u32, scenario: &'static str, step: &'static str) -> At {
    At { file, line, scenario, step }
}

fn place(file: &str, line: u32) -> Place {
    Place { file: format!("scenarios/api-video/{file}"), line, column: 7 }
}

impl At {
    fn finding(self, verdict: Verdict, expected: &str, observed: &str) -> Finding {
        Finding {
            verdict,
            scenario: self.scenario.to_owned(),
            step: self.step.to_owned(),
            place: place(self.file, self.line),
            expected: expected.to_owned(),
            observed: observed.to_owned(),
            exchange: None,
            cause: None,
        }
    }

    fn passed(self) -> Finding {
        self.finding(Verdict::Passed, "status 200", "status 200")
    }
}

/// What a sample adds to a finding.
trait Illustrated {
    fn showing(self, exchange: ExchangeRecord) -> Self;
    fn because(self, cause: usize) -> Self;
}

impl Illustrated for Finding {
    fn showing(mut self, exchange: ExchangeRecord) -> Self {
        self.exchange = Some(exchange);
        self
    }

    fn because(mut self, cause: usize) -> Self {
        self.cause = Some(cause);
        self
    }
}

fn exchange(method: &str, path: &str, status: u16, answer: &str) -> ExchangeRecord {
    let url = format!("https://staging.example.test{path}");
    ExchangeRecord {
        http_version: HttpVersion::Http1,
        method: method.to_owned(),
        curl: format!("curl -X {method} '{url}' -H 'Authorization: Bearer ***'"),
        url,
        status: Some(status),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        answer: answer.to_owned(),
        took_seconds: 0.012,
    }
}

fn rule(id: &str, level: Level, text: &str, source: &[&str]) -> RuleResult {
    let (area, _number) = id.split_once('-').expect("an id has an area and a number");
    RuleResult {
        id: id.to_owned(),
        area: area.to_lowercase(),
        level,
        text: text.to_owned(),
        source: source.iter().map(|&source| source.to_owned()).collect(),
        verdict: Verdict::NotCovered,
        reason: None,
        scenarios: Vec::new(),
        findings: Vec::new(),
    }
}

/// What a sample adds to a rule.
trait Judged {
    fn scenario(self, file: &str, name: &str) -> Self;
    fn found(self, finding: Finding) -> Self;
    fn verdict(self, verdict: Verdict, reason: &str) -> Self;
}

impl Judged for RuleResult {
    fn scenario(mut self, file: &str, name: &str) -> Self {
        self.scenarios
            .push(ScenarioRef { name: name.to_owned(), file: format!("scenarios/api-video/{file}") });
        self
    }

    fn found(mut self, finding: Finding) -> Self {
        self.verdict = self.verdict.and(finding.verdict);
        self.findings.push(finding);
        self
    }

    fn verdict(mut self, verdict: Verdict, reason: &str) -> Self {
        self.verdict = verdict;
        self.reason = Some(reason.to_owned());
        self
    }
}

#[test]
fn every_verdict_occurs_in_the_sample() {
    let run = run();
    for verdict in Verdict::ALL {
        assert!(run.rules.iter().any(|rule| rule.verdict == verdict), "{verdict}");
    }
}
