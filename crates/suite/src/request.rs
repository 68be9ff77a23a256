//! A request as it is written: who calls, with which body, and how the body goes out.

use std::time::Duration;

use super::expr::{Expr, Template};
use super::json::JsonTemplate;

/// A request as written.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path behind the base URL, or a full URL.
    pub path: Template,
    /// Who calls, with what, and how.
    pub envelope: Envelope,
    /// The body.
    pub body: Body,
}

/// What requests and segments have in common.
#[derive(Debug, Clone, Default)]
pub struct Envelope {
    /// Who calls.
    pub auth: Auth,
    /// Query parameters, in order.
    pub query: Vec<(String, Template)>,
    /// Headers, in order.
    pub headers: Vec<(String, Template)>,
    /// How the body goes out.
    pub delivery: Delivery,
    /// Whether 1xx answers are wanted.
    pub interim: bool,
}

/// Who calls.
#[derive(Debug, Clone, Default)]
pub enum Auth {
    /// Nobody.
    #[default]
    None,
    /// A credential of the suite, with the value that it is to carry where the suite gives none.
    Named(String, Option<Template>),
    /// The Authorization header, to the letter.
    Literal(Template),
}

/// A body as written.
#[derive(Debug, Clone, Default)]
pub enum Body {
    /// None.
    #[default]
    Empty,
    /// JSON.
    Json(JsonTemplate),
    /// A text to the letter.
    Text(Template),
    /// A text of several parts.
    Parts(Vec<TextPart>),
    /// multipart/form-data.
    Form(Vec<Field>),
    /// Content as it is.
    Content(Content),
}

/// A part of a text.
#[derive(Debug, Clone)]
pub enum TextPart {
    /// A text to the letter.
    Text(Template),
    /// A text for each item of a list.
    Each {
        /// The name of the item in the text.
        variable: String,
        /// The list.
        list: Expr,
        /// The text.
        text: Template,
    },
}

/// A field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub value: FieldValue,
}

/// What a form's field holds.
#[derive(Debug, Clone)]
pub enum FieldValue {
    /// A text.
    Text(Template),
    /// Content.
    File(Box<FilePart>),
}

/// Content in a form, with the part's file name and type.
#[derive(Debug, Clone)]
pub struct FilePart {
    /// The bytes.
    pub content: Content,
    /// The file name.
    pub name: Option<Template>,
    /// The Content-Type.
    pub kind: Option<Template>,
}

/// A piece of a byte stream.
#[derive(Debug, Clone)]
pub struct Content {
    /// The stream.
    pub source: Source,
    /// Where the piece begins.
    pub from: Option<Expr>,
    /// How long it is.
    pub length: Option<Expr>,
}

/// A byte stream.
#[derive(Debug, Clone)]
pub enum Source {
    /// Seeded bytes, so many.
    Seeded(Expr),
    /// A named content of the scenario.
    Named(String),
    /// A real file of the suite's media folder.
    File(String),
    /// A text.
    Text(Template),
}

/// How a body goes out.
#[derive(Debug, Clone, Default)]
pub struct Delivery {
    /// What is said of its length.
    pub length: Length,
    /// The connection is closed after so many bytes.
    pub break_off: Option<Expr>,
    /// A pause after so many bytes.
    pub stall: Option<(Expr, Duration)>,
    /// Barriers to meet before the last byte goes out.
    pub hold: Vec<String>,
    /// Whether the body waits for 100 Continue.
    pub waits: bool,
    /// Whether nothing is read before the whole body has been sent.
    pub deaf: bool,
}

/// What is said of a body's length.
#[derive(Debug, Clone, Default)]
pub enum Length {
    /// The truth, in Content-Length.
    #[default]
    Declared,
    /// Nothing: chunked transfer coding.
    Chunked,
    /// This number, whatever is sent.
    Claimed(Expr),
}
