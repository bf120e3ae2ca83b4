//! What operators and administrators see of the wrong passwords for a name.
//!
//! A lock of one network stands under a hash of name and network, which nobody can look
//! up by the name. So the wrong password that locks a network out leaves a note beside
//! the name's count: until when, and under which hash. The note locks nothing.

use crate::domain::Timestamp;
use crate::domain::login::throttle::PASSWORDS_BY_NAME;
use crate::failure::Broken;
use crate::store::item::{Item, KEPT_AFTER_EXPIRY, Key, number_value, text_value};
use crate::store::login::password_charge::{Charge, password_name_key};
use crate::store::table::Store;
use crate::store::write::Change;

/// Wrong passwords in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WrongPasswords {
    /// The number of wrong passwords.
    pub count: i64,
    /// Until when the service compares no password: from anywhere, or from the network
    /// that was locked out last.
    pub locked_until: Option<Timestamp>,
}

impl Store {
    /// Notes beside the charge's name that the charge's network is locked out until this
    /// time. A note of a later lock stays. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn note_locked_network(
        &self,
        charge: &Charge,
        until: Timestamp,
    ) -> Result<(), Broken> {
        let open = "attribute_not_exists(#network_locked_until) OR #network_locked_until <= :until";
        let note = Change::of(password_name_key(&charge.name), open)
            .set("#network_locked_until = :until")
            .set("#locked_network = :network")
            .set("#ttl = if_not_exists(#ttl, :ttl)")
            .value(":until", number_value(until))
            .value(":network", text_value(&charge.name_and_network))
            .value(":ttl", number_value(until + KEPT_AFTER_EXPIRY));
        self.change(note).await.map(|_| ())
    }

    /// The wrong passwords for these names of one user. The names are hashes, as in a
    /// `Charge`. One batch read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn wrong_passwords(
        &self,
        names: &[String],
        now: Timestamp,
    ) -> Result<WrongPasswords, Broken> {
        let keys: Vec<Key> = names.iter().map(|name| password_name_key(name)).collect();
        let mut all = WrongPasswords::default();
        for item in self.read_batch(&keys).await?.iter().map(Item) {
            let one = item.wrong_passwords(now)?;
            all.count += one.count;
            all.locked_until = all.locked_until.max(one.locked_until);
        }
        Ok(all)
    }

    /// The hashes of the networks that are noted as locked out beside these names. One
    /// batch read.
    pub(in crate::store) async fn locked_networks(
        &self,
        names: &[String],
    ) -> Result<Vec<String>, Broken> {
        let keys: Vec<Key> = names.iter().map(|name| password_name_key(name)).collect();
        let items = self.read_batch(&keys).await?;
        let noted = items.iter().map(|item| Item(item).owned("locked_network"));
        Ok(noted
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect())
    }
}

impl Item<'_> {
    fn wrong_passwords(&self, now: Timestamp) -> Result<WrongPasswords, Broken> {
        let of_network = self.maybe_number::<Timestamp>("network_locked_until")?;
        let of_network = of_network.filter(|until| *until > now);
        let ends = self.maybe_number::<Timestamp>("ends")?;
        if ends.is_none_or(|ends| ends <= now) {
            return Ok(WrongPasswords {
                count: 0,
                locked_until: of_network,
            });
        }
        let (count, next_at): (i64, Timestamp) = (self.number("n")?, self.number("next_at")?);
        let locked = count >= PASSWORDS_BY_NAME && next_at > now;
        Ok(WrongPasswords {
            count,
            locked_until: locked.then_some(next_at).max(of_network),
        })
    }
}
