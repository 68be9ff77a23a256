//! What all scenarios of a protocol share.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::credential::Credential;
use super::expect::Wants;
use super::expr::Template;
use super::files::Files;
use super::needs::Needs;
use super::protocol::UploadProtocol;
use super::request::Auth;
use super::rule::Rule;
use super::save::{JsonPath, Save};
use super::schema::Schema;
use super::status::StatusSet;
use super::xml::XmlPath;
use uptake_outcome::Place;
use uptake_target::LimitsGiven;
use uptake_yaml::Node;

/// A protocol's suite, without its scenarios.
#[derive(Debug, Default)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// The name of the suite that extends no other, of those that this one consists of.
    pub lowest: String,
    /// What it is about, in one line.
    pub title: String,
    /// The areas in their order, with what each is about.
    pub areas: Vec<(String, String)>,
    /// The catalogue, in its order.
    pub rules: Vec<Rule>,
    /// The names that a target may declare.
    pub capabilities: Vec<String>,
    /// Values that every expression may use, each with what it is where a target's profile names no other.
    pub vars: Vec<(String, serde_json::Value)>,
    /// Headers of every request that does not name them itself.
    pub headers: Vec<(String, Template)>,
    /// How callers say who they are.
    pub credentials: BTreeMap<String, Credential>,
    /// The credential of requests that do not name one.
    pub auth: Option<String>,
    /// Where an error's code stands; without it, problems are those of RFC 9457.
    pub problem: Option<ProblemPath>,
    /// The target's secrets that every run of the suite uses, whichever scenarios are chosen.
    pub needed_secrets: Vec<String>,
    /// JSON members whose values are masked wherever they come up.
    pub secrets: Vec<String>,
    /// How segments are sent.
    pub uploads: UploadDefaults,
    /// What an upload is, for `load` and `fuzz`.
    pub upload: Option<Box<UploadProtocol>>,
    /// What answers say has been made, and how it is removed again.
    pub resources: Vec<Resource>,
    /// How it is seen what a target can do: a step for each capability, by its name.
    pub detect: Vec<Detection>,
    /// What holds for every answer.
    pub every_answer: Vec<EveryAnswer>,
    /// The documented shapes, by name.
    pub schemas: BTreeMap<String, Schema>,
    /// The real files that scenarios may send, by name.
    pub media: BTreeMap<String, MediaFile>,
    /// The tables that scenarios may walk.
    pub(crate) tables: super::tables::Tables,
    /// The steps that scenarios may use by their names.
    pub(crate) steps: BTreeMap<String, Arc<NamedStep>>,
    /// The sizes of the protocol's targets where a profile names no other.
    pub limits: LimitsGiven,
    /// The planted defects that each rule was seen to catch, by the rule's id.
    pub proof: BTreeMap<String, Vec<String>>,
    /// What judges each fact of the contract, by the fact's number.
    pub coverage: Vec<(String, super::coverage::Coverage)>,
}

/// A step that scenarios use by its name. It is read where it is used, with the inputs that it has there.
#[derive(Debug)]
pub(crate) struct NamedStep {
    /// Its inputs, each with its default.
    pub(crate) inputs: Vec<(String, Node)>,
    /// What it is, as written.
    pub(crate) body: Node,
}

/// A real file.
#[derive(Debug, Clone)]
pub struct MediaFile {
    /// Where it comes from.
    pub files: Files,
    /// Its path there.
    pub path: String,
}

impl Suite {
    /// The rule with this id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}

/// A request that shows what a target can do.
#[derive(Debug, Clone)]
pub struct Detection {
    /// The request. Without `gives` its name is the capability that the target has where its expectations hold.
    pub step: super::step::Step,
    /// The header whose list names all capabilities that the target has, of those without a step of their own.
    pub gives: Option<String>,
}

/// Where an error's code stands in an answer.
#[derive(Debug, Clone)]
pub enum ProblemPath {
    /// In JSON.
    Json(JsonPath),
    /// In XML.
    Xml(XmlPath),
}

/// How the segments of an upload are sent.
#[derive(Debug, Clone)]
pub struct UploadDefaults {
    /// The path.
    pub to: Option<Template>,
    /// Other paths that take files, where `*` stands for one segment: calls to them count as uploads, too.
    pub also: Vec<String>,
    /// The form field of the file.
    pub field: String,
    /// The header that says which range a segment is.
    pub range_header: String,
    /// Form fields of later segments, and where in the first answer their value stands.
    pub carry: Vec<(String, crate::save::JsonPath)>,
}

impl Default for UploadDefaults {
    fn default() -> Self {
        Self {
            to: None,
            field: "file".to_owned(),
            range_header: "Content-Range".to_owned(),
            also: Vec::new(),
            carry: Vec::new(),
        }
    }
}

impl UploadDefaults {
    /// Whether calls to `path`, which is without the base URL's own, count as uploads.
    pub fn takes_files(&self, path: &str) -> bool {
        self.to.as_ref().is_some_and(|to| to.written() == path)
            || self.also.iter().any(|also| fits(also, path))
    }
}

impl Resource {
    /// Whether a request is one that makes this resource, where `given` are the values of the names in its paths.
    pub fn is_made_by(&self, method: &str, path: &str, given: &BTreeMap<String, serde_json::Value>) -> bool {
        let mut made_by = self.made_by.iter();
        made_by.any(|(made_method, pattern)| method == made_method && fits(&filled(pattern, given), path))
    }
}

/// A pattern with its names replaced by their values.
fn filled<'p>(pattern: &'p str, given: &BTreeMap<String, serde_json::Value>) -> Cow<'p, str> {
    if !pattern.contains("${") {
        return pattern.into();
    }
    let texts = given.iter().filter_map(|(name, value)| Some((format!("${{{name}}}"), value.as_str()?)));
    texts.fold(pattern.to_owned(), |text, (name, value)| text.replace(&name, value)).into()
}

/// Whether a path is as the pattern has it; `*` stands for one segment.
fn fits(pattern: &str, path: &str) -> bool {
    pattern.split('/').count() == path.split('/').count()
        && pattern.split('/').zip(path.split('/')).all(|(wanted, have)| wanted == "*" || wanted == have)
}

/// Something that answers say has been made.
#[derive(Debug, Clone)]
pub struct Resource {
    /// What it is called.
    pub name: String,
    /// The requests that make it: method and path, where `*` stands for one path segment.
    pub made_by: Vec<(String, String)>,
    /// The statuses that say it was made.
    pub status: StatusSet,
    /// Where in the answer its id stands.
    pub id: Save,
    /// What it is removed by, made of `${id}` and `${path}`, the path of the request that made it; without it, the id.
    pub address: Option<Template>,
    /// Where in the answer it says when it was made.
    pub made_at: Option<crate::save::JsonPath>,
    /// How it is removed: method and path, where `${id}` is what it is removed by.
    pub remove: (String, Template),
    /// With which credential.
    pub auth: Auth,
    /// The suite's own headers, which its removal has like every request.
    pub headers: Vec<(String, Template)>,
    /// The targets that can remove it, by their capabilities.
    pub needs: Needs,
    /// The statuses that say it is gone.
    pub gone: StatusSet,
}

/// An expectation that every answer is held against.
#[derive(Debug, Clone)]
pub struct EveryAnswer {
    /// The rule that asks for it.
    pub rule: String,
    /// The answers it speaks of.
    pub when: Wants,
    /// What must hold.
    pub wants: Wants,
    /// Where it is written.
    pub place: Place,
}
