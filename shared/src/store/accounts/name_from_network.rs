//! Who has a name or a number, and whether the network that asks is known to the name.

use crate::domain::Timestamp;
use crate::domain::accounts::login_name::LoginName;
use crate::domain::id::UserId;
use crate::failure::Broken;
use crate::store::Charge;
use crate::store::accounts::phone_owner::phone_key;
use crate::store::accounts::user::name_key;
use crate::store::item::{Item, Key};
use crate::store::table::Store;

impl Store {
    /// The user who signs in with this name, and when a login of the name was
    /// last completed from this charge's network, if that was lately. One batch
    /// read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn find_name_from(
        &self,
        name: &LoginName,
        charge: &Charge,
        now: Timestamp,
    ) -> Result<(Option<UserId>, Option<Timestamp>), Broken> {
        self.find_from(name_key(name), charge, now).await
    }

    /// The same for the user who was the last to confirm the number of this name.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn find_phone_from(
        &self,
        name: &LoginName,
        charge: &Charge,
        now: Timestamp,
    ) -> Result<(Option<UserId>, Option<Timestamp>), Broken> {
        self.find_from(phone_key(name), charge, now).await
    }

    async fn find_from(
        &self,
        key: Key,
        charge: &Charge,
        now: Timestamp,
    ) -> Result<(Option<UserId>, Option<Timestamp>), Broken> {
        let keys = [key, charge.name_and_network_key()];
        let items = self.read_batch(&keys).await?;
        let [found, here] =
            keys.map(|key| items.iter().map(Item).find(|item| item.stands_at(&key)));
        let user = found
            .map(|item| item.id("user", UserId::parse))
            .transpose()?;
        let completed_at = here.map(|item| item.last_login(now)).transpose()?;
        Ok((user, completed_at.flatten()))
    }
}
