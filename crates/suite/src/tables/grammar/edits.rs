//! Spellings that are one edit away from a spelling.

use super::spelling::Spelling;

/// Every text that is one edit away, each with what was done.
pub(super) fn of(base: &Spelling) -> Vec<(String, String)> {
    let pieces: Vec<&str> = base.0.iter().map(String::as_str).filter(|piece| !piece.is_empty()).collect();
    let mut edits = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let with = |replacement: &str| {
            let (before, behind) = (pieces[..at].concat(), pieces[at + 1..].concat());
            format!("{before}{replacement}{behind}")
        };
        let shown = if piece.trim().is_empty() { "white space".to_owned() } else { format!("`{piece}`") };
        edits.push((format!("without {shown}"), with("")));
        edits.push((format!("{shown} twice"), with(&piece.repeat(2))));
        let is_value = piece.contains("${");
        let is_number = is_value || piece.chars().all(|c| c.is_ascii_digit());
        if is_number {
            for (sign, done) in [("-", "negative"), ("+", "with a sign"), ("0x", "as if hexadecimal")] {
                edits.push((format!("{shown} {done}"), with(&format!("{sign}{piece}"))));
            }
            edits.push((format!("{shown} as a fraction"), with(&format!("{piece}.0"))));
            edits.push((format!("{shown} followed by a letter"), with(&format!("{piece}a"))));
        } else if piece.chars().count() > 1 {
            let short: String = piece.chars().take(piece.chars().count() - 1).collect();
            edits.push((format!("{shown} cut short"), with(&short)));
            edits.push((format!("{shown} followed by a letter"), with(&format!("{piece}x"))));
        } else {
            for other in ["=", ":", ";", " "] {
                edits.push((format!("`{other}` for {shown}"), with(other)));
            }
        }
        if at > 0 {
            let (before, behind) = (pieces[..at].concat(), pieces[at..].concat());
            edits.push((format!("a space before {shown}"), format!("{before} {behind}")));
        }
    }
    let whole = base.text();
    edits.push(("nothing at all".to_owned(), String::new()));
    edits.push(("followed by letters".to_owned(), format!("{whole}abc")));
    edits.push(("preceded by a letter".to_owned(), format!("x{whole}")));
    edits.push(("a second one after a comma".to_owned(), format!("{whole}, {whole}")));
    edits.push(("followed by a parameter".to_owned(), format!("{whole};x=1")));
    edits.push(("in quotes".to_owned(), format!("\"{whole}\"")));
    edits
}
