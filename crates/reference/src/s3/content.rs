//! The content of a request, as it arrives: into a file with its digests, into memory, or nowhere.

use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use ring::digest;
use tokio::time::timeout;

use super::answer::Refusal;
use super::defects::S3Defect;
use super::digests::{Checksum, Digests, base64, hex};
use super::request::Call;
use super::service::Service;
use super::signature::SignedContent;
use super::stored::Stored;

/// The longest part.
const LONGEST: u64 = 5 << 30;
/// How long a client may send nothing.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most bytes of a refused request that are still read, and for how long: who sends all before reading the answer gets it.
const DRAINED: usize = 64 << 20;
const DRAIN_TIME: Duration = Duration::from_secs(10);

const MISMATCH: Refusal =
    Refusal::bad("XAmzContentSHA256Mismatch", "the content is not the one that was signed");
const BROKEN_OFF: Refusal = Refusal::bad("IncompleteBody", "the content ended before its length");

/// What a request says of its content.
struct Expected {
    md5: Option<Vec<u8>>,
    checksum: Option<(Checksum, String)>,
}

impl Expected {
    fn of(call: &Call) -> Result<Self, Refusal> {
        let invalid = Refusal::bad("InvalidDigest", "Content-MD5 is not 16 bytes in Base64");
        let md5 = call.header("content-md5").map(|text| base64(text, 16).ok_or(invalid)).transpose()?;
        let mut named = Checksum::ALL
            .into_iter()
            .filter_map(|checksum| call.header(checksum.header()).map(|value| (checksum, value.to_owned())));
        let checksum = named.next();
        if checksum.as_ref().is_some_and(|(checksum, value)| base64(value, checksum.size()).is_none())
            || named.next().is_some()
        {
            return Err(Refusal::bad("InvalidRequest", "name one checksum, in Base64"));
        }
        Ok(Self { md5, checksum })
    }
}

/// The next bytes; none at the end.
async fn next(body: &mut Incoming) -> Result<Option<Bytes>, Refusal> {
    loop {
        match timeout(PATIENCE, body.frame()).await {
            Ok(Some(Ok(frame))) => {
                if let Ok(bytes) = frame.into_data() {
                    return Ok(Some(bytes));
                }
            }
            Ok(None) => return Ok(None),
            Ok(Some(Err(_))) | Err(_) => return Err(BROKEN_OFF),
        }
    }
}

/// Receives content into a file. `checksum` is computed, too, where the request names none itself.
///
/// Where `keeps_damaged` is planted, refused content comes back beside the refusal.
pub(super) async fn receive(
    service: &Service,
    call: &Call,
    body: &mut Incoming,
    signed: SignedContent,
    checksum: Option<Checksum>,
) -> Result<Stored, (Refusal, Option<Stored>)> {
    static ARRIVALS: AtomicU64 = AtomicU64::new(0);
    let without = |refusal| (refusal, None);
    let expected = Expected::of(call).map_err(without)?;
    let failed = |_| without(Refusal::FULL);
    let (mut file, mut held) = service.store.file().map_err(failed)?;
    let kind = expected.checksum.as_ref().map(|(checksum, _)| *checksum).or(checksum);
    let (mut digests, mut size, mut broken) = (Digests::with(kind), 0, None);
    loop {
        let bytes = match next(body).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => break,
            Err(refusal) if service.has(S3Defect::StoresBrokenOff) => {
                broken = Some(refusal);
                break;
            }
            Err(refusal) => return Err(without(refusal)),
        };
        size += bytes.len() as u64;
        if size > LONGEST {
            return Err(without(Refusal::bad("EntityTooLarge", "a part has at most 5 GiB")));
        }
        held.grow(bytes.len() as u64).map_err(without)?;
        digests.update(&bytes);
        // A temporary file takes it at once; the disk is the system's business.
        file.write_all(&bytes).map_err(failed)?;
    }
    let finished = digests.finish();
    let stored = Stored {
        path: file.into_temp_path(),
        size,
        md5: finished.md5,
        checksum: finished.checksum,
        arrival: ARRIVALS.fetch_add(1, Ordering::Relaxed),
        _held: held,
    };
    if let Some(refusal) = broken {
        return Err((refusal, Some(stored)));
    }
    let refusal = if signed.is_some_and(|signed| signed != finished.sha256) {
        MISMATCH
    } else if expected.md5.is_some_and(|md5| md5 != finished.md5) {
        Refusal::bad("BadDigest", "the content does not match its Content-MD5")
    } else if expected.checksum.is_some() && expected.checksum != stored.checksum {
        Refusal::bad("BadDigest", "the content does not match its checksum")
    } else {
        return Ok(stored);
    };
    Err((refusal, service.has(S3Defect::StoresDamaged).then_some(stored)))
}

/// Reads content of at most so many bytes into memory.
pub(super) async fn read(
    body: &mut Incoming,
    signed: SignedContent,
    longest: usize,
) -> Result<Vec<u8>, Refusal> {
    let mut all = BytesMut::new();
    while let Some(bytes) = next(body).await? {
        if all.len() + bytes.len() > longest {
            return Err(Refusal::bad("MaxMessageLengthExceeded", "the content is too long"));
        }
        all.extend_from_slice(&bytes);
    }
    let sum = hex(digest::digest(&digest::SHA256, &all).as_ref());
    if signed.is_some_and(|signed| signed != sum) { Err(MISMATCH) } else { Ok(all.into()) }
}

/// Reads what is left of a request that has been refused, within bounds.
pub(super) async fn drain(body: &mut Incoming) {
    let drained = async {
        let mut left = DRAINED;
        while let Ok(Some(bytes)) = next(body).await {
            left = left.saturating_sub(bytes.len());
            if left == 0 {
                return;
            }
        }
    };
    drop(timeout(DRAIN_TIME, drained).await);
}
