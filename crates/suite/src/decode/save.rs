//! `save: { name: … }`.

use super::context::Context;
use super::expect::transpose;
use crate::save::{HeaderType, InterimHeader, InterimSource, Save, SaveFrom};
use uptake_yaml::Node;

const TYPES: [(&str, HeaderType); 7] = [
    ("text", HeaderType::Text),
    ("int", HeaderType::Int),
    ("http-date", HeaderType::HttpDate),
    ("sf", HeaderType::Structured),
    ("sf-integer", HeaderType::StructuredInteger),
    ("sf-boolean", HeaderType::StructuredBoolean),
    ("sf-dictionary", HeaderType::StructuredDictionary),
];

impl Context<'_> {
    pub(super) fn saves(&self, node: Option<&Node>) -> Option<Vec<Save>> {
        let Some(node) = node else { return Some(Vec::new()) };
        let mut saves = Vec::new();
        for (key, value) in self.reader.entries(node, "save")? {
            if !key.text.chars().all(|c| c.is_alphanumeric() || c == '_')
                || key.text.starts_with(|c: char| c.is_numeric())
            {
                self.reader.problem::<()>(
                    key.at,
                    format!("`{}` is not a name", key.text),
                    "a name has letters, digits and `_`",
                );
            }
            // Defined even where it is wrong: one mistake is to be named once.
            self.define(&key.text);
            saves.push(self.save(&key.text, value));
        }
        saves.into_iter().collect()
    }

    pub(super) fn save(&self, name: &str, node: &Node) -> Option<Save> {
        if node.text().is_some() {
            return Some(Save::plain(name, SaveFrom::Json(self.path(node, "the path")?)));
        }
        let mut fields = self.reader.fields(node, "save")?;
        let interim = fields.take("interim");
        let list = fields.take("list");
        let json = fields.take("json");
        let xml = fields.take("xml");
        let header = fields.take("header");
        let kind = fields.take("as");
        let matching = fields.take("match");
        let default = fields.take("default");
        let flags = [
            (fields.take("location"), SaveFrom::Location),
            (fields.take("url"), SaveFrom::Url),
            (fields.take("status"), SaveFrom::Status),
            (fields.take("took"), SaveFrom::Took),
            (fields.take("body"), SaveFrom::Body),
        ];
        let secret = match fields.take("secret") {
            Some(node) => self.reader.truth(node, "secret")?,
            None => false,
        };
        drop(fields);
        let mut found = Vec::new();
        if let Some(node) = json {
            found.push(SaveFrom::Json(self.path(node, "json")?));
        }
        if let Some(node) = xml {
            found.push(SaveFrom::Xml(Box::new(self.xml_path(node, "xml")?)));
        }
        if let Some(node) = header {
            found.push(SaveFrom::Header(self.reader.text(node, "header")?));
        }
        found.extend(flags.into_iter().filter_map(|(node, from)| node.map(|_| from)));
        if found.len() != 1 {
            return self.reader.problem(
                node.at,
                format!("`{name}` is saved from {} places", if found.is_empty() { "no" } else { "several" }),
                "keep one of: json, xml, header, location, url, status, took, body",
            );
        }
        let from = match (found.pop()?, interim) {
            (from, Some(interim)) => self.in_interim(from, (interim, list))?,
            (from, None) => match list {
                None => from,
                Some(list) => {
                    return self.reader.problem(
                        list.at,
                        "`list` is only for interim responses",
                        "add `interim`: `{ interim: 104, header: NAME, list: true }`",
                    );
                }
            },
        };
        let kind = kind.map_or(Some(HeaderType::Text), |node| self.reader.word(node, "as", &TYPES));
        let matching = transpose(matching.map(|node| self.regex(node, "match")));
        let default = transpose(default.map(|node| self.reader.constant(node, "default")));
        let (kind, matching, default) = (kind?, matching?, default?);
        Some(Save { matching, default, kind, secret, ..Save::plain(name, from) })
    }

    /// The same place, in interim responses.
    fn in_interim(&self, from: SaveFrom, (interim, list): (&Node, Option<&Node>)) -> Option<SaveFrom> {
        let header = match from {
            SaveFrom::Header(name) => InterimHeader::Named(name),
            SaveFrom::Location => InterimHeader::Location,
            _ => {
                return self.reader.problem(
                    interim.at,
                    "an interim response has only a status and headers",
                    "add `header: NAME` or `location: true`",
                );
            }
        };
        let status = self.statuses(interim)?;
        let is_list = list.map_or(Some(false), |node| self.reader.truth(node, "list"))?;
        Some(SaveFrom::Interim(Box::new(InterimSource { status, header, is_list })))
    }
}
