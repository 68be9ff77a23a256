//! What is kept of answers, as a scenario writes it.

use super::writer::Writer;
use crate::yaml::quoted;
use uptake_suite::protocol::Received;
use uptake_suite::save::{HeaderType, Save, SaveFrom};

impl Writer {
    /// What is kept, under names that end with `suffix`.
    pub(super) fn saves(&mut self, indent: usize, saves: &[Save], suffix: &str) -> Option<()> {
        let written: Option<Vec<_>> =
            saves.iter().map(|save| Some(format!("{}{suffix}: {}", save.name, place(save)?))).collect();
        self.all(indent, &written?);
        Some(())
    }

    /// What is kept of the answer to a segment: its own values under names with its number, and what all others use.
    pub(super) fn segment_saves(
        &mut self,
        indent: usize,
        (own, kept): (&[Save], &[Save]),
        number: usize,
    ) -> Option<()> {
        let own = own.iter().map(|save| Some(format!("{}_{number}: {}", save.name, place(save)?)));
        let kept = kept.iter().map(|save| Some(format!("{}: {}", save.name, place(save)?)));
        let written: Option<Vec<_>> = own.chain(kept).collect();
        self.all(indent, &written?);
        Some(())
    }

    /// What an answer says has been received. An answer that does not say it says nothing wrong: `otherwise` stands for it.
    pub(super) fn received(
        &mut self,
        indent: usize,
        received: &[(Received, Save)],
        otherwise: Option<u64>,
    ) -> Option<()> {
        let (_, save) = received.first()?;
        let default = save.default.clone().or(otherwise.map(Into::into));
        let save = Save { default, ..save.clone() };
        self.line(indent, &format!("save: {{ received: {} }}", place(&save)?));
        Some(())
    }

    fn all(&mut self, indent: usize, written: &[String]) {
        if !written.is_empty() {
            self.line(indent, &format!("save: {{ {} }}", written.join(", ")));
        }
    }
}

/// Where a value stands.
fn place(save: &Save) -> Option<String> {
    let from = match &save.from {
        SaveFrom::Json(path) => format!("json: {}", quoted(&path.to_string())),
        SaveFrom::Xml(path) => format!("xml: {}", quoted(&path.to_string())),
        SaveFrom::Url => "url: true".to_owned(),
        SaveFrom::Header(name) => format!("header: {}", quoted(name)),
        SaveFrom::Location => "location: true".to_owned(),
        SaveFrom::Status => "status: true".to_owned(),
        SaveFrom::Body => "body: true".to_owned(),
        SaveFrom::Took | SaveFrom::Interim(_) => return None,
    };
    let mut words = vec![from];
    match save.kind {
        HeaderType::Text => {}
        HeaderType::Int => words.push("as: int".to_owned()),
        HeaderType::HttpDate => words.push("as: http-date".to_owned()),
        HeaderType::Structured => words.push("as: sf".to_owned()),
        HeaderType::StructuredInteger => words.push("as: sf-integer".to_owned()),
        HeaderType::StructuredBoolean => words.push("as: sf-boolean".to_owned()),
        HeaderType::StructuredDictionary => words.push("as: sf-dictionary".to_owned()),
    }
    words.extend(save.matching.as_ref().map(|pattern| format!("match: {}", quoted(pattern.as_str()))));
    words.extend(save.default.as_ref().map(|default| format!("default: {default}")));
    if save.secret {
        words.push("secret: true".to_owned());
    }
    Some(format!("{{ {} }}", words.join(", ")))
}
