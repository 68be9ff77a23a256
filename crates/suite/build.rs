//! Builds the suites into the binary, so that `uptake check` works wherever it is installed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const FOLDERS: [&str; 2] = ["scenarios", "fixtures/media"];

/// What a suite is made of; an editor's backup beside it is not.
const PARTS: [&str; 3] = ["yaml", "json", "mp4"];

fn main() {
    let member =
        PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo names the package's folder"));
    let root = root(&member);
    let mut files = Vec::new();
    for folder in FOLDERS {
        println!("cargo:rerun-if-changed={}", root.join(folder).display());
        collect(&root.join(folder), &mut files);
    }
    assert!(!files.is_empty(), "no suite to build in: {} has none of {FOLDERS:?}", root.display());
    files.sort();
    let mut code = String::from("pub(super) static FILES: &[(&str, &[u8])] = &[\n");
    for path in files {
        let name = path.strip_prefix(&root).expect("it was found below the root").display().to_string();
        let path = path.display().to_string();
        writeln!(code, "    ({name:?}, include_bytes!({path:?})),").expect("writing to a String cannot fail");
    }
    code.push_str("];\n");
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo names the output folder"));
    std::fs::write(out.join("built_in.rs"), code).expect("the output folder takes a file");
}

/// The directory that the suite's paths are relative to: the package, which contains the suites once it is packaged, or the root of
/// a checkout whose symbolic links are plain files, as on Windows.
fn root(member: &Path) -> PathBuf {
    if member.join(FOLDERS[0]).is_dir() {
        return member.to_path_buf();
    }
    member.ancestors().nth(2).unwrap_or(member).to_path_buf()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("cannot read {}, which is built in: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder's entry can be read").path();
        if path.is_dir() {
            println!("cargo:rerun-if-changed={}", path.display());
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| PARTS.iter().any(|part| extension == *part)) {
            files.push(path);
        }
    }
}
