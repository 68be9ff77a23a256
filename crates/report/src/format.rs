//! The formats in which each kind of result is written to a file.

use std::fmt::Debug;

use super::load::{csv, hlog, load_json};
use super::{
    Compared, capacity_html, capacity_json, check_html, comparison_html, ctrf, fuzz_html, fuzz_json, github,
    har, json, junit, load_html, markdown, matrix_html, matrix_json, sarif, servers_html, servers_json,
};
use uptake_outcome::load::{CapacityRun, LoadRun};
use uptake_outcome::{FailOn, FuzzRun, Matrix, Mistake, Run, Servers};

/// The formats of one kind of result.
pub trait Format: Copy + Debug + Eq + 'static {
    /// Every format, in the order in which messages list them.
    const ALL: &'static [Self];

    /// The name of the format on the command line.
    fn word(self) -> &'static str;

    /// Whether the format goes to standard output where no file is named, among other output.
    fn is_for_stdout(self) -> bool {
        false
    }

    /// The names of all formats: `json, junit or github`.
    fn list() -> String {
        let words: Vec<&str> = Self::ALL.iter().map(|format| format.word()).collect();
        match words.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        }
    }
}

/// The formats of a run of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckFormat {
    /// The whole run, versioned, for programs.
    Json,
    /// For CI systems.
    Junit,
    /// For the summary of a job, or a comment on a change.
    Markdown,
    /// Workflow commands, which GitHub shows as annotations.
    Github,
    /// A page for people, in one file.
    Html,
    /// The Common Test Report Format, for dashboards.
    Ctrf,
    /// Every exchange as an HTTP Archive, for the tools of browsers.
    Har,
}

/// The formats of what `lint` found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LintFormat {
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// The formats of a kill matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MatrixFormat {
    /// The whole matrix, versioned, for programs.
    Json,
    /// A page for people, in one file.
    Html,
}

/// The formats of a comparison of servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServersFormat {
    /// The whole comparison, versioned, for programs.
    Json,
    /// A page for people, in one file.
    Html,
}

/// The formats of a fuzz run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FuzzFormat {
    /// The whole run, versioned, for programs.
    Json,
    /// A page for people, in one file.
    Html,
}

/// The formats of a load run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoadFormat {
    /// The whole run, versioned, for programs.
    Json,
    /// The histograms, for the tools of `HdrHistogram`.
    Hlog,
    /// The time series.
    Csv,
    /// A page for people, in one file.
    Html,
}

/// The formats of a comparison of load runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ComparisonFormat {
    /// A page for people, in one file.
    Html,
}

impl Format for CheckFormat {
    const ALL: &'static [Self] =
        &[Self::Json, Self::Junit, Self::Markdown, Self::Github, Self::Html, Self::Ctrf, Self::Har];

    fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Github => "github",
            Self::Html => "html",
            Self::Ctrf => "ctrf",
            Self::Har => "har",
        }
    }

    fn is_for_stdout(self) -> bool {
        self == Self::Github
    }
}

impl CheckFormat {
    /// `run` in this format.
    pub fn render(self, run: &Run, fail_on: FailOn) -> String {
        match self {
            Self::Json => json(run),
            Self::Junit => junit(run),
            Self::Markdown => markdown(run, fail_on),
            Self::Github => github(run, fail_on),
            Self::Html => check_html(run, fail_on),
            Self::Ctrf => ctrf(run),
            Self::Har => har(run),
        }
    }
}

impl Format for LintFormat {
    const ALL: &'static [Self] = &[Self::Sarif];

    fn word(self) -> &'static str {
        match self {
            Self::Sarif => "sarif",
        }
    }
}

impl LintFormat {
    /// `mistakes` in this format.
    pub fn render(self, mistakes: &[Mistake]) -> String {
        match self {
            Self::Sarif => sarif(mistakes),
        }
    }
}

impl Format for MatrixFormat {
    const ALL: &'static [Self] = &[Self::Json, Self::Html];

    fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Html => "html",
        }
    }
}

impl MatrixFormat {
    /// `matrix` in this format.
    pub fn render(self, matrix: &Matrix) -> String {
        match self {
            Self::Json => matrix_json(matrix),
            Self::Html => matrix_html(matrix),
        }
    }
}

impl Format for ServersFormat {
    const ALL: &'static [Self] = &[Self::Json, Self::Html];

    fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Html => "html",
        }
    }
}

impl ServersFormat {
    /// `servers` in this format.
    pub fn render(self, servers: &Servers, fail_on: FailOn) -> String {
        match self {
            Self::Json => servers_json(servers),
            Self::Html => servers_html(servers, fail_on),
        }
    }
}

impl Format for FuzzFormat {
    const ALL: &'static [Self] = &[Self::Json, Self::Html];

    fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Html => "html",
        }
    }
}

impl FuzzFormat {
    /// `run` in this format.
    pub fn render(self, run: &FuzzRun) -> String {
        match self {
            Self::Json => fuzz_json(run),
            Self::Html => fuzz_html(run),
        }
    }
}

impl Format for LoadFormat {
    const ALL: &'static [Self] = &[Self::Json, Self::Hlog, Self::Csv, Self::Html];

    fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Hlog => "hlog",
            Self::Csv => "csv",
            Self::Html => "html",
        }
    }
}

impl LoadFormat {
    /// `run` in this format.
    pub fn render(self, run: &LoadRun) -> String {
        match self {
            Self::Json => load_json(run),
            Self::Hlog => hlog(run),
            Self::Csv => csv(run),
            Self::Html => load_html(run),
        }
    }

    /// A search for the capacity in this format; `None` where there is no such form.
    pub fn render_capacity(self, run: &CapacityRun) -> Option<String> {
        match self {
            Self::Json => Some(capacity_json(run)),
            Self::Html => Some(capacity_html(run)),
            Self::Hlog | Self::Csv => None,
        }
    }
}

impl Format for ComparisonFormat {
    const ALL: &'static [Self] = &[Self::Html];

    fn word(self) -> &'static str {
        match self {
            Self::Html => "html",
        }
    }
}

impl ComparisonFormat {
    /// `compared` in this format.
    pub fn render(self, compared: &Compared) -> String {
        match self {
            Self::Html => comparison_html(compared),
        }
    }
}
