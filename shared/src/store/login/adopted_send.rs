//! A code that was sent for one login and may complete a later login. The code
//! completes only one of the two, whichever comes first.

use crate::domain::Timestamp;
use crate::domain::id::UserId;
use crate::domain::login::pending_login::{Login, Proof, SentCode, State};
use crate::failure::Broken;
use crate::store::item::{number_value, text_value};
use crate::store::login::pending_login_item::{spent_name, write_sends};
use crate::store::table::Store;
use crate::store::table_keys::login_key;
use crate::store::write::{Change, Written};

impl Store {
    /// Allows a code that was sent for an earlier login to complete this login.
    /// Nothing is sent and nothing is charged. Returns false, and changes
    /// nothing, if the login is over, or had a send of its own meanwhile. One
    /// write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn adopt_send(
        &self,
        login: &Login,
        sent: SentCode,
        now: Timestamp,
    ) -> Result<bool, Broken> {
        let adopt = Change::of(
            login_key(login.user, login.id),
            "#state IN (:pending, :sent) AND #sends = :n AND #expires_at > :now \
             AND #epoch = :epoch",
        )
        .set("#state = :sent")
        .set("#sent = :list")
        .value(":pending", text_value(State::Pending.name()))
        .value(":sent", text_value(State::CodeSent.name()))
        .value(":n", number_value(login.sends))
        .value(":list", write_sends(&login.newest_with(sent)))
        .value(":epoch", number_value(login.epoch))
        .value(":now", number_value(now));
        Ok(matches!(self.change(adopt).await?, Written::Done(_)))
    }
}

/// The step of a login, under the condition that no later login has spent the
/// code.
pub(in crate::store) fn unless_spent(step: Change, proof: &Proof) -> Change {
    match proof {
        Proof::Sent(SentCode {
            earlier: None,
            number,
            ..
        }) => step
            .and("attribute_not_exists(#spent)")
            .name("#spent", &spent_name(*number)),
        Proof::Sent(_) | Proof::Totp { .. } | Proof::Recovery { .. } | Proof::Passkey(_) => step,
    }
}

/// A change of the login that the code was sent for. The change spends the
/// code.
pub(in crate::store) fn spend_own(change: Change, proof: &Proof) -> Change {
    match proof {
        Proof::Sent(sent) if sent.earlier.is_none() => {
            unless_spent(change, proof).set("#spent = :now")
        }
        Proof::Sent(_) | Proof::Totp { .. } | Proof::Recovery { .. } | Proof::Passkey(_) => change,
    }
}

/// Spends an adopted code in the login that the code was sent for, once, while
/// that login is open.
pub(in crate::store) fn spend_earlier(
    user: UserId,
    proof: &Proof,
    now: Timestamp,
) -> Option<Change> {
    let Proof::Sent(sent) = proof else {
        return None;
    };
    let change = Change::of(
        login_key(user, sent.earlier?),
        "#state = :sent AND #expires_at > :now AND attribute_not_exists(#spent)",
    )
    .name("#spent", &spent_name(sent.number))
    .set("#spent = :now")
    .value(":sent", text_value(State::CodeSent.name()))
    .value(":now", number_value(now));
    Some(change)
}
