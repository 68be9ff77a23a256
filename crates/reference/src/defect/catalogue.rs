//! Every planted defect: its name, the area of the catalogue of rules that it deviates in, and what goes wrong.

macro_rules! defects {
    ($($area:literal { $($variant:ident $name:literal $description:literal)* })*) => {
        /// One planted defect.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Defect {
            $($(#[doc = $description] $variant,)*)*
        }

        impl Defect {
            /// Every one, area by area.
            pub const fn all() -> &'static [Self] {
                &[$($(Self::$variant,)*)*]
            }

            /// What it is called on the command line.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$variant => $name,)*)* }
            }

            /// The area of the catalogue that it deviates in.
            pub const fn area(self) -> &'static str {
                match self { $($(Self::$variant => $area,)*)* }
            }

            /// What the server does wrong, in one line.
            pub const fn description(self) -> &'static str {
                match self { $($(Self::$variant => $description,)*)* }
            }
        }
    };
}

impl Defect {
    /// Whether any answer of the contract can show it. What goes wrong only in the bytes that are kept shows nowhere but in
    /// the sum on the control surface, of which no rule speaks.
    pub const fn is_visible(self) -> bool {
        !matches!(self, Self::AssembledInArrivalOrder | Self::ByteLostAtBorder | Self::StaleBytesAtEnd)
    }
}

defects! {
    "auth" {
        ExchangeAnswers201 "exchange-answers-201" "An API key is exchanged with 201 in place of 200."
        AnyApiKeyExchanged "any-api-key-exchanged" "Any API key is exchanged for an access token."
        MissingApiKeyIs404 "missing-api-key-is-404" "A body without an API key is answered 404."
        NotJsonIs500 "not-json-is-500" "A body that is not JSON is answered 500."
        BearerRefused "bearer-refused" "Access tokens are given out and never accepted."
        BasicNeedsAPassword "basic-needs-a-password" "An API key with an empty password is refused."
        MissingAuthorizationIs403 "missing-authorization-is-403"
            "A call without Authorization is answered 403."
        MalformedAuthorizationIs400 "malformed-authorization-is-400"
            "A malformed Authorization is answered 400."
        AnyAccessTokenAccepted "any-access-token-accepted" "Whatever comes as Bearer is accepted."
        UnknownAccessTokenMisnamed "unknown-access-token-misnamed"
            "An unknown access token is refused as if the API key were wrong."
        RefreshedTokenIsDead "refreshed-token-is-dead"
            "The access token that a refresh gives is never accepted."
        AnyRefreshTokenAccepted "any-refresh-token-accepted" "Any refresh token is exchanged."
        AccessTokenNeverExpires "access-token-never-expires" "An access token is accepted for ever."
        AccessTokenLivesTwice "access-token-lives-twice"
            "An access token is accepted for twice its `expires_in`."
        UploadTokenOpensManagement "upload-token-opens-management"
            "An upload token is accepted as Bearer by every endpoint."
        UploadTokenIsAKey "upload-token-is-a-key"
            "An upload token is accepted as a basic user name by every endpoint."
        TokenListIsPublic "token-list-is-public" "Upload tokens are listed to a caller without credentials."
        TokenDeletionIsPublic "token-deletion-is-public"
            "Upload tokens are deleted by a caller without credentials."
        RefreshAsTextRefused "refresh-as-text-refused"
            "A refresh that is not labelled application/json is refused."
    }
    "token" {
        TtlInMilliseconds "ttl-in-milliseconds" "The ttl of an answer is in milliseconds."
        TokenAnswers201 "token-answers-201" "A token is created with 201 in place of 200."
        AbsentTtlIsAnHour "absent-ttl-is-an-hour" "A token that is created without ttl lives an hour."
        TtlZeroExpiresAtOnce "ttl-zero-expires-at-once" "A ttl of 0 gives a token that has expired."
        NegativeTtlAccepted "negative-ttl-accepted" "A negative ttl is taken for 0."
        TtlAboveAMonthRefused "ttl-above-a-month-refused" "A ttl above 30 days is refused."
        TtlLimitOffByOne "ttl-limit-off-by-one" "A ttl of 2147483648 is accepted."
        TtlAsTextAccepted "ttl-as-text-accepted" "A ttl that is a number in a text is accepted."
        TtlFractionCut "ttl-fraction-cut" "The fraction of a ttl is cut off."
        TokenReissued "token-reissued" "Two creations with one ttl give one token."
        ShownTokenLosesTtl "shown-token-loses-ttl" "A token that is shown by its id has a ttl of 0."
        TokenListedLate "token-listed-late" "A token is listed five seconds after its creation."
        UnknownTokenIs400 "unknown-token-is-400" "An unknown token id is answered 400."
        PageSizeIgnored "page-size-ignored" "Every page has 25 items."
        PageRepeatsAnItem "page-repeats-an-item" "Each page begins with the last item of the one before."
        PageDropsAnItem "page-drops-an-item" "The first item of each later page is dropped."
        TotalCountsThePage "total-counts-the-page" "itemsTotal counts the items of the page alone."
        NextLinkMissing "next-link-missing" "No page names the next one."
        SortIgnored "sort-ignored" "The list is always sorted by creation."
        SortOrderIgnored "sort-order-ignored" "The list always rises."
        TtlSortedAsText "ttl-sorted-as-text" "Sorting by ttl puts 10 before 9."
        PageBoundsUnchecked "page-bounds-unchecked"
            "Impossible pages and page sizes are taken for the nearest possible."
        ExpiresAtAnHourOff "expires-at-an-hour-off" "expiresAt is an hour late, though expiry is not."
    }
    "upload" {
        UploadAnswers200 "upload-answers-200" "A segment is answered 200 in place of 201."
        MissingUploadTokenIs400 "missing-upload-token-is-400" "An upload without a token is answered 400."
        UnknownUploadTokenIs404 "unknown-upload-token-is-404"
            "An upload with an unknown token is answered 404."
        AnyUploadTokenAccepted "any-upload-token-accepted"
            "Any text in place of an upload token begins an upload."
        MissingFileAccepted "missing-file-accepted" "A form without a file makes an empty video."
        SecondFileIgnored "second-file-ignored" "Of two files in a form the first is taken."
        EmptyFileAccepted "empty-file-accepted" "An empty file is accepted."
        RequestLimitOffByOne "request-limit-off-by-one"
            "A file of one byte more than the largest is accepted."
        RequestLimitUnchecked "request-limit-unchecked" "A file of any size is accepted in one request."
        RequestLimitExclusive "request-limit-exclusive" "A file of exactly the largest size is refused."
        TokenServesOnce "token-serves-once" "A token begins one upload and no second."
        OneVideoPerToken "one-video-per-token"
            "Each upload of a token is answered with the token's first video."
        TitleIsTheVideoId "title-is-the-video-id" "The title of a delegated upload is its videoId."
        NeverShownUploaded "never-shown-uploaded" "The status of a complete upload stays uploading."
        FilesizeOffByOne "filesize-off-by-one" "filesize is one byte too many."
        SourceReplaced "source-replaced" "A second upload into a container replaces the first."
        UnknownContainerIs400 "unknown-container-is-400"
            "An upload into an unknown container is answered 400."
        BrokenOffUploadFinishes "broken-off-upload-finishes"
            "A file broken off mid-body counts as the whole file."
        BrokenOffUploadSpendsToken "broken-off-upload-spends-token"
            "An upload broken off mid-body ends its token."
        VideoIdBehindFileIgnored "video-id-behind-file-ignored" "A videoId behind the file is not read."
        AuthorizationHeeded "authorization-heeded" "An upload by token is refused for a wrong Authorization."
        FileByFieldName "file-by-field-name" "Only a field called file is a file."
    }
    "bytes" {
        LaterRangeBeginsAnew "later-range-begins-anew" "A later byte range begins a video of its own."
        RangeEndExclusive "range-end-exclusive" "The last byte of a range is taken for the first behind it."
        RangesInOrderOnly "ranges-in-order-only" "A byte range must follow the one before."
        ParallelRangeLost "parallel-range-lost"
            "Of two byte ranges side by side one is acknowledged and lost."
        ReceivedBytesMerged "received-bytes-merged" "receivedBytes joins ranges that touch."
        ReceivedBytesEndExclusive "received-bytes-end-exclusive"
            "receivedBytes names the byte behind each range."
        UploadedAtLastByte "uploaded-at-last-byte" "An upload is complete once its last byte has arrived."
        SmallestRangeRefused "smallest-range-refused" "A byte range of exactly the smallest size is refused."
        RangeMinimumOffByOne "range-minimum-off-by-one" "A byte range of one byte too few is accepted."
        SmallLastRangeRefused "small-last-range-refused" "The last byte range must not be small either."
        RangeMaximumUnchecked "range-maximum-unchecked" "A byte range of any size is accepted."
        RangeLengthUnchecked "range-length-unchecked" "A body need not have the length of its byte range."
        OverlapAccepted "overlap-accepted" "Overlapping byte ranges are accepted."
        OverlapByOneByteAccepted "overlap-by-one-byte-accepted"
            "A byte range may begin with the last byte of another."
        RepeatedRangeAccepted "repeated-range-accepted" "The same byte range is accepted again."
        DifferentTotalAccepted "different-total-accepted" "A byte range may name another total than before."
        ReversedRangeAccepted "reversed-range-accepted" "The ends of a byte range may be exchanged."
        RangeBeyondTotalAccepted "range-beyond-total-accepted" "A byte range may end beyond its total."
        HighestByteUnchecked "highest-byte-unchecked" "A byte range may end anywhere while its total is open."
        TotalLimitUnchecked "total-limit-unchecked" "A total of any size is accepted."
        TotalZeroIsOpen "total-zero-is-open" "A total of 0 is taken for an open one."
        LateTotalUnchecked "late-total-unchecked" "A total named late may lie below what was received."
        LateTotalIgnored "late-total-ignored" "A total named by a later byte range is not noted."
        MalformedRangeIgnored "malformed-range-ignored" "A malformed Content-Range is as good as none."
        PartAfterBytesAcknowledged "part-after-bytes-acknowledged"
            "A part sent into an upload by byte ranges is acknowledged and lost."
        PlainAfterRangesAccepted "plain-after-ranges-accepted"
            "A plain upload replaces a progressive one that is under way."
        RefusedRangeCounts "refused-range-counts" "A byte range that is refused counts as received."
        CompleteUploadAcceptsRanges "complete-upload-accepts-ranges"
            "A byte range into a complete upload is acknowledged."
        BrokenOffRangeCounts "broken-off-range-counts" "A byte range broken off mid-body counts as received."
        OffsetsCutTo32Bits "offsets-cut-to-32-bits" "The ends of byte ranges are kept in 32 bits."
        AssembledInArrivalOrder "assembled-in-arrival-order"
            "The file is put together in the order in which segments arrived."
        ByteLostAtBorder "byte-lost-at-border" "The last byte of each segment but the last is lost."
        StaleBytesAtEnd "stale-bytes-at-end" "The finished file ends with bytes that were left of a longer one."
    }
    "part" {
        PartsNeverComplete "parts-never-complete" "An upload by parts waits for one part more than there are."
        OpenCountNeverSettles "open-count-never-settles" "A number of parts named late is not noted."
        PartsInOrderOnly "parts-in-order-only" "A part must follow the one before."
        ParallelPartLost "parallel-part-lost" "Of two parts side by side one is acknowledged and lost."
        PartsListedUnsorted "parts-listed-unsorted" "receivedParts lists the highest part first."
        OpenCountShownAsZero "open-count-shown-as-zero" "The total of receivedParts is 0 while it is open."
        SinglePartTooSmall "single-part-too-small" "A file of one part must not be small."
        PartMinimumOffByOne "part-minimum-off-by-one" "A part of one byte too few is accepted."
        PartMinimumUnchecked "part-minimum-unchecked" "A part of any size is accepted."
        RepeatedPartAccepted "repeated-part-accepted" "A part sent again replaces the first."
        DifferentCountAccepted "different-count-accepted"
            "A part may name another number of parts than before."
        PartZeroAccepted "part-zero-accepted" "Part 0 is accepted."
        PartBeyondCountAccepted "part-beyond-count-accepted" "A part above the number of parts is accepted."
        PartLimitUnchecked "part-limit-unchecked" "A part of any number is accepted."
        CountZeroIsOpen "count-zero-is-open" "A number of 0 parts is taken for an open one."
        CountLimitUnchecked "count-limit-unchecked" "Any number of parts is accepted."
        LateCountUnchecked "late-count-unchecked"
            "A number of parts named late may lie below a part that was received."
        BytesAfterPartAcknowledged "bytes-after-part-acknowledged"
            "A byte range sent into an upload by parts is acknowledged and lost."
        RefusedPartCounts "refused-part-counts" "A part that is refused counts as received."
    }
    "ttl" {
        LifeInMilliseconds "life-in-milliseconds" "A token lives its ttl in milliseconds."
        ExpiredTokenAccepted "expired-token-accepted"
            "An expired token begins uploads as if it had not expired."
        ExpiredTokenBeginsRanges "expired-token-begins-ranges"
            "Expiry is checked for uploads in one request alone."
        ExpiryEndsUploads "expiry-ends-uploads" "Uploads under way end when their token expires."
        GraceOpensToken "grace-opens-token" "An expired token with an upload in grace begins others."
        ExpiredTokenListed "expired-token-listed" "Expired tokens are listed."
        JudgedAtTheStart "judged-at-the-start" "A segment is judged by the time at which its request began."
        RefusedSegmentOpensGrace "refused-segment-opens-grace"
            "A first segment that was refused lets its token begin uploads in grace."
        UnexpiringTokenExpires "unexpiring-token-expires" "A token without ttl expires after 30 days."
        VideosGoWithToken "videos-go-with-token" "Finished videos are gone once their token has expired."
    }
    "grace" {
        GraceOf23Hours "grace-of-23-hours" "Grace ends an hour early."
        GraceOf25Hours "grace-of-25-hours" "Grace ends an hour late."
        GraceNeverEnds "grace-never-ends" "An upload begun in time may be completed for ever."
        NoGraceForBytes "no-grace-for-bytes" "Byte ranges have no grace."
        NoGraceForParts "no-grace-for-parts" "Parts have no grace."
        GraceFromFirstSegment "grace-from-first-segment" "Grace is counted from the first segment."
        UploadedWhenGraceEnds "uploaded-when-grace-ends"
            "An upload that is not complete when grace ends is shown as uploaded."
        GraceInOrderOnly "grace-in-order-only" "In grace a segment must follow the one before."
        GraceForAnyVideo "grace-for-any-video"
            "An expired token in grace goes on with videos that it did not begin."
        ActiveTokenTakesAnyVideo "active-token-takes-any-video"
            "A token that has not expired goes on with videos that it did not begin."
        CompletedInGraceRemoved "completed-in-grace-removed"
            "A video completed in grace is gone when grace ends."
        UnexpiringUploadEnds "unexpiring-upload-ends"
            "An upload of a token without ttl must be complete after a day."
    }
    "revoke" {
        DeletionAnswers200 "deletion-answers-200" "Deleting a token is answered 200 with an empty object."
        DeletedTokenLivesAMinute "deleted-token-lives-a-minute"
            "A deleted token begins uploads for another minute."
        DeletedTokenShown "deleted-token-shown" "A deleted token is still shown by its id."
        DeletedTokenListed "deleted-token-listed" "A deleted token is still listed."
        DeletionOfNothingIs204 "deletion-of-nothing-is-204" "Deleting an unknown token is answered 204."
        DeletionSparesUploads "deletion-spares-uploads" "Uploads under way go on when their token is deleted."
        DeletionSparesGrace "deletion-spares-grace" "Deleting an expired token does not end its grace."
        DeletionTakesVideos "deletion-takes-videos" "Deleting a token deletes its videos."
        DeletionTakesAllTokens "deletion-takes-all-tokens" "Deleting one token deletes all."
        UnexpiringTokenStays "unexpiring-token-stays"
            "Deleting a token without ttl is answered 204 and does nothing."
        DeletionJudgedAtTheStart "deletion-judged-at-the-start"
            "An upload whose request began before its token was deleted is accepted, however late it arrives."
        DeletionReachesOneInTwo "deletion-reaches-one-in-two"
            "Every second upload with a deleted token is accepted, as by a replica that has not heard of it."
    }
    "schema" {
        RefreshTokenMissing "refresh-token-missing" "An access token comes without a refresh token."
        ExpiresInAsText "expires-in-as-text" "`expires_in` is a text."
        CreatedAtMissing "created-at-missing" "An upload token has no createdAt."
        PaginationWithoutTotals "pagination-without-totals" "A page does not say how many there are."
        SegmentAnswerEmpty "segment-answer-empty"
            "A later segment is answered with an empty object until the upload is complete."
        PublicAsText "public-as-text" "The truth values of a video are texts."
        FilesizeAsText "filesize-as-text" "filesize is a text."
        StatusNameUnknown "status-name-unknown" "The ingest status of a complete upload is done."
        ErrorStatusDiffers "error-status-differs" "The status in an error's body is always 400."
        ErrorWithoutTitle "error-without-title" "Errors have no title."
        ErrorAsHtml "error-as-html" "Errors are pages of HTML."
        DateTimesLocal "date-times-local" "Date-times are in a zone two hours east."
        DateTimesWithoutZone "date-times-without-zone" "Date-times have no zone."
        ErrorsNameNothing "errors-name-nothing" "Errors about one parameter do not name it."
        AssetsRelative "assets-relative" "The assets of a video are paths without a host."
        IframeOfAnother "iframe-of-another" "iframe embeds another address than player."
    }
    "http" {
        JsonLabelledHtml "json-labelled-html" "JSON is labelled text/html."
        UnknownUrlIs200 "unknown-url-is-200" "An unknown URL is answered 200 with an empty object."
        UnknownMethodIs404 "unknown-method-is-404" "A method that a route does not have is answered 404."
        RateHeadersMissing "rate-headers-missing" "Answers have no X-RateLimit headers."
        RemainingNeverFalls "remaining-never-falls" "X-RateLimit-Remaining stays as it is."
        RetryAfterMissing "retry-after-missing" "A refusal past the limit does not say when calls work again."
        LimitNeverRecovers "limit-never-recovers" "Past the limit calls are refused for ever."
        CorsWithoutContentRange "cors-without-content-range" "The pre-flight does not allow Content-Range."
        CorsOnErrorsMissing "cors-on-errors-missing" "Errors do not allow the origin."
        ApiKeyRepeated "api-key-repeated" "The exchange of an API key repeats it."
        ChunkedIs500 "chunked-is-500" "A body without Content-Length is answered 500."
        CharsetInContentType "charset-in-content-type" "JSON is labelled application/json; charset=utf-8."
        RefusalBreaksOff "refusal-breaks-off" "A refusal closes the connection with the body unread."
        NoContentHasAType "no-content-has-a-type" "A 204 is labelled application/json."
    }
}
