//! Secrets, and how they are kept out of everything that leaves the program.

use std::fmt;
use std::sync::{Arc, RwLock};

/// The secrets known so far. Clones share them.
#[derive(Clone, Default)]
pub struct Secrets(Arc<RwLock<Vec<(String, String)>>>);

impl Secrets {
    /// No secrets yet.
    pub fn new() -> Secrets {
        Secrets::default()
    }

    /// Remembers a secret under the name by which it is shown.
    pub fn taint(&self, label: &str, value: &str) {
        if value.len() >= 4
            && let Ok(mut known) = self.0.write()
        {
            known.push((
                label.to_ascii_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_"),
                value.to_owned(),
            ));
        }
    }

    /// The text with every secret replaced by its name.
    pub fn mask(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        if let Ok(known) = self.0.read() {
            for (label, value) in known.iter() {
                masked = masked.replace(value, &format!("${label}"));
            }
        }
        masked
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}
