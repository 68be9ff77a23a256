//! Tokens expire wrongly.

use std::collections::HashSet;

use super::entry::Entry;
use super::memory::Memory;
use crate::policy::decisions::Overrides;
use crate::state::token::TokenState;
use crate::timestamp::Timestamp;
use crate::upload::content_range::ContentRange;

pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new("life-in-milliseconds", "11.1", "A token expires after its ttl in milliseconds.", |policy| {
        policy.expiry(|token, contract| contract.map(|_| token.created.plus_millis(token.ttl)));
    }),
    Entry::new("expired-token-accepted", "11.2", "An expired token can still start uploads.", |policy| {
        policy.token_state(|usage, contract| usage.known.map(|_| TokenState::Active).or(contract));
        policy.grace_end(|_, _| Timestamp::LATEST);
    }),
    Entry::new(
        "expired-token-begins-ranges",
        "11.2",
        "Expiry is only checked for uploads in one request.",
        |policy| {
            policy.may_begin(
                |segment, _, contract| {
                    if segment.range == ContentRange::Absent { contract } else { Ok(()) }
                },
            );
        },
    ),
    Entry::new(
        "expiry-ends-uploads",
        "11.5",
        "Uploads in progress end when their token expires.",
        |policy| {
            policy.token_state(|_, contract| contract.filter(|state| *state == TokenState::Active));
        },
    ),
    Entry::new(
        "grace-opens-token",
        "11.2",
        "An expired token with an upload in its grace period starts other uploads.",
        |policy| {
            policy.may_begin(|_, begun, contract| if begun.is_empty() { contract } else { Ok(()) });
        },
    ),
    Entry::new("expired-token-listed", "11.3", "Expired tokens are listed.", |policy| {
        policy.listed_tokens(|tokens, _| tokens.all.values().cloned().collect());
    }),
    Entry::new(
        "judged-at-the-start",
        "11.12",
        "A token's expiry is compared with the start of a segment's request.",
        |policy| policy.judged_at(|segment, _| segment.began),
    ),
    Entry::new(
        "refused-segment-opens-grace",
        "11.4",
        "After a refused first segment, a token can start uploads in its grace period.",
        refused_segment_opens_grace,
    ),
    Entry::new("unexpiring-token-expires", "11.10", "A token without ttl expires after 30 days.", |policy| {
        policy.expiry(|token, contract| contract.or(Some(token.created.plus_seconds(30 * 86_400))));
    }),
    Entry::new(
        "videos-go-with-token",
        "11.9",
        "Finished videos are deleted once their token has expired.",
        |policy| {
            policy.video_exists(|video, now, contract| {
                let is_over = video.token_expires.is_some_and(|expires| now >= expires);
                contract && !(video.complete && is_over)
            });
        },
    ),
];

fn refused_segment_opens_grace(policy: &mut Overrides) {
    let refused = Memory::<HashSet<String>>::default();
    let known = refused.share();
    policy.first_segment_refused(move |token| {
        refused.lock().insert(token.to_owned());
    });
    policy.may_begin(move |segment, _, contract| match segment.token {
        Some(token) if known.lock().contains(token) => Ok(()),
        _ => contract,
    });
}
