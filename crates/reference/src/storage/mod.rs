//! What reference servers of object stores share: heads of requests, content that is received into files with its digests, and
//! bodies that are read from these files. It knows no protocol, and sends no response.

pub(crate) mod content_file;
pub(crate) mod digests;
pub(crate) mod file_body;
pub(crate) mod folder;
pub(crate) mod ranges;
pub(crate) mod request_content;
pub(crate) mod request_head;
