//! OAuth clients.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::authorization::client::Client;
use crate::domain::authorization::grant::Grants;
use crate::failure::Broken;
use crate::store::administration::act::Act;
use crate::store::authorization::native_apps::{
    ANDROID, IOS, WEB_ORIGINS, apps_key, is_published, read_apps,
};
use crate::store::factors::enrolment_parts::delete;
use crate::store::item::{Attributes, Item, Key, NewItem, number_value, text_value, texts_value};
use crate::store::table::Store;
use crate::store::write::{Change, Transacted, delete_part, put_part, replace_part};

const CLIENT: &str = "CLIENT";

/// The lists that say what a client may do.
const LISTS: [&str; 8] = [
    "grants",
    "scopes",
    "audiences",
    "redirect_uris",
    "logout_uris",
    WEB_ORIGINS,
    ANDROID,
    IOS,
];

/// The lifetimes that a client may have of its own.
const LIFETIMES: [&str; 3] = [
    "access_token_seconds",
    "refresh_idle_seconds",
    "refresh_absolute_seconds",
];

/// Whether the client is an app of the operator's own. Absent if not.
const FIRST_PARTY: &str = "first_party";

fn key(id: &str) -> Key {
    Key::new(format!("CLIENT#{id}"), CLIENT)
}

fn read(item: Item<'_>) -> Result<Client, Broken> {
    Ok(Client {
        id: item.text("client_id")?.to_owned(),
        secret_hashes: item.texts("secret_hashes")?,
        // This version may not know every grant.
        grants: Grants::from_names(item.texts("grants")?),
        scopes: item.texts("scopes")?,
        audiences: item.texts("audiences")?,
        // A version that knew no browsers wrote no redirect URIs.
        redirect_uris: item.texts("redirect_uris")?,
        // A version that signed nobody out for an app wrote neither of these.
        logout_uris: item.texts("logout_uris")?,
        web_origins: item.texts(WEB_ORIGINS)?,
        access_token_seconds: item.maybe_number("access_token_seconds")?,
        refresh_idle_seconds: item.maybe_number("refresh_idle_seconds")?,
        refresh_absolute_seconds: item.maybe_number("refresh_absolute_seconds")?,
        first_party: item.flag(FIRST_PARTY)?,
        // A version that knew no apps on phones wrote neither of these.
        apps: read_apps(item)?,
    })
}

impl Store {
    /// The client of this identifier. One read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or the item is unreadable.
    pub async fn read_client(&self, id: &str) -> Result<Option<Client>, Broken> {
        let found = self.read(&key(id)).await?;
        found.map(|item| read(Item(&item))).transpose()
    }

    /// Every client, by identifier. Scans the table, so its time grows with the
    /// number of users. For operators only.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn list_clients(&self) -> Result<Vec<Client>, Broken> {
        let items = self
            .scan("list the clients", "SK = :client", CLIENT)
            .await?;
        let read: Result<Vec<Client>, Broken> = items.iter().map(|item| read(Item(item))).collect();
        let mut clients = read?;
        clients.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(clients)
    }

    /// Replaces what a client may do, but neither its secrets nor attributes of
    /// a newer version. Returns whether there is such a client. One
    /// transaction, which also keeps the act.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn update_client(&self, client: &Client, act: &Act) -> Result<bool, Broken> {
        let mut change = Change::of(key(&client.id), "attribute_exists(PK)");
        let new = item_of(client);
        for name in LISTS.into_iter().chain(LIFETIMES).chain([FIRST_PARTY]) {
            change = match new.get(name) {
                Some(value) => change
                    .set(format!("#{name} = :{name}"))
                    .value(&format!(":{name}"), value.clone()),
                None => change.remove(format!("#{name}")),
            };
        }
        let mut parts = vec![change.into_part(&self.table)?, self.apps_part(client)?];
        parts.extend(self.act_parts(act)?);
        let done = self.transact("change a client", parts).await?;
        Ok(matches!(done, Transacted::Done))
    }

    /// Replaces a client's secrets, if they are still `old`. Returns whether
    /// the change was made. One transaction, which also keeps the act.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn replace_client_secrets(
        &self,
        client: &str,
        (old, new): (&[String], &[String]),
        act: &Act,
    ) -> Result<bool, Broken> {
        let change = Change::of(key(client), "#secret_hashes = :old")
            .set("#secret_hashes = :new")
            .value(":old", texts_value(old))
            .value(":new", texts_value(new));
        let mut parts = vec![change.into_part(&self.table)?];
        parts.extend(self.act_parts(act)?);
        let done = self.transact("replace a client's secrets", parts).await?;
        Ok(matches!(done, Transacted::Done))
    }

    /// Removes a client. Returns whether there was one. One transaction, which
    /// also keeps the act.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn delete_client(&self, client: &str, act: &Act) -> Result<bool, Broken> {
        let mut parts = vec![
            delete(&self.table, &key(client), "attribute_exists(PK)")?,
            delete_part(&self.table, &apps_key(client))?,
        ];
        parts.extend(self.act_parts(act)?);
        let done = self.transact("remove a client", parts).await?;
        Ok(matches!(done, Transacted::Done))
    }

    /// Stores a client unless there is a client with this identifier, and keeps
    /// the act. Returns whether the client was stored. One transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn put_new_client(&self, client: &Client, act: &Act) -> Result<bool, Broken> {
        let mut parts = vec![put_part(&self.table, item_of(client))?];
        // The function that makes the first client, without apps and web origins, may write
        // nothing else.
        if is_published(client) {
            parts.push(self.apps_part(client)?);
        }
        parts.extend(self.act_parts(act)?);
        let done = self.transact("make a client", parts).await?;
        Ok(matches!(done, Transacted::Done))
    }

    /// Stores a client, and replaces a client with the same identifier. One transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn put_client(&self, client: &Client) -> Result<(), Broken> {
        let parts = vec![
            replace_part(&self.table, item_of(client))?,
            self.apps_part(client)?,
        ];
        self.transact("keep a client", parts).await.map(|_| ())
    }
}

fn item_of(client: &Client) -> Attributes {
    let grants: Vec<String> = client.grants.names().map(str::to_owned).collect();
    NewItem::of_key(&key(&client.id))
        .with("secret_hashes", texts_value(&client.secret_hashes))
        .with("grants", texts_value(&grants))
        .with("scopes", texts_value(&client.scopes))
        .with("audiences", texts_value(&client.audiences))
        .with("redirect_uris", texts_value(&client.redirect_uris))
        .with("logout_uris", texts_value(&client.logout_uris))
        .with(WEB_ORIGINS, texts_value(&client.web_origins))
        .maybe(
            "access_token_seconds",
            client.access_token_seconds.map(number_value),
        )
        .maybe(
            "refresh_idle_seconds",
            client.refresh_idle_seconds.map(number_value),
        )
        .maybe(
            "refresh_absolute_seconds",
            client.refresh_absolute_seconds.map(number_value),
        )
        .maybe(
            FIRST_PARTY,
            client.first_party.then_some(AttributeValue::Bool(true)),
        )
        .with(ANDROID, texts_value(&client.apps.android))
        .with(IOS, texts_value(&client.apps.ios))
        .with("client_id", text_value(&client.id))
        .0
}
