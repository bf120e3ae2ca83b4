//! The budget of anonymous requests, by network.

use crate::domain::Timestamp;
use crate::domain::login::throttle::ANONYMOUS;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::store::item::{Item, KEPT_AFTER_EXPIRY, Key, number_value};
use crate::store::table::Store;
use crate::store::write::{Change, Written};

/// How often a count is tried if it meets another count.
const ATTEMPTS: u32 = 4;

impl Store {
    /// Counts one anonymous request of this network (a hash). One write, one
    /// more if the budget is in use.
    ///
    /// # Errors
    /// `RequestsExhausted`; `Broken` if DynamoDB does not answer.
    pub async fn count_anonymous_request(
        &self,
        network: &str,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let key = Key::new(format!("BUDGET#anonymous#{network}"), "BUDGET");
        let mut in_use = false;
        for _ in 0..ATTEMPTS {
            let change = if in_use {
                Change::of(key.clone(), "#tat > :now AND #tat <= :latest")
                    .set("#tat = #tat + :interval")
                    .value(":latest", number_value(ANONYMOUS.latest(now)))
                    .value(":interval", number_value(ANONYMOUS.interval))
            } else {
                Change::of(key.clone(), "attribute_not_exists(#tat) OR #tat <= :now")
                    .set("#tat = :next")
                    .value(":next", number_value(now + ANONYMOUS.interval))
            };
            let full = now + ANONYMOUS.burst * ANONYMOUS.interval;
            let change = change
                .set("#ttl = :ttl")
                .value(":now", number_value(now))
                .value(":ttl", number_value(full + KEPT_AFTER_EXPIRY));
            let old = match self.change(change).await? {
                Written::Done(_) => return Ok(()),
                Written::Refused(old) => old,
            };
            let tat: Timestamp = Item(&old).maybe_number("tat")?.unwrap_or(0);
            let retry_at = ANONYMOUS.allowed_at(tat);
            if retry_at > now {
                return Err(Refusal::RequestsExhausted { retry_at }.into());
            }
            in_use = tat > now;
        }
        // Other requests wrote first in every attempt.
        Err(Refusal::RequestsExhausted { retry_at: now + 1 }.into())
    }
}
