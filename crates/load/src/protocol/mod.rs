//! The suite's description of an upload, prepared once before a run: each request is a list of texts and of values that are
//! put between them, so that a segment's head is written without a look at the suite.
//!
//! Nothing here sends anything, and nothing knows a protocol.

mod compile;
mod form;
mod parts;
mod received;
mod script;
mod signing;
mod template;
mod values;

pub(crate) use compile::Compiler;
pub(crate) use parts::Unrenderable;
pub(crate) use received::{is_complete, received_bytes};
pub(crate) use script::{AskScript, Script, SegmentKind};
pub(crate) use signing::Payload;
pub(crate) use template::RequestTemplate;
pub(crate) use values::{Known, Numbers, Saved, Values};
