//! Records that a login has shown the owner's address before the first factor, and
//! finds what a reset removes.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::Timestamp;
use crate::domain::accounts::unowned::Unowned;
use crate::domain::id::{FactorId, UserId};
use crate::domain::login::pending_login::{Login, Proof, State};
use crate::failure::Broken;
use crate::store::accounts::user_item::OWNED;
use crate::store::item::{Item, number_value, text_value};
use crate::store::login::adopted_send::{spend_earlier, spend_own};
use crate::store::table::Store;
use crate::store::table_keys::{FACTOR_PREFIX, RECOVERY, login_key};
use crate::store::write::{Change, Transacted};

impl Store {
    /// The factors and recovery codes of this user that may not be the owner's.
    /// One query.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn read_unowned(&self, user: UserId) -> Result<Unowned, Broken> {
        let mut unowned = Unowned::default();
        for item in self.read_profile_items(user).await? {
            let item = Item(&item);
            let (sort, owned) = (item.text("SK")?, item.flag(OWNED)?);
            if sort == RECOVERY {
                unowned.recovery = !owned;
            } else if sort.starts_with(FACTOR_PREFIX) && item.flag("confirmed")? {
                match owned {
                    true => unowned.others = true,
                    false => {
                        let factor = item.sort_id(FACTOR_PREFIX, FactorId::parse)?;
                        unowned.factors.push(factor);
                        if item.text("kind")? == "passkey" {
                            unowned.passkeys.push(factor);
                        }
                    }
                }
            }
        }
        Ok(unowned)
    }

    /// Notes in this login that a code has shown the user's confirmed address.
    /// Spends the code, so it shows the address for no other login. Returns
    /// false, and changes nothing, if the login is over or the code is spent.
    /// One transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn mark_address_proven(
        &self,
        login: &Login,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<bool, Broken> {
        let live = Change::of(
            login_key(login.user, login.id),
            "#state IN (:pending, :sent) AND #epoch = :epoch AND #expires_at > :now",
        );
        let change = spend_own(live, proof)
            .set("#address_shown = :true")
            .value(":pending", text_value(State::Pending.name()))
            .value(":sent", text_value(State::CodeSent.name()))
            .value(":epoch", number_value(login.epoch))
            .value(":now", number_value(now))
            .value(":true", AttributeValue::Bool(true));
        let mut parts = vec![change.into_part(&self.table)?];
        if let Some(spend) = spend_earlier(login.user, proof, now) {
            parts.push(spend.into_part(&self.table)?);
        }
        let done = self
            .transact("note that an address was shown", parts)
            .await?;
        Ok(matches!(done, Transacted::Done))
    }
}
