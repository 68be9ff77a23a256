//! suite.yaml.

use std::collections::BTreeMap;

use super::context::{Context, Known};
use super::expect::transpose;
use crate::outcome::Level;
use crate::suite::expect::Wants;
use crate::suite::files::Files;
use crate::suite::rule::{Answer, Refusal, Rule};
use crate::suite::schema::Schema;
use crate::suite::step::StatusSet;
use crate::suite::suite::{Carrier, Credential, Everywhere, Resource, Suite, UploadDefaults};
use crate::yaml::{Node, Reader};

const LEVELS: [(&str, Level); 3] = [("must", Level::Must), ("should", Level::Should), ("may", Level::May)];

/// Reads a suite's own file. `media` tells the real files there are in a folder.
pub(crate) fn suite(
    reader: &Reader,
    node: &Node,
    files: &Files,
    schemas: BTreeMap<String, Schema>,
    media: impl FnOnce(&str) -> Vec<String>,
) -> Option<(Suite, Known)> {
    let mut fields = reader.fields(node, "a suite")?;
    let name = fields.require("suite").map(|node| reader.text(node, "suite"));
    let title = fields.take("title").map_or(Some(String::new()), |node| reader.text(node, "title"));
    let areas = fields.require("areas");
    let rules = fields.require("rules");
    let capabilities = fields.take("capabilities");
    let credentials = fields.take("credentials");
    let secrets = fields.take("secrets");
    let uploads = fields.take("uploads");
    let resources = fields.take("resources");
    let every_answer = fields.take("every-answer");
    let detect = fields.take("detect");
    let folder = fields.take("files").map_or(Some(String::new()), |node| reader.text(node, "files"));
    drop(fields);

    let mut known = Known { schemas: schemas.keys().cloned().collect(), ..Known::default() };
    known.capabilities = texts(reader, capabilities, "capabilities")?;
    let areas: Vec<(String, String)> = reader
        .entries(areas?, "areas")?
        .iter()
        .map(|(key, node)| Some((key.text.clone(), reader.text(node, "an area")?)))
        .collect::<Option<_>>()?;
    let rules = self::rules(reader, rules?, &areas, &known.capabilities)?;
    known.rules = rules.iter().map(|rule| (rule.id.clone(), rule.refusal.is_some())).collect();
    let folder = folder?;
    known.media = media(&folder);

    let credentials = self::credentials(reader, &known, credentials)?;
    known.credentials =
        credentials.iter().map(|(name, credential)| (name.clone(), credential.from.is_none())).collect();
    known.secrets = credentials.values().filter_map(|credential| credential.from.clone()).collect();
    let uploads = self::uploads(reader, &known, uploads)?;
    known.carried = uploads.carry.iter().map(|(field, _)| field.clone()).collect();
    let resources = self::resources(reader, &known, resources)?;
    let every_answer = self::every_answer(reader, &known, every_answer)?;
    let detect = match detect {
        Some(node) => Context::new(reader, &known).steps(node, "detect")?,
        None => Vec::new(),
    };
    let suite = Suite {
        name: name??,
        title: title?,
        areas,
        rules,
        capabilities: known.capabilities.clone(),
        credentials,
        secrets: texts(reader, secrets, "secrets")?,
        uploads,
        resources,
        detect,
        every_answer,
        schemas,
        files: files.clone(),
        media: folder,
    };
    Some((suite, known))
}

fn texts(reader: &Reader, node: Option<&Node>, what: &str) -> Option<Vec<String>> {
    let Some(node) = node else { return Some(Vec::new()) };
    reader.list(node, what)?.iter().map(|item| reader.text(item, what)).collect()
}

fn rules(
    reader: &Reader,
    node: &Node,
    areas: &[(String, String)],
    capabilities: &[String],
) -> Option<Vec<Rule>> {
    let mut rules: Vec<Rule> = Vec::new();
    for item in reader.list(node, "rules")? {
        let Some(rule) = rule(reader, item, areas, capabilities) else { continue };
        if rules.iter().any(|other| other.id == rule.id) {
            reader.problem::<()>(
                item.at,
                format!("the rule {} is there twice", rule.id),
                "an id is given once, and never again",
            );
        }
        rules.push(rule);
    }
    Some(rules)
}

fn rule(reader: &Reader, node: &Node, areas: &[(String, String)], capabilities: &[String]) -> Option<Rule> {
    let mut fields = reader.fields(node, "a rule")?;
    let id = fields.require("id").map(|node| reader.text(node, "id"));
    let area = fields.require("area");
    let level = fields.require("level").map(|node| reader.word(node, "level", &LEVELS));
    let text = fields.require("text").map(|node| reader.text(node, "text"));
    let source = texts(reader, fields.take("source"), "source");
    let needs = fields.take("needs");
    let refusal = transpose(fields.take("refusal").map(|node| refusal(reader, node)));
    drop(fields);
    let words: Vec<_> = areas.iter().map(|(name, _)| (name.as_str(), ())).collect();
    let area_name = reader.text(area?, "area")?;
    reader.word(area?, "area", &words)?;
    let known = Known { capabilities: capabilities.to_vec(), ..Known::default() };
    let needs = Context::new(reader, &known).needs(needs)?;
    Some(Rule {
        id: id??,
        area: area_name,
        level: level??,
        text: text??,
        source: source?,
        needs,
        refusal: refusal?,
        place: reader.place(node.at),
    })
}

fn refusal(reader: &Reader, node: &Node) -> Option<Refusal> {
    let mut fields = reader.fields(node, "refusal")?;
    let conforms = fields.require("conforms").map(|node| answers(reader, node));
    let tolerates = fields.take("tolerates").map_or(Some(Vec::new()), |node| answers(reader, node));
    Some(Refusal { conforms: conforms??, tolerates: tolerates? })
}

fn answers(reader: &Reader, node: &Node) -> Option<Vec<Answer>> {
    let mut answers = Vec::new();
    for item in Reader::one_or_more(node) {
        let mut fields = reader.fields(item, "an answer")?;
        let status = fields.require("status").map(|node| reader.natural(node, "status"));
        let problems = fields.take("problem").map(|node| {
            Reader::one_or_more(node)
                .iter()
                .map(|slug| reader.text(slug, "problem"))
                .collect::<Option<Vec<_>>>()
        });
        let status = u16::try_from(status??).unwrap_or(0);
        match transpose(problems)? {
            Some(slugs) => {
                answers.extend(slugs.into_iter().map(|slug| Answer { status, problem: Some(slug) }));
            }
            None => answers.push(Answer { status, problem: None }),
        }
    }
    Some(answers)
}

fn credentials(reader: &Reader, known: &Known, node: Option<&Node>) -> Option<BTreeMap<String, Credential>> {
    let Some(node) = node else { return Some(BTreeMap::new()) };
    let context = Context::new(reader, known);
    context.define("value");
    let mut credentials = BTreeMap::new();
    for (key, node) in reader.entries(node, "credentials")? {
        let mut fields = reader.fields(node, "a credential")?;
        let from = transpose(fields.take("from").map(|node| reader.text(node, "from")));
        let header = fields.take("header");
        let query = fields.take("query");
        drop(fields);
        let pair = |node| context.pairs(node, "the credential").and_then(|pairs| pairs.into_iter().next());
        let carrier = match (header, query) {
            (Some(node), None) => pair(node).map(|(name, value)| Carrier::Header(name, value)),
            (None, Some(node)) => pair(node).map(|(name, value)| Carrier::Query(name, value)),
            _ => reader.problem(
                node.at,
                format!("the credential `{}` goes nowhere", key.text),
                "add `header: { NAME: VALUE }` or `query: { NAME: VALUE }`",
            ),
        };
        credentials.insert(key.text.clone(), Credential { from: from?, carrier: carrier? });
    }
    Some(credentials)
}

fn uploads(reader: &Reader, known: &Known, node: Option<&Node>) -> Option<UploadDefaults> {
    let mut defaults = UploadDefaults {
        field: "file".to_owned(),
        range_header: "Content-Range".to_owned(),
        ..UploadDefaults::default()
    };
    let Some(node) = node else { return Some(defaults) };
    let context = Context::new(reader, known);
    let mut fields = reader.fields(node, "uploads")?;
    if let Some(node) = fields.take("to") {
        defaults.to = Some(context.template(node, "to")?);
    }
    if let Some(node) = fields.take("field") {
        defaults.field = reader.text(node, "field")?;
    }
    if let Some(node) = fields.take("range-header") {
        defaults.range_header = reader.text(node, "range-header")?;
    }
    if let Some(node) = fields.take("also") {
        defaults.also = reader
            .list(node, "also")?
            .iter()
            .map(|item| reader.text(item, "a path"))
            .collect::<Option<_>>()?;
    }
    if let Some(node) = fields.take("carry") {
        for (key, value) in reader.entries(node, "carry")? {
            defaults.carry.push((key.text.clone(), context.path(value, "the path")?));
        }
    }
    Some(defaults)
}

fn resources(reader: &Reader, known: &Known, node: Option<&Node>) -> Option<Vec<Resource>> {
    let Some(node) = node else { return Some(Vec::new()) };
    let context = Context::new(reader, known);
    context.define("id");
    let mut resources = Vec::new();
    for (key, node) in reader.entries(node, "resources")? {
        let mut fields = reader.fields(node, "a resource")?;
        let made_by = fields.require("made-by");
        let status = fields.take("status");
        let id = fields.require("id").map(|node| context.path(node, "id"));
        let made_at = fields.take("made-at").map(|node| context.path(node, "made-at"));
        let remove = fields.require("remove").map(|node| context.method_and_path(node));
        let auth = context.auth(fields.take("auth"));
        let gone = fields.require("gone").map(|node| context.statuses(node));
        drop(fields);
        let mut lines = Vec::new();
        for item in Reader::one_or_more(made_by?) {
            let line = reader.text(item, "made-by")?;
            let (method, path) = line.split_once(' ').or_else(|| {
                reader.problem(
                    item.at,
                    format!("`{line}` is no request line"),
                    "write a method and a path: `POST /videos`",
                )
            })?;
            lines.push((method.to_owned(), path.to_owned()));
        }
        let success = StatusSet(vec![crate::suite::step::StatusRange::Class(2)]);
        resources.push(Resource {
            name: key.text.clone(),
            made_by: lines,
            status: status.map_or(Some(success), |node| context.statuses(node))?,
            id: id??,
            made_at: match made_at {
                Some(path) => Some(path?),
                None => None,
            },
            remove: remove??,
            auth: auth?,
            gone: gone??,
        });
    }
    Some(resources)
}

fn every_answer(reader: &Reader, known: &Known, node: Option<&Node>) -> Option<Vec<Everywhere>> {
    let Some(node) = node else { return Some(Vec::new()) };
    let context = Context::new(reader, known);
    context.define(super::expect::ANSWER_STATUS);
    let mut list = Vec::new();
    for item in Reader::one_or_more(node) {
        for (key, node) in reader.entries(item, "every-answer")? {
            if !known.rules.iter().any(|(id, _)| *id == key.text) {
                reader.problem::<()>(
                    key.at,
                    format!("there is no rule `{}`", key.text),
                    "`rules` above lists the catalogue",
                );
                continue;
            }
            for node in Reader::one_or_more(node) {
                let mut fields = reader.fields(node, "the expectation")?;
                let when =
                    fields.take("when").map_or(Some(Wants::default()), |node| context.wants_of(node, "when"));
                let wants = context.wants(&mut fields);
                list.push(Everywhere {
                    rule: key.text.clone(),
                    when: when?,
                    wants: wants?,
                    place: reader.place(key.at),
                });
            }
        }
    }
    Some(list)
}
