//! Gives an account that nobody owns to the person who has shown a code of its mailbox.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::Timestamp;
use crate::domain::accounts::unowned::Unowned;
use crate::domain::accounts::user::User;
use crate::failure::Broken;
use crate::store::item::{number_value, text_value};
use crate::store::table::Store;
use crate::store::table_keys::{factor_key, metadata_key, profile_key, recovery_key};
use crate::store::write::{Change, Transacted, delete_part};

impl Store {
    /// Confirms the user's address, and removes the password, what was enrolled, and what the
    /// stranger wrote about the user. The epoch rises, so every session, login and link from
    /// before ends. As after a reset, no network from before is known. Returns false, and
    /// changes nothing, if the address was confirmed or the user has changed since the
    /// read. One transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn give_to_mailbox_owner(
        &self,
        user: &User,
        unowned: &Unowned,
        (forget_phone, now): (bool, Timestamp),
    ) -> Result<bool, Broken> {
        let Some(address) = &user.email else {
            return Ok(false);
        };
        let mut change = Change::of(
            profile_key(user.id),
            "#epoch = :epoch AND #active = :true AND #email = :address \
             AND #email_confirmed = :false",
        )
        .set("#email_confirmed = :true")
        .set("#epoch = #epoch + :one")
        .remove("#password_hash")
        .remove("#password_changed_at")
        .remove("#must_change_password")
        .remove("#given_name")
        .remove("#family_name")
        .remove("#name")
        .remove("#nickname")
        .remove("#picture")
        .set("#reset_at = :now")
        .value(":now", number_value(now))
        .value(":epoch", number_value(user.epoch))
        .value(":address", text_value(address))
        .value(":one", number_value(1))
        .value(":true", AttributeValue::Bool(true))
        .value(":false", AttributeValue::Bool(false));
        if !unowned.factors.is_empty() && !unowned.others {
            change = change.set("#two_factor = :false");
        }
        if forget_phone {
            change = change.set("#phone_confirmed = :false");
        }
        let mut parts = vec![
            change.into_part(&self.table)?,
            delete_part(&self.table, &metadata_key(user.id))?,
        ];
        for factor in &unowned.factors {
            parts.push(delete_part(&self.table, &factor_key(user.id, *factor))?);
        }
        if unowned.recovery {
            parts.push(delete_part(&self.table, &recovery_key(user.id))?);
        }
        let done = self.transact("give an account to its owner", parts).await?;
        Ok(matches!(done, Transacted::Done))
    }
}
