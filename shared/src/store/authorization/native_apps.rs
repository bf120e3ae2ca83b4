//! The apps of all clients on phones, and the web origins of all clients. They stand once more
//! in a partition of their own, so that anybody may ask for all of them without a scan.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::domain::authorization::client::Client;
use crate::domain::authorization::clients::native_apps::{NativeApps, PublishedClient};
use crate::failure::Broken;
use crate::store::item::{Closed, Item, Key, NewItem, text_value, texts_value};
use crate::store::table::{Store, broken};
use crate::store::write::{delete_part, replace_part};

/// The partition of the apps and origins of all clients.
const PARTITION: &str = "NATIVEAPPS";

pub(super) const ANDROID: &str = "android_apps";
pub(super) const IOS: &str = "ios_apps";
pub(super) const WEB_ORIGINS: &str = "web_origins";

pub(super) fn apps_key(client: &str) -> Key {
    Key::new(PARTITION, format!("CLIENT#{client}"))
}

pub(super) fn read_apps(item: Item<'_>) -> Result<NativeApps, Broken> {
    Ok(NativeApps {
        android: item.texts(ANDROID)?,
        ios: item.texts(IOS)?,
    })
}

fn read_published(item: Item<'_>) -> Result<PublishedClient, Broken> {
    Ok(PublishedClient {
        apps: read_apps(item)?,
        web_origins: item.texts(WEB_ORIGINS)?,
    })
}

/// Whether anybody may learn something of this client.
pub(super) fn is_published(client: &Client) -> bool {
    !client.apps.are_none() || !client.web_origins.is_empty()
}

impl Store {
    /// Keeps the apps and the web origins of a client as they stand in the client. Part of
    /// each write of a client.
    pub(super) fn apps_part(&self, client: &Client) -> Result<TransactWriteItem, Broken> {
        let key = apps_key(&client.id);
        if !is_published(client) {
            return delete_part(&self.table, &key);
        }
        let item = NewItem::of_key(&key)
            .with(ANDROID, texts_value(&client.apps.android))
            .with(IOS, texts_value(&client.apps.ios))
            .with(WEB_ORIGINS, texts_value(&client.web_origins));
        replace_part(&self.table, item.0)
    }

    /// The apps and the web origins of every client that has any, by the identifier of the
    /// client. A request for each megabyte, so usually one.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn read_published_clients(&self) -> Result<Vec<PublishedClient>, Broken> {
        let values = HashMap::from([(":apps".to_owned(), text_value(PARTITION))]);
        let mut clients = Vec::new();
        let mut after = None;
        loop {
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("PK = :apps")
                .set_expression_attribute_values(Some(values.clone()))
                .set_exclusive_start_key(after)
                .send()
                .await
                .map_err(|error| broken("read the apps and origins of clients", &error))?;
            let items = page.items.unwrap_or_default();
            let read = items.iter();
            clients.extend(read.filter_map(|item| read_published(Item(item)).newer("a client")));
            match page.last_evaluated_key {
                Some(key) => after = Some(key),
                None => return Ok(clients),
            }
        }
    }
}
