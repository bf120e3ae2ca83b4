//! Replaces keys that somebody else may have used, or whose values must not be good any
//! more. What the old keys made ends at once.

use super::inventory::{KeyKind, ListedKey, data_keys, inventory, signing_pairs};
use super::load::Keyring;
use super::next::no_such_key;
use super::purpose::Purpose;
use crate::domain::Timestamp;
use crate::failure::Broken;
use crate::store::{Act, StoredKey};

/// The kinds of keys that are replaced. The other data keys seal what is stored, so their
/// old keys stay until nothing is sealed with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplacedKind {
    /// The data key of codes and opaque tokens. Every pending login, code and session ends.
    /// An operator replaces the key after the table was restored to an earlier time, because
    /// consumed codes would be good again.
    Tokens,
    /// The key pairs of every algorithm. Their tokens are refused as soon as those who
    /// verify have read the public keys again.
    Pair,
}

impl ReplacedKind {
    /// The kind of the keys.
    pub fn kind(self) -> KeyKind {
        match self {
            Self::Tokens => KeyKind::Data(Purpose::Tokens),
            Self::Pair => KeyKind::Pair,
        }
    }
}

/// A new key, and the keys that the new key replaces.
#[derive(Debug)]
pub struct Replacement {
    new: StoredKey,
    old: Vec<StoredKey>,
}

impl Replacement {
    /// What events call the new key.
    pub(crate) fn told_as(&self) -> String {
        self.new.told_as()
    }
}

/// The keys after a replacement.
#[derive(Debug)]
pub struct Replaced {
    /// The key that is used from now on.
    pub made: ListedKey,
    /// The keys that were deleted.
    pub deleted: Vec<ListedKey>,
}

impl Keyring {
    /// Makes a key in place of all keys of this kind. [`Self::carry_out`] stores the key.
    ///
    /// # Errors
    /// `Broken` if DynamoDB or KMS does not answer, or if there is no such key.
    pub async fn prepare_replacement(
        &self,
        kind: ReplacedKind,
        now: Timestamp,
    ) -> Result<Replacement, Broken> {
        let stored = self.store.read_keys().await?;
        let is_of_kind = |key: &StoredKey| match (kind, key) {
            (ReplacedKind::Tokens, StoredKey::Data { purpose, .. }) => {
                purpose == Purpose::Tokens.name()
            }
            (ReplacedKind::Pair, StoredKey::Signing { .. }) => true,
            _ => false,
        };
        let old: Vec<StoredKey> = stored.into_iter().filter(is_of_kind).collect();
        if old.is_empty() {
            return Err(no_such_key());
        }
        let new = match kind {
            ReplacedKind::Tokens => {
                let number = data_keys(&old, Purpose::Tokens).next_number();
                self.new_data_key(Purpose::Tokens, number, now).await?
            }
            ReplacedKind::Pair => {
                let pairs = signing_pairs(&old);
                let wanted = pairs.replacement(self.settings.algorithm, now);
                self.new_key_pair(wanted, now).await?
            }
        };
        Ok(Replacement { new, old })
    }

    /// Stores the new key and deletes the old keys, with the act. Returns nothing, and
    /// changes nothing, if somebody else has made a key of this name meanwhile. One
    /// transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn store_replacement(
        &self,
        replacement: Replacement,
        act: &Act,
    ) -> Result<Option<Replaced>, Broken> {
        let Replacement { new, old } = replacement;
        if !self.store.replace_keys_by(&new, &old, act).await? {
            return Ok(None);
        }
        self.forget().await;
        let listed = |keys: &[StoredKey]| inventory(keys, self.settings.algorithm, act.at);
        let deleted = listed(&old);
        let made = listed(&[new]).pop();
        Ok(made.map(|made| Replaced { made, deleted }))
    }
}
