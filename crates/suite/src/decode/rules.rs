//! The catalogue of a suite.

use super::context::{Context, Known};
use super::expect::transpose;
use super::lists::texts;
use crate::rule::{Answer, Refusal, Rule};
use crate::suite::Suite;
use uptake_outcome::Level;
use uptake_yaml::{Node, Reader};

const LEVELS: [(&str, Level); 3] = [("must", Level::Must), ("should", Level::Should), ("may", Level::May)];

/// Adds the rules of a suite to those of the suite that it extends.
pub(super) fn add(reader: &Reader, node: Option<&Node>, suite: &mut Suite) -> Option<()> {
    let Some(node) = node else { return Some(()) };
    let known = Known::of(suite);
    for item in reader.list(node, "rules")? {
        let Some(rule) = rule(reader, item, &suite.areas, &known) else { continue };
        match suite.rules.iter().find(|other| other.id == rule.id) {
            Some(other) if other.place.file != rule.place.file => {
                reader.problem::<()>(
                    item.at,
                    format!("the rule {} already exists in the extended suite ({})", rule.id, other.place),
                    "give this rule another id, or change the existing rule under `overrules`",
                );
            }
            Some(_) => {
                reader.problem::<()>(
                    item.at,
                    format!("duplicate rule {}", rule.id),
                    "an id is never used twice, not even for a removed rule",
                );
            }
            None => suite.rules.push(rule),
        }
    }
    Some(())
}

/// What is otherwise here than in the suite that is extended; each with its reason.
pub(super) fn overrule(reader: &Reader, node: Option<&Node>, suite: &mut Suite) -> Option<()> {
    let Some(node) = node else { return Some(()) };
    let known = Known::of(suite);
    for (key, node) in reader.entries(node, "overrules")? {
        let Some(rule) = suite.rules.iter_mut().find(|rule| rule.id == key.text) else {
            reader.problem::<()>(
                key.at,
                format!("unknown rule `{}` in `overrules`", key.text),
                "`uptake rules` lists the rules of the extended suite",
            );
            continue;
        };
        let mut fields = reader.fields(node, "an entry of `overrules`")?;
        let reason = fields.require("reason").map(|node| reader.text(node, "reason"));
        let level = fields.take("level").map(|node| reader.word(node, "level", &LEVELS));
        let text = fields.take("text").map(|node| reader.text(node, "text"));
        let source = fields.take("source").map(|node| texts(reader, Some(node), "source"));
        let (has, lacks) = (fields.take("needs"), fields.take("lacks"));
        let is_about = has.or(lacks).map(|_| Context::new(reader, &known).needs(has, lacks));
        let refusal = fields.take("refusal").map(|node| self::refusal(reader, node));
        drop(fields);
        let reason = reason??;
        if reason.trim().is_empty() {
            return reader.problem(node.at, "the reason is empty", "every report shows it: say why");
        }
        if level.is_none() && text.is_none() && source.is_none() && is_about.is_none() && refusal.is_none() {
            let help = "add what changes: level, text, source, needs, lacks or refusal";
            return reader.problem(node.at, format!("the entry for {} changes nothing", key.text), help);
        }
        rule.overruled = Some(reason);
        rule.level = transpose(level)?.unwrap_or(rule.level);
        if let Some(text) = transpose(text)? {
            rule.text = text;
        }
        if let Some(source) = transpose(source)? {
            rule.source = source;
        }
        if let Some(needs) = transpose(is_about)? {
            rule.needs = needs;
        }
        if let Some(refusal) = transpose(refusal)? {
            rule.refusal = Some(refusal);
        }
    }
    Some(())
}

fn rule(reader: &Reader, node: &Node, areas: &[(String, String)], known: &Known) -> Option<Rule> {
    let mut fields = reader.fields(node, "a rule")?;
    let id = fields.require("id");
    let area = fields.require("area");
    let level = fields.require("level").map(|node| reader.word(node, "level", &LEVELS));
    let text = fields.require("text").map(|node| reader.text(node, "text"));
    let source = texts(reader, fields.take("source"), "source");
    let (needs, lacks) = (fields.take("needs"), fields.take("lacks"));
    let refusal = transpose(fields.take("refusal").map(|node| refusal(reader, node)));
    drop(fields);
    let id_node = id?;
    let id = reader.text(id_node, "id")?;
    if !is_id(&id) {
        let help = "write an area's short name in capitals, a hyphen and a number: TOKEN-07";
        return reader.problem(id_node.at, format!("`{id}` is not a rule id"), help);
    }
    let words: Vec<_> = areas.iter().map(|(name, _)| (name.as_str(), ())).collect();
    let area_name = reader.text(area?, "area")?;
    reader.word(area?, "area", &words)?;
    let needs = Context::new(reader, known).needs(needs, lacks)?;
    Some(Rule {
        id,
        area: area_name,
        level: level??,
        text: text??,
        source: source?,
        needs,
        refusal: refusal?,
        overruled: None,
        place: reader.place(node.at),
    })
}

fn is_id(id: &str) -> bool {
    let Some((area, number)) = id.rsplit_once('-') else { return false };
    let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
    area.starts_with(|c: char| c.is_ascii_uppercase())
        && area.chars().all(is_name)
        && !number.is_empty()
        && number.chars().all(|c| c.is_ascii_digit())
}

fn refusal(reader: &Reader, node: &Node) -> Option<Refusal> {
    let mut fields = reader.fields(node, "refusal")?;
    let conforms = fields.require("conforms").map(|node| answers(reader, node));
    let tolerates = fields.take("tolerates").map_or(Some(Vec::new()), |node| answers(reader, node));
    Some(Refusal { conforms: conforms??, tolerates: tolerates? })
}

fn answers(reader: &Reader, node: &Node) -> Option<Vec<Answer>> {
    let known = Known::default();
    let context = Context::new(reader, &known);
    let mut answers = Vec::new();
    for item in Reader::one_or_more(node) {
        let mut fields = reader.fields(item, "a response")?;
        let statuses = fields.require("status").map(|node| {
            Reader::one_or_more(node).iter().map(|node| context.status(node)).collect::<Option<Vec<_>>>()
        });
        let problems = fields.take("problem").map(|node| {
            Reader::one_or_more(node)
                .iter()
                .map(|slug| reader.text(slug, "problem"))
                .collect::<Option<Vec<_>>>()
        });
        let headers = fields.take("headers").map_or(Some(Vec::new()), |node| context.header_wants(node));
        drop(fields);
        let problems = match transpose(problems)? {
            Some(slugs) => slugs.into_iter().map(Some).collect(),
            None => vec![None],
        };
        let (statuses, headers) = (statuses??, headers?);
        for status in statuses {
            let of = |problem: &Option<String>| Answer {
                status,
                problem: problem.clone(),
                headers: headers.clone(),
            };
            answers.extend(problems.iter().map(of));
        }
    }
    Some(answers)
}
