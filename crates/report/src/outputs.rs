//! The files that reports are written to: opened before the run, so that a bad path fails at once, and filled after it.
//!
//! A report is written to a temporary file beside its destination and renamed when it is complete: a reader finds the old
//! report or the new one, never half of one, and a run that never ends leaves the old one unchanged.

use std::{
    fs::{self, File, Metadata, OpenOptions, Permissions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::{Destination, Format, Location, ReportError};

/// Reports that are going to be written.
#[derive(Debug)]
pub struct Outputs<F> {
    outputs: Vec<Output<F>>,
}

impl<F: Format> Outputs<F> {
    /// Opens every destination, and changes none of them yet.
    pub fn open(destinations: Vec<Destination<F>>) -> Result<Self, ReportError> {
        for (index, destination) in destinations.iter().enumerate() {
            if destinations[..index].iter().any(|earlier| earlier.location == destination.location) {
                return Err(ReportError::Twice { place: destination.location.to_string() });
            }
        }
        let outputs = destinations.into_iter().map(Output::open).collect::<Result<_, _>>()?;
        Ok(Self { outputs })
    }

    /// Whether a report goes to standard output, so that nothing else may be printed there. A format that is made for standard
    /// output stands among other output.
    pub fn take_stdout(&self) -> bool {
        let takes =
            |output: &Output<F>| matches!(output.sink, Sink::Stdout) && !output.format.is_for_stdout();
        self.outputs.iter().any(takes)
    }

    /// Whether a report of this format is going to be written.
    pub fn has(&self, format: F) -> bool {
        self.outputs.iter().any(|output| output.format == format)
    }

    /// Writes what `render` returns for each format to its destination. One that fails does not keep the others from being
    /// written; the first error is returned.
    pub fn write(self, render: impl Fn(F) -> String) -> Result<(), ReportError> {
        let mut result = Ok(());
        for output in self.outputs {
            let text = render(output.format);
            result = result.and(output.write(&text));
        }
        result
    }
}

#[derive(Debug)]
struct Output<F> {
    format: F,
    /// The path as it was given, for messages.
    path: PathBuf,
    sink: Sink,
}

#[derive(Debug)]
enum Sink {
    Stdout,
    /// A sibling that is moved to `to` when it is whole.
    Moved {
        sibling: NamedTempFile,
        to: PathBuf,
    },
    /// A device or a pipe, which must never be replaced by a file.
    InPlace(File),
}

impl<F: Format> Output<F> {
    fn open(destination: Destination<F>) -> Result<Self, ReportError> {
        let Destination { format, location } = destination;
        let word = format.word();
        match location {
            Location::Stdout => {
                Ok(Self { format, path: PathBuf::from("standard output"), sink: Sink::Stdout })
            }
            Location::File(path) => match Sink::open(&path) {
                Ok(sink) => Ok(Self { format, path, sink }),
                Err(source) if source.kind() == ErrorKind::IsADirectory => {
                    Err(ReportError::Folder { format: word, path })
                }
                Err(source) => Err(ReportError::Open { format: word, path, source }),
            },
        }
    }

    fn write(self, text: &str) -> Result<(), ReportError> {
        let Self { format, path, sink } = self;
        let format = format.word();
        sink.fill(text.as_bytes()).map_err(|source| ReportError::Write { format, path, source })
    }
}

impl Sink {
    fn open(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            Ok(there) if there.is_dir() => Err(ErrorKind::IsADirectory.into()),
            Ok(there) if there.is_file() => {
                // A file that may not be written may not be replaced either, though the system would allow it.
                drop(OpenOptions::new().append(true).open(path)?);
                // Through a link, so that the file is replaced and not the link.
                Self::beside(&fs::canonicalize(path)?, Some(&there))
            }
            Ok(_device) => Ok(Self::InPlace(OpenOptions::new().write(true).open(path)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::beside(path, None),
            Err(error) => Err(error),
        }
    }

    fn beside(to: &Path, there: Option<&Metadata>) -> io::Result<Self> {
        let name = to.file_name().ok_or(ErrorKind::InvalidInput)?.to_string_lossy();
        let folder = match to.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            let why = format!("there is no directory {}", folder.display());
            return Err(io::Error::new(ErrorKind::NotFound, why));
        }
        let prefix = format!(".{name}.");
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".part");
        if let Some(permissions) = there.map(Metadata::permissions).or_else(ordinary) {
            builder.permissions(permissions);
        }
        let sibling = builder.tempfile_in(folder).map_err(|error| without_the_sibling(&error))?;
        Ok(Self::Moved { sibling, to: to.to_owned() })
    }

    fn fill(self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Stdout => {
                let mut stdout = io::stdout().lock();
                match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
                    // Whoever reads has read enough: `uptake check --report json=- | head` is no failure.
                    Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
                    done => done,
                }
            }
            Self::InPlace(mut file) => file.write_all(bytes).and_then(|()| file.flush()),
            Self::Moved { mut sibling, to } => {
                sibling.write_all(bytes).map_err(|error| without_the_sibling(&error))?;
                sibling.as_file().sync_all()?;
                sibling.persist(to).map_err(|error| error.error)?;
                Ok(())
            }
        }
    }
}

/// What a new file may be: readable by others as far as the user's mask allows. A report is read by other processes.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is no such thing")]
fn ordinary() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn ordinary() -> Option<Permissions> {
    None
}

/// The bare reason: the message names the destination, and the sibling's odd name would only puzzle.
fn without_the_sibling(error: &io::Error) -> io::Error {
    error.kind().into()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::Outputs;
    use crate::{CheckFormat, ReportError, json, sample};
    use uptake_outcome::{FailOn, Run};

    type CheckOutputs = Outputs<CheckFormat>;

    fn write(outputs: CheckOutputs, run: &Run) -> Result<(), ReportError> {
        outputs.write(|format| format.render(run, FailOn::Must))
    }

    fn open(destinations: &[&str]) -> Result<CheckOutputs, ReportError> {
        Outputs::open(destinations.iter().map(|given| given.parse().expect("well written")).collect())
    }

    fn refusal(destinations: &[&str]) -> String {
        open(destinations).expect_err("cannot be opened").to_string()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .expect("the folder is there")
            .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn several_reports_are_written_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let (one, other) = (folder.path().join("run.json"), folder.path().join("run.xml"));
        let run = sample::run();
        open(&[&format!("json={}", one.display()), &format!("junit={}", other.display())])
            .and_then(|outputs| write(outputs, &run))
            .expect("written");
        assert_eq!(fs::read_to_string(one).expect("there"), json(&run));
        assert_eq!(fs::read_to_string(other).expect("there"), CheckFormat::Junit.render(&run, FailOn::Must));
        assert_eq!(names(folder.path()), ["run.json", "run.xml"], "nothing else stays behind");
    }

    #[test]
    fn a_run_that_never_ends_leaves_the_old_report_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run.json");
        fs::write(&path, "the old one").expect("written");
        drop(open(&[&format!("json={}", path.display())]).expect("opened"));
        assert_eq!(fs::read_to_string(&path).expect("there"), "the old one");
        assert_eq!(names(folder.path()), ["run.json"]);
    }

    #[test]
    fn an_old_report_is_replaced_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run.json");
        fs::write(&path, "x".repeat(1 << 20)).expect("written");
        let run = sample::run();
        open(&[&format!("json={}", path.display())])
            .and_then(|outputs| write(outputs, &run))
            .expect("written");
        assert_eq!(fs::read_to_string(&path).expect("there"), json(&run));
    }

    #[test]
    fn a_bad_path_fails_before_the_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().display();
        let named = |text: String| text.replace(&folder.to_string(), "FOLDER");
        insta::assert_snapshot!(
            [
                named(refusal(&[&format!("json={folder}/not/there.json")])),
                named(refusal(&[&format!("junit={folder}")])),
                named(refusal(&[&format!("json={folder}/same"), &format!("junit={folder}/same")])),
                named(refusal(&["json=-", "junit=-"])),
            ]
            .join("\n"),
            @r"
            cannot write the json report to FOLDER/not/there.json: there is no directory FOLDER/not
            cannot write the junit report to FOLDER: it is a directory
            two reports cannot both be written to FOLDER/same
            two reports cannot both be written to standard output
            "
        );
    }

    #[test]
    fn a_report_that_cannot_be_moved_into_place_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run.json");
        let outputs = open(&[&format!("json={}", path.display())]).expect("opened");
        fs::create_dir(&path).expect("somebody was quicker");
        let error = write(outputs, &sample::run()).expect_err("a folder is in the way");
        assert!(matches!(&error, ReportError::Write { path: told, .. } if *told == path), "{error}");
        assert_eq!(names(folder.path()), ["run.json"]);
    }

    #[test]
    fn one_report_that_cannot_be_written_does_not_cost_the_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let (bad, good) = (folder.path().join("bad.xml"), folder.path().join("good.json"));
        let outputs = open(&[&format!("junit={}", bad.display()), &format!("json={}", good.display())])
            .expect("opened");
        fs::create_dir(&bad).expect("somebody was quicker");
        let run = sample::run();
        write(outputs, &run).expect_err("a folder is in the way");
        assert_eq!(fs::read_to_string(good).expect("there"), json(&run));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_that_names_the_path() {
        let error = open(&["json=/dev/full"])
            .and_then(|outputs| write(outputs, &sample::run()))
            .expect_err("it is always full");
        assert!(error.to_string().starts_with("the json report was not written to /dev/full: "), "{error}");
        assert!(fs::metadata("/dev/full").is_ok_and(|full| !full.is_file()), "the device is still a device");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().expect("a folder");
        let (real, link) = (folder.path().join("real.json"), folder.path().join("latest.json"));
        fs::write(&real, "the old one").expect("written");
        std::os::unix::fs::symlink(&real, &link).expect("linked");
        let run: Run = sample::run();
        open(&[&format!("json={}", link.display())])
            .and_then(|outputs| write(outputs, &run))
            .expect("written");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::read_to_string(&real).expect("there"), json(&run));
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_a_report_as_far_as_the_mask_allows() {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode();
        let folder = tempfile::tempdir().expect("a folder");
        let (path, plain) = (folder.path().join("run.json"), folder.path().join("plain"));
        fs::write(&plain, "as any program writes a file").expect("written");
        open(&[&format!("json={}", path.display())])
            .and_then(|outputs| write(outputs, &sample::run()))
            .expect("written");
        assert_eq!(mode(&path), mode(&plain));
    }
}
