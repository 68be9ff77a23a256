//! A deleted token still does something, or its deletion does too much.

use super::edits::{deletion_has_body, deletion_of_nothing_succeeds};
use super::entry::Entry;
use super::memory::{Memory, MemoryMap};
use crate::operation::Operation;
use crate::policy::decisions::Overrides;
use crate::policy::facts::{Deletion, Stage, TokenUse};
use crate::state::token::{TokenState, UploadToken};
use crate::timestamp::Timestamp;

pub(crate) const DEFECTS: &[Entry] = &[
    Entry::new(
        "deletion-answers-200",
        "5.15",
        "Deleting a token returns 200 and an empty object.",
        |policy| {
            deletion_has_body(policy, Operation::DeleteToken);
        },
    ),
    Entry::new(
        "deleted-token-lives-a-minute",
        "11.11",
        "A deleted token starts uploads for another minute.",
        |policy| {
            deleted_may(policy, |usage, deleted| {
                (usage.now < deleted.plus_seconds(60)).then_some(TokenState::Active)
            });
        },
    ),
    Entry::new("deleted-token-shown", "11.11", "A deleted token is still shown by its id.", |policy| {
        let deleted = deleted_tokens(policy);
        policy.token_found(move |token, _, found| {
            found.or_else(|| deleted.lock().get(token).map(|(token, _)| token.clone()))
        });
    }),
    Entry::new("deleted-token-listed", "11.11", "A deleted token is still listed.", |policy| {
        let deleted = deleted_tokens(policy);
        policy.listed_tokens(move |_, mut listed| {
            listed.extend(deleted.lock().values().map(|(token, _)| token.clone()));
            listed
        });
    }),
    Entry::new("deletion-of-nothing-is-204", "5.15", "Deleting an unknown token returns 204.", |policy| {
        deletion_of_nothing_succeeds(policy, Operation::DeleteToken, |_| true);
    }),
    Entry::new(
        "deletion-spares-uploads",
        "11.11",
        "Uploads in progress continue when their token is deleted.",
        |policy| deleted_may(policy, |_, _| Some(TokenState::Grace)),
    ),
    Entry::new(
        "deletion-spares-grace",
        "11.11",
        "Deleting an expired token does not end its grace period.",
        |policy| {
            policy.deletion(|token, now, contract| {
                let is_expired = token.ttl > 0 && now >= token.created.plus_seconds(token.ttl);
                if is_expired { Deletion::Nothing } else { contract }
            });
        },
    ),
    Entry::new("deletion-takes-videos", "11.9", "Deleting a token deletes its videos.", |policy| {
        policy.deletion(|_, _, _| Deletion::TokenAndItsVideos);
    }),
    Entry::new("deletion-takes-all-tokens", "11.11", "Deleting one token deletes all.", |policy| {
        policy.deletion(|_, _, _| Deletion::AllTokens);
    }),
    Entry::new(
        "unexpiring-token-stays",
        "11.11",
        "Deleting a token without ttl returns 204 and does nothing.",
        |policy| {
            policy.deletion(|token, _, contract| if token.ttl == 0 { Deletion::Nothing } else { contract });
        },
    ),
    Entry::new(
        "deletion-judged-at-the-start",
        "11.12",
        "An upload that started before its token was deleted is accepted, however late it arrives.",
        |policy| {
            deleted_may(policy, |usage, _| (usage.stage == Stage::Body).then_some(TokenState::Active));
        },
    ),
    Entry::new(
        "deletion-reaches-one-in-two",
        "11.11",
        "Every second upload with a deleted token is accepted, as by a replica that has not been notified.",
        |policy| {
            let asked = Memory::<u64>::default();
            deleted_may(policy, move |_, _| {
                let mut asked = asked.lock();
                *asked += 1;
                // An upload that is accepted asks twice, as it begins and when it has arrived.
                ((*asked - 1) / 2).is_multiple_of(2).then_some(TokenState::Active)
            });
        },
    ),
];

/// The tokens that were deleted, and when.
pub(crate) fn deleted_tokens(policy: &mut Overrides) -> MemoryMap<(UploadToken, Timestamp)> {
    let deleted = MemoryMap::default();
    let remembered: MemoryMap<(UploadToken, Timestamp)> = deleted.share();
    policy.token_deleted(move |token, now| {
        remembered.lock().insert(token.token.clone(), (token.clone(), now));
    });
    deleted
}

/// Lets a deleted token do something all the same.
pub(crate) fn deleted_may(
    policy: &mut Overrides,
    may: impl Fn(&TokenUse<'_>, Timestamp) -> Option<TokenState> + Send + Sync + 'static,
) {
    let deleted = deleted_tokens(policy);
    policy.token_state(move |usage, contract| {
        let when = deleted.lock().get(usage.token).map(|(_, when)| *when);
        contract.or_else(|| when.and_then(|when| may(usage, when)))
    });
}
