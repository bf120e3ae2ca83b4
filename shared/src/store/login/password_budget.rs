//! Budgets of password guesses: by name and network, by name, and by network
//! over all names. They are kept under hashes, apart from users, because
//! anybody may spend them.

use crate::domain::Timestamp;
use crate::domain::login::throttle::{
    ADDRESS_WINDOW_SECONDS, NAME_WINDOW_SECONDS, PASSWORDS_BY_ADDRESS, PASSWORDS_BY_NAME,
    PASSWORDS_BY_NETWORK, WRONG_FROM_KNOWN_NETWORK, delay_after,
};
use crate::domain::refusal::Refusal;
use crate::failure::{Broken, Failure};
use crate::store::Store;
use crate::store::item::{Attributes, Item, KEPT_AFTER_EXPIRY, Key, number};
use crate::store::login::password_charge::{
    Allowance, Charge, Counted, is_known, known_ttl, name_key,
};
use crate::store::write::{Change, Written};

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
        self.write_batch("forget wrong passwords", counted.forgotten()?)
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
