//! A certificate as JSON.

use super::stored::{pretty, read, schema_of};
use uptake_outcome::{CERTIFICATE_FORMAT, Certificate};

/// The certificate as JSON, indented, with a line end.
pub fn certificate_json(certificate: &Certificate) -> String {
    pretty(certificate)
}

/// The JSON Schema of a certificate.
pub fn certificate_schema() -> String {
    schema_of::<Certificate>()
}

/// Reads a certificate; what is wrong with it is told in words.
pub fn read_certificate(text: &str) -> Result<Certificate, String> {
    read(text, "certify", (|certificate: &Certificate| certificate.format, CERTIFICATE_FORMAT))
}
