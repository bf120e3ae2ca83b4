//! Reads of items by their keys.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::KeysAndAttributes;

use crate::failure::Broken;
use crate::store::item::{Attributes, Key};
use crate::store::table::{Store, broken};

/// How often a batch read is repeated for items that DynamoDB left out.
const BATCH_ATTEMPTS: u32 = 4;

impl Store {
    /// One item by its key, strongly consistent.
    pub(in crate::store) async fn read(
        &self,
        session_key: &Key,
    ) -> Result<Option<Attributes>, Broken> {
        self.client
            .get_item()
            .table_name(&self.table)
            .consistent_read(true)
            .set_key(Some(session_key.to_attributes()))
            .send()
            .await
            .map(|output| output.item)
            .map_err(|error| broken("read an item", &error))
    }

    /// Several items by their keys, strongly consistent, in no order.
    pub(in crate::store) async fn read_batch(
        &self,
        keys: &[Key],
    ) -> Result<Vec<Attributes>, Broken> {
        let mut asked: Vec<Attributes> = keys.iter().map(Key::to_attributes).collect();
        let mut items = Vec::new();
        for _ in 0..BATCH_ATTEMPTS {
            let request = KeysAndAttributes::builder()
                .consistent_read(true)
                .set_keys(Some(std::mem::take(&mut asked)))
                .build()
                .map_err(|_| Broken::internal("an incomplete batch read"))?;
            let output = self
                .client
                .batch_get_item()
                .request_items(&self.table, request)
                .send()
                .await
                .map_err(|error| broken("read items", &error))?;
            let mut found: HashMap<String, Vec<Attributes>> = output.responses.unwrap_or_default();
            items.extend(found.remove(&self.table).unwrap_or_default());
            let left = output
                .unprocessed_keys
                .unwrap_or_default()
                .remove(&self.table);
            asked = left.map(|left| left.keys).unwrap_or_default();
            if asked.is_empty() {
                return Ok(items);
            }
        }
        Err(Broken::unavailable(
            "DynamoDB: read items: some items were not processed",
        ))
    }
}
