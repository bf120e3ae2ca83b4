//! Budgets of password guesses: by name and network, by name, and by network
//! over all names. Anybody may spend these budgets. So they stand under hashes,
//! apart from the users.
//!
//! In T seconds, a network has 100 + T / 9 wrong guesses over all names. Guesses that
//! are in flight at the moment when the 100 are used up come in addition. This happens
//! only once, because each of them is counted too.

use crate::domain::Timestamp;
use crate::domain::login::throttle::{
    ADDRESS_WINDOW_SECONDS, KNOWN_NETWORK_SECONDS, NAME_WINDOW_SECONDS, PASSWORDS_BY_ADDRESS,
    PASSWORDS_BY_NAME, PASSWORDS_BY_NETWORK, WRONG_FROM_KNOWN_NETWORK, delay_after,
};
use crate::domain::refusal::Refusal;
use crate::failure::{Broken, Failure};
use crate::store::item::{Attributes, Item, KEPT_AFTER_EXPIRY, Key, number_value};
use crate::store::login::password_charge::{
    Allowance, Charge, Counted, is_known, password_name_key,
};
use crate::store::table::Store;
use crate::store::write::{Change, Written};

impl Store {
    /// The counts of guesses that this charge names. One batch read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn allowance(&self, charge: &Charge, now: Timestamp) -> Result<Allowance, Broken> {
        let items = self.read_batch(&charge.keys()).await?;
        charge.allowance_of_items(&items, now)
    }

    /// When a login of this charge's name was last completed from the charge's
    /// network, if that was lately. Wrong passwords since then do not matter.
    /// One read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn last_login_here(
        &self,
        charge: &Charge,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Broken> {
        let items = self.read_batch(&[charge.name_and_network_key()]).await?;
        match items.first() {
            None => Ok(None),
            Some(item) => Item(item).last_login(now),
        }
    }

    /// Counts a password guess before it is compared: by name and network, then
    /// by name. One write each, one more when a window ends. If the name's
    /// budget refuses the guess, the guess is not compared, and the network
    /// gets it back. A guess from a network that is known to the name is counted
    /// by name and network only.
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
        let completed_at: Option<Timestamp> = item.maybe_number("completed_at")?;
        let mut counted = Counted {
            charge: charge.clone(),
            locked_until: by_network,
            network_locked_until: by_network,
            by_name: !is_known(item, WRONG_FROM_KNOWN_NETWORK, (now, charge.since))?,
            completed_at: completed_at.filter(|at| charge.since.is_none_or(|since| *at >= since)),
        };
        if counted.by_name {
            match self
                .count_by_name(password_name_key(&charge.name), now)
                .await
            {
                // `None` is less than any time.
                Ok(by_name) => counted.locked_until = by_name.max(by_network),
                Err(Failure::Refused(refusal)) => {
                    self.uncount(charge).await?;
                    return Err(refusal.into());
                }
                Err(broken) => return Err(broken),
            }
        }
        Ok(counted)
    }

    /// Gives a guess that was not compared back to the network.
    async fn uncount(&self, charge: &Charge) -> Result<(), Broken> {
        let back = Change::of(charge.name_and_network_key(), "#n > :zero")
            .set("#n = #n - :one")
            .set("#wrong_in_a_row = #wrong_in_a_row - :one")
            .value(":zero", number_value(0))
            .value(":one", number_value(1));
        self.change(back).await.map(|_| ())
    }

    /// Counts a wrong password by its network over all names, after the
    /// comparison. `read` is the network's state before the guess. An exhausted
    /// network is charged no further. One write, one more if another request
    /// came first.
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
        // Other requests may make the budget busy or idle meanwhile, but not
        // twice.
        for _ in 0..3 {
            let interval = PASSWORDS_BY_NETWORK.interval;
            let key = charge.network_key();
            let change = if in_use {
                Change::of(key, "#tat > :now")
                    .set("#tat = #tat + :interval")
                    .value(":interval", number_value(interval))
            } else {
                Change::of(key, "attribute_not_exists(#tat) OR #tat <= :now")
                    .set("#tat = :next")
                    .value(":next", number_value(now + interval))
            };
            let full = 2 * PASSWORDS_BY_NETWORK.burst * interval;
            let change = change
                .set("#ttl = :ttl")
                .value(":now", number_value(now))
                .value(":ttl", number_value(now + full + KEPT_AFTER_EXPIRY));
            if let Written::Done(_) = self.change(change).await? {
                return Ok(());
            }
            in_use = !in_use;
        }
        Err(Broken::unavailable(
            "count a wrong password: all attempts failed",
        ))
    }

    /// Forgets the passwords that were counted up to a right password, that one
    /// included. One batch write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn forget_passwords(&self, counted: &Counted) -> Result<(), Broken> {
        self.write_batch("forget wrong passwords", counted.forgotten()?)
            .await
    }

    /// Forgets the wrong passwords, as `forget_passwords` does, after a password
    /// that completes a login without a session. The network becomes known to
    /// the name. One batch write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn complete_passwords(
        &self,
        counted: &Counted,
        now: Timestamp,
    ) -> Result<(), Broken> {
        self.write_batch("forget wrong passwords", counted.known_and_forgotten(now)?)
            .await
    }

    /// Counts by name and network. Returns the end of the window if this guess
    /// has filled it, and the item as it is. One write, one more when a window
    /// ends, two more when the network is no longer known.
    async fn count_by_network(
        &self,
        key: Key,
        now: Timestamp,
    ) -> Result<(Option<Timestamp>, Attributes), Failure> {
        let ends = now + ADDRESS_WINDOW_SECONDS;
        let open = "(attribute_not_exists(#n) OR (#ends > :now AND #n < :most))";
        let within =
            Change::of(key.clone(), open).value(":most", number_value(PASSWORDS_BY_ADDRESS));
        let within = by_network(counted(within, ends).value(":now", number_value(now)), now);
        let mut written = self.change(within.clone()).await?;
        if let Written::Refused(old) = &written
            && Item(old).is_known_no_longer(now)?
        {
            self.forget_known(key.clone(), now).await?;
            written = self.change(within).await?;
        }
        let old_ends: Timestamp = match written {
            Written::Done(new) => {
                let full = Item(&new).number::<i64>("n")? >= PASSWORDS_BY_ADDRESS;
                return Ok((full.then_some(ends), new));
            }
            Written::Refused(old) => Item(&old).number("ends")?,
        };
        if old_ends > now {
            return Err(Refusal::PasswordsExhausted { retry_at: old_ends }.into());
        }
        let change = Change::of(key, format!("({ENDED})"));
        let change = by_network(new_window(change, now, ends), now);
        Ok((None, self.start_window(change, now).await?))
    }

    /// Forgets that a network was known, after the 30 days are over. So the
    /// item lives as long as its window.
    async fn forget_known(&self, key: Key, now: Timestamp) -> Result<(), Broken> {
        let forget = Change::of(key, "#completed_at <= :lapsed")
            .set("#ttl = :ttl")
            .remove("#completed_at")
            .value(":lapsed", number_value(now - KNOWN_NETWORK_SECONDS))
            .value(
                ":ttl",
                number_value(now + ADDRESS_WINDOW_SECONDS + KEPT_AFTER_EXPIRY),
            );
        self.change(forget).await.map(|_| ())
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
        .value(":now", number_value(now))
        .value(":most", number_value(PASSWORDS_BY_NAME))
        .value(":zero", number_value(0))
        .value(":ttl", number_value(ends + KEPT_AFTER_EXPIRY))
        .value(":next", number_value(now + delay_after(PASSWORDS_BY_NAME)));
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
            let change = new_window(Change::of(key, ENDED), now, ends)
                .set("#ttl = :ttl")
                .set("#next_at = :next")
                .value(":ttl", number_value(ends + KEPT_AFTER_EXPIRY))
                .value(":next", number_value(now + delay_after(PASSWORDS_BY_NAME)));
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
            .value(":count", number_value(count))
            .value(":now", number_value(now))
            .value(":zero", number_value(0))
            .value(":ttl", number_value(ends + KEPT_AFTER_EXPIRY))
            .value(":next", number_value(next));
        match self.change(delayed).await? {
            Written::Done(_) => Ok(Some(next)),
            // Another guess was counted a moment ago.
            Written::Refused(_) => Err(Refusal::PasswordsExhausted { retry_at: next }.into()),
        }
    }

    /// Starts a new window after one that has ended.
    async fn start_window(&self, change: Change, now: Timestamp) -> Result<Attributes, Failure> {
        match self.change(change).await? {
            Written::Done(item) => Ok(item),
            // Another guess started the window first. This guess must be
            // counted before it is compared, so the caller has to try again.
            Written::Refused(_) => Err(Refusal::PasswordsExhausted { retry_at: now + 1 }.into()),
        }
    }
}

/// The condition for a new window.
const ENDED: &str = "attribute_not_exists(#n) OR #ends <= :now";

fn new_window(change: Change, now: Timestamp, ends: Timestamp) -> Change {
    change
        .set("#n = :one")
        .set("#ends = :ends")
        .value(":one", number_value(1))
        .value(":now", number_value(now))
        .value(":ends", number_value(ends))
}

/// Counts one guess in an open window, and starts the window's time again.
fn counted(change: Change, ends: Timestamp) -> Change {
    change
        .set("#n = if_not_exists(#n, :zero) + :one")
        .set("#ends = :ends")
        .value(":one", number_value(1))
        .value(":ends", number_value(ends))
}

/// A change that counts a guess by name and network at `now`. It also counts
/// the wrong passwords in a row. The item lives as long as the window, or as
/// long as the network is known, whichever is longer. If the network is no
/// longer known, the item would be deleted too early, so the change counts no
/// guess there.
fn by_network(change: Change, now: Timestamp) -> Change {
    let life = KNOWN_NETWORK_SECONDS + ADDRESS_WINDOW_SECONDS + KEPT_AFTER_EXPIRY;
    change
        .and("(attribute_not_exists(#completed_at) OR #completed_at > :lapsed)")
        .set("#wrong_in_a_row = if_not_exists(#wrong_in_a_row, :zero) + :one")
        .set("#ttl = if_not_exists(#completed_at, :lapsed) + :life")
        .value(":zero", number_value(0))
        .value(":lapsed", number_value(now - KNOWN_NETWORK_SECONDS))
        .value(":life", number_value(life))
}

impl Item<'_> {
    /// Whether the network was known to the name, and no longer is.
    fn is_known_no_longer(&self, now: Timestamp) -> Result<bool, Broken> {
        let known = self.maybe_number::<Timestamp>("completed_at")?;
        Ok(known.is_some() && self.last_login(now)?.is_none())
    }
}
