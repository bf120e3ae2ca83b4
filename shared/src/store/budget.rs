//! Budgets of the passwords of names and addresses. They are kept under hashes,
//! apart from users, because anybody may spend them.

use aws_sdk_dynamodb::types::{DeleteRequest, TransactWriteItem, WriteRequest};

use super::Store;
use super::item::{Item, KEPT_AFTER_EXPIRY, Key, number};
use super::write::{Change, Written, delete_part};
use crate::domain::Timestamp;
use crate::domain::refusal::Refusal;
use crate::domain::throttle::{
    ADDRESS_WINDOW_SECONDS, NAME_WINDOW_SECONDS, PASSWORDS_BY_ADDRESS, PASSWORDS_BY_NAME,
    delay_after,
};
use crate::failure::{Broken, Failure};

/// What a password guess is charged to. The texts are hashes.
pub struct Charge {
    /// Of the normalised name and the source address together.
    pub name_and_address: String,
    /// Of the normalised name.
    pub name: String,
}

fn key(what: &str, who: &str) -> Key {
    Key::new(format!("BUDGET#{what}#{who}"), "BUDGET")
}

fn address_key(charge: &Charge) -> Key {
    key("password-address", &charge.name_and_address)
}

pub(super) fn name_key(name: &str) -> Key {
    key("password-name", name)
}

impl Charge {
    /// The deletes that forget what was counted.
    pub(super) fn forgotten(&self) -> Result<Vec<WriteRequest>, Broken> {
        let delete = |key: Key| {
            let delete = DeleteRequest::builder()
                .set_key(Some(key.attributes()))
                .build()
                .map_err(|_| Broken::internal("an incomplete delete"))?;
            Ok(WriteRequest::builder().delete_request(delete).build())
        };
        [address_key(self), name_key(&self.name)]
            .into_iter()
            .map(delete)
            .collect()
    }

    /// The same as parts of a transaction.
    pub(super) fn forgotten_parts(&self, table: &str) -> Result<Vec<TransactWriteItem>, Broken> {
        [address_key(self), name_key(&self.name)]
            .iter()
            .map(|key| delete_part(table, key))
            .collect()
    }
}

impl Store {
    /// Counts a password guess before it is compared: by name and address, then
    /// by name. One write each, one more where a window ends. A guess that the
    /// name refuses is not compared, so its address gets it back. If it is the
    /// last one that is compared for now, gives when the next one is.
    ///
    /// # Errors
    /// `PasswordsExhausted`; `Broken` if DynamoDB does not answer.
    pub async fn count_password(
        &self,
        charge: &Charge,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Failure> {
        let by_address = self.count_by_address(address_key(charge), now).await?;
        let counted = self.count_by_name(name_key(&charge.name), now).await;
        if let Err(Failure::Refused(_)) = counted {
            let back = Change::of(address_key(charge), "#n > :zero")
                .set("#n = #n - :one")
                .value(":zero", number(0))
                .value(":one", number(1));
            self.change(back).await?;
        }
        // `None` is less than any time.
        counted.map(|by_name| by_name.max(by_address))
    }

    /// Forgets what was counted before a right password, its own count
    /// included. One batch write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn forget_passwords(&self, charge: &Charge) -> Result<(), Broken> {
        self.write_batch("forget wrong passwords", charge.forgotten()?)
            .await
    }

    async fn count_by_address(
        &self,
        key: Key,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Failure> {
        let ends = now + ADDRESS_WINDOW_SECONDS;
        let within = counted(
            Change::of(
                key.clone(),
                "attribute_not_exists(#n) OR (#ends > :now AND #n < :most)",
            ),
            ends,
        )
        .value(":now", number(now))
        .value(":most", number(PASSWORDS_BY_ADDRESS))
        .value(":zero", number(0));
        let old = match self.change(within).await? {
            Written::Done(new) => {
                let full = Item(&new).number::<i64>("n")? >= PASSWORDS_BY_ADDRESS;
                return Ok(full.then_some(ends));
            }
            Written::Refused(old) => old,
        };
        let ended: Timestamp = Item(&old).number("ends")?;
        if ended > now {
            return Err(Refusal::PasswordsExhausted { retry_at: ended }.into());
        }
        self.start_window(key, now, ends, None).await?;
        Ok(None)
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
            let next = now + delay_after(PASSWORDS_BY_NAME);
            self.start_window(key, now, ends, Some(next)).await?;
            return Ok(None);
        }
        if next_at > now {
            return Err(Refusal::PasswordsExhausted { retry_at: next_at }.into());
        }
        let next = now + delay_after(count + 1);
        let delayed = counted(Change::of(key, "#n = :count AND #next_at <= :now"), ends)
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
    async fn start_window(
        &self,
        key: Key,
        now: Timestamp,
        ends: Timestamp,
        next_at: Option<Timestamp>,
    ) -> Result<(), Failure> {
        let mut change = Change::of(key, "attribute_not_exists(#n) OR #ends <= :now")
            .set("#n = :one")
            .set("#ends = :ends")
            .set("#ttl = :ttl")
            .value(":one", number(1))
            .value(":now", number(now))
            .value(":ends", number(ends))
            .value(":ttl", number(ends + KEPT_AFTER_EXPIRY));
        if let Some(next) = next_at {
            change = change.set("#next_at = :next").value(":next", number(next));
        }
        match self.change(change).await? {
            Written::Done(_) => Ok(()),
            // Another guess started the window first. This one asks again
            // rather than to be compared uncounted.
            Written::Refused(_) => Err(Refusal::PasswordsExhausted { retry_at: now + 1 }.into()),
        }
    }
}

/// Counts one in an open window and holds it open.
fn counted(change: Change, ends: Timestamp) -> Change {
    change
        .set("#n = if_not_exists(#n, :zero) + :one")
        .set("#ends = :ends")
        .set("#ttl = :ttl")
        .value(":one", number(1))
        .value(":ends", number(ends))
        .value(":ttl", number(ends + KEPT_AFTER_EXPIRY))
}
