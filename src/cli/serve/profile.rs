//! The target profile that fits a running server, so that the next command is `uptake check --target FILE`.

use std::ffi::{OsStr, OsString};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::error::ServeError;
use super::units::{Size, written};
use uptake_reference::{ClockKind, Config, Limits, RateLimit, Server, Storage};

/// The files of a profile: itself, beside it the key where only its owner can read it, and the certificate that is to be
/// trusted.
pub(super) struct ProfileFiles {
    profile: PathBuf,
    key: OsString,
    certificates: OsString,
    /// Whether files that exist are overwritten.
    force: bool,
}

impl ProfileFiles {
    /// The files that belong to the profile `file`.
    pub(super) fn new(file: PathBuf, force: bool) -> Self {
        Self {
            key: named_after(&file, ".key"),
            certificates: named_after(&file, ".pem"),
            profile: file,
            force,
        }
    }

    /// Tells before the server starts whether a file is in the way of those that [`Self::write`] will write.
    pub(super) fn check(&self, secured: bool) -> Result<(), ServeError> {
        let certificates = secured.then(|| self.beside(&self.certificates));
        for file in [self.profile.clone(), self.beside(&self.key)].into_iter().chain(certificates) {
            if file.is_dir() {
                return Err(ServeError::Profile { file, source: io::ErrorKind::IsADirectory.into() });
            }
            // A link that leads nowhere is in the way too.
            if !self.force && file.symlink_metadata().is_ok() {
                return Err(ServeError::Exists(file));
            }
        }
        Ok(())
    }

    /// Writes all files, the profile last.
    pub(super) fn write(&self, config: &Config, server: &Server) -> Result<(), ServeError> {
        let key = self.beside(&self.key);
        let secret = format!("{}\n", config.api_key);
        written_to(&key, write_secret(&key, &secret, self.force))?;
        if let Some(certificates) = server.certificates() {
            self.write_text(&self.beside(&self.certificates), certificates)?;
        }
        self.write_text(&self.profile, &profile(config, server, self))
    }

    fn write_text(&self, file: &Path, text: &str) -> Result<(), ServeError> {
        let mut options = OpenOptions::new();
        options.write(true);
        if self.force {
            options.create(true).truncate(true)
        } else {
            options.create_new(true)
        };
        written_to(file, options.open(file).and_then(|mut file| file.write_all(text.as_bytes())))
    }

    fn beside(&self, name: &OsStr) -> PathBuf {
        self.profile.with_file_name(name)
    }
}

/// The name of `file` with an ending more.
fn named_after(file: &Path, ending: &str) -> OsString {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    name
}

/// Names the file that could not be written.
fn written_to(file: &Path, result: io::Result<()>) -> Result<(), ServeError> {
    result.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => ServeError::Exists(file.to_owned()),
        _ => ServeError::Profile { file: file.to_owned(), source },
    })
}

/// A JSON text is a YAML text too, whatever characters the name has.
fn quoted(name: &OsStr) -> serde_json::Value {
    name.to_string_lossy().into()
}

fn write_secret(file: &Path, secret: &str, force: bool) -> io::Result<()> {
    if force {
        // A file that is there already keeps its mode when it is opened again, so it goes first.
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(secret.as_bytes())
}

fn profile(config: &Config, server: &Server, files: &ProfileFiles) -> String {
    let Limits { min_segment, max_segment, max_request, max_total, max_parts } = config.limits;
    // A clock that nobody can reach cannot be moved.
    let clock = server.control().filter(|_| config.clock == ClockKind::Virtual);
    // What is not kept has no sum.
    let stored = server.control().filter(|_| config.storage != Storage::Discard);
    let capabilities: Vec<_> = [
        clock.as_ref().map(|_| "clock"),
        Some("status"),
        Some("cors"),
        config.rate_limit.as_ref().map(|_| "rate-limit"),
        stored.as_ref().map(|_| "stored"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut lines = vec![
        "target: uptake reference server".to_owned(),
        format!("base-url: {}", server.origin()),
        format!("credentials: {{ api-key: {{ file: {} }} }}", quoted(&files.key)),
        format!(
            "limits: {{ min-segment: {}, max-segment: {}, max-request: {}, max-total: {}, max-parts: {max_parts} }}",
            Size(min_segment),
            Size(max_segment),
            Size(max_request),
            Size(max_total)
        ),
        format!("grace: {}", written(config.grace)),
        format!("capabilities: [{}]", capabilities.join(", ")),
    ];
    if server.certificates().is_some() {
        lines.push(format!("tls: {{ ca: {} }}", quoted(&files.certificates)));
    }
    if let Some(RateLimit { uploads, writes, reads }) = config.rate_limit {
        let clock = if clock.is_some() { ", counted-by: target-clock" } else { "" };
        lines.push(format!("budgets: {{ uploads: {uploads}, writes: {writes}, reads: {reads}{clock} }}"));
    }
    if let Some(control) = clock {
        lines.push(format!(
            "clock: {{ advance: {{ post: \"{control}/clock/advance\", json: {{ seconds: \"${{seconds}}\" }} }} }}"
        ));
    }
    if let Some(control) = stored {
        lines.push(format!("stored: {control}/uploads"));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_profile_names_the_running_server_and_its_key_is_the_owners() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("target.yaml");
        let config = Config {
            api_key: "KEY".into(),
            clock: ClockKind::Virtual,
            control: Some(([127, 0, 0, 1], 0).into()),
            ..Config::default()
        };
        let server = Server::start(config.clone()).await.unwrap();
        ProfileFiles::new(file.clone(), false).write(&config, &server).unwrap();
        let profile = fs::read_to_string(&file).unwrap();
        assert!(profile.contains(&format!("base-url: {}\n", server.origin())));
        assert!(profile.contains("capabilities: [clock, status, cors]"));
        assert!(!profile.contains("KEY"), "the key stands in its own file");
        let key = folder.path().join("target.yaml.key");
        assert_eq!(fs::read_to_string(&key).unwrap(), "KEY\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
