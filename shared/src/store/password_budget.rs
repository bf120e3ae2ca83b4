//! Budgets of password guesses: by name and network, by name, and by network
//! over all names. They are kept under hashes, apart from users, because
//! anybody may spend them.
//!
//! The item by name and network also keeps when a login of that name was last
//! completed from there. Such a network does not wait for strangers.

use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, TransactWriteItem, WriteRequest};

use super::Store;
use super::budget::key;
use super::item::{Attributes, Item, KEPT_AFTER_EXPIRY, Key, NewItem, number};
use super::write::{Change, Written, delete_part};
use crate::domain::Timestamp;
use crate::domain::refusal::Refusal;
use crate::domain::throttle::{
    ADDRESS_WINDOW_SECONDS, KNOWN_NETWORK_SECONDS, NAME_WINDOW_SECONDS, PASSWORDS_BY_ADDRESS,
    PASSWORDS_BY_NAME, PASSWORDS_BY_NETWORK, WRONG_FROM_KNOWN_NETWORK, delay_after,
};
use crate::failure::{Broken, Failure};

/// What a password guess is charged to. The texts are hashes.
#[derive(Clone, Debug)]
pub struct Charge {
    /// Of the normalised name and the network together.
    pub name_and_network: String,
    /// Of the normalised name.
    pub name: String,
    /// Of the network.
    pub network: String,
}

/// A guess that was counted before it is compared.
#[derive(Clone, Debug)]
pub struct Counted {
    /// What it was charged to.
    pub charge: Charge,
    /// If it is the last one that is compared for now, when the next one is.
    pub locked_until: Option<Timestamp>,
    /// How many were counted for this name and network, this one included.
    pub here: i64,
    /// When a login of this name was last completed from this network.
    pub completed_at: Option<Timestamp>,
}

/// How guesses at one name from one network stand, read before one is counted.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Whether the name has completed a login from there.
    known: bool,
    /// The `tat` of the network's budget over all names.
    tat: Timestamp,
}

impl Allowance {
    /// Refuses a guess from a network that has used up its wrong passwords over
    /// all names, unless this name has completed a login from there.
    ///
    /// # Errors
    /// `RequestsExhausted`.
    pub fn check(&self, now: Timestamp) -> Result<(), Refusal> {
        let retry_at = PASSWORDS_BY_NETWORK.allowed_at(self.tat);
        if self.known || retry_at <= now {
            return Ok(());
        }
        Err(Refusal::RequestsExhausted { retry_at })
    }
}

impl Charge {
    fn name_and_network_key(&self) -> Key {
        name_and_network_key(&self.name_and_network)
    }

    fn network_key(&self) -> Key {
        key("password-network", &self.network)
    }

    /// What an `Allowance` is read from.
    pub(super) fn keys(&self) -> [Key; 2] {
        [self.name_and_network_key(), self.network_key()]
    }

    /// The `Allowance` among these items.
    pub(super) fn allowance(
        &self,
        items: &[Attributes],
        now: Timestamp,
    ) -> Result<Allowance, Broken> {
        let at = |key: &Key| items.iter().map(Item).find(|item| item.is_at(key));
        let here = at(&self.name_and_network_key());
        let known = match here {
            // The guess that is about to be counted is one more.
            Some(item) => is_known(item, WRONG_FROM_KNOWN_NETWORK - 1, now)?,
            None => false,
        };
        let network = at(&self.network_key());
        let tat = network.map(|item| item.number("tat")).transpose()?;
        Ok(Allowance {
            known,
            tat: tat.unwrap_or(0),
        })
    }

    /// Parts of a transaction that forget what was counted, and keep that the
    /// network is known.
    pub(super) fn forgotten_parts(
        &self,
        table: &str,
        now: Timestamp,
    ) -> Result<[TransactWriteItem; 2], Broken> {
        let here = forgotten(self.name_and_network_key(), "if_not_exists(#ttl, :ttl)")
            .value(":ttl", number(now + KEPT_AFTER_EXPIRY));
        Ok([
            here.into_part(table)?,
            delete_part(table, &name_key(&self.name))?,
        ])
    }

    /// Parts of a transaction that completes a login: they forget what was
    /// counted, and make the network known to the name.
    pub(super) fn completed_parts(
        &self,
        table: &str,
        now: Timestamp,
    ) -> Result<[TransactWriteItem; 2], Broken> {
        Ok([
            completed_part(table, &self.name_and_network, now)?,
            delete_part(table, &name_key(&self.name))?,
        ])
    }
}

/// The part of a transaction by which a login that is completed makes the
/// network known to the name that its password came with. `name_and_network` is
/// the hash of both.
pub(super) fn completed_part(
    table: &str,
    name_and_network: &str,
    now: Timestamp,
) -> Result<TransactWriteItem, Broken> {
    forgotten(name_and_network_key(name_and_network), ":ttl")
        .set("#completed_at = :now")
        .value(":now", number(now))
        .value(":ttl", number(known_ttl(now)))
        .into_part(table)
}

fn forgotten(key: Key, ttl: &str) -> Change {
    Change::always(key)
        .set(format!("#ttl = {ttl}"))
        .remove("#n")
        .remove("#ends")
        .remove("#wrong_row")
}

fn name_and_network_key(hash: &str) -> Key {
    key("password-address", hash)
}

pub(super) fn name_key(name: &str) -> Key {
    key("password-name", name)
}

fn known_ttl(completed_at: Timestamp) -> Timestamp {
    completed_at + KNOWN_NETWORK_SECONDS + KEPT_AFTER_EXPIRY
}

/// Whether a login was completed lately, and no more than `most` wrong
/// passwords in a row came since the last right one.
fn is_known(item: Item<'_>, most: i64, now: Timestamp) -> Result<bool, Broken> {
    let completed_at: Timestamp = item.maybe_number("completed_at")?.unwrap_or(0);
    let wrong_row: i64 = item.maybe_number("wrong_row")?.unwrap_or(0);
    Ok(completed_at + KNOWN_NETWORK_SECONDS > now && wrong_row <= most)
}

impl Counted {
    /// The writes that forget a right password and the wrong ones before it.
    /// `goes_on` says that a login goes on which forgets once more when it is
    /// completed: then a count of one, its own, is left until there.
    pub(super) fn forgotten(&self, goes_on: bool) -> Result<Vec<WriteRequest>, Broken> {
        let mut writes = vec![delete(&name_key(&self.charge.name))?];
        if goes_on && self.here <= 1 {
            return Ok(writes);
        }
        let key = self.charge.name_and_network_key();
        writes.push(match self.completed_at {
            None => delete(&key)?,
            Some(completed_at) => put_known(&key, completed_at)?,
        });
        Ok(writes)
    }

    fn completed(&self, now: Timestamp) -> Result<Vec<WriteRequest>, Broken> {
        Ok(vec![
            delete(&name_key(&self.charge.name))?,
            put_known(&self.charge.name_and_network_key(), now)?,
        ])
    }
}

fn delete(key: &Key) -> Result<WriteRequest, Broken> {
    let delete = DeleteRequest::builder()
        .set_key(Some(key.attributes()))
        .build()
        .map_err(|_| Broken::internal("an incomplete delete"))?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}

fn put_known(key: &Key, completed_at: Timestamp) -> Result<WriteRequest, Broken> {
    let item = NewItem::at(key)
        .with("completed_at", number(completed_at))
        .with("ttl", number(known_ttl(completed_at)));
    let put = PutRequest::builder()
        .set_item(Some(item.0))
        .build()
        .map_err(|_| Broken::internal("an incomplete put"))?;
    Ok(WriteRequest::builder().put_request(put).build())
}

impl Store {
    /// How guesses of this charge stand. One batch read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn allowance(&self, charge: &Charge, now: Timestamp) -> Result<Allowance, Broken> {
        let items = self.read_batch(&charge.keys()).await?;
        charge.allowance(&items, now)
    }

    /// Counts a password guess before it is compared: by name and network, then
    /// by name. One write each, one more where a window ends. A guess that the
    /// name refuses is not compared, so its network gets it back; but a network
    /// that is known to the name does not wait for the name.
    ///
    /// # Errors
    /// `PasswordsExhausted`; `Broken` if DynamoDB does not answer.
    pub async fn count_password(
        &self,
        charge: &Charge,
        now: Timestamp,
    ) -> Result<Counted, Failure> {
        let key = charge.name_and_network_key();
        let (by_network, item) = self.count_by_network(key, now).await?;
        let item = Item(&item);
        let known = is_known(item, WRONG_FROM_KNOWN_NETWORK, now)?;
        let by_name = match self.count_by_name(name_key(&charge.name), now).await {
            Ok(by_name) => by_name,
            Err(Failure::Refused(_)) if known => None,
            Err(Failure::Refused(refusal)) => {
                self.uncount(charge).await?;
                return Err(refusal.into());
            }
            Err(broken) => return Err(broken),
        };
        Ok(Counted {
            charge: charge.clone(),
            // `None` is less than any time.
            locked_until: by_name.filter(|_| !known).max(by_network),
            here: item.number("n")?,
            completed_at: item.maybe_number("completed_at")?,
        })
    }

    /// Gives the network back a guess that was not compared.
    async fn uncount(&self, charge: &Charge) -> Result<(), Broken> {
        let back = Change::of(charge.name_and_network_key(), "#n > :zero")
            .set("#n = #n - :one")
            .set("#wrong_row = #wrong_row - :one")
            .value(":zero", number(0))
            .value(":one", number(1));
        self.change(back).await.map(|_| ())
    }

    /// Counts a wrong password by its network over all names, once it was
    /// compared. `read` is how the network stood before; one that was exhausted
    /// is charged no further. One write, one more where another came first.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn count_wrong_password(
        &self,
        charge: &Charge,
        read: &Allowance,
        now: Timestamp,
    ) -> Result<(), Broken> {
        if PASSWORDS_BY_NETWORK.allowed_at(read.tat) > now {
            return Ok(());
        }
        let mut in_use = read.tat > now;
        // Others may begin or end the use in between, but not twice.
        for _ in 0..3 {
            let interval = PASSWORDS_BY_NETWORK.interval;
            let key = charge.network_key();
            let change = if in_use {
                Change::of(key, "#tat > :now")
                    .set("#tat = #tat + :interval")
                    .value(":interval", number(interval))
            } else {
                Change::of(key, "attribute_not_exists(#tat) OR #tat <= :now")
                    .set("#tat = :next")
                    .value(":next", number(now + interval))
            };
            let full = 2 * PASSWORDS_BY_NETWORK.burst * interval;
            let change = change
                .set("#ttl = :ttl")
                .value(":now", number(now))
                .value(":ttl", number(now + full + KEPT_AFTER_EXPIRY));
            if let Written::Done(_) = self.change(change).await? {
                return Ok(());
            }
            in_use = !in_use;
        }
        Err(Broken::unavailable(
            "count a wrong password: no attempt left",
        ))
    }

    /// Forgets what was counted before a right password, its own count
    /// included. One batch write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn forget_passwords(&self, counted: &Counted) -> Result<(), Broken> {
        self.write_batch("forget wrong passwords", counted.forgotten(false)?)
            .await
    }

    /// The same where the password completes a login that keeps no session:
    /// the network becomes known to the name. One batch write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn complete_passwords(
        &self,
        counted: &Counted,
        now: Timestamp,
    ) -> Result<(), Broken> {
        self.write_batch("forget wrong passwords", counted.completed(now)?)
            .await
    }

    /// Counts by name and network. Gives the end of a window that this guess
    /// has filled, and the item as it is.
    async fn count_by_network(
        &self,
        key: Key,
        now: Timestamp,
    ) -> Result<(Option<Timestamp>, Attributes), Failure> {
        let ends = now + ADDRESS_WINDOW_SECONDS;
        let within = counted(
            Change::of(
                key.clone(),
                "attribute_not_exists(#n) OR (#ends > :now AND #n < :most)",
            ),
            ends,
        )
        // The item of a known network lives longer than the window.
        .set("#ttl = if_not_exists(#ttl, :ttl)")
        .set("#wrong_row = if_not_exists(#wrong_row, :zero) + :one")
        .value(":now", number(now))
        .value(":most", number(PASSWORDS_BY_ADDRESS))
        .value(":zero", number(0));
        let old = match self.change(within).await? {
            Written::Done(new) => {
                let full = Item(&new).number::<i64>("n")? >= PASSWORDS_BY_ADDRESS;
                return Ok((full.then_some(ends), new));
            }
            Written::Refused(old) => Item(&old).window()?,
        };
        if old.ends > now {
            return Err(Refusal::PasswordsExhausted { retry_at: old.ends }.into());
        }
        let ttl = old.completed_at.map_or(0, known_ttl);
        let change = new_window(key, now, ends)
            .set("#ttl = :ttl")
            .set("#wrong_row = if_not_exists(#wrong_row, :zero) + :one")
            .value(":zero", number(0))
            .value(":ttl", number(ttl.max(ends + KEPT_AFTER_EXPIRY)));
        Ok((None, self.start_window(change, now).await?))
    }

    async fn count_by_name(&self, key: Key, now: Timestamp) -> Result<Option<Timestamp>, Failure> {
        let ends = now + NAME_WINDOW_SECONDS;
        let within = counted(
            Change::of(
                key.clone(),
                "attribute_not_exists(#n) OR (#ends > :now AND #n < :most)",
            ),
            ends,
        )
        .set("#ttl = :ttl")
        .set("#next_at = :next")
        .value(":now", number(now))
        .value(":most", number(PASSWORDS_BY_NAME))
        .value(":zero", number(0))
        .value(":next", number(now + delay_after(PASSWORDS_BY_NAME)));
        let old = match self.change(within).await? {
            Written::Done(new) => {
                let full = Item(&new).number::<i64>("n")? >= PASSWORDS_BY_NAME;
                return Ok(full.then_some(now + delay_after(PASSWORDS_BY_NAME)));
            }
            Written::Refused(old) => old,
        };
        let old = Item(&old);
        let (count, next_at): (i64, Timestamp) = (old.number("n")?, old.number("next_at")?);
        if old.number::<Timestamp>("ends")? <= now {
            let change = new_window(key, now, ends)
                .set("#ttl = :ttl")
                .set("#next_at = :next")
                .value(":ttl", number(ends + KEPT_AFTER_EXPIRY))
                .value(":next", number(now + delay_after(PASSWORDS_BY_NAME)));
            self.start_window(change, now).await?;
            return Ok(None);
        }
        if next_at > now {
            return Err(Refusal::PasswordsExhausted { retry_at: next_at }.into());
        }
        let next = now + delay_after(count + 1);
        let delayed = counted(Change::of(key, "#n = :count AND #next_at <= :now"), ends)
            .set("#ttl = :ttl")
            .set("#next_at = :next")
            .value(":count", number(count))
            .value(":now", number(now))
            .value(":zero", number(0))
            .value(":next", number(next));
        match self.change(delayed).await? {
            Written::Done(_) => Ok(Some(next)),
            // Another guess took this place a moment ago.
            Written::Refused(_) => Err(Refusal::PasswordsExhausted { retry_at: next }.into()),
        }
    }

    /// Starts a new window in place of one that has ended.
    async fn start_window(&self, change: Change, now: Timestamp) -> Result<Attributes, Failure> {
        match self.change(change).await? {
            Written::Done(item) => Ok(item),
            // Another guess started the window first. This one asks again
            // rather than to be compared uncounted.
            Written::Refused(_) => Err(Refusal::PasswordsExhausted { retry_at: now + 1 }.into()),
        }
    }
}

fn new_window(key: Key, now: Timestamp, ends: Timestamp) -> Change {
    Change::of(key, "attribute_not_exists(#n) OR #ends <= :now")
        .set("#n = :one")
        .set("#ends = :ends")
        .value(":one", number(1))
        .value(":now", number(now))
        .value(":ends", number(ends))
}

/// Counts one in an open window and holds it open.
fn counted(change: Change, ends: Timestamp) -> Change {
    change
        .set("#n = if_not_exists(#n, :zero) + :one")
        .set("#ends = :ends")
        .value(":one", number(1))
        .value(":ends", number(ends))
        .value(":ttl", number(ends + KEPT_AFTER_EXPIRY))
}

/// A window by name and network that is full or has ended.
struct Window {
    ends: Timestamp,
    completed_at: Option<Timestamp>,
}

impl Item<'_> {
    fn window(&self) -> Result<Window, Broken> {
        Ok(Window {
            ends: self.number("ends")?,
            completed_at: self.maybe_number("completed_at")?,
        })
    }
}
