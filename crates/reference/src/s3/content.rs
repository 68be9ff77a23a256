//! The content of a request: received as a part, with its digests, or read into memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ring::digest;

use super::answer::Refusal;
use super::checksum::Checksum;
use super::defects::S3Defect;
use super::part::Part;
use super::request::Call;
use super::service::Service;
use super::signature::SignedContent;
use crate::storage::content_file::ContentFile;
use crate::storage::digests::{Algorithm, decode_base64, hex};
use crate::storage::folder::StorageFull;
use crate::storage::request_content::{ContentError, RequestContent};

/// The longest part.
const LONGEST: u64 = 5 << 30;

const MISMATCH: Refusal =
    Refusal::bad("XAmzContentSHA256Mismatch", "the content is not the one that was signed");

impl From<ContentError> for Refusal {
    fn from(error: ContentError) -> Self {
        match error {
            ContentError::BrokenOff => Self::bad("IncompleteBody", "the content ended before its length"),
            ContentError::TooLong => Self::bad("MaxMessageLengthExceeded", "the content is too long"),
        }
    }
}

impl From<StorageFull> for Refusal {
    fn from(_: StorageFull) -> Self {
        Self::FULL
    }
}

/// What a request says of its content.
struct Expected {
    md5: Option<Vec<u8>>,
    checksum: Option<(Checksum, String)>,
}

impl Expected {
    fn of(call: &Call) -> Result<Self, Refusal> {
        let invalid = Refusal::bad("InvalidDigest", "Content-MD5 is not 16 bytes in Base64");
        let md5 = call.head.header("content-md5");
        let md5 = md5.map(|text| decode_base64(text, Algorithm::Md5).ok_or(invalid)).transpose()?;
        let mut named = Checksum::ALL.into_iter().filter_map(|checksum| {
            call.head.header(checksum.header()).map(|value| (checksum, value.to_owned()))
        });
        let checksum = named.next();
        let is_digest =
            |(checksum, value): &(Checksum, String)| decode_base64(value, checksum.algorithm()).is_some();
        if !checksum.as_ref().is_none_or(is_digest) || named.next().is_some() {
            return Err(Refusal::bad("InvalidRequest", "name one checksum, in Base64"));
        }
        Ok(Self { md5, checksum })
    }
}

/// Receives a part. `checksum` is computed, too, where the request names none itself.
///
/// With `StoresDamaged` planted, refused content comes back beside the refusal.
pub(super) async fn receive(
    service: &Service,
    call: &Call,
    body: &mut RequestContent,
    signed: SignedContent,
    checksum: Option<Checksum>,
) -> Result<Part, (Refusal, Option<Part>)> {
    static ARRIVALS: AtomicU64 = AtomicU64::new(0);
    let expected = Expected::of(call).map_err(|refusal| (refusal, None))?;
    let checksum = expected.checksum.as_ref().map(|(checksum, _)| *checksum).or(checksum);
    let received = receive_file(service, body, checksum).await;
    let (file, broken) = received.map_err(|refusal| (refusal, None))?;
    let content = file.finish();
    let value = checksum
        .and_then(|checksum| content.digests.base64(checksum.algorithm()).map(|value| (checksum, value)));
    let arrival = ARRIVALS.fetch_add(1, Ordering::Relaxed);
    let part = Part { content: Arc::new(content), checksum: value, arrival };
    if let Some(refusal) = broken {
        return Err((refusal, Some(part)));
    }
    let is_other = |signed: String| part.content.digests.hex(Algorithm::Sha256) != Some(signed);
    let refusal = if signed.is_some_and(is_other) {
        MISMATCH
    } else if expected.md5.is_some_and(|md5| md5 != part.md5()) {
        Refusal::bad("BadDigest", "the content does not match its Content-MD5")
    } else if expected.checksum.is_some() && expected.checksum != part.checksum {
        Refusal::bad("BadDigest", "the content does not match its checksum")
    } else {
        return Ok(part);
    };
    Err((refusal, service.has(S3Defect::StoresDamaged).then_some(part)))
}

/// Receives content into a file. If it breaks off and `StoresBrokenOff` is planted, what arrived comes with the refusal.
async fn receive_file(
    service: &Service,
    body: &mut RequestContent,
    checksum: Option<Checksum>,
) -> Result<(ContentFile, Option<Refusal>), Refusal> {
    let algorithms = [Algorithm::Md5, Algorithm::Sha256].into_iter();
    let mut file = ContentFile::new(&service.folder, algorithms.chain(checksum.map(Checksum::algorithm)))?;
    loop {
        let bytes = match body.next().await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok((file, None)),
            Err(error) if service.has(S3Defect::StoresBrokenOff) => return Ok((file, Some(error.into()))),
            Err(error) => return Err(error.into()),
        };
        if file.size() + bytes.len() as u64 > LONGEST {
            return Err(Refusal::bad("EntityTooLarge", "a part has at most 5 GiB"));
        }
        file.append(&bytes)?;
    }
}

/// Reads content of at most so many bytes into memory.
pub(super) async fn read(
    body: &mut RequestContent,
    signed: SignedContent,
    longest: usize,
) -> Result<Vec<u8>, Refusal> {
    let all = body.read(longest).await?;
    let sum = hex(digest::digest(&digest::SHA256, &all).as_ref());
    if signed.is_some_and(|signed| signed != sum) { Err(MISMATCH) } else { Ok(all) }
}
