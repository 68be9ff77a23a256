//! A folder in which the commands of a page are run: with the files that they name and a server for them to test.

use std::process::{Command, Output};

use uptake_reference::ClockKind;

use super::block::Block;
use super::common::{Bench, KEY, Little, Setup, command, drafts_server, tus_server};

/// Profiles that pages name. They lead to the test's server, whatever the page shows.
pub(crate) const PROFILES: [&str; 2] = ["staging.yaml", "sandbox.yaml"];

/// Commands of other programs that pages may name: what they do is held elsewhere, or takes too long here.
const OTHERS: [&str; 13] = [
    "cargo binstall uptake",
    "cargo build",
    "cargo test",
    "cargo nextest run",
    "cargo install --locked --path .",
    "cargo install --locked uptake",
    "curl -fsSL https://github.com/OWNER/uptake/releases/latest/download/install.sh",
    "docker run",
    "gh attestation verify",
    "npm install",
    "pip install",
    ".ci/run",
    "mdbook",
];

pub(crate) struct Workplace {
    bench: Bench,
    token: String,
    /// A server of another protocol.
    tus: Little,
    /// The server of the protocol that a page makes up.
    drafts: Little,
}

impl Workplace {
    pub(crate) fn new() -> Self {
        let mut setup = Setup::default();
        setup.config.clock = ClockKind::Virtual;
        let bench = Bench::start(setup);
        let profile = std::fs::read_to_string(bench.profile()).unwrap();
        bench.folder.write("staging.yaml", &profile);
        // The sandbox has no clock that can be moved.
        let timeless =
            profile.lines().filter(|line| !line.starts_with("clock:")).collect::<Vec<_>>().join("\n");
        bench.folder.write("sandbox.yaml", &timeless.replace("clock, ", ""));
        bench.folder.write("tus.yaml", &format!("target: a tus server\nbase-url: {}\n", bench.origin));
        bench.folder.write("trace.csv", "started,size\n0.0,2000\n0.2,1000\n");
        let request = r#"[10/Oct/2025:13:00:00 +0000] "POST /upload HTTP/1.1" 201 5 "-" "-" 4000"#;
        bench.folder.write("access.log", &format!("192.0.2.1 - - {request}\n"));
        let waivers = "- { rule: BYTES-11, reason: known, until: 2999-12-31 }\n";
        bench.folder.write("waivers.yaml", waivers);
        let token = token(&bench.origin);
        let workplace = Self { bench, token, tus: tus_server(), drafts: drafts_server() };
        let root = env!("CARGO_MANIFEST_DIR");
        for name in ["scenarios", "fixtures"] {
            std::os::unix::fs::symlink(format!("{root}/{name}"), workplace.path(name)).unwrap();
        }
        workplace
    }

    /// The path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> String {
        self.bench.folder.path(name)
    }

    /// Writes a file, with its folders.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(std::path::Path::new(&path).parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Runs the commands of a console block.
    pub(crate) fn run_console(&self, block: &Block) -> Result<(), String> {
        let commands = block.commands();
        if commands.is_empty() {
            return Err("a console block has no line that begins with `$ `".to_owned());
        }
        commands.iter().try_for_each(|line| self.run(line))
    }

    /// Runs one command line.
    pub(crate) fn run(&self, line: &str) -> Result<(), String> {
        let line = line.split("  #").next().unwrap_or(line).trim();
        let own = line.strip_prefix("cargo run --release -- ").or_else(|| line.strip_prefix("uptake "));
        let Some(arguments) = own else {
            let known = line.starts_with("export ") || OTHERS.iter().any(|other| line.starts_with(other));
            return if known { Ok(()) } else { Err(format!("no test runs `{line}`")) };
        };
        if arguments.starts_with("serve --listen") {
            // What it writes leads to the server that is there already.
            self.write("local.yaml", &std::fs::read_to_string(self.bench.profile()).unwrap());
            return self.output(&["serve", "--help"]).map(|_| ());
        }
        if arguments.starts_with("report ") {
            self.load_results()?;
        }
        let arguments = self.shortened(arguments);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = self.output(&arguments)?;
        // A gate may say no, and a scenario may wait; what a page shows must be usable.
        match output.status.code() {
            Some(0) => Ok(()),
            // The suite that a page writes fits its server: nothing fails there.
            Some(1 | 75) if !line.contains("--suite drafts") => Ok(()),
            code => Err(format!(
                "`uptake {}` ended with {code:?}:\n{}{}",
                arguments.join(" "),
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            )),
        }
    }

    /// The arguments with the test's own server, and with less to do.
    fn shortened(&self, arguments: &str) -> Vec<String> {
        let origin = self.bench.origin.as_str();
        let mut words: Vec<String> = split(arguments)
            .into_iter()
            .map(|word| match word.as_str() {
                "https://sandbox.example.com" | "http://127.0.0.1:8080" => origin.to_owned(),
                "http://127.0.0.1:9090" => self.drafts.origin(),
                "https://tus.example/" | "http://127.0.0.1:1080" => self.tus.origin(),
                "1m" | "5m" | "2m" => "1s".to_owned(),
                "50/s" => "10/s".to_owned(),
                "anything" => self.token.clone(),
                "12MiB" => "200KiB".to_owned(),
                "5MiB" => "100KiB".to_owned(),
                // No load meets it, so that the search ends after a few small ones.
                "upload.p99 < 2s and errors < 0.1%" => "upload.p99 < 1us and errors < 0.1%".to_owned(),
                "log-normal(20MiB, 0.8)" => "log-normal(200KiB, 0.8)".to_owned(),
                _ => word,
            })
            .collect();
        let has = |name: &str| words.iter().any(|word| word == name);
        let more: &[&str] = match words.first().map(String::as_str) {
            // No server of the test speaks that protocol.
            Some("check") if has("tus.yaml") => &["--plan"],
            Some("check") if has("--plan") || has("--suite") || has("--area") => &[],
            Some("check") if has("sandbox.yaml") => &["--rule", "TTL-02", "--max-wait", "1s"],
            Some("check") => &["--rule", "TOKEN-01"],
            Some("resume") if !has("--list") => &["--max-wait", "1s"],
            // Other work on this machine must not fail it.
            Some("load") if has("--uploaders") && has("--size") => &["--duration", "1s", "--allow-saturated"],
            Some("load") if has("--uploaders") => {
                &["--duration", "1s", "--size", "100KiB", "--allow-saturated"]
            }
            // The server of the test speaks another protocol, which its own suite describes.
            Some("fuzz") if has("tus") => &["--cases", "5"],
            // A search holds each load for four seconds at least.
            Some("load") if has("--find-capacity") => {
                &["--duration", "4s", "--size", "100KiB", "--allow-saturated"]
            }
            Some("load") => &["--allow-saturated"],
            // The files of the other examples are there already.
            Some("init") if !has("--dir") => &["--dir", "contract"],
            Some("prove") if has("--mutate") => &[],
            Some("prove") => &["--defect", "expired-token-accepted", "scenarios/api-video/ttl"],
            _ => &[],
        };
        words.extend(more.iter().map(|&word| word.to_owned()));
        words
    }

    /// The results that commands of `report` name.
    fn load_results(&self) -> Result<(), String> {
        for (seed, name) in (1..).zip([
            "a.json",
            "b.json",
            "new.json",
            "old/1.json",
            "old/2.json",
            "new/1.json",
            "new/2.json",
        ]) {
            self.write(name, "");
            let (seed, report) = (format!("{seed}"), format!("json={name}"));
            let load = [
                "load",
                "--target",
                "staging.yaml",
                "--uploaders",
                "2",
                "--duration",
                "200ms",
                "--size",
                "100KiB",
            ];
            self.output(&[&load[..], &["--seed", &seed, "--report", &report]].concat())?;
        }
        Ok(())
    }

    /// Runs the binary in the folder.
    pub(crate) fn output(&self, arguments: &[&str]) -> Result<Output, String> {
        let mut uptake: Command = command(arguments);
        uptake.current_dir(self.path(".")).env("UPTAKE_API_KEY", KEY);
        uptake.output().map_err(|error| error.to_string())
    }

    /// Runs a script of CI in the folder, with the binary on its path.
    pub(crate) fn script(&self, text: &str) -> Result<(), String> {
        let binary = std::path::Path::new(env!("CARGO_BIN_EXE_uptake")).parent().unwrap();
        let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
        let output = Command::new("bash")
            .args(["-e", "-c", text])
            .current_dir(self.path("."))
            .env("PATH", path)
            .env("UPTAKE_API_KEY", KEY)
            .env("GITHUB_STEP_SUMMARY", self.path("summary.md"))
            .env("GITHUB_RUN_ID", "1")
            .env("CI_JOB_ID", "1")
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].concat();
        Err(format!("ended with {:?}:\n{text}\n{}", output.status.code(), String::from_utf8_lossy(&said)))
    }
}

/// The words of a command line, as a shell splits them: quotes group, nothing is expanded.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (quote, c) {
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(open), _) if c == open => quote = None,
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// A new upload token.
fn token(origin: &str) -> String {
    // A second installation is refused, and the first one serves.
    drop(rustls::crypto::ring::default_provider().install_default());
    let url = format!("{origin}/upload-tokens");
    let request = reqwest::Client::new().post(url).basic_auth(KEY, Some("")).body(r#"{"ttl": 3600}"#);
    let request = request.header("content-type", "application/json");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(async { request.send().await.unwrap().text().await.unwrap() });
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    answer["token"].as_str().unwrap().to_owned()
}
