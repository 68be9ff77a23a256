//! `uptake serve`: runs the reference server until it is stopped.
//!
//! The profile is written before the server prints that it is listening, so whoever waits for that line can use it at once.

mod defects;
pub(super) mod error;
mod files;
mod profile;
pub(super) mod units;

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use rand::distr::{Alphanumeric, SampleString as _};

use self::error::ServeError;
use self::profile::ProfileFiles;
use self::units::{Size, limit, parts, rate_limit, skew};
use super::parsers::{duration, listen, seed};
use super::signals::Signals;
use uptake_outcome::Exit;
use uptake_reference::gcs::{GcsConfig, GcsDefect, GcsServer};
use uptake_reference::rufh::{RufhConfig, RufhServer};
use uptake_reference::s3::{S3Config, S3Server};
use uptake_reference::{ClockKind, Config, Limits, Protocol, RateLimit, Server, Storage, Tls};

/// The options of `uptake serve`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct ServeArgs {
    /// Protocol of the server: api-video, rufh, gcs or s3; with rufh and s3, the only other option is --listen, and with gcs,
    /// --defect and --list-defects as well
    #[arg(long, value_name = "NAME", default_value_t = Protocol::default())]
    protocol: Protocol,
    /// Address of the API; port 0 selects a free port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787", value_parser = listen)]
    listen: SocketAddr,
    /// Use TLS with a self-signed certificate for this machine's names; --write-profile writes it to FILE.pem
    #[arg(long, conflicts_with = "cert")]
    tls: bool,
    /// Use TLS with the certificate in this PEM file
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// PEM file with the private key of --cert
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// API key to accept [default: a random one, which is printed]
    #[arg(long, value_name = "KEY", env = "UPTAKE_API_KEY", hide_env_values = true)]
    api_key: Option<String>,
    /// Clock of the server; a virtual clock can be advanced [default: virtual with --write-profile, real otherwise]
    #[arg(long, value_enum)]
    clock: Option<Clock>,
    /// Address of the control API, which advances the clock and shows uploads [default: a free port with a virtual clock, off
    /// otherwise]
    #[arg(long, value_name = "ADDR|off")]
    control: Option<Control>,
    /// Discard uploaded content, but count it
    #[arg(long, conflicts_with = "store")]
    discard: bool,
    /// Directory for uploads, tokens and sessions, kept across restarts [default: a temporary directory]
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Minimum size of a segment other than the last
    #[arg(long, value_name = "SIZE", default_value_t = Size(Limits::default().min_segment), value_parser = limit)]
    min_segment: Size,
    /// Maximum size of a segment
    #[arg(long, value_name = "SIZE", default_value_t = Size(Limits::default().max_segment), value_parser = limit)]
    max_segment: Size,
    /// Maximum size of a file in one request
    #[arg(long, value_name = "SIZE", default_value_t = Size(Limits::default().max_request), value_parser = limit)]
    max_request: Size,
    /// Maximum total size of an upload by byte ranges
    #[arg(long, value_name = "SIZE", default_value_t = Size(Limits::default().max_total), value_parser = limit)]
    max_total: Size,
    /// Maximum number of parts
    #[arg(long, value_name = "N", default_value_t = Limits::default().max_parts, value_parser = parts)]
    max_parts: u32,
    /// How long after its token expires an upload that was started in time may be completed
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = duration)]
    grace: Duration,
    /// Offset of the server's clock: 90s is ahead of the local clock, -90s behind it
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = skew, allow_hyphen_values = true)]
    skew: i64,
    /// Limit requests per minute: sandbox, production, or UPLOADS,WRITES,READS
    #[arg(long, value_name = "RATE", value_parser = rate_limit)]
    rate_limit: Option<RateLimit>,
    /// Seed for ids and tokens [default: random]
    #[arg(long, value_name = "N", value_parser = seed)]
    seed: Option<u64>,
    /// Plant a defect (repeatable; --list-defects lists them)
    #[arg(long = "defect", value_name = "NAME")]
    defects: Vec<String>,
    /// List the defects that can be planted
    #[arg(long)]
    list_defects: bool,
    /// Write a target profile for this server, with its API key in FILE.key and its certificate in FILE.pem
    #[arg(long, value_name = "FILE")]
    write_profile: Option<PathBuf>,
    /// Overwrite existing files of --write-profile
    #[arg(long, requires = "write_profile")]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Clock {
    Real,
    Virtual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Control {
    Off,
    At(SocketAddr),
}

/// Runs the server until it is stopped, and gives the exit code.
pub(super) async fn run(args: ServeArgs) -> Result<Exit, ServeError> {
    if args.list_defects {
        say(&defects::list(args.protocol)?)?;
        return Ok(Exit::Success);
    }
    args.check_segments()?;
    args.check_protocol()?;
    files::allow_many();
    let mut stop = Signals::listen().map_err(ServeError::Signal)?;
    let planted = match args.protocol {
        Protocol::ApiVideo => defects::of_api_video(&args.defects)?,
        Protocol::Rufh => return resumable(args.listen, stop).await,
        Protocol::Gcs => {
            return resumable_objects(args.listen, defects::of_gcs(&args.defects)?, stop).await;
        }
        Protocol::S3 => return multipart(args.listen, stop).await,
    };
    let made_up = args.api_key.is_none();
    let force = args.force;
    let profile = args.write_profile.clone().map(|file| ProfileFiles::new(file, force));
    let config = Config { defects: planted.into_iter().collect(), ..args.into_config() };
    if let Some(files) = &profile {
        files.check(config.tls.is_some())?;
    }
    let server = Server::start(config.clone()).await?;
    if let Some(files) = &profile {
        files.write(&config, &server)?;
    }
    let ready = [
        Some(format!("listening on {}\n", server.origin())),
        server.control().map(|control| format!("control on {control}\n")),
        made_up.then(|| format!("api key {}\n", config.api_key)),
    ];
    say(&ready.into_iter().flatten().collect::<String>())?;
    stop.next().await;
    Ok(tokio::select! {
        () = server.shutdown() => Exit::Success,
        () = stop.next() => Exit::Interrupted,
    })
}

/// Runs the server for resumable uploads over HTTP until it is stopped.
async fn resumable(listen: SocketAddr, mut stop: Signals) -> Result<Exit, ServeError> {
    let server = RufhServer::start(RufhConfig { listen, ..RufhConfig::default() }).await?;
    say(&format!("listening on {}\n", server.origin()))?;
    stop.next().await;
    Ok(tokio::select! {
        () = server.shutdown() => Exit::Success,
        () = stop.next() => Exit::Interrupted,
    })
}

/// Runs the server for resumable uploads of Google Cloud Storage until it is stopped.
async fn resumable_objects(
    listen: SocketAddr,
    defects: Vec<GcsDefect>,
    mut stop: Signals,
) -> Result<Exit, ServeError> {
    let config = GcsConfig { listen, defects, ..GcsConfig::default() };
    let token = config.token.clone();
    let server = GcsServer::start(config).await?;
    say(&format!("listening on {}\nbucket {}\ntoken {token}\n", server.origin(), GcsServer::BUCKET))?;
    stop.next().await;
    Ok(tokio::select! {
        () = server.shutdown() => Exit::Success,
        () = stop.next() => Exit::Interrupted,
    })
}

/// Runs the server for multipart uploads of S3 until it is stopped.
async fn multipart(listen: SocketAddr, mut stop: Signals) -> Result<Exit, ServeError> {
    let config = S3Config { listen, ..S3Config::default() };
    let server = S3Server::start(config.clone()).await?;
    let S3Config { access_key, secret_key, region, .. } = config;
    let bucket = server.bucket();
    say(&format!(
        "listening on {bucket}\naccess key {access_key}\nsecret key {secret_key}\nregion {region}\n"
    ))?;
    stop.next().await;
    Ok(tokio::select! {
        () = server.shutdown() => Exit::Success,
        () = stop.next() => Exit::Interrupted,
    })
}

impl ServeArgs {
    /// The options of one protocol mean nothing to another.
    fn check_protocol(&self) -> Result<(), ServeError> {
        if self.protocol == Protocol::default() {
            return Ok(());
        }
        let limits = Limits::default();
        let sizes = [
            ("--min-segment", self.min_segment.0, limits.min_segment),
            ("--max-segment", self.max_segment.0, limits.max_segment),
            ("--max-request", self.max_request.0, limits.max_request),
            ("--max-total", self.max_total.0, limits.max_total),
            ("--max-parts", self.max_parts.into(), limits.max_parts.into()),
        ];
        let switches = [
            ("--tls", self.tls),
            ("--cert", self.cert.is_some()),
            ("--clock", self.clock.is_some()),
            ("--control", self.control.is_some()),
            ("--discard", self.discard),
            ("--store", self.store.is_some()),
            ("--grace", self.grace != Config::default().grace),
            ("--skew", self.skew != 0),
            ("--rate-limit", self.rate_limit.is_some()),
            ("--seed", self.seed.is_some()),
            ("--defect", !self.defects.is_empty() && self.protocol != Protocol::Gcs),
            ("--write-profile", self.write_profile.is_some()),
        ];
        let sizes = sizes.into_iter().map(|(option, value, default)| (option, value != default));
        match sizes.chain(switches).find(|(_, is_set)| *is_set) {
            Some((option, _)) => Err(ServeError::Protocol { option, protocol: self.protocol }),
            None => Ok(()),
        }
    }

    fn check_segments(&self) -> Result<(), ServeError> {
        let (min, max) = (self.min_segment, self.max_segment);
        if min.0 > max.0 { Err(ServeError::Segments { min, max }) } else { Ok(()) }
    }

    fn into_config(self) -> Config {
        let clock =
            self.clock.unwrap_or(if self.write_profile.is_some() { Clock::Virtual } else { Clock::Real });
        let default_control = match clock {
            Clock::Virtual => Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
            Clock::Real => None,
        };
        let storage = match self.store {
            Some(folder) => Storage::Directory(folder),
            None if self.discard => Storage::Discard,
            None => Storage::Temporary,
        };
        let files = self.cert.zip(self.key).map(|(certificate, key)| Tls::Files { certificate, key });
        Config {
            listen: self.listen,
            tls: files.or(self.tls.then_some(Tls::SelfSigned)),
            control: match self.control {
                None => default_control,
                Some(Control::Off) => None,
                Some(Control::At(address)) => Some(address),
            },
            api_key: self.api_key.unwrap_or_else(|| Alphanumeric.sample_string(&mut rand::rng(), 43)),
            clock: match clock {
                Clock::Real => ClockKind::Real,
                Clock::Virtual => ClockKind::Virtual,
            },
            skew: self.skew,
            limits: Limits {
                min_segment: self.min_segment.0,
                max_segment: self.max_segment.0,
                max_request: self.max_request.0,
                max_total: self.max_total.0,
                max_parts: self.max_parts,
            },
            grace: self.grace,
            storage,
            rate_limit: self.rate_limit,
            seed: self.seed,
            ..Config::default()
        }
    }
}

/// A reader that has gone away is not worth an error.
fn say(text: &str) -> Result<(), ServeError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(ServeError::Output(error)),
        _ => Ok(()),
    }
}

impl FromStr for Control {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        text.parse().map(Self::At).map_err(|_| "write an address with a port, or `off`".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        serve: ServeArgs,
    }

    fn config(arguments: &[&str]) -> Config {
        let line = ["serve", "--api-key", "KEY"].iter().chain(arguments);
        Line::try_parse_from(line).unwrap().serve.into_config()
    }

    #[test]
    fn what_is_not_typed_is_as_documented() {
        let config = config(&[]);
        assert_eq!(config.limits, Limits::default());
        assert_eq!(config.grace, Duration::from_secs(86_400));
        assert_eq!(config.storage, Storage::Temporary);
        assert_eq!((config.clock, config.control), (ClockKind::Real, None));
    }

    #[test]
    fn a_virtual_clock_can_be_reached_unless_that_is_refused() {
        assert!(config(&["--clock", "virtual"]).control.is_some());
        assert!(config(&["--write-profile", "target.yaml"]).control.is_some());
        assert!(config(&["--write-profile", "target.yaml", "--clock", "real"]).control.is_none());
        assert!(config(&["--clock", "virtual", "--control", "off"]).control.is_none());
        let address = "127.0.0.1:1".parse().unwrap();
        assert_eq!(config(&["--control", "127.0.0.1:1"]).control, Some(address));
    }

    #[test]
    fn sizes_times_and_rates_are_read_as_people_write_them() {
        let config = config(&[
            "--skew",
            "-90s",
            "--min-segment",
            "64KiB",
            "--max-total",
            "7",
            "--grace",
            "90m",
            "--rate-limit",
            "1,2,3",
        ]);
        assert_eq!((config.limits.min_segment, config.limits.max_total), (65_536, 7));
        assert_eq!((config.grace, config.skew), (Duration::from_secs(5400), -90));
        assert_eq!(config.rate_limit, Some(RateLimit { uploads: 1, writes: 2, reads: 3 }));
        assert_eq!(rate_limit("sandbox"), Ok(RateLimit::SANDBOX));
        for nonsense in ["1,2", "a,b,c", "", "1,2,3,4"] {
            assert!(rate_limit(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn connections_are_plain_unless_a_certificate_is_made_or_given() {
        assert_eq!(config(&[]).tls, None);
        assert_eq!(config(&["--tls"]).tls, Some(Tls::SelfSigned));
        let files = Tls::Files { certificate: "a.pem".into(), key: "a.key".into() };
        assert_eq!(config(&["--cert", "a.pem", "--key", "a.key"]).tls, Some(files));
        for half in [&["--cert", "a.pem"][..], &["--key", "a"], &["--tls", "--cert", "a", "--key", "b"]] {
            assert!(Line::try_parse_from(["serve"].iter().chain(half)).is_err(), "{half:?}");
        }
    }

    #[test]
    fn options_of_one_protocol_are_refused_with_another() {
        let check = |arguments: &[&str]| {
            let line = ["serve", "--protocol", "rufh"].iter().chain(arguments);
            Line::try_parse_from(line).unwrap().serve.check_protocol().map_err(|error| error.to_string())
        };
        assert_eq!(check(&["--listen", "127.0.0.1:0"]), Ok(()));
        for option in [&["--tls"][..], &["--store", "a"], &["--max-parts", "2"], &["--skew", "1s"]] {
            let told = check(option).unwrap_err();
            assert!(told.starts_with(option[0]) && told.contains("--protocol rufh"), "{told}");
        }
    }
}
