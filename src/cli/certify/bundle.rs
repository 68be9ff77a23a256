//! The files of a bundle: written once, verified by their sums and by what follows from the report.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use uptake_gate::read_run;
use uptake_outcome::text::count;
use uptake_outcome::{CERTIFICATE_FORMAT, Certificate, FailOn, Run, ServerEntry};
use uptake_report::{badge, certificate_json, check_html, json, read_certificate};
use uptake_suite::{Sources, digest_of};

use crate::cli::error::CliError;

const CERTIFICATE: &str = "certificate.json";
const REPORT: &str = "report.json";
const PAGE: &str = "report.html";
const WAIVERS: &str = "waivers.yaml";
const SUITE: &str = "suite/";

/// A directory that is ready to be filled.
pub(super) struct Bundle<'f> {
    folder: &'f Path,
}

impl<'f> Bundle<'f> {
    /// Creates the directory. Nothing is overwritten.
    pub(super) fn create(folder: &'f Path) -> Result<Self, CliError> {
        let name = folder.display();
        let is_used = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
        if is_used || (folder.exists() && !folder.is_dir()) {
            return Err(CliError::Usage(format!(
                "{name} exists and is not an empty directory; nothing was sent"
            )));
        }
        fs::create_dir_all(folder).map_err(|error| {
            CliError::Usage(format!("cannot create the directory {name}: {error}; nothing was sent"))
        })?;
        Ok(Self { folder })
    }

    /// Writes everything; the certificate last, since it names the sums of the others.
    pub(super) fn write(
        self,
        run: &Run,
        server: (String, String),
        (sources, waivers): (&Sources, Option<&Path>),
        fail_on: FailOn,
    ) -> Result<(), CliError> {
        let mut certificate = Certificate::of(run, server, env!("UPTAKE_LONG_VERSION"));
        let entry = ServerEntry {
            server: certificate.server.clone(),
            version: certificate.version.clone(),
            run: Some(run.clone()),
            suite: run.suite.clone(),
            error: None,
        };
        let badge = badge(&entry);
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::from([
            (REPORT.to_owned(), json(run).into_bytes()),
            (PAGE.to_owned(), check_html(run, fail_on).into_bytes()),
            ("badge.svg".to_owned(), badge.svg.into_bytes()),
            ("badge.json".to_owned(), badge.json.into_bytes()),
        ]);
        if let Some(path) = waivers {
            let text = fs::read(path)
                .map_err(|error| CliError::Usage(format!("cannot read {}: {error}", path.display())))?;
            files.insert(WAIVERS.to_owned(), text);
        }
        for (path, bytes) in &sources.files {
            files.insert(format!("{SUITE}{path}"), bytes.clone());
        }
        certificate.files =
            files.iter().map(|(path, bytes)| (path.clone(), uptake_suite::sha256(bytes))).collect();
        files.insert(CERTIFICATE.to_owned(), certificate_json(&certificate).into_bytes());
        for (path, bytes) in &files {
            let path = self.folder.join(path);
            let failed = |source| CliError::Write { path: path.display().to_string(), source };
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(failed)?;
            }
            fs::write(&path, bytes).map_err(failed)?;
        }
        Ok(())
    }
}

/// What a verification found.
pub(super) struct Verified {
    pub(super) text: String,
    pub(super) is_sound: bool,
}

/// Verifies a bundle; an error is one that cannot be read as a bundle.
pub(super) fn verify(folder: &Path) -> Result<Verified, CliError> {
    let read = |path: &str| {
        let path = folder.join(path);
        fs::read(&path).map_err(|error| CliError::Usage(format!("cannot read {}: {error}", path.display())))
    };
    let text = String::from_utf8_lossy(&read(CERTIFICATE)?).into_owned();
    let certificate = read_certificate(&text)
        .map_err(|why| CliError::Usage(format!("{}: {why}", folder.join(CERTIFICATE).display())))?;
    debug_assert_eq!(certificate.format, CERTIFICATE_FORMAT);
    let mut wrong = Vec::new();
    for (path, sum) in &certificate.files {
        match fs::read(folder.join(path)) {
            Err(error) => wrong.push(format!("{path} cannot be read: {error}")),
            Ok(bytes) if uptake_suite::sha256(&bytes) != *sum => wrong.push(format!("{path} was changed")),
            Ok(_) => {}
        }
    }
    if certificate.files.contains_key(REPORT) {
        let run = read_run(&folder.join(REPORT))?;
        if !certificate.is_of(&run) {
            wrong.push(format!("{CERTIFICATE} does not match {REPORT}"));
        }
    } else {
        wrong.push(format!("{CERTIFICATE} does not name {REPORT}"));
    }
    let mut note = "";
    match suite_digest(folder, &certificate) {
        Some(digest) if digest != certificate.suite_digest => {
            wrong.push("the digest does not match the files of the suite".to_owned());
        }
        Some(_) => {}
        None => note = "; the suite extends another one, whose files are not in the bundle",
    }
    Ok(Verified { is_sound: wrong.is_empty(), text: told(&certificate, &wrong, note) })
}

fn told(certificate: &Certificate, wrong: &[String], note: &str) -> String {
    let mut text = format!(
        "{} {}, suite {} (SHA-256 {}), tested on {} by uptake {}\n",
        certificate.server,
        certificate.version,
        certificate.suite,
        certificate.suite_digest,
        certificate.started_at,
        certificate.uptake
    );
    for level in &certificate.levels {
        let met = if level.met { "met" } else { "not met" };
        let _ = writeln!(text, "  {:<6}  {met} ({}/{})", level.level, level.kept, level.rules);
    }
    for line in wrong {
        let _ = writeln!(text, "  wrong: {line}");
    }
    let _ = if wrong.is_empty() {
        writeln!(text, "VALID: {} as certified{note}", count(certificate.files.len(), "file"))
    } else {
        writeln!(text, "NOT VALID: {}", count(wrong.len(), "problem"))
    };
    text
}

/// The digest of the suite's files in the bundle; `None` where the suite extends another.
fn suite_digest(folder: &Path, certificate: &Certificate) -> Option<String> {
    let names = certificate.files.keys().filter_map(|path| path.strip_prefix(SUITE));
    let files: Vec<(String, Vec<u8>)> = names
        .map(|name| (name.to_owned(), fs::read(folder.join(SUITE).join(name)).unwrap_or_default()))
        .collect();
    let suite = files.iter().find(|(name, _)| name == "suite.yaml").map(|(_, bytes)| bytes.as_slice());
    let text = String::from_utf8_lossy(suite.unwrap_or_default()).into_owned();
    let extends = text.lines().any(|line| line.starts_with("extends:"));
    (!extends).then(|| digest_of([files.as_slice()]))
}
