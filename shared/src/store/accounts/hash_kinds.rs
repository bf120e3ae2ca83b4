//! The kinds of the imported password hashes: one example hash of each kind. The
//! hashes belong to no user. A wrong password costs the work of each kind.
//!
//! The item has a key like the key of a name. So the batch that finds a name can
//! also read the item.

use crate::domain::Timestamp;
use crate::domain::accounts::password::{MOST_KINDS, PasswordHash};
use crate::failure::Broken;
use crate::store::item::{Attributes, Item, Key, TTL_ATTRIBUTE, number_value, texts_value};
use crate::store::table::Store;
use crate::store::write::{Change, Transacted};

/// How long the kinds of an import are known, in seconds: a year. Users who still
/// sign in have signed in at least once by then.
const KNOWN_FOR: Timestamp = 31_536_000;

/// How often the write is tried if another import changes the item at the same time.
const MEETINGS: u32 = 5;

/// The key of the item.
pub(super) fn kinds_key() -> Key {
    Key::new("NAME#", "HASHES")
}

/// The kinds among these items, unless their time has passed.
pub(super) fn kinds_among(
    items: &[Attributes],
    now: Timestamp,
) -> Result<Vec<PasswordHash>, Broken> {
    let key = kinds_key();
    let Some(item) = items.iter().map(Item).find(|item| item.stands_at(&key)) else {
        return Ok(Vec::new());
    };
    if item.number::<Timestamp>("expires_at")? <= now {
        return Ok(Vec::new());
    }
    let kinds = item.texts("kinds")?.into_iter();
    Ok(kinds.map(PasswordHash::from_stored).collect())
}

/// The kinds that an import has noted.
pub struct NotedKinds {
    /// A hash of each kind that belongs to no user.
    pub kinds: Vec<PasswordHash>,
    /// Until when a wrong password costs their work.
    pub until: Timestamp,
}

impl Store {
    /// The kinds of imported hashes, if there are any, and until when they count.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn read_noted_kinds(&self, now: Timestamp) -> Result<Option<NotedKinds>, Broken> {
        let Some(item) = self.read(&kinds_key()).await? else {
            return Ok(None);
        };
        let until = Item(&item).number("expires_at")?;
        let kinds = kinds_among(&[item], now)?;
        Ok((!kinds.is_empty()).then_some(NotedKinds { kinds, until }))
    }

    /// The kinds of imported hashes that a wrong password costs the work of.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn read_hash_kinds(&self, now: Timestamp) -> Result<Vec<PasswordHash>, Broken> {
        let noted = self.read_noted_kinds(now).await?;
        Ok(noted.map(|noted| noted.kinds).unwrap_or_default())
    }

    /// Adds these kinds to the kinds of imported hashes, as far as there is room,
    /// for a year from now.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer, or other imports write all the time.
    pub async fn note_hash_kinds(
        &self,
        kinds: &[PasswordHash],
        now: Timestamp,
    ) -> Result<(), Broken> {
        for _ in 0..MEETINGS {
            let read = self.read(&kinds_key()).await?;
            let items: Vec<Attributes> = read.into_iter().collect();
            let before = items.first().map(|item| Item(item).texts("kinds"));
            let before = before.transpose()?;
            let mut all = kinds_among(&items, now)?;
            for kind in kinds {
                if !all.contains(kind) {
                    all.push(kind.clone());
                }
            }
            all.truncate(MOST_KINDS);
            let all: Vec<String> = all.iter().map(|kind| kind.as_str().to_owned()).collect();
            let condition = match before {
                Some(_) => "#kinds = :before",
                None => "attribute_not_exists(#kinds)",
            };
            let mut change = Change::of(kinds_key(), condition)
                .set("#kinds = :kinds")
                .set("#expires_at = :later")
                .set(format!("#{TTL_ATTRIBUTE} = :later"))
                .value(":kinds", texts_value(&all))
                .value(":later", number_value(now + KNOWN_FOR));
            if let Some(before) = before {
                change = change.value(":before", texts_value(&before));
            }
            let parts = vec![change.into_part(&self.table)?];
            if let Transacted::Done = self.transact("note kinds of hashes", parts).await? {
                return Ok(());
            }
        }
        Err(Broken::internal(
            "other imports note kinds of hashes all the time",
        ))
    }
}
