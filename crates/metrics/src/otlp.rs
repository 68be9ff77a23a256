//! Pushes the figures to a receiver of OTLP over HTTP, as protobuf. Sums are cumulative: a push that fails is made good by the next.

mod message;
mod push;
mod receiver;

pub use push::Pushing;
pub use receiver::OtlpReceiver;
