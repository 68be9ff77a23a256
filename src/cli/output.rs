//! Where words go: data to stdout, all else to stderr, and a reader that has gone away is no failure.

use std::io::{self, IsTerminal as _, Write as _};

use super::error::CliError;
use uptake_report::Style;

/// Writes data to stdout.
pub(super) fn data(text: &str) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CliError::Output(error)),
        _ => Ok(()),
    }
}

/// Says something on stderr; where even that is gone, nobody is left to tell.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// How a page on stdout looks: in colour on a terminal only, and not against `NO_COLOR` (no-color.org).
pub(super) fn style() -> Style {
    if io::stdout().is_terminal() && colour_is_welcome() {
        Style::coloured(width())
    } else {
        Style::plain(width())
    }
}

/// Whether stderr shows colour.
pub(super) fn stderr_has_colour() -> bool {
    io::stderr().is_terminal() && colour_is_welcome()
}

fn colour_is_welcome() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
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
