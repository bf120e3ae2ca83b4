//! Reads the whole table. Only operators do so: the functions have no right to
//! scan.

use crate::failure::Broken;
use crate::store::item::{Attributes, text};
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
            .expression_attribute_values(format!(":{}", value.to_lowercase()), text(value))
            .into_paginator()
            .items()
            .send();
        let mut items = Vec::new();
        while let Some(item) = found.next().await {
            items.push(item.map_err(|error| broken(what, &error))?);
        }
        Ok(items)
    }
}
