//! The policy: everything that the contract decides, asked for at the one place where it is decided.
//!
//! The server works out what the contract says and asks the policy with it. Without a planted defect the policy gives
//! back exactly that. A defect is an override of one or two of these decisions; it lives in `defects`, and the rest of
//! the crate does not know which there are.

pub(crate) mod decisions;
pub(crate) mod facts;
