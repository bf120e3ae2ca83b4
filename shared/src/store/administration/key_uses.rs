//! What still needs an old data key.

use std::collections::BTreeMap;

use crate::domain::Timestamp;
use crate::failure::Broken;
use crate::store::item::{Item, number_value, text_value};
use crate::store::table::{Store, broken};
use crate::store::table_keys::SESSION_PREFIX;

/// How much needs each data key, by the number of the key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyUses {
    /// The seeds that each key of purpose `seeds` has sealed.
    pub seeds: BTreeMap<u32, u64>,
    /// The live sessions whose newest refresh token, or cookie, may be of each key
    /// of purpose `tokens`.
    pub sessions: BTreeMap<u32, u64>,
}

impl Store {
    /// Counts what needs which data key. `free_at` says for each token key from
    /// when on nothing new was derived from the key. Reads the whole table, in
    /// flat memory.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn count_key_uses(
        &self,
        free_at: &BTreeMap<u32, Timestamp>,
        now: Timestamp,
    ) -> Result<KeyUses, Broken> {
        let mut found = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .filter_expression(
                "attribute_exists(seed_key) OR (begins_with(SK, :session) \
                 AND attribute_not_exists(revoked_at) AND expires_at > :now AND ends_at > :now)",
            )
            .expression_attribute_values(":session", text_value(SESSION_PREFIX))
            .expression_attribute_values(":now", number_value(now))
            .projection_expression("SK, seed_key, rotated_at")
            .into_paginator()
            .send();
        let mut uses = KeyUses::default();
        while let Some(page) = found.next().await {
            let page = page.map_err(|error| broken("count what needs the keys", &error))?;
            self.count_scanned(page.scanned_count());
            for item in page.items() {
                let item = Item(item);
                if let Some(key) = item.maybe_number::<u32>("seed_key")? {
                    *uses.seeds.entry(key).or_default() += 1;
                    continue;
                }
                let rotated_at: Timestamp = item.number("rotated_at")?;
                let derived = free_at.iter().filter(|(_, free)| rotated_at < **free);
                for (key, _) in derived {
                    *uses.sessions.entry(*key).or_default() += 1;
                }
            }
        }
        Ok(uses)
    }
}
