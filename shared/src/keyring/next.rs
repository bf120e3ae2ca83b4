//! What an operator asks of keys: to list the keys, to make the next key of a kind at once,
//! or to delete old keys. The schedule of `keys` makes and deletes key pairs only.

use std::collections::BTreeMap;

use super::inventory::{
    KeyKind, KeyState, ListedKey, data_keys, inventory, signing_pair, signing_pairs,
};
use super::load::Keyring;
use super::purpose::Purpose;
use crate::domain::Timestamp;
use crate::domain::keys::data_keys::FOLLOWED_SECONDS;
use crate::failure::Broken;
use crate::store::{Act, KeyUses, StoredKey};

/// Why an old key stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyNeed {
    /// Nothing needs the key.
    Nothing,
    /// Something that is not counted may need the key until this time.
    Until(Timestamp),
    /// The seeds of so many authenticator apps are sealed with the key. A seed is
    /// sealed again at the next login with the app.
    Seeds(u64),
    /// So many live sessions have a refresh token or a cookie of the key.
    Sessions(u64),
    /// So many key pairs are sealed with the key. The daily task of `keys` seals a key pair
    /// again.
    Pairs(u64),
}

/// The next key of a kind.
#[derive(Debug)]
pub enum NextKey {
    /// The table has the key already. The key is not used yet.
    There(ListedKey),
    /// A new key, which is not in the table.
    New(Box<StoredKey>),
}

impl Keyring {
    /// Every key of the table, without opening any. One request to DynamoDB.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn every_key(&self, now: Timestamp) -> Result<Vec<ListedKey>, Broken> {
        let stored = self.store.read_keys().await?;
        Ok(inventory(&stored, self.settings.algorithm, now))
    }

    /// The next key of this kind: the key that is there and not used yet, or a new key that
    /// [`Self::add_next`] stores. So a retry makes no second key.
    ///
    /// # Errors
    /// `Broken` if DynamoDB or KMS does not answer, or if there are no keys at all.
    pub async fn prepare_next(&self, kind: KeyKind, now: Timestamp) -> Result<NextKey, Broken> {
        let algorithm = self.settings.algorithm;
        let stored = self.store.read_keys().await?;
        let all = inventory(&stored, algorithm, now);
        let same = || all.iter().filter(|key| key.kind == kind);
        if same().next().is_none() {
            return Err(no_such_key());
        }
        if let Some(next) = same().find(|key| key.state == KeyState::Next) {
            return Ok(NextKey::There(next.clone()));
        }
        let made = match kind {
            KeyKind::Data(purpose) => {
                let number = data_keys(&stored, purpose).next_number();
                self.new_data_key(purpose, number, now).await?
            }
            KeyKind::Pair => {
                let next = signing_pairs(&stored).next(algorithm, now);
                self.new_key_pair(next, now).await?
            }
        };
        Ok(NextKey::New(Box::new(made)))
    }

    /// Stores a key of [`Self::prepare_next`], with the act that makes the key. Returns the
    /// stored key, or nothing if somebody else has made a key of this name meanwhile.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn add_next(&self, next: &StoredKey, act: &Act) -> Result<Option<ListedKey>, Broken> {
        if !self.store.add_key_by(next, act).await? {
            return Ok(None);
        }
        self.forget().await;
        let stored = self.store.read_keys().await?;
        let mut all = inventory(&stored, self.settings.algorithm, act.at).into_iter();
        Ok(all.find(|key| key.name == next.name()))
    }

    /// Deletes the key of this name, which nothing needs.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer. A retry is safe.
    pub async fn delete_old(&self, name: &str, act: &Act) -> Result<(), Broken> {
        let stored = self.store.read_keys().await?;
        if let Some(key) = stored.iter().find(|key| key.name() == name) {
            self.store.delete_key_by(key, act).await?;
        }
        self.forget().await;
        Ok(())
    }

    /// The old keys, and what still needs each. Reads the whole table.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn old_keys(&self, now: Timestamp) -> Result<Vec<(ListedKey, KeyNeed)>, Broken> {
        let algorithm = self.settings.algorithm;
        let stored = self.store.read_keys().await?;
        let all = inventory(&stored, algorithm, now);
        let old: Vec<&ListedKey> = all
            .iter()
            .filter(|key| key.state == KeyState::Old)
            .collect();
        let keys = data_keys(&stored, Purpose::Tokens);
        let free = |number| Some((number, keys.free_at(number)?));
        let numbers = keys.0.iter().map(|key| key.number);
        let tokens: BTreeMap<u32, Timestamp> = numbers.filter_map(free).collect();
        let uses = match old.is_empty() {
            true => KeyUses::default(),
            false => self.store.count_key_uses(&tokens, now).await?,
        };
        let pairs = signing_pairs(&stored);
        let mut seen = Vec::new();
        for key in old {
            let Some(at) = stored.iter().find(|one| one.name() == key.name) else {
                continue;
            };
            let need = match (at, signing_pair(at)) {
                (_, Some(pair)) if pairs.over(algorithm, now).any(|over| *over == pair) => {
                    KeyNeed::Nothing
                }
                (_, Some(pair)) => KeyNeed::Until(pairs.over_at(&pair).unwrap_or(now)),
                (StoredKey::Data { number, .. }, None) => {
                    need(&stored, key.kind, *number, &uses, now)
                }
                (StoredKey::Signing { .. }, None) => continue,
            };
            seen.push((key.clone(), need));
        }
        Ok(seen)
    }
}

/// The failure where a key is asked for, and the table has none of its kind.
pub(super) fn no_such_key() -> Broken {
    Broken::internal("the table holds no such key: the keys function makes the first keys")
}

/// What needs an old data key.
fn need(
    stored: &[StoredKey],
    kind: KeyKind,
    number: u32,
    uses: &KeyUses,
    now: Timestamp,
) -> KeyNeed {
    let KeyKind::Data(purpose) = kind else {
        return KeyNeed::Nothing;
    };
    match data_keys(stored, purpose).free_at(number) {
        None => return KeyNeed::Until(now + FOLLOWED_SECONDS),
        Some(free) if free > now => return KeyNeed::Until(free),
        Some(_) => {}
    }
    let sealed = |key: &&StoredKey| matches!(key, StoredKey::Signing { private, .. } if private.key == number);
    let (count, need): (u64, fn(u64) -> KeyNeed) = match purpose {
        Purpose::Tokens => (
            uses.sessions.get(&number).copied().unwrap_or(0),
            KeyNeed::Sessions,
        ),
        Purpose::Seeds => (
            uses.seeds.get(&number).copied().unwrap_or(0),
            KeyNeed::Seeds,
        ),
        Purpose::Signing => (
            stored.iter().filter(sealed).map(|_| 1).sum(),
            KeyNeed::Pairs,
        ),
    };
    match count {
        0 => KeyNeed::Nothing,
        count => need(count),
    }
}
