//! Builds the default suite into the binary, so that `uptake check` works wherever it is installed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const FOLDERS: [&str; 2] = ["scenarios/api-video", "fixtures/media"];

/// What a suite is made of; an editor's backup beside it is not.
const PARTS: [&str; 3] = ["yaml", "json", "mp4"];

fn main() {
    let member = std::env::var("CARGO_MANIFEST_DIR").expect("cargo names the package's folder");
    let root = Path::new(&member)
        .ancestors()
        .nth(2)
        .expect("members stand two folders below the root")
        .to_path_buf();
    let mut files = Vec::new();
    for folder in FOLDERS {
        println!("cargo:rerun-if-changed={}", root.join(folder).display());
        collect(&root.join(folder), &mut files);
    }
    files.sort();
    let mut code = String::from("pub(super) static FILES: &[(&str, &[u8])] = &[\n");
    for path in files {
        let name = path.strip_prefix(&root).expect("it was found below the root").display().to_string();
        let path = path.display().to_string();
        writeln!(code, "    ({name:?}, include_bytes!({path:?})),").expect("a string takes all");
    }
    code.push_str("];\n");
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo names the output folder"));
    std::fs::write(out.join("built_in.rs"), code).expect("the output folder takes a file");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    // A folder that is missing is an empty one: the package builds before its first scenario is written.
    let Ok(entries) = std::fs::read_dir(folder) else { return };
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
