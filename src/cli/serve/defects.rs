//! Defects that a server is started with, by their names: each protocol has its own.

use super::error::ServeError;
use crate::cli::parsers::{defect, unknown};
use uptake_reference::gcs::GcsDefect;
use uptake_reference::{Defect, Protocol};

/// Defects of the default protocol.
pub(super) fn of_api_video(names: &[String]) -> Result<Vec<Defect>, ServeError> {
    names.iter().map(|name| defect(name).map_err(ServeError::Defect)).collect()
}

/// Defects of the server for resumable uploads of Google Cloud Storage.
pub(super) fn of_gcs(names: &[String]) -> Result<Vec<GcsDefect>, ServeError> {
    let known = GcsDefect::ALL.map(GcsDefect::name);
    let list = "`uptake serve --protocol gcs --list-defects` lists all defects";
    let of_name = |name: &String| {
        let found = GcsDefect::ALL.into_iter().find(|defect| defect.name() == name);
        found.ok_or_else(|| ServeError::Defect(unknown("defect", name, &known, list)))
    };
    names.iter().map(of_name).collect()
}

/// The defects of a protocol, one a line.
pub(super) fn list(protocol: Protocol) -> Result<String, ServeError> {
    match protocol {
        Protocol::ApiVideo => Ok(list_of_api_video()),
        Protocol::Gcs => Ok(list_of_gcs()),
        Protocol::Rufh | Protocol::S3 => Err(ServeError::Protocol { option: "--list-defects", protocol }),
    }
}

fn list_of_api_video() -> String {
    let widest = Defect::all().iter().map(|defect| defect.name().len()).max().unwrap_or(0);
    let line = |defect: &Defect| {
        let (area, name, fact) = (defect.area(), defect.name(), defect.fact());
        format!("{area:<8} {name:<widest$}  {fact:<5} {}\n", defect.description())
    };
    Defect::all().iter().map(line).collect()
}

fn list_of_gcs() -> String {
    let widest = GcsDefect::ALL.iter().map(|defect| defect.name().len()).max().unwrap_or(0);
    let line = |defect: &GcsDefect| format!("{:<widest$}  {}\n", defect.name(), defect.description());
    GcsDefect::ALL.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_that_there_is_not_is_an_error_of_usage() {
        let told = of_api_video(&["no-such-thing".to_owned()]).unwrap_err().to_string();
        assert!(told.contains("--list-defects"), "{told}");
        let told = of_gcs(&["gaps-close".to_owned()]).unwrap_err().to_string();
        assert!(told.contains("did you mean `gaps-closed`"), "{told}");
        assert_eq!(of_gcs(&["gaps-closed".to_owned()]).ok(), Some(vec![GcsDefect::ClosesGaps]));
    }
}
