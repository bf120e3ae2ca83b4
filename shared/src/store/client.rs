//! OAuth clients.

use super::item::{Attributes, Item, Key, NewItem, number, text, texts};
use super::{Store, broken};
use crate::domain::client::Client;
use crate::failure::Broken;

fn key(id: &str) -> Key {
    Key::new(format!("CLIENT#{id}"), "CLIENT")
}

impl Store {
    /// The client of this identifier. One read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or the item is unreadable.
    pub async fn read_client(&self, id: &str) -> Result<Option<Client>, Broken> {
        let Some(item) = self.read(&key(id)).await? else {
            return Ok(None);
        };
        let item = Item(&item);
        Ok(Some(Client {
            id: id.to_owned(),
            secret_hashes: item.texts("secret_hashes")?,
            grants: item.texts("grants")?,
            scopes: item.texts("scopes")?,
            audiences: item.texts("audiences")?,
            // A version that knew no browsers wrote no redirect URIs.
            redirect_uris: item.texts("redirect_uris")?,
            access_token_seconds: item.maybe_number("access_token_seconds")?,
            refresh_idle_seconds: item.maybe_number("refresh_idle_seconds")?,
            refresh_absolute_seconds: item.maybe_number("refresh_absolute_seconds")?,
        }))
    }

    /// Stores a client unless there is a client with this identifier. Returns
    /// whether it did.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn add_client(&self, client: &Client) -> Result<bool, Broken> {
        self.put_new("add a client", item_of(client)).await
    }

    /// Stores a client, and replaces a client with the same identifier.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn put_client(&self, client: &Client) -> Result<(), Broken> {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item_of(client)))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| broken("keep a client", &error))
    }
}

fn item_of(client: &Client) -> Attributes {
    NewItem::at(&key(&client.id))
        .with("secret_hashes", texts(&client.secret_hashes))
        .with("grants", texts(&client.grants))
        .with("scopes", texts(&client.scopes))
        .with("audiences", texts(&client.audiences))
        .with("redirect_uris", texts(&client.redirect_uris))
        .maybe(
            "access_token_seconds",
            client.access_token_seconds.map(number),
        )
        .maybe(
            "refresh_idle_seconds",
            client.refresh_idle_seconds.map(number),
        )
        .maybe(
            "refresh_absolute_seconds",
            client.refresh_absolute_seconds.map(number),
        )
        .with("client_id", text(&client.id))
        .0
}
