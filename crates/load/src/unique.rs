//! Content that is different for each upload: the number of the upload stands at the beginning of its file, so that a target that
//! deduplicates has to store every upload.
//!
//! The rest of a generated file is the block that all uploads share. Its first page is written with the form, so that the kernel
//! still sends all others from page boundaries. Real files are sent as they are.

use std::io;

use sha2::{Digest as _, Sha256};

use super::client::Content;
use super::workload::{PAGE, UploadSpec};

/// Fills `page` with the first page of an upload's file, or what there is of it in the first segment. It is empty for real files.
pub(super) fn first_page(content: &Content, upload: &UploadSpec, page: &mut Vec<u8>) -> io::Result<()> {
    page.clear();
    if content.len().is_some() {
        return Ok(());
    }
    page.extend_from_slice(&content.bytes(upload.offset, PAGE.min(upload.segment(1).len))?);
    let stamp = upload.number.to_le_bytes();
    let length = stamp.len().min(page.len());
    page[..length].copy_from_slice(&stamp[..length]);
    Ok(())
}

/// The SHA-256 of an upload's file, in hexadecimal.
pub(super) fn sha256(content: &Content, upload: &UploadSpec) -> io::Result<String> {
    let mut page = Vec::new();
    first_page(content, upload, &mut page)?;
    let mut digest = Sha256::new();
    digest.update(&page);
    let mut at = page.len() as u64;
    while at < upload.size {
        let bytes = content.bytes(upload.offset + at, upload.size - at)?;
        digest.update(&bytes);
        at += bytes.len() as u64;
    }
    Ok(format!("{:x}", digest.finalize()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::plan::{Distribution, Order, OutcomeShares, UploadShape, Weighted};
    use crate::workload::Workload;
    use uptake_payload::{Framing, Seed, Total};

    fn sums(size: u64) -> BTreeSet<String> {
        let shape = UploadShape {
            size: Distribution::fixed(size),
            segment: Distribution::fixed(1 << 20),
            framing: Weighted::only(Framing::Bytes),
            total: Weighted::only(Total::Named),
            order: Order::InTurn,
            parallel: 1,
            bandwidth: None,
            pauses: None,
            multiple: 1,
            recorded: None,
            files: Vec::new(),
        };
        let workload = Workload::new(shape, OutcomeShares::default(), Vec::new(), Seed(1));
        let content = Content::seeded(Seed(1));
        (0..100).map(|number| sha256(&content, &workload.upload(number)).expect("readable")).collect()
    }

    #[test]
    fn no_two_uploads_have_the_same_content_unless_they_are_too_short_to_differ() {
        for size in [1, 8, 4_095, 4_097, 3 << 20] {
            assert_eq!(sums(size).len(), 100, "{size}");
        }
    }
}
