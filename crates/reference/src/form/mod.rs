//! Reads `multipart/form-data`: `parser` finds the parts, `disposition` reads their heads, `reader` keeps what an
//! upload is made of.

pub(crate) mod disposition;
pub(crate) mod parser;
pub(crate) mod reader;
