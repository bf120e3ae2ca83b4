//! The permit to have a confirmation sent without an access token, after a
//! right password or passkey that was refused because of the address.

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};

use crate::domain::Timestamp;
use crate::domain::accounts::action::PERMIT_SECONDS;
use crate::domain::accounts::user::User;
use crate::domain::id::UserId;
use crate::failure::Broken;
use crate::store::Counted;
use crate::store::item::{Item, KEPT_AFTER_EXPIRY, Key, NewItem, number_value};
use crate::store::table::Store;
use crate::store::table_keys::partition;

impl Store {
    /// For ten minutes, allows confirmations of this user's addresses to be
    /// sent without an access token. Forgets the passwords that were counted, if any were.
    /// One batch write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn permit_confirmation(
        &self,
        user: &User,
        counted: Option<&Counted>,
        now: Timestamp,
    ) -> Result<(), Broken> {
        let expires_at = now + PERMIT_SECONDS;
        let item = NewItem::of_key(&permit_key(user.id))
            .with("epoch", number_value(user.epoch))
            .with("expires_at", number_value(expires_at))
            .with("ttl", number_value(expires_at + KEPT_AFTER_EXPIRY));
        let put = PutRequest::builder()
            .set_item(Some(item.0))
            .build()
            .map_err(|_| Broken::internal("an incomplete put"))?;
        let forgotten = counted.map(Counted::forgotten).transpose()?;
        let mut writes = forgotten.unwrap_or_default();
        writes.push(WriteRequest::builder().put_request(put).build());
        self.write_batch("permit a confirmation", writes).await
    }

    /// Whether a confirmation may be sent without an access token. One read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or the item is unreadable.
    pub async fn confirmation_is_permitted(
        &self,
        user: &User,
        now: Timestamp,
    ) -> Result<bool, Broken> {
        let Some(item) = self.read(&permit_key(user.id)).await? else {
            return Ok(false);
        };
        let item = Item(&item);
        let live = item.number::<Timestamp>("expires_at")? > now;
        Ok(live && item.number::<u64>("epoch")? == user.epoch)
    }
}

fn permit_key(user: UserId) -> Key {
    Key::new(partition(user), "PERMIT")
}
