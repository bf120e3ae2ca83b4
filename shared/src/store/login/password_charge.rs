//! The budgets that a password guess is charged to, and the networks that are known to
//! a name.
//!
//! The item of name and network stores `completed_at`: when a login of the name
//! was last completed from that network. Such a network is known, and does not
//! wait because of other networks' guesses. These functions of the store make a
//! network known:
//! `redeem_login`, `confirm_enrolment`, `start_session`,
//! `redeem_with_new_password` and `complete_passwords`.
//!
//! A known network costs no additional requests. The password step forgets the
//! count of a known network by a put that keeps `completed_at`, instead of a
//! delete. The transaction that completes the login has one more update. The
//! password step could also leave the count to that transaction, for the same
//! number of requests. But then an owner who does not complete a login would have
//! one guess less.
//!
//! Nobody finds the networks of a name when a user is deleted. So `completed_at` counts only
//! from the time when the name's user was made (`Charge::since`).

use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, TransactWriteItem, WriteRequest};

use crate::domain::Timestamp;
use crate::domain::login::throttle::{
    KNOWN_NETWORK_SECONDS, PASSWORDS_BY_NAME, PASSWORDS_BY_NETWORK, WRONG_FROM_KNOWN_NETWORK,
};
use crate::domain::refusal::Refusal;
use crate::failure::Broken;
use crate::store::item::{Attributes, Item, KEPT_AFTER_EXPIRY, Key, NewItem, number_value};
use crate::store::write::{Change, delete_part};

/// The item of a budget; `who` is a hash, because anybody may spend a budget.
fn key(what: &str, who: &str) -> Key {
    Key::new(format!("BUDGET#{what}#{who}"), "BUDGET")
}

/// What a password guess is charged to. The texts are hashes.
#[derive(Clone, Debug)]
pub struct Charge {
    /// The hash of the normalised name and the network together.
    pub name_and_network: String,
    /// The hash of the normalised name.
    pub name: String,
    /// The hash of the network.
    pub network: String,
    /// When the user of the name was made. `None` if nobody has the name. A network that a
    /// deleted user of the name made known before is not known.
    pub since: Option<Timestamp>,
}

/// A guess that was counted before it is compared.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The budgets that the guess was charged to.
    pub charge: Charge,
    /// If this is the last guess that is compared for now: when the next guess
    /// is compared.
    pub locked_until: Option<Timestamp>,
    /// If this is the last guess that is compared from this network for now: when the
    /// next guess from there is compared.
    pub network_locked_until: Option<Timestamp>,
    /// Whether the guess was counted by name too. Then a right password forgets
    /// that count. A guess from a known network is not, and leaves the count of
    /// strangers as it is: otherwise strangers could see when the owner signs in.
    pub by_name: bool,
    /// When a login of this name was last completed from this network.
    pub completed_at: Option<Timestamp>,
}

/// The counts of guesses at a name from a network, read before a guess is
/// counted.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Whether the network is known to the name.
    known: bool,
    /// The `tat` of the network's budget over all names.
    pub(crate) tat: Timestamp,
}

impl Allowance {
    /// Refuses a guess from a network that has used up its wrong passwords over
    /// all names, unless the network is known to this name.
    ///
    /// # Errors
    /// `NetworkExhausted`.
    pub fn check(&self, now: Timestamp) -> Result<(), Refusal> {
        let retry_at = PASSWORDS_BY_NETWORK.allowed_at(self.tat);
        if self.known || retry_at <= now {
            return Ok(());
        }
        Err(Refusal::NetworkExhausted { retry_at })
    }
}

impl Charge {
    /// The charge of a name whose user was made at this time.
    pub fn of_user_made_at(mut self, since: Option<Timestamp>) -> Self {
        self.since = since;
        self
    }

    pub(in crate::store) fn name_and_network_key(&self) -> Key {
        name_and_network_key(&self.name_and_network)
    }

    pub(in crate::store) fn network_key(&self) -> Key {
        key("password-network", &self.network)
    }

    /// The keys of the items that an `Allowance` is read from.
    pub(in crate::store) fn keys(&self) -> [Key; 2] {
        [self.name_and_network_key(), self.network_key()]
    }

    /// The `Allowance` that these items give.
    pub(in crate::store) fn allowance_of_items(
        &self,
        items: &[Attributes],
        now: Timestamp,
    ) -> Result<Allowance, Broken> {
        let at = |key: &Key| items.iter().map(Item).find(|item| item.stands_at(key));
        let here = at(&self.name_and_network_key());
        let known = match here {
            // The guess that is about to be counted also counts.
            Some(item) => is_known(item, WRONG_FROM_KNOWN_NETWORK - 1, (now, self.since))?,
            None => false,
        };
        let network = at(&self.network_key());
        let tat = network.map(|item| item.number("tat")).transpose()?;
        Ok(Allowance {
            known,
            tat: tat.unwrap_or(0),
        })
    }

    /// Parts of a transaction that forget the counted passwords. The network
    /// stays known.
    pub(in crate::store) fn forgotten_parts(
        &self,
        table: &str,
        now: Timestamp,
    ) -> Result<[TransactWriteItem; 2], Broken> {
        Ok([
            forgotten_here(table, &self.name_and_network, now)?,
            delete_part(table, &password_name_key(&self.name))?,
        ])
    }
}

/// The part of a transaction that forgets the wrong passwords for a name from a network.
/// The network stays known. `name_and_network` is the hash of both.
pub(in crate::store) fn forgotten_here(
    table: &str,
    name_and_network: &str,
    now: Timestamp,
) -> Result<TransactWriteItem, Broken> {
    forgotten(
        name_and_network_key(name_and_network),
        "if_not_exists(#ttl, :ttl)",
    )
    .value(":ttl", number_value(now + KEPT_AFTER_EXPIRY))
    .into_part(table)
}

/// The part of a transaction that makes the network of a completed login known
/// to the name. `name_and_network` is the hash of both.
pub(in crate::store) fn known_network_part(
    table: &str,
    name_and_network: &str,
    now: Timestamp,
) -> Result<TransactWriteItem, Broken> {
    forgotten(name_and_network_key(name_and_network), ":ttl")
        .set("#completed_at = :now")
        .value(":now", number_value(now))
        .value(":ttl", number_value(known_ttl(now)))
        .into_part(table)
}

/// The part of a transaction that locks a name out until this time, as if so many passwords
/// had been wrong that the next one has to wait. Then the count begins anew.
pub(in crate::store) fn locked_part(
    table: &str,
    name: &str,
    until: Timestamp,
) -> Result<TransactWriteItem, Broken> {
    Change::always(password_name_key(name))
        .set("#n = :full")
        .set("#ends = :until")
        .set("#next_at = :until")
        .set("#ttl = :ttl")
        .value(":full", number_value(PASSWORDS_BY_NAME))
        .value(":until", number_value(until))
        .value(":ttl", number_value(until + KEPT_AFTER_EXPIRY))
        .into_part(table)
}

fn forgotten(key: Key, ttl: &str) -> Change {
    Change::always(key)
        .set(format!("#ttl = {ttl}"))
        .remove("#n")
        .remove("#ends")
        .remove("#wrong_in_a_row")
}

fn name_and_network_key(hash: &str) -> Key {
    key("password-address", hash)
}

pub(in crate::store) fn password_name_key(name: &str) -> Key {
    key("password-name", name)
}

fn known_ttl(completed_at: Timestamp) -> Timestamp {
    completed_at + KNOWN_NETWORK_SECONDS + KEPT_AFTER_EXPIRY
}

impl Item<'_> {
    /// When a login of the name was last completed from the network, if that
    /// was lately.
    pub(in crate::store) fn last_login(&self, now: Timestamp) -> Result<Option<Timestamp>, Broken> {
        let completed_at = self.maybe_number::<Timestamp>("completed_at")?;
        Ok(completed_at.filter(|at| at + KNOWN_NETWORK_SECONDS > now))
    }
}

/// Whether a login was completed lately and not before `since`, and at most `most` wrong
/// passwords in a row came since the last right password.
pub(in crate::store) fn is_known(
    item: Item<'_>,
    most: i64,
    (now, since): (Timestamp, Option<Timestamp>),
) -> Result<bool, Broken> {
    let wrong_in_a_row: i64 = item.maybe_number("wrong_in_a_row")?.unwrap_or(0);
    let counts = |at: &Timestamp| since.is_none_or(|since| *at >= since);
    let completed_at = item.last_login(now)?.filter(counts);
    Ok(completed_at.is_some() && wrong_in_a_row <= most)
}

impl Counted {
    /// The writes that forget a right password and the wrong passwords before
    /// it. The network stays known.
    pub(in crate::store) fn forgotten(&self) -> Result<Vec<WriteRequest>, Broken> {
        let mut writes = self.name_forgotten()?;
        let key = self.charge.name_and_network_key();
        writes.push(match self.completed_at {
            None => delete(&key)?,
            Some(completed_at) => put_known(&key, completed_at)?,
        });
        Ok(writes)
    }

    pub(in crate::store) fn known_and_forgotten(
        &self,
        now: Timestamp,
    ) -> Result<Vec<WriteRequest>, Broken> {
        let mut writes = self.name_forgotten()?;
        writes.push(put_known(&self.charge.name_and_network_key(), now)?);
        Ok(writes)
    }

    /// The write that forgets the count by name, if this guess was counted there.
    fn name_forgotten(&self) -> Result<Vec<WriteRequest>, Broken> {
        let name = self
            .by_name
            .then(|| delete(&password_name_key(&self.charge.name)));
        name.into_iter().collect()
    }

    /// Parts of a transaction that forget the counted passwords. The network
    /// stays known.
    pub(in crate::store) fn forgotten_parts(
        &self,
        table: &str,
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, Broken> {
        let here = forgotten_here(table, &self.charge.name_and_network, now)?;
        self.with_name_forgotten(table, here)
    }

    /// Parts of a transaction that completes a login. They forget the counted
    /// passwords, and make the network known to the name.
    pub(in crate::store) fn finished_login_parts(
        &self,
        table: &str,
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, Broken> {
        let here = known_network_part(table, &self.charge.name_and_network, now)?;
        self.with_name_forgotten(table, here)
    }

    fn with_name_forgotten(
        &self,
        table: &str,
        here: TransactWriteItem,
    ) -> Result<Vec<TransactWriteItem>, Broken> {
        let mut parts = vec![here];
        if self.by_name {
            parts.push(delete_part(table, &password_name_key(&self.charge.name))?);
        }
        Ok(parts)
    }
}

fn delete(key: &Key) -> Result<WriteRequest, Broken> {
    let delete = DeleteRequest::builder()
        .set_key(Some(key.to_attributes()))
        .build()
        .map_err(|_| Broken::internal("an incomplete delete"))?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}

fn put_known(key: &Key, completed_at: Timestamp) -> Result<WriteRequest, Broken> {
    let item = NewItem::of_key(key)
        .with("completed_at", number_value(completed_at))
        .with("ttl", number_value(known_ttl(completed_at)));
    let put = PutRequest::builder()
        .set_item(Some(item.0))
        .build()
        .map_err(|_| Broken::internal("an incomplete put"))?;
    Ok(WriteRequest::builder().put_request(put).build())
}
