//! Planted defects: each makes the server break the public reference in one point.

/// A defect of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum S3Defect {
    /// What arrived of a part that broke off is stored as the part.
    StoresBrokenOff,
    /// A part is stored though it is refused for its checksum or its Content-MD5.
    StoresDamaged,
    /// The last part of a list of several is left out of the object.
    LosesLastPart,
    /// The object is made of its parts in the order that they arrived in.
    OrdersByArrival,
    /// The first byte of each part but the first is stored as zero.
    DamagesAByte,
    /// A part that is sent again does not replace the one before.
    KeepsFirstPart,
    /// A completion that leaves a part out makes an object of all parts.
    JoinsEveryPart,
    /// A refused completion ends its upload.
    EndsWhenRefused,
}

impl S3Defect {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::StoresBrokenOff,
        Self::StoresDamaged,
        Self::LosesLastPart,
        Self::OrdersByArrival,
        Self::DamagesAByte,
        Self::KeepsFirstPart,
        Self::JoinsEveryPart,
        Self::EndsWhenRefused,
    ];
}
