//! Reads the whole table. Only operators do so: the functions have no right to
//! scan.

use crate::failure::Broken;
use crate::store::item::{Attributes, text_value};
use crate::store::table::{Store, broken};

impl Store {
    /// Every item that this filter lets through. The filter has one value,
    /// which stands behind `:` in lower case: `SK = :client` for `CLIENT`.
    pub(in crate::store) async fn scan(
        &self,
        what: &str,
        filter: &str,
        value: &str,
    ) -> Result<Vec<Attributes>, Broken> {
        let mut found = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .filter_expression(filter)
            .expression_attribute_values(format!(":{}", value.to_lowercase()), text_value(value))
            .into_paginator()
            .send();
        let mut items = Vec::new();
        while let Some(page) = found.next().await {
            let page = page.map_err(|error| broken(what, &error))?;
            self.count_scanned(page.scanned_count());
            items.extend(page.items.unwrap_or_default());
        }
        Ok(items)
    }

    /// How many items the table has. DynamoDB counts them every six hours only.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn about_how_many_items(&self) -> Result<u64, Broken> {
        let described = self.client.describe_table().table_name(&self.table);
        let described = described.send().await;
        let described = described.map_err(|error| broken("count the items", &error))?;
        let count = described.table.and_then(|table| table.item_count);
        Ok(count
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or_default())
    }
}
