//! The one use of a challenge that a passkey signs.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};

use crate::domain::Timestamp;
use crate::domain::factors::passkey::CHALLENGE_SECONDS;
use crate::domain::id::{FactorId, LoginId, UserId};
use crate::failure::Broken;
use crate::store::item::{KEPT_AFTER_EXPIRY, Key, NewItem, TTL_ATTRIBUTE, number_value};
use crate::store::table::Store;
use crate::store::table_keys::factor_key;
use crate::store::write::{Change, Transacted, put_part};

/// A right signature of a passkey under a challenge.
#[derive(Clone, Copy, Debug)]
pub struct PasskeyUse {
    pub challenge: LoginId,
    pub user: UserId,
    pub factor: FactorId,
    /// How often the authenticator has signed, with this time. Zero if it does not count.
    pub counter: u32,
    /// Whether the private key has been copied.
    pub is_copied: bool,
}

impl Store {
    /// Spends a challenge, once, and advances the counter of the passkey that has signed it.
    /// Returns false, and changes nothing, if the challenge was spent before, if the passkey
    /// is gone, or if its counter has reached this count: then another authenticator may
    /// have a copy of the key. One transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn spend_challenge(&self, used: PasskeyUse, now: Timestamp) -> Result<bool, Broken> {
        let parts = use_parts(&self.table, used, now)?;
        let done = self.transact("spend a challenge", parts.into()).await?;
        Ok(matches!(done, Transacted::Done))
    }
}

/// The parts of a transaction that spend a challenge and advance the counter.
pub(in crate::store) fn use_parts(
    table: &str,
    used: PasskeyUse,
    now: Timestamp,
) -> Result<[TransactWriteItem; 2], Broken> {
    let key = Key::new(format!("PASSKEYCHALLENGE#{}", used.challenge), "SPENT");
    let kept_until = now + CHALLENGE_SECONDS + KEPT_AFTER_EXPIRY;
    let spent = NewItem::of_key(&key)
        .with("at", number_value(now))
        .with(TTL_ATTRIBUTE, number_value(kept_until));
    let signed = (used.counter, used.is_copied);
    Ok([
        put_part(table, spent.0)?,
        advanced(used.user, used.factor, signed, now).into_part(table)?,
    ])
}

/// Advances the counter of a passkey, unless the counter has reached this count.
pub(in crate::store) fn advanced(
    user: UserId,
    factor: FactorId,
    (counter, is_copied): (u32, bool),
    now: Timestamp,
) -> Change {
    // An authenticator that does not count sends zero each time.
    let counted = match counter {
        0 => "#counter = :counter",
        _ => "#counter < :counter",
    };
    Change::of(
        factor_key(user, factor),
        format!("#confirmed = :true AND {counted}"),
    )
    .set("#counter = :counter")
    .set("#is_copied = :is_copied")
    .set("#last_used_at = :now")
    .value(":true", AttributeValue::Bool(true))
    .value(":counter", number_value(counter))
    .value(":is_copied", AttributeValue::Bool(is_copied))
    .value(":now", number_value(now))
}
