//! Output: data to stdout, everything else to stderr. A closed pipe is not a failure.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use clap::ValueEnum;

use uptake_outcome::text::plain_words;
use uptake_report::Style;

/// Standard output could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output: {0}")]
pub(super) struct OutputError(pub(super) io::Error);

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorArg {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Also in files and pipes
    Always,
    /// Nowhere
    Never,
}

static COLOR: OnceLock<ColorArg> = OnceLock::new();

/// Sets when to use colour, once for the process.
pub(super) fn use_color(when: ColorArg) {
    let _ = COLOR.set(when);
}

/// Writes data to stdout.
pub(super) fn data(text: &str) -> Result<(), OutputError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(OutputError(error)),
        _ => Ok(()),
    }
}

/// Prints a message on stderr, without the numbers that the system's errors carry. An error there has nowhere to go.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", plain_words(text));
}

/// How a page on stdout looks: by default in colour on a terminal, unless `NO_COLOR` is set (no-color.org).
pub(super) fn style() -> Style {
    if has_color(io::stdout().is_terminal()) { Style::coloured(width()) } else { Style::plain(width()) }
}

/// Whether stderr shows colour.
pub(super) fn stderr_has_colour() -> bool {
    has_color(io::stderr().is_terminal())
}

fn has_color(is_terminal: bool) -> bool {
    match COLOR.get().copied().unwrap_or_default() {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto => {
            is_terminal
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// The columns that stdout has.
fn width() -> usize {
    let from_environment = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || {
        let (_, columns) = io::stdout().is_terminal().then(indicatif_width).flatten()?;
        Some(columns)
    };
    from_environment.or_else(terminal).unwrap_or(100)
}

fn indicatif_width() -> Option<(u16, usize)> {
    console::Term::stdout().size_checked().map(|(rows, columns)| (rows, usize::from(columns)))
}
