//! Holds an answer's body against what is wanted of its bytes, its text, and its XML.

use serde_json::Value;

use super::matcher;
use super::mismatch::Mismatch;
use super::words;
use uptake_payload::Algorithm;
use uptake_suite::expect::{BodyWants, ContentPiece};
use uptake_suite::expr::{EvalError, Expr, Piece, Scope};
use uptake_suite::matcher::Matcher;
use uptake_suite::xml::{Xml, XmlPath};
use uptake_wire::Answer;

/// Everything in which the body is not what is wanted.
pub(super) fn misses(
    wants: &BodyWants,
    answer: &Answer,
    scope: &dyn Scope,
) -> Result<Vec<Mismatch>, EvalError> {
    let bytes = || format!("{} bytes", answer.body.len());
    Ok(match wants {
        BodyWants::Empty if answer.body.is_empty() => Vec::new(),
        BodyWants::Empty => vec![Mismatch { expected: "no body".to_owned(), observed: bytes() }],
        BodyWants::Text(wanted) => {
            let text = Value::String(String::from_utf8_lossy(&answer.body).into_owned());
            matcher::misses(wanted, "the body", Some(&text), scope)?
        }
        BodyWants::Content(piece) => {
            let (expected, sum) = digest(piece, scope)?;
            if Algorithm::Sha256.of(&answer.body) == sum {
                return Ok(Vec::new());
            }
            vec![Mismatch { expected, observed: format!("{} that are different", bytes()) }]
        }
    })
}

/// A piece of a named content in words, and its digest.
fn digest(piece: &ContentPiece, scope: &dyn Scope) -> Result<(String, Vec<u8>), EvalError> {
    let ContentPiece { of, from, length } = piece;
    let size = |expr: &Expr| {
        let size = expr.integer(scope)?;
        u64::try_from(size).map_err(|_| EvalError::Type(format!("{size} bytes: the number is negative")))
    };
    let from = from.as_ref().map_or(Ok(0), size)?;
    let length = length.as_ref().map(size).transpose()?;
    let sum = scope.digests().digest("sha256", Piece { content: of, from, length })?;
    let words = match length {
        Some(length) => format!("{length} bytes of `{of}` from byte {from}"),
        None => format!("`{of}` from byte {from}"),
    };
    Ok((words, sum))
}

/// Everything in which an XML body is not what is wanted.
pub(super) fn xml(
    wants: &[(XmlPath, Matcher)],
    answer: &Answer,
    scope: &dyn Scope,
) -> Result<Vec<Mismatch>, EvalError> {
    if wants.is_empty() {
        return Ok(Vec::new());
    }
    let text = String::from_utf8_lossy(&answer.body);
    let Some(body) = Xml::parse(&text) else {
        let observed = if text.is_empty() { "no body".to_owned() } else { words::excerpt(&text, 120) };
        let observed = format!("{} with {observed}", answer.status);
        return Ok(vec![Mismatch { expected: "an XML body".to_owned(), observed }]);
    };
    let mut found = Vec::new();
    for (path, wanted) in wants {
        found.extend(matcher::misses(wanted, &path.to_string(), path.find(&body).as_ref(), scope)?);
    }
    Ok(found)
}
