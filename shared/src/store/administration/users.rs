//! Looks for users by a part of a name, an address or a number.

use crate::domain::accounts::user::User;
use crate::domain::id::UserId;
use crate::failure::Broken;
use crate::store::accounts::user_item::user_of_item;
use crate::store::item::{Attributes, Closed, Item};
use crate::store::table::Store;
use crate::store::table_keys::PROFILE;

/// The prefix of a user's partition key.
const USER: &str = "USER#";

impl Store {
    /// The users that `wanted` accepts. Scans the table, so its time grows with the
    /// number of users.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn search_users(&self, wanted: impl Fn(&User) -> bool) -> Result<Vec<User>, Broken> {
        let items = self
            .scan("look for users", "SK = :profile", PROFILE)
            .await?;
        let read = |item: &Attributes| {
            let id = Item(item).text("PK").ok()?.strip_prefix(USER)?;
            user_of_item(UserId::parse(id)?, Item(item)).newer("a user")
        };
        let mut users: Vec<User> = items.iter().filter_map(read).collect();
        users.retain(|user| wanted(user));
        users.sort_by(|one, other| one.user_name.cmp(&other.user_name));
        Ok(users)
    }
}
