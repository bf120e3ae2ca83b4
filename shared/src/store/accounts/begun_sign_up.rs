//! Sign-ups with a passkey that have begun. Nobody is signed up yet, so they stand outside
//! of every user's partition.

use crate::domain::Timestamp;
use crate::domain::accounts::user::User;
use crate::domain::factors::passkey::CHALLENGE_SECONDS;
use crate::domain::id::{LoginId, UserId};
use crate::failure::Broken;
use crate::store::accounts::user_item::{read_metadata, user_of_item, write_metadata, write_user};
use crate::store::item::{
    Item, KEPT_AFTER_EXPIRY, Key, NewItem, TTL_ATTRIBUTE, number_value, text_value,
};
use crate::store::table::Store;
use crate::store::write::{Change, Written};

fn sign_up_key(challenge: LoginId) -> Key {
    Key::new(format!("PASSKEYSIGNUP#{challenge}"), "BEGUN")
}

impl Store {
    /// Keeps the user whom the passkey of this challenge will sign up. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn begin_sign_up(
        &self,
        challenge: LoginId,
        user: &User,
        now: Timestamp,
    ) -> Result<(), Broken> {
        let mut item = write_user(user).0;
        item.extend(sign_up_key(challenge).to_attributes());
        if let Some(metadata) = write_metadata(user) {
            let texts = metadata.0.into_iter().filter(|(name, _)| name == "texts");
            item.extend(texts);
        }
        let item = NewItem(item)
            .with("user", text_value(user.id.to_string()))
            .with("expires_at", number_value(now + CHALLENGE_SECONDS))
            .with(
                TTL_ATTRIBUTE,
                number_value(now + CHALLENGE_SECONDS + KEPT_AFTER_EXPIRY),
            );
        self.put_new("begin a sign-up", item.0).await.map(|_| ())
    }

    /// Spends the challenge of a sign-up, once, and gives the user who is to be made.
    /// `None` if there is no such sign-up, or if its challenge is spent or too old. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or the item is unreadable.
    pub async fn spend_sign_up(
        &self,
        challenge: LoginId,
        now: Timestamp,
    ) -> Result<Option<User>, Broken> {
        let live = "attribute_not_exists(#spent_at) AND #expires_at > :now";
        let spent = Change::of(sign_up_key(challenge), live)
            .set("#spent_at = :now")
            .value(":now", number_value(now));
        let Written::Done(item) = self.change(spent).await? else {
            return Ok(None);
        };
        let item = Item(&item);
        let mut user = user_of_item(item.id("user", UserId::parse)?, item)?;
        user.profile.metadata = read_metadata(item)?;
        Ok(Some(user))
    }
}
