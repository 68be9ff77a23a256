//! Who may do what: each request is signed, in its header or in its URL.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

use super::answer::Refusal;
use super::request::Call;
use super::signed::{ALGORITHM, Claim};

/// How far a signature's time may be from the server's.
const SKEW: SignedDuration = SignedDuration::from_mins(15);
/// The longest life of a URL, in seconds: seven days.
const LONGEST: u32 = 604_800;
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

const PARAMETERS: &str = "AuthorizationQueryParametersError";

/// Whose requests are served.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    pub(super) access_key: String,
    pub(super) secret_key: String,
    pub(super) region: String,
}

/// What a verified request says of its content: its SHA-256 in hexadecimal, or nothing.
pub(super) type SignedContent = Option<String>;

impl Keys {
    /// Verifies that a request is signed by the key, for now.
    pub(super) fn verify(&self, call: &Call, now: Timestamp) -> Result<SignedContent, Refusal> {
        let is_in_url =
            call.head.query.iter().any(|(name, _)| name == "X-Amz-Signature" || name == "X-Amz-Algorithm");
        match call.head.header("authorization") {
            Some(_) if is_in_url => {
                Err(Refusal::bad("InvalidArgument", "sign in the header or in the URL, not in both"))
            }
            Some(value) => self.verify_header(call, value, now),
            None if is_in_url => self.verify_url(call, now).map(|()| None),
            None => Err(Refusal::forbidden("AccessDenied", "the request is not signed")),
        }
    }

    fn verify_header(&self, call: &Call, value: &str, now: Timestamp) -> Result<SignedContent, Refusal> {
        const MALFORMED: Refusal =
            Refusal::bad("AuthorizationHeaderMalformed", "the Authorization header is malformed");
        let Some(fields) = value.strip_prefix(ALGORITHM).filter(|rest| rest.starts_with(' ')) else {
            return Err(Refusal::bad("InvalidArgument", "the type of the authorization is not supported"));
        };
        let field = |name: &str| {
            let mut fields = fields.split(',').filter_map(|field| field.trim().split_once('='));
            fields.find(|(known, _)| *known == name).map(|(_, value)| value)
        };
        let (access_key, scope) = field("Credential").and_then(Claim::credential).ok_or(MALFORMED)?;
        let signed_headers = field("SignedHeaders").map(header_names).ok_or(MALFORMED)?;
        let signature = field("Signature").ok_or(MALFORMED)?.to_owned();
        let no_date = Refusal::forbidden("AccessDenied", "the request has no valid x-amz-date");
        let at = call.head.header("x-amz-date").ok_or(no_date)?.to_owned();
        let time = time_of(&at).ok_or(no_date)?;
        let claim = Claim { access_key, scope, at, signed_headers, signature };
        self.knows(&claim)?;
        self.check_scope(&claim, MALFORMED)?;
        if now.duration_since(time).abs() > SKEW {
            return Err(Refusal::forbidden(
                "RequestTimeTooSkewed",
                "the clocks differ by more than 15 minutes",
            ));
        }
        let Some(content) = call.head.header("x-amz-content-sha256") else {
            return Err(Refusal::bad("InvalidRequest", "the header x-amz-content-sha256 is missing"));
        };
        if content.starts_with("STREAMING-") {
            return Err(Refusal::NOT_IMPLEMENTED);
        }
        check_covered(call, &claim)?;
        self.check(call, &claim, content)?;
        Ok(Some(content.to_owned()).filter(|content| content != UNSIGNED))
    }

    fn verify_url(&self, call: &Call, now: Timestamp) -> Result<(), Refusal> {
        const MALFORMED: Refusal = Refusal::bad(PARAMETERS, "a parameter of the signature is wrong");
        let parameter = |name| {
            let missing = Refusal::bad(PARAMETERS, "a parameter of the signature is missing");
            call.head.parameter(name).ok_or(missing)
        };
        if parameter("X-Amz-Algorithm")? != ALGORITHM {
            return Err(MALFORMED);
        }
        let (access_key, scope) = Claim::credential(parameter("X-Amz-Credential")?).ok_or(MALFORMED)?;
        let at = parameter("X-Amz-Date")?.to_owned();
        let time = time_of(&at).ok_or(MALFORMED)?;
        let expires = parameter("X-Amz-Expires")?.parse::<u32>().map_err(|_| MALFORMED)?;
        if expires > LONGEST {
            return Err(Refusal::bad(PARAMETERS, "a URL is valid for at most seven days"));
        }
        let signed_headers = header_names(parameter("X-Amz-SignedHeaders")?);
        let signature = parameter("X-Amz-Signature")?.to_owned();
        let claim = Claim { access_key, scope, at, signed_headers, signature };
        self.knows(&claim)?;
        self.check_scope(&claim, MALFORMED)?;
        if time.duration_since(now) > SKEW {
            return Err(Refusal::forbidden("AccessDenied", "the URL is not valid yet"));
        }
        if now.duration_since(time) > SignedDuration::from_secs(expires.into()) {
            return Err(Refusal::forbidden("AccessDenied", "the URL has expired"));
        }
        check_covered(call, &claim)?;
        self.check(call, &claim, UNSIGNED)
    }

    fn knows(&self, claim: &Claim) -> Result<(), Refusal> {
        if claim.access_key == self.access_key {
            return Ok(());
        }
        Err(Refusal::forbidden("InvalidAccessKeyId", "there is no such access key"))
    }

    /// The scope is this day, this region, this service.
    fn check_scope(&self, claim: &Claim, malformed: Refusal) -> Result<(), Refusal> {
        let day = claim.at.split('T').next().unwrap_or_default();
        if claim.scope == [day, &self.region, "s3", "aws4_request"] { Ok(()) } else { Err(malformed) }
    }

    fn check(&self, call: &Call, claim: &Claim, content: &str) -> Result<(), Refusal> {
        if claim.is_of(call, &self.secret_key, content) {
            return Ok(());
        }
        Err(Refusal::forbidden("SignatureDoesNotMatch", "the signature is not the one of this request"))
    }
}

/// What is said in headers of S3's own, and to whom, must be signed.
fn check_covered(call: &Call, claim: &Claim) -> Result<(), Refusal> {
    let covers = |name: &str| claim.signed_headers.iter().any(|known| known == name);
    let all =
        call.head.headers().filter(|(name, _)| name.starts_with("x-amz-")).all(|(name, _)| covers(name));
    if all && covers("host") {
        return Ok(());
    }
    Err(Refusal::forbidden("AccessDenied", "the signature does not cover Host and every x-amz- header"))
}

fn header_names(text: &str) -> Vec<String> {
    text.split(';').map(str::to_owned).collect()
}

/// `20130524T000000Z`.
fn time_of(text: &str) -> Option<Timestamp> {
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    format!("{time}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_basic_and_in_utc() {
        assert_eq!(time_of("20130524T000000Z").map(Timestamp::as_second), Some(1_369_353_600));
        assert_eq!(["", "2013-05-24T00:00:00Z", "20131324T000000Z"].map(time_of), [None; 3]);
    }
}
