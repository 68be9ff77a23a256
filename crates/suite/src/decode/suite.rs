//! suite.yaml.

use super::context::{Context, Known};
use super::credential::{auth, credentials};
use super::lists::{add_new, texts};
use super::named_steps::named_steps;
use super::protocol;
use super::rules;
use crate::expect::Wants;
use crate::files::Files;
use crate::status::StatusSet;
use crate::suite::{Detection, EveryAnswer, MediaFile, ProblemPath, Resource, Suite};
use uptake_target::LimitsGiven;
use uptake_yaml::{Node, Reader, Value};

use super::expect::transpose;

/// Reads a suite's own file over the suite that it extends; one that extends none, over one that has its schemas alone.
pub(crate) fn suite(reader: &Reader, node: &Node, base: Suite, files: &Files) -> Option<Suite> {
    let mut suite = base;
    let mut fields = reader.fields(node, "a suite")?;
    let name = fields.require("suite").map(|node| reader.text(node, "suite"));
    let title = fields.take("title").map_or(Some(String::new()), |node| reader.text(node, "title"));
    let extends = fields.take("extends").is_some();
    let (areas, rules) = if extends {
        (fields.take("areas"), fields.take("rules"))
    } else {
        (fields.require("areas"), fields.require("rules"))
    };
    let overrules = fields.take("overrules");
    let capabilities = fields.take("capabilities");
    let vars = fields.take("vars");
    let headers = fields.take("headers");
    let credentials = fields.take("credentials");
    let auth = fields.take("auth");
    let problem = fields.take("problem");
    let secrets = fields.take("secrets");
    let uploads = fields.take("uploads");
    let upload = fields.take("upload");
    let resources = fields.take("resources");
    let every_answer = fields.take("every-answer");
    let limits = fields.take("limits");
    let detect = fields.take("detect");
    let steps = fields.take("steps");
    let folder = transpose(fields.take("files").map(|node| reader.text(node, "files")));
    drop(fields);

    suite.name = name??;
    suite.title = title?;
    add_new(&mut suite.capabilities, texts(reader, capabilities, "capabilities")?);
    add_new(&mut suite.secrets, texts(reader, secrets, "secrets")?);
    if let Some(folder) = folder? {
        media(&mut suite, &files.beside(&folder));
    }
    self::areas(reader, areas, &mut suite)?;
    rules::add(reader, rules, &mut suite)?;
    match overrules {
        Some(node) if !extends => {
            return reader.problem(
                node.at,
                "`overrules` needs `extends`",
                "add the suite whose rules these are: `extends: api-video`",
            );
        }
        overrules => rules::overrule(reader, overrules, &mut suite)?,
    }
    suite.limits = LimitsGiven::read(reader, limits)?.or(suite.limits);
    self::vars(reader, vars, &mut suite)?;
    self::headers(reader, headers, &mut suite)?;
    self::credentials(reader, credentials, &mut suite)?;
    self::auth(reader, auth, &mut suite)?;
    self::problem(reader, problem, &mut suite)?;
    self::uploads(reader, uploads, &mut suite)?;
    if let Some(node) = upload {
        suite.upload = Some(Box::new(protocol::upload(reader, node, &suite)?));
    }
    self::resources(reader, resources, &mut suite)?;
    self::every_answer(reader, every_answer, &mut suite)?;
    named_steps(reader, steps, &mut suite)?;
    if let Some(node) = detect {
        let known = Known::of(&suite);
        let context = Context::new(reader, &known);
        suite.detect = detections(&context, node)?;
        add_new(&mut suite.needed_secrets, context.used_secrets());
    }
    Some(suite)
}

/// The steps of `detect`.
fn detections(context: &Context<'_>, node: &Node) -> Option<Vec<Detection>> {
    let mut found = Vec::new();
    for item in context.reader.list(node, "detect")? {
        let mut bare = item.clone();
        let gives = take(&mut bare, "gives");
        let gives = gives.map(|node| {
            let mut fields = context.reader.fields(&node, "gives")?;
            let header = fields.require("header").map(|node| context.reader.text(node, "header"));
            drop(fields);
            header?
        });
        let list = Node { at: item.at, value: Value::List(vec![bare]) };
        let step = context.steps(&list, "detect")?.pop()?;
        found.push(Detection { step, gives: transpose(gives)? });
    }
    Some(found)
}

/// Takes a key out of a named step.
fn take(item: &mut Node, name: &str) -> Option<Node> {
    let Value::Map(entries) = &mut item.value else { return None };
    let Value::Map(keys) = &mut entries.first_mut()?.1.value else { return None };
    let at = keys.iter().position(|(key, _)| key.text == name)?;
    Some(keys.remove(at).1)
}

/// The real files of a folder; one of the same name takes the place of an earlier one.
fn media(suite: &mut Suite, folder: &Files) {
    for path in folder.list().unwrap_or_default() {
        suite.media.insert(path.clone(), MediaFile { files: folder.clone(), path });
    }
}

fn areas(reader: &Reader, node: Option<&Node>, suite: &mut Suite) -> Option<()> {
    let Some(node) = node else { return Some(()) };
    for (key, node) in reader.entries(node, "areas")? {
        let about = reader.text(node, "an area")?;
        match suite.areas.iter_mut().find(|(name, _)| *name == key.text) {
            Some(area) => area.1 = about,
            None => suite.areas.push((key.text.clone(), about)),
        }
    }
    Some(())
}

/// Values with names; one of the same name takes the place of an earlier one.
fn vars(reader: &Reader, node: Option<&Node>, suite: &mut Suite) -> Option<()> {
    for (name, value) in reader.variables(node, "vars")? {
        suite.vars.retain(|(known, _)| *known != name);
        suite.vars.push((name, value));
    }
    Some(())
}

/// Where an error's code stands.
fn problem(reader: &Reader, node: Option<&Node>, suite: &mut Suite) -> Option<()> {
    let Some(node) = node else { return Some(()) };
    let known = Known::of(suite);
    let context = Context::new(reader, &known);
    let mut fields = reader.fields(node, "problem")?;
    let json = fields.take("json");
    let xml = fields.take("xml");
    drop(fields);
    suite.problem = Some(match (json, xml) {
        (Some(node), None) => ProblemPath::Json(context.path(node, "json")?),
        (None, Some(node)) => ProblemPath::Xml(context.xml_path(node, "xml")?),
        _ => {
            return reader.problem(
                node.at,
                "the location of the error code is missing",
                "write one of: { json: $.error.code }, { xml: /Error/Code }",
            );
        }
    });
    Some(())
}

/// The headers of every request; those of the same name take the place of earlier ones.
fn headers(reader: &Reader, node: Option<&Node>, suite: &mut Suite) -> Option<()> {
    let Some(node) = node else { return Some(()) };
    let known = Known::of(suite);
    let context = Context::new(reader, &known);
    let named = context.pairs(node, "headers")?;
    suite.headers.retain(|(known, _)| !named.iter().any(|(name, _)| name.eq_ignore_ascii_case(known)));
    suite.headers.extend(named);
    add_new(&mut suite.needed_secrets, context.used_secrets());
    Some(())
}

fn uploads(reader: &Reader, node: Option<&Node>, suite: &mut Suite) -> Option<()> {
    let Some(node) = node else { return Some(()) };
    let known = Known::of(suite);
    let context = Context::new(reader, &known);
    let mut fields = reader.fields(node, "uploads")?;
    let defaults = &mut suite.uploads;
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
            let path = context.path(value, "the path")?;
            defaults.carry.retain(|(field, _)| *field != key.text);
            defaults.carry.push((key.text.clone(), path));
        }
    }
    Some(())
}

fn resources(reader: &Reader, node: Option<&Node>, suite: &mut Suite) -> Option<()> {
    let Some(node) = node else { return Some(()) };
    let known = Known::of(suite);
    let context = Context::new(reader, &known);
    context.define("id");
    for (key, node) in reader.entries(node, "resources")? {
        let mut fields = reader.fields(node, "a resource")?;
        let made_by = fields.require("made-by");
        let status = fields.take("status");
        let id = fields.require("id").map(|node| context.save("id", node));
        context.define("path");
        let address = transpose(fields.take("address").map(|node| context.template(node, "address")));
        context.forget("path");
        let made_at = fields.take("made-at").map(|node| context.path(node, "made-at"));
        let remove = fields.require("remove").map(|node| context.method_and_path(node));
        let auth = context.auth(fields.take("auth"));
        let needs = context.needs(fields.take("needs"), fields.take("lacks"));
        let gone = fields.require("gone").map(|node| context.statuses(node));
        drop(fields);
        let mut lines = Vec::new();
        for item in Reader::one_or_more(made_by?) {
            let line = reader.text(item, "made-by")?;
            context.template(item, "made-by")?;
            let (method, path) = line.split_once(' ').or_else(|| {
                reader.problem(
                    item.at,
                    format!("`{line}` is not a request line"),
                    "write a method and a path: `POST /videos`",
                )
            })?;
            lines.push((method.to_owned(), path.to_owned()));
        }
        let success = StatusSet(vec![crate::status::StatusRange::Class(2)]);
        suite.resources.retain(|resource| resource.name != key.text);
        suite.resources.push(Resource {
            name: key.text.clone(),
            made_by: lines,
            status: status.map_or(Some(success), |node| context.statuses(node))?,
            id: id??,
            address: address?,
            made_at: match made_at {
                Some(path) => Some(path?),
                None => None,
            },
            remove: remove??,
            auth: auth?,
            headers: suite.headers.clone(),
            needs: needs?,
            gone: gone??,
        });
    }
    add_new(&mut suite.needed_secrets, context.used_secrets());
    Some(())
}

fn every_answer(reader: &Reader, node: Option<&Node>, suite: &mut Suite) -> Option<()> {
    let Some(node) = node else { return Some(()) };
    let known = Known::of(suite);
    let context = Context::new(reader, &known);
    context.define(super::expect::ANSWER_STATUS);
    for item in Reader::one_or_more(node) {
        for (key, node) in reader.entries(item, "every-answer")? {
            if !known.rules.iter().any(|(id, _)| *id == key.text) {
                reader.problem::<()>(
                    key.at,
                    format!("unknown rule `{}`", key.text),
                    "`rules` above lists the rules",
                );
                continue;
            }
            for node in Reader::one_or_more(node) {
                let mut fields = reader.fields(node, "the expectation")?;
                let when =
                    fields.take("when").map_or(Some(Wants::default()), |node| context.answers_meant(node));
                let wants = context.wants(&mut fields);
                suite.every_answer.push(EveryAnswer {
                    rule: key.text.clone(),
                    when: when?,
                    wants: wants?,
                    place: reader.place(key.at),
                });
            }
        }
    }
    add_new(&mut suite.needed_secrets, context.used_secrets());
    Some(())
}
