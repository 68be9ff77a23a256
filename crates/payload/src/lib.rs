//! What is sent: seeded content, slices of it, chunk plans and Content-Range headers.
//!
//! This room is pure: it knows no network, no runtime and no scenario. Content is never held whole in memory; any range
//! of it is made (or read from its file) when somebody asks for it.

mod content;
mod content_range;
mod cut;
mod digest;
mod error;
mod hex;
mod plan;
mod read_at;
mod seed;
mod slice;

pub use content::{Content, Origin};
pub use content_range::ContentRange;
pub use cut::{Cut, Framing, Total};
pub use digest::Algorithm;
pub use error::{PayloadError, PlanError};
pub use hex::hex;
pub use plan::{ChunkPlan, Segment};
pub use read_at::read_exact_at;
pub use seed::Seed;
pub use slice::Slice;
