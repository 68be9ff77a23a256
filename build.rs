//! Puts the commit and its date into `uptake --version`. Without git, or outside a checkout, the version stands alone.

use std::path::Path;
use std::process::Command;

fn main() {
    // The commit changes with HEAD and with what HEAD points to.
    for path in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", path]).filter(|path| Path::new(path).exists()) {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    println!("cargo:rerun-if-changed=build.rs");
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let commit = is_own_checkout().then(|| git(&["log", "-1", "--format=%h %cs"])).flatten();
    let long = match commit {
        Some(commit) => format!("{version} ({commit})"),
        None => version,
    };
    println!("cargo:rustc-env=UPTAKE_LONG_VERSION={long}");
}

/// Whether the surrounding repository is uptake's own, and not one that a copy of the sources lies in.
fn is_own_checkout() -> bool {
    let root = git(&["rev-parse", "--show-toplevel"]);
    let here = std::env::var("CARGO_MANIFEST_DIR").ok();
    let real = |path: Option<String>| path.and_then(|path| std::fs::canonicalize(path).ok());
    real(root).zip(real(here)).is_some_and(|(root, here)| root == here)
}

fn git(arguments: &[&str]) -> Option<String> {
    let output =
        Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}
