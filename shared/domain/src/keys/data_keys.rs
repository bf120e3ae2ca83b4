//! The data keys of a purpose: which key is used for what is new, and when an old key is
//! free.

use crate::Timestamp;

/// How old a data key must be before the service derives values from the key, in seconds.
/// By then every function knows the key.
pub const SETTLING_SECONDS: i64 = 900;

/// How long after a data key was followed by the next key something new may still depend
/// on the old key, in seconds. Nothing but a session lives longer: the link that confirms
/// an address lives a day, and a function that cannot read the keys again uses its old
/// keys for a while.
pub const FOLLOWED_SECONDS: i64 = 2 * 86_400;

/// A data key, without its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DataKeyAge {
    /// The number within the purpose, from 1.
    pub number: u32,
    pub made_at: Timestamp,
}

/// All data keys of one purpose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DataKeys(pub Vec<DataKeyAge>);

impl DataKeys {
    fn numbers(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|key| key.number)
    }

    /// The number of the newest key that every function knows by now. On the first day,
    /// this is the only key. 0 if there is no key.
    pub fn used_number(&self, now: Timestamp) -> u32 {
        let settled = |key: &&DataKeyAge| key.made_at + SETTLING_SECONDS <= now;
        let newest = self.0.iter().filter(settled).map(|key| key.number).max();
        newest.or_else(|| self.numbers().min()).unwrap_or(0)
    }

    /// From when on this key is used. The first key is used at once.
    pub fn used_from(&self, key: DataKeyAge) -> Timestamp {
        match self.numbers().min() {
            Some(first) if first < key.number => key.made_at + SETTLING_SECONDS,
            _ => key.made_at,
        }
    }

    /// The number of the next key. Two functions that make the next key at once give that
    /// key one number, so the table takes one of the two keys.
    pub fn next_number(&self) -> u32 {
        self.numbers().max().unwrap_or(0) + 1
    }

    /// From when on nothing but sessions, seeds and key pairs needs this key. `None` for the
    /// newest key.
    pub fn free_at(&self, number: u32) -> Option<Timestamp> {
        let later = self.0.iter().filter(|key| key.number > number);
        let followed = later.min_by_key(|key| key.number)?;
        Some(followed.made_at + SETTLING_SECONDS + FOLLOWED_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use super::{DataKeyAge, DataKeys, FOLLOWED_SECONDS, SETTLING_SECONDS};

    const NOW: i64 = 1_800_000_000;

    fn keys(made_at: &[i64]) -> DataKeys {
        let keys = (1..).zip(made_at);
        DataKeys(
            keys.map(|(number, made_at)| DataKeyAge {
                number,
                made_at: *made_at,
            })
            .collect(),
        )
    }

    #[test]
    fn a_new_key_is_used_when_every_function_knows_the_key() {
        let table: [(&[i64], u32); 6] = [
            (&[], 0),
            (&[NOW], 1),
            (&[0, NOW], 1),
            (&[0, NOW - SETTLING_SECONDS + 1], 1),
            (&[0, NOW - SETTLING_SECONDS], 2),
            (&[0, 1, NOW], 2),
        ];
        for (made_at, used) in table {
            assert_eq!(keys(made_at).used_number(NOW), used, "{made_at:?}");
        }
    }

    #[test]
    fn the_first_key_is_used_at_once_and_a_later_key_after_the_settling() {
        let keys = keys(&[5, 7]);
        assert_eq!(keys.used_from(keys.0[0]), 5);
        assert_eq!(keys.used_from(keys.0[1]), 7 + SETTLING_SECONDS);
        assert_eq!(keys.next_number(), 3);
    }

    #[test]
    fn an_old_key_is_free_two_days_after_the_next_key_is_used() {
        let keys = keys(&[0, NOW, NOW + 5]);
        let free = NOW + SETTLING_SECONDS + FOLLOWED_SECONDS;
        assert_eq!(keys.free_at(1), Some(free));
        assert_eq!(keys.free_at(2), Some(free + 5));
        assert_eq!(keys.free_at(3), None);
    }
}
