//! The whole contract as a model: accounts, access and upload tokens, lists, videos, segments, errors and CORS.
//!
//! A [`Call`] and the [`Reply`] to it go in; the model says whether the contract allows that reply, and if not, what it
//! allows. Calls that were under way at once go in together: their replies must fit some order of them.

mod access;
mod call;
mod expectation;
mod instant;
mod known;
mod list;
mod model;
mod outcome;
mod path;
mod protocol;
mod refusal;
mod reply;
mod tokens;
mod uploads;
mod videos;
mod wanted;

#[cfg(test)]
mod tests;

pub use call::{Call, Credential, Given, ListQuery, Operation, Segment, TtlGiven};
pub use expectation::{Answered, Check, Difference, Expectation};
pub use model::{Breach, ContractModel, Exchange};
pub use reply::Reply;
pub use wanted::{JsonType, Subject, Wanted};
