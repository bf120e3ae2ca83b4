//! The kinds of the imported password hashes: one example hash of each kind. The
//! hashes belong to no user. A wrong password costs the work of each kind. Nothing
//! removes the item, because a user who never signs in keeps an imported hash.
//!
//! The item has a key like the key of a name. So the batch that finds a name can
//! also read the item.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::Timestamp;
use crate::domain::accounts::moving_in::hash_kinds::add_kinds;
use crate::domain::accounts::password::PasswordHash;
use crate::failure::Broken;
use crate::store::item::{Attributes, Item, Key, TTL_ATTRIBUTE, number_value, texts_value};
use crate::store::table::Store;
use crate::store::write::{Change, Transacted};

/// Processes of an earlier version ask until when the kinds are known: for ever.
const NEVER: Timestamp = 253_402_300_799;

/// How often the write is tried if another import changes the item at the same time.
const MEETINGS: u32 = 5;

/// The key of the item.
pub(super) fn kinds_key() -> Key {
    Key::new("NAME#", "HASHES")
}

/// The kinds among these items.
pub(super) fn kinds_among(items: &[Attributes]) -> Result<Vec<PasswordHash>, Broken> {
    let key = kinds_key();
    let Some(item) = items.iter().map(Item).find(|item| item.stands_at(&key)) else {
        return Ok(Vec::new());
    };
    let kinds = item.texts("kinds")?.into_iter();
    Ok(kinds.map(PasswordHash::from_stored).collect())
}

impl Store {
    /// The kinds of imported hashes that a wrong password costs the work of.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn read_hash_kinds(&self) -> Result<Vec<PasswordHash>, Broken> {
        let read = self.read(&kinds_key()).await?;
        kinds_among(read.as_slice())
    }

    /// Adds these kinds to the kinds of imported hashes, as far as there is room. Returns
    /// all.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer, or other imports write all the time.
    pub async fn note_hash_kinds(
        &self,
        kinds: &[PasswordHash],
    ) -> Result<Vec<PasswordHash>, Broken> {
        for _ in 0..MEETINGS {
            let before = self.read_hash_kinds().await?;
            let mut all = before.clone();
            add_kinds(&mut all, kinds);
            if all == before {
                return Ok(all);
            }
            let condition = match before.is_empty() {
                false => "#kinds = :before",
                true => "attribute_not_exists(#kinds)",
            };
            let mut change = Change::of(kinds_key(), condition)
                .set("#kinds = :kinds")
                .set("#expires_at = :never")
                .remove(format!("#{TTL_ATTRIBUTE}"))
                .value(":kinds", kinds_value(&all))
                .value(":never", number_value(NEVER));
            if !before.is_empty() {
                change = change.value(":before", kinds_value(&before));
            }
            let parts = vec![change.into_part(&self.table)?];
            if let Transacted::Done = self.transact("note kinds of hashes", parts).await? {
                return Ok(all);
            }
        }
        Err(Broken::internal(
            "other imports note kinds of hashes all the time",
        ))
    }
}

fn kinds_value(kinds: &[PasswordHash]) -> AttributeValue {
    let texts = kinds.iter().map(|kind| kind.as_str().to_owned());
    texts_value(&texts.collect::<Vec<_>>())
}
