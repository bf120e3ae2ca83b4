//! The keys in the table as the rules see them, and the list for the operator: which key is
//! used now, which key comes next, and which keys are old.

use super::purpose::Purpose;
use crate::domain::Timestamp;
use crate::domain::keys::algorithm::Algorithm;
use crate::domain::keys::data_keys::{DataKeyAge, DataKeys};
use crate::domain::keys::signing_pairs::{SigningPair, SigningPairs};
use crate::domain::metrics::label::MeasuredKey;
use crate::store::StoredKey;

/// A kind of keys that an operator rotates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// The data keys of a purpose.
    Data(Purpose),
    /// The key pairs that sign tokens.
    Pair,
}

impl KeyKind {
    /// The name that operators read and write.
    pub fn name(self) -> &'static str {
        match self {
            Self::Data(purpose) => purpose.name(),
            Self::Pair => "pair",
        }
    }

    /// How old the key of this kind that is used may get, in seconds, if key pairs are
    /// made as often as this setting says.
    pub fn oldest(self, signing_key_seconds: i64) -> i64 {
        match self {
            Self::Data(_) => OLDEST_DATA_KEY,
            Self::Pair => signing_key_seconds + LATE_PAIR,
        }
    }

    /// The kind in the metrics.
    pub fn measured(self) -> MeasuredKey {
        match self {
            Self::Data(Purpose::Tokens) => MeasuredKey::Tokens,
            Self::Data(Purpose::Seeds) => MeasuredKey::Seeds,
            Self::Data(Purpose::Signing) => MeasuredKey::Signing,
            Self::Pair => MeasuredKey::Pair,
        }
    }
}

/// How late the daily schedule may make a key pair, in seconds. A pair is used a day after
/// it is made.
const LATE_PAIR: i64 = 3 * 86_400;

/// How old a data key may get, in seconds: NIST SP 800-57 5.3.6 recommends no more than two
/// years for a key that derives others, and a year leaves time.
const OLDEST_DATA_KEY: i64 = 400 * 86_400;

/// Where a key stands between the key before it and the key after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// The key is made, and every function learns of the key before its use.
    Next,
    /// The key is used for what is new.
    Current,
    /// The key still opens or checks what was sealed or signed with it.
    Old,
}

impl KeyState {
    /// The name that operators read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current => "current",
            Self::Old => "old",
        }
    }
}

/// A key as an operator sees the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    /// The name, such as `seeds-2` or `RS256-1`.
    pub name: String,
    pub kind: KeyKind,
    /// The `kid` of a key pair.
    pub kid: Option<String>,
    /// When the key was made.
    pub made_at: Timestamp,
    /// From when on the key is used for what is new.
    pub used_from: Timestamp,
    /// Where the key stands.
    pub state: KeyState,
}

/// The data keys of a purpose, without their secrets.
pub(super) fn data_keys(stored: &[StoredKey], wanted: Purpose) -> DataKeys {
    let age = |key: &StoredKey| match key {
        StoredKey::Data {
            purpose,
            number,
            created_at,
            ..
        } if purpose == wanted.name() => Some(DataKeyAge {
            number: *number,
            made_at: *created_at,
        }),
        StoredKey::Data { .. } | StoredKey::Signing { .. } => None,
    };
    DataKeys(stored.iter().filter_map(age).collect())
}

/// The key pair, without its keys. `None` for a data key.
pub(super) fn signing_pair(key: &StoredKey) -> Option<SigningPair> {
    match key {
        StoredKey::Signing {
            algorithm,
            number,
            created_at,
            signs_from,
            ..
        } => Some(SigningPair {
            algorithm: algorithm.clone(),
            number: *number,
            made_at: *created_at,
            signs_from: *signs_from,
        }),
        StoredKey::Data { .. } => None,
    }
}

/// The key pairs, without their keys.
pub(super) fn signing_pairs(stored: &[StoredKey]) -> SigningPairs {
    SigningPairs(stored.iter().filter_map(signing_pair).collect())
}

/// The stored pair that signs, and its algorithm.
pub(super) fn stored_signer(
    stored: &[StoredKey],
    wanted: Algorithm,
    now: Timestamp,
) -> Option<(&StoredKey, Algorithm)> {
    let pairs = signing_pairs(stored);
    let signs = pairs.signer(wanted, now)?;
    let pair = stored.iter().find(|key| {
        matches!(key, StoredKey::Signing { algorithm, number, .. }
            if *algorithm == signs.algorithm && *number == signs.number)
    })?;
    Some((pair, Algorithm::from_name(&signs.algorithm)?))
}

/// The stored keys in the order of their kinds, then of their age. A key of a
/// purpose that this version does not know is left out.
pub(super) fn inventory(
    stored: &[StoredKey],
    algorithm: Algorithm,
    now: Timestamp,
) -> Vec<ListedKey> {
    let signs = stored_signer(stored, algorithm, now).map(|(key, _)| key.name());
    let mut listed = Vec::new();
    for key in stored {
        match key {
            StoredKey::Data {
                purpose,
                number,
                created_at,
                ..
            } => {
                let Some(purpose) = Purpose::from_name(purpose) else {
                    continue;
                };
                let all = data_keys(stored, purpose);
                let age = DataKeyAge {
                    number: *number,
                    made_at: *created_at,
                };
                listed.push(ListedKey {
                    name: key.name(),
                    kind: KeyKind::Data(purpose),
                    kid: None,
                    made_at: *created_at,
                    used_from: all.used_from(age),
                    state: match number.cmp(&all.used_number(now)) {
                        std::cmp::Ordering::Less => KeyState::Old,
                        std::cmp::Ordering::Equal => KeyState::Current,
                        std::cmp::Ordering::Greater => KeyState::Next,
                    },
                });
            }
            StoredKey::Signing {
                kid,
                created_at,
                signs_from,
                ..
            } => listed.push(ListedKey {
                name: key.name(),
                kind: KeyKind::Pair,
                kid: Some(kid.clone()),
                made_at: *created_at,
                used_from: *signs_from,
                state: match signs.as_ref() == Some(&key.name()) {
                    true => KeyState::Current,
                    false if *signs_from > now => KeyState::Next,
                    false => KeyState::Old,
                },
            }),
        }
    }
    listed.sort_by_key(|key| (rank(key.kind), key.made_at, key.name.clone()));
    listed
}

fn rank(kind: KeyKind) -> u8 {
    match kind {
        KeyKind::Data(Purpose::Tokens) => 0,
        KeyKind::Data(Purpose::Seeds) => 1,
        KeyKind::Data(Purpose::Signing) => 2,
        KeyKind::Pair => 3,
    }
}
