//! `uptake content`: prints the generated content of an upload, so that a request can be repeated with the bytes that were sent.

use std::io;

use clap::Args;

use super::error::CliError;
use super::output::OutputError;
use super::parsers::seed;
use uptake_outcome::Exit;
use uptake_payload::Seed;
use uptake_yaml::parse_size;

/// Print generated content
#[derive(Debug, Args)]
pub(super) struct ContentArgs {
    /// Seed of the content
    #[arg(long, value_name = "N", value_parser = seed)]
    seed: u64,
    /// Size of the output
    #[arg(long, value_name = "SIZE", value_parser = size)]
    size: u64,
    /// Offset of the first byte
    #[arg(long, value_name = "SIZE", default_value = "0", value_parser = size)]
    from: u64,
}

/// How much is made at a time.
const PIECE: usize = 256 << 10;

fn size(text: &str) -> Result<u64, String> {
    parse_size(text).ok_or_else(|| "write a size such as 5MiB, 64KiB or 1000".to_owned())
}

pub(super) fn run(args: &ContentArgs) -> Result<Exit, CliError> {
    let mut stdout = io::stdout().lock();
    match write(args, &mut stdout) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Success),
        Err(source) => Err(OutputError(source).into()),
        Ok(()) => Ok(Exit::Success),
    }
}

fn write(args: &ContentArgs, out: &mut impl io::Write) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    let mut written = 0;
    while written < args.size {
        let length = usize::try_from(args.size - written).unwrap_or(PIECE).min(PIECE);
        Seed(args.seed).fill(args.from.saturating_add(written), &mut piece[..length]);
        out.write_all(&piece[..length])?;
        written += length as u64;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::{ContentArgs, PIECE, write};
    use uptake_payload::{Content, Seed};

    #[test]
    fn the_bytes_are_those_of_an_upload() {
        let size = 2 * PIECE as u64 + 17;
        let content = Content::seeded(Seed(7), size);
        let mut whole = vec![0; 2 * PIECE + 17];
        content.read_at(0, &mut whole).expect("within it");
        let mut printed = Vec::new();
        write(&ContentArgs { seed: 7, size: size - 5, from: 5 }, &mut printed).expect("written");
        assert!(printed == whole[5..]);
    }
}
