//! The faults that a request can have, each with what the contract lets a server answer to it, and with its rule.

/// A fault, with the answers that name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The rule that speaks of it.
    pub rule: &'static str,
    /// The statuses that may be answered.
    pub statuses: &'static [u16],
    /// The slugs that may stand in the answer; none where the documents name none.
    pub slugs: &'static [&'static str],
}

macro_rules! faults {
    ($($name:ident $rule:literal $statuses:tt $slugs:tt)*) => {
        $(pub(super) const $name: Fault = Fault { rule: $rule, statuses: &$statuses, slugs: &$slugs };)*
    };
}

faults! {
    // The form.
    NO_FILE "UPLOAD-04" [400] ["uploaded-file-no-file"]
    TWO_FILES "UPLOAD-05" [400] ["uploaded-file-multiple-files"]
    EMPTY "UPLOAD-06" [400] ["uploaded-file-empty"]
    // What stands in front of a server may know no more than HTTP: 413.
    TOO_LARGE "UPLOAD-07" [400, 413] ["uploaded-file-too-large"]
    // The token.
    EXPIRED "TTL-02" [401] ["authentication-invalid-upload-token"]
    EXPIRED_PROGRESSIVE "TTL-03" [401] ["authentication-invalid-upload-token"]
    EXPIRED_IN_GRACE "TTL-05" [401] ["authentication-invalid-upload-token"]
    EXPIRED_ON_THE_WAY "TTL-07" [401] ["authentication-invalid-upload-token"]
    REFUSED_DOES_NOT_COUNT "TTL-08" [401] ["authentication-invalid-upload-token"]
    GRACE_OVER "GRACE-03" [401, 404] ["authentication-invalid-upload-token", "resource-not-found"]
    NOT_BEGUN_IN_GRACE "GRACE-07" [401, 404] ["authentication-invalid-upload-token", "resource-not-found"]
    DELETED "REVOKE-02" [401] ["authentication-invalid-upload-token"]
    DELETED_UNDER_WAY "REVOKE-05" [401] ["authentication-invalid-upload-token"]
    DELETED_IN_GRACE "REVOKE-06" [401] ["authentication-invalid-upload-token"]
    DELETED_UNEXPIRING "REVOKE-08" [401] ["authentication-invalid-upload-token"]
    DELETED_ON_THE_WAY "REVOKE-09" [401] ["authentication-invalid-upload-token"]
    NOT_BEGUN_BY_TOKEN "UPLOAD-13" [401, 404] ["authentication-invalid-upload-token", "resource-not-found"]
    // The place, whatever the framing.
    MALFORMED "BYTES-20" [400] ["video-content-range-malformed"]
    UNDER_WAY "BYTES-22" [400] ["video-content-range-already-initiated", "video-source-already-uploaded"]
    COMPLETE "UPLOAD-12" [400] ["video-source-already-uploaded"]
    // By bytes. A repeat's own slug passes behind completion, too.
    BYTES_COMPLETE "BYTES-24" [400] ["video-source-already-uploaded", "video-content-range-by-bytes-range-overlap"]
    BYTES_TOO_SMALL "BYTES-07" [400] ["video-content-range-by-bytes-range-too-small"]
    BYTES_TOO_LARGE "BYTES-09" [400, 413]
        ["video-content-range-by-bytes-range-too-large", "uploaded-file-too-large"]
    BYTES_MISMATCH "BYTES-10" [400] ["video-content-range-by-bytes-range-mismatch"]
    BYTES_OVERLAP "BYTES-11" [400] ["video-content-range-by-bytes-range-overlap"]
    BYTES_OTHER_TOTAL "BYTES-12" [400] ["video-content-range-by-bytes-different-total-bytes"]
    BYTES_REVERSED "BYTES-13" [400] ["video-content-range-by-bytes-from-byte-too-high"]
    BYTES_BEYOND_TOTAL "BYTES-14" [400] ["video-content-range-by-bytes-to-byte-too-high-total"]
    BYTES_BEYOND_ALLOWED "BYTES-15" [400]
        ["video-content-range-by-bytes-to-byte-too-high-allowed", "video-content-range-by-bytes-total-bytes-too-high"]
    BYTES_TOTAL_TOO_HIGH "BYTES-16" [400] ["video-content-range-by-bytes-total-bytes-too-high"]
    // No byte is below a total of 0.
    BYTES_TOTAL_ZERO "BYTES-17" [400]
        ["video-content-range-by-bytes-total-bytes-zero", "video-content-range-by-bytes-to-byte-too-high-total"]
    BYTES_TOTAL_TOO_LOW "BYTES-18" [400] ["video-content-range-by-bytes-total-bytes-too-low"]
    BYTES_BEGUN "BYTES-21" [400] ["video-content-range-started-with-bytes"]
    // By parts.
    PART_COMPLETE "UPLOAD-12" [400]
        ["video-source-already-uploaded", "video-content-range-by-part-part-already-sent"]
    PART_TOO_SMALL "PART-07" [400] ["video-content-range-by-part-uploaded-file-too-small"]
    PART_REPEATED "PART-08" [400] ["video-content-range-by-part-part-already-sent"]
    PART_OTHER_COUNT "PART-09" [400] ["video-content-range-by-part-different-total-parts"]
    PART_ZERO "PART-10" [400] ["video-content-range-by-part-part-zero"]
    PART_BEYOND_COUNT "PART-11" [400] ["video-content-range-by-part-part-too-high-total"]
    PART_BEYOND_ALLOWED "PART-12" [400]
        ["video-content-range-by-part-part-too-high-allowed", "video-content-range-by-part-total-parts-too-high"]
    PART_COUNT_ZERO "PART-13" [400]
        ["video-content-range-by-part-total-parts-zero", "video-content-range-by-part-part-too-high-total"]
    PART_COUNT_TOO_HIGH "PART-14" [400] ["video-content-range-by-part-total-parts-too-high"]
    PART_COUNT_TOO_LOW "PART-15" [400]
        ["video-content-range-by-part-total-parts-too-low", "video-content-range-by-part-part-too-high-total"]
    PART_BEGUN "PART-16" [400] ["video-content-range-started-with-part"]
}
