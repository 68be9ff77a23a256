//! A parser for HTTP/1.1 responses (RFC 9112), without I/O.
//!
//! [`ResponseParser`] takes bytes and gives [`Event`]s: interim responses, the head of the final response, pieces of its body,
//! and its end. It decides how long a body is (section 6.3), removes the chunked coding and reads over trailers. It allocates
//! nothing, holds no bytes, and stops at [`Limits`]. It may not wait, and it does not know where its bytes come from.
//!
//! The caller keeps a buffer of bytes that were received and not consumed yet, and calls [`ResponseParser::next`] until it says
//! [`Event::NeedMore`]:
//!
//! ```
//! use uptake_wire::response::{Ending, Event, Limits, RequestKind, ResponseParser};
//!
//! let mut received = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok".as_slice();
//! let mut parser = ResponseParser::new(RequestKind::Other, Limits::default());
//! let (mut status, mut body, mut is_reusable) = (0, Vec::new(), false);
//! loop {
//!     let (consumed, event) = parser.next(received)?;
//!     match event {
//!         Event::NeedMore => {
//!             // Read from the connection: append to what is left of the buffer. At its end, `parser.ending(left)` says what
//!             // that means. A buffer needs room for `Limits::head` bytes, since a head is parsed in one piece.
//!             assert_eq!(parser.ending(&received[consumed..]), Ending::InBody);
//!             break;
//!         }
//!         Event::Interim(head) => assert_eq!(head.status, 103),
//!         Event::Head(head) => (status, is_reusable) = (head.status, head.is_persistent),
//!         Event::Data(piece) => body.extend_from_slice(piece),
//!         Event::End => break,
//!     }
//!     received = &received[consumed..];
//! }
//! assert_eq!((status, body.as_slice(), is_reusable), (201, b"ok".as_slice(), true));
//! # Ok::<(), uptake_wire::response::ResponseError>(())
//! ```
//!
//! What follows the end of a response stays unconsumed. A new response needs a new parser, which is a few words to copy.

mod chunked;
mod error;
mod head;
mod limits;
mod parser;
mod request_kind;
#[cfg(test)]
mod tests;

pub use error::ResponseError;
pub(crate) use error::SPEAKS_TLS;
pub use head::{Fields, Framing, Head};
pub use limits::{Bound, Limits};
pub use parser::{Ending, Event, ResponseParser};
pub use request_kind::RequestKind;
