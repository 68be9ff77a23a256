//! A request that is prepared once and sent often.

use http::Method;
use serde_json::Value;
use url::Url;

use super::parts::{Parts, Unrenderable, sanitise};
use super::signing::{Payload, Signed, Signing};
use super::values::{Saved, Values};
use uptake_suite::save::Save;
use uptake_suite::saved::Response;
use uptake_suite::status::StatusSet;

/// A request that is prepared once and sent often.
#[derive(Debug, Clone)]
pub(crate) struct RequestTemplate {
    pub(crate) method: Method,
    pub(super) path: PathTemplate,
    /// Header fields but Content-Length, as the lines of HTTP/1.1.
    pub(super) lines: Parts,
    /// The same one by one.
    pub(super) headers: Vec<(String, Parts)>,
    /// The body before the file; the whole body if there is no file.
    pub(super) before: Parts,
    /// The body after the file.
    pub(super) after: Parts,
    pub(crate) accepted: StatusSet,
    /// How the request is signed, if it is.
    pub(super) signing: Option<Signing>,
    /// What is kept of the response, each with its slot; without one it belongs to the segment alone.
    pub(super) saves: Vec<(Option<usize>, Save)>,
}

/// Where a request goes.
#[derive(Debug, Clone)]
pub(super) enum PathTemplate {
    /// Behind what all paths of the target begin with, which is part of it.
    Whole(Parts),
    /// A path, or a URL of the target, which a response named.
    Found {
        parts: Parts,
        /// What is put before a path.
        prefix: String,
        /// The target's origin, which a URL begins with.
        origin: String,
        /// What the request line has instead of the origin: nothing, or the origin where a proxy passes the requests on.
        forwarded: String,
    },
}

impl RequestTemplate {
    /// Appends the request line, up to the HTTP version, and the header lines of HTTP/1.1 to `out`; `fixed` stands between.
    pub(crate) fn write_head(
        &self,
        values: &Values<'_>,
        (fixed, body): (&str, Payload<'_>),
        out: &mut String,
    ) -> Result<(), Unrenderable> {
        out.push_str(self.method.as_str());
        out.push(' ');
        let Some(signing) = &self.signing else {
            self.write_path(values, out)?;
            out.push_str(fixed);
            return self.lines.write(values, out);
        };
        let signed = self.signed(signing, values, body)?;
        out.push_str(&self.forwarded(&signed.url));
        out.push_str(fixed);
        for (name, value) in &signed.headers {
            for part in [name, ": ", value, "\r\n"] {
                out.push_str(part);
            }
        }
        Ok(())
    }

    /// The request's target and its header fields, one by one.
    pub(crate) fn head(
        &self,
        values: &Values<'_>,
        body: Payload<'_>,
    ) -> Result<(String, Vec<(String, String)>), Unrenderable> {
        if let Some(signing) = &self.signing {
            let signed = self.signed(signing, values, body)?;
            return Ok((self.forwarded(&signed.url), signed.headers));
        }
        let mut path = String::new();
        self.write_path(values, &mut path)?;
        Ok((path, self.headers(values)?))
    }

    /// The URL and the header fields of a request without a file.
    pub(crate) fn addressed(
        &self,
        values: &Values<'_>,
        body: &[u8],
        base: &Url,
    ) -> Result<(Url, Vec<(String, String)>), Unrenderable> {
        if let Some(signing) = &self.signing {
            let signed = self.signed(signing, values, Payload::Bytes(body))?;
            return Ok((signed.url, signed.headers));
        }
        Ok((self.url(values, base)?, self.headers(values)?))
    }

    fn signed(
        &self,
        signing: &Signing,
        values: &Values<'_>,
        body: Payload<'_>,
    ) -> Result<Signed, Unrenderable> {
        let unsigned = Signed { url: self.url(values, &signing.base)?, headers: self.headers(values)? };
        signing.sign((&self.method, unsigned), values, body)
    }

    /// A URL of the target as the request line has it.
    fn forwarded(&self, url: &Url) -> String {
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        match &self.path {
            PathTemplate::Found { forwarded, .. } => format!("{forwarded}{path}"),
            PathTemplate::Whole(parts) if parts.starts_with("http") => {
                format!("{}{path}", url.origin().ascii_serialization())
            }
            PathTemplate::Whole(_) => path.to_owned(),
        }
    }

    /// Appends the request's target to `out`.
    fn write_path(&self, values: &Values<'_>, out: &mut String) -> Result<(), Unrenderable> {
        let start = out.len();
        match &self.path {
            PathTemplate::Whole(parts) => parts.write(values, out)?,
            PathTemplate::Found { parts, prefix, origin, forwarded } => {
                parts.write(values, out)?;
                if out[start..].starts_with('/') {
                    out.insert_str(start, prefix);
                } else {
                    let path = out[start..].strip_prefix(origin.as_str());
                    let path = path.filter(|path| path.is_empty() || path.starts_with(['/', '?']));
                    let path = path.ok_or(Unrenderable::Elsewhere)?;
                    let slash = if path.starts_with('/') { "" } else { "/" };
                    let whole = format!("{forwarded}{slash}{path}");
                    out.truncate(start);
                    out.push_str(&whole);
                }
            }
        }
        sanitise(out, start);
        Ok(())
    }

    /// The header fields, one by one, without a signature.
    pub(super) fn headers(&self, values: &Values<'_>) -> Result<Vec<(String, String)>, Unrenderable> {
        let written = |parts: &Parts| {
            let mut value = String::new();
            parts.write(values, &mut value).map(|()| value)
        };
        self.headers.iter().map(|(name, parts)| Ok((name.clone(), written(parts)?))).collect()
    }

    /// The body before the file, if it is the same for every request.
    pub(crate) fn fixed_before(&self) -> Option<&str> {
        self.before.fixed()
    }

    /// Appends the body before the file to `out`.
    pub(crate) fn write_before(&self, values: &Values<'_>, out: &mut String) -> Result<(), Unrenderable> {
        self.before.write(values, out)
    }

    /// The body after the file, which is the same for every request.
    pub(crate) fn after(&self) -> &str {
        self.after.fixed().unwrap_or_default()
    }

    /// Whether a body belongs to it, however short.
    pub(crate) fn has_length(&self) -> bool {
        let is_bodiless = matches!(
            self.method,
            Method::GET | Method::HEAD | Method::DELETE | Method::OPTIONS | Method::TRACE | Method::CONNECT
        );
        !is_bodiless || self.before.fixed() != Some("")
    }

    /// Whether something of the response is kept for later requests.
    pub(crate) fn saves_anything(&self) -> bool {
        self.saves.iter().any(|(slot, _)| slot.is_some())
    }

    /// Keeps what the response has. Says how much it lacks.
    pub(crate) fn keep(&self, response: &dyn Response, saved: &mut Saved) -> usize {
        let mut lacking = 0;
        for (slot, save) in self.saves.iter().filter_map(|(slot, save)| Some(((*slot)?, save))) {
            let value = save.read(response).ok().filter(is_harmless);
            lacking += usize::from(value.is_none());
            if let Some(place) = saved.get_mut(slot) {
                *place = value;
            }
        }
        lacking
    }

    /// What the response has of what belongs to the segment alone, by name.
    pub(crate) fn of_segment(&self, response: &dyn Response) -> Vec<(String, Value)> {
        let own = self.saves.iter().filter(|(slot, _)| slot.is_none());
        own.filter_map(|(_, save)| Some((save.name.clone(), save.read(response).ok()?))).collect()
    }

    /// The URL that the request goes to.
    pub(crate) fn url(&self, values: &Values<'_>, base: &Url) -> Result<Url, Unrenderable> {
        let mut text = String::new();
        match &self.path {
            PathTemplate::Whole(parts) => parts.write(values, &mut text)?,
            PathTemplate::Found { parts, prefix, .. } => {
                parts.write(values, &mut text)?;
                if text.starts_with('/') {
                    text.insert_str(0, prefix);
                }
            }
        }
        base.join(&text).map_err(|_| Unrenderable::Elsewhere)
    }
}

/// A value that is put into a head must not end a line of it.
fn is_harmless(value: &Value) -> bool {
    value.as_str().is_none_or(|text| !text.bytes().any(|byte| byte.is_ascii_control()))
}
