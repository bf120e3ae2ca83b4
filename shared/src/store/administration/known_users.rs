//! Finds out which users of another system already exist here.

use std::collections::{HashMap, HashSet};

use crate::domain::accounts::login_name::LoginName;
use crate::domain::factors::passkey::UserHandle;
use crate::domain::id::UserId;
use crate::failure::Broken;
use crate::store::accounts::user::name_key;
use crate::store::item::{Item, Key};
use crate::store::table::Store;
use crate::store::table_keys::{handle_key, profile_key};

/// The largest number of items in one batch read.
const BATCH: usize = 100;

impl Store {
    /// Which of these identifiers belong to a user.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn known_users(&self, ids: &[UserId]) -> Result<HashSet<UserId>, Broken> {
        let mut known = HashSet::new();
        for some in ids.chunks(BATCH) {
            let keys: Vec<Key> = some.iter().map(|id| profile_key(*id)).collect();
            let items = self.read_batch(&keys).await?;
            for (id, key) in some.iter().zip(&keys) {
                if items.iter().any(|item| Item(item).stands_at(key)) {
                    known.insert(*id);
                }
            }
        }
        Ok(known)
    }

    /// The owners of these names, for the names that have an owner.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn owners_of_names(
        &self,
        names: &[LoginName],
    ) -> Result<HashMap<String, UserId>, Broken> {
        let mut owners = HashMap::new();
        for some in names.chunks(BATCH) {
            let keys: Vec<Key> = some.iter().map(name_key).collect();
            let items = self.read_batch(&keys).await?;
            for (name, key) in some.iter().zip(&keys) {
                if let Some(item) = items.iter().map(Item).find(|item| item.stands_at(key)) {
                    owners.insert(name.as_str().to_owned(), item.id("user", UserId::parse)?);
                }
            }
        }
        Ok(owners)
    }

    /// The users whom authenticators know by these handles.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn owners_of_handles(
        &self,
        handles: &[UserHandle],
    ) -> Result<HashMap<UserHandle, UserId>, Broken> {
        let mut owners = HashMap::new();
        for some in handles.chunks(BATCH) {
            let keys: Vec<Key> = some.iter().copied().map(handle_key).collect();
            let items = self.read_batch(&keys).await?;
            for (handle, key) in some.iter().zip(&keys) {
                if let Some(item) = items.iter().map(Item).find(|item| item.stands_at(key)) {
                    owners.insert(*handle, item.id("user", UserId::parse)?);
                }
            }
        }
        Ok(owners)
    }
}
