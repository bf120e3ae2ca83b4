//! Removes a user, with everything that belongs to the user.

use std::collections::{BTreeMap, HashMap, HashSet};

use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, DeleteRequest, TransactWriteItem, WriteRequest,
};

use crate::domain::Timestamp;
use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::user::User;
use crate::domain::id::UserId;
use crate::failure::Broken;
use crate::store::accounts::replaced_links::replaced_key;
use crate::store::accounts::user::name_key;
use crate::store::administration::event::{KeptEvent, events_partition};
use crate::store::administration::user_change::guessers;
use crate::store::item::{Attributes, Item, Key, number_value, text_value};
use crate::store::login::code_budget::guesses_key;
use crate::store::login::password_charge::password_name_key;
use crate::store::table::{Store, broken};
use crate::store::table_keys::{PROFILE, handle_key, partition, profile_key};
use crate::store::write::{Transacted, delete_part};

/// The largest number of items in one batch write.
const BATCH: usize = 25;

/// What was removed: how many items of each kind.
pub type Removed = BTreeMap<String, usize>;

/// Which items of a user are removed.
#[derive(Clone, Copy, Debug)]
pub enum Remains {
    /// Everything but the profile, whose user can no longer sign in.
    BesideProfile,
    /// The same of a user whom no message was sent to: nothing outside of the user's own
    /// partitions names such a user, so the table is not read.
    OwnPartitions,
    /// After the profile: what a request that had already begun has written since. A
    /// user who has come back under the identifier has a later epoch.
    Late {
        /// The last epoch of the removed profile.
        epoch: u64,
        /// When the profile was removed.
        at: Timestamp,
    },
}

impl Store {
    /// Removes everything that is left of a user, without the profile: factors,
    /// recovery codes, pending logins, sessions, links, codes, events and budgets of wrong
    /// codes. The acts of operators stay. Reads the whole table for `BesideProfile`, a page at
    /// a time. May be repeated after a failure.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn remove_remains(&self, user: UserId, which: Remains) -> Result<Removed, Broken> {
        let mut sweep = Sweep::default();
        self.go_through_remains(user, which, &mut sweep).await?;
        Ok(sweep.removed)
    }

    /// What `remove_remains` with `BesideProfile` and then `remove_profile` would remove.
    /// Removes nothing. Reads the whole table.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn count_remains(
        &self,
        id: UserId,
        profile: Option<(&User, &[(LoginName, String)])>,
    ) -> Result<Removed, Broken> {
        let mut sweep = Sweep {
            only_counts: true,
            ..Sweep::default()
        };
        let remains = Remains::BesideProfile;
        self.go_through_remains(id, remains, &mut sweep).await?;
        let mut counted = sweep.removed;
        if let Some((user, names)) = profile {
            let own = self.own_names(user, names).await?;
            counted.extend(self.count_with_profile(&own).await?);
        }
        Ok(counted)
    }

    async fn go_through_remains(
        &self,
        user: UserId,
        which: Remains,
        sweep: &mut Sweep,
    ) -> Result<(), Broken> {
        let (own, events) = (partition(user), events_partition(&user.to_string()));
        let not_acts = Check::of("attribute_not_exists(#by)").name("#by", "by");
        match which {
            Remains::BesideProfile | Remains::OwnPartitions => {
                self.remove_found(own, None, sweep).await?;
                self.remove_found(events, Some(not_acts), sweep).await?;
                let mut known: Vec<Key> = guessers(user).map(guesses_key).into();
                known.push(replaced_key(user));
                let found = self.read_batch(&known).await?;
                let keys: Result<Vec<Key>, Broken> = found.iter().map(key_of).collect();
                self.remove_keys(&keys?, sweep).await?;
                if matches!(which, Remains::BesideProfile) {
                    let traces = self.traces_of(user).await?;
                    self.remove_keys(&traces, sweep).await?;
                }
            }
            Remains::Late { epoch, at } => {
                let earlier = Check::of("#epoch <= :epoch").name("#epoch", "epoch");
                let earlier = earlier.value(":epoch", number_value(epoch));
                let not_later = not_acts.and("#at <= :at").name("#at", "at");
                let not_later = not_later.value(":at", number_value(at));
                self.remove_found(own, Some(earlier), sweep).await?;
                self.remove_found(events, Some(not_later), sweep).await?;
            }
        }
        Ok(())
    }

    /// Whether anything is left of a user whose profile is gone, beside the acts of
    /// operators. Two requests.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn has_remains(&self, user: UserId) -> Result<bool, Broken> {
        let own = self.client.query().table_name(&self.table).limit(1);
        let own = own
            .consistent_read(true)
            .key_condition_expression("PK = :partition")
            .expression_attribute_values(":partition", text_value(partition(user)))
            .projection_expression("PK, SK")
            .send()
            .await
            .map_err(|error| broken("look for what is left of a user", &error))?;
        let events = self
            .list_events(&user.to_string(), false, None, 100)
            .await?;
        let is_act = |event: &KeptEvent| event.get("by").is_some();
        Ok(own.count > 0 || !events.events.iter().all(is_act))
    }

    /// Removes the profile of a user who was disabled at this epoch, and the names
    /// that belong to the user, with the wrong passwords that were counted by name, and
    /// what authenticators know the user by. From then on the names are free. Each name
    /// comes with its hash, as in `Charge`. Returns
    /// what was removed, or nothing if the user has changed: then everything stays. One
    /// transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn remove_profile(
        &self,
        user: &User,
        epoch: u64,
        names: &[(LoginName, String)],
    ) -> Result<Option<Removed>, Broken> {
        let id = user.id;
        let disabled = Check::of("#epoch = :epoch AND #active = :false")
            .name("#epoch", "epoch")
            .name("#active", "active")
            .value(":epoch", number_value(epoch))
            .value(":false", AttributeValue::Bool(false));
        let mut parts = vec![disabled.deletion(&self.table, &profile_key(id))?];
        let names = self.own_names(user, names).await?;
        let removed = self.count_with_profile(&names).await?;
        for (name, hash) in names {
            let own = Check::of("#user = :user").name("#user", "user");
            let own = own.value(":user", text_value(id.to_string()));
            parts.push(own.deletion(&self.table, &name_key(name))?);
            parts.push(delete_part(&self.table, &password_name_key(hash))?);
        }
        if let Some(handle) = user.passkey_handle {
            parts.push(delete_part(&self.table, &handle_key(handle))?);
        }
        let done = self.transact("remove a user", parts).await?;
        Ok(matches!(done, Transacted::Done).then_some(removed))
    }

    /// The names that still belong to the user. A name that another user has by now stays.
    async fn own_names<'a>(
        &self,
        user: &User,
        names: &'a [(LoginName, String)],
    ) -> Result<Vec<&'a (LoginName, String)>, Broken> {
        let mut own = Vec::new();
        for name in names {
            if self.find_name(&name.0).await? == Some(user.id) {
                own.push(name);
            }
        }
        Ok(own)
    }

    /// What goes with a profile that has these names.
    async fn count_with_profile(&self, names: &[&(LoginName, String)]) -> Result<Removed, Broken> {
        let mut removed = Removed::from([("profile".to_owned(), 1)]);
        if !names.is_empty() {
            removed.insert("login names".to_owned(), names.len());
            let budgets = names.iter().map(|(_, hash)| password_name_key(hash));
            let budgets: Vec<Key> = budgets.collect();
            let counted = self.read_batch(&budgets).await?.len();
            if counted > 0 {
                removed.insert("budgets of wrong passwords".to_owned(), counted);
            }
        }
        Ok(removed)
    }

    /// Removes the items of a partition that this check lets through, page by page,
    /// but never a profile.
    async fn remove_found(
        &self,
        partition: String,
        check: Option<Check>,
        sweep: &mut Sweep,
    ) -> Result<(), Broken> {
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("PK = :partition")
            .expression_attribute_values(":partition", text_value(partition))
            .projection_expression("PK, SK");
        if let Some(check) = check {
            query = query
                .filter_expression(check.condition)
                .set_expression_attribute_names(Some(check.names));
            for (name, value) in check.values {
                query = query.expression_attribute_values(name, value);
            }
        }
        let mut pages = query.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| broken("read what is left of a user", &error))?;
            let keys: Result<Vec<Key>, Broken> = page.items().iter().map(key_of).collect();
            let mut keys = keys?;
            keys.retain(|key| key.sort != PROFILE);
            self.remove_keys(&keys, sweep).await?;
        }
        Ok(())
    }

    async fn remove_keys(&self, keys: &[Key], sweep: &mut Sweep) -> Result<(), Broken> {
        for some in keys.chunks(BATCH) {
            if !sweep.only_counts {
                let writes: Result<Vec<WriteRequest>, Broken> = some.iter().map(deletion).collect();
                self.write_batch("remove what is left of a user", writes?)
                    .await?;
            }
            for key in some {
                let name = (key.partition.clone(), key.sort.clone());
                if !sweep.only_counts || sweep.counted.insert(name) {
                    *sweep.removed.entry(kind(key)).or_default() += 1;
                }
            }
        }
        Ok(())
    }
}

/// A way through everything that is left of a user.
#[derive(Default)]
struct Sweep {
    /// Whether everything stays, and is counted only.
    only_counts: bool,
    /// The keys that were counted. An item that stays may be found twice.
    counted: HashSet<(String, String)>,
    removed: Removed,
}

/// A condition, or a filter, with its names and values.
struct Check {
    condition: String,
    names: HashMap<String, String>,
    values: Attributes,
}

impl Check {
    fn of(condition: &str) -> Self {
        Self {
            condition: condition.to_owned(),
            names: HashMap::new(),
            values: Attributes::new(),
        }
    }

    fn and(mut self, condition: &str) -> Self {
        self.condition = format!("{} AND {condition}", self.condition);
        self
    }

    fn name(mut self, placeholder: &str, name: &str) -> Self {
        self.names.insert(placeholder.to_owned(), name.to_owned());
        self
    }

    fn value(mut self, placeholder: &str, value: AttributeValue) -> Self {
        self.values.insert(placeholder.to_owned(), value);
        self
    }

    /// The deletion of this item under the condition, inside a transaction.
    fn deletion(self, table: &str, key: &Key) -> Result<TransactWriteItem, Broken> {
        let delete = Delete::builder()
            .table_name(table)
            .set_key(Some(key.to_attributes()))
            .condition_expression(self.condition)
            .set_expression_attribute_names(Some(self.names))
            .set_expression_attribute_values(Some(self.values))
            .build()
            .map_err(|_| Broken::internal("an incomplete delete"))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

fn key_of(item: &Attributes) -> Result<Key, Broken> {
    Ok(Key::new(Item(item).text("PK")?, Item(item).text("SK")?))
}

/// The kind of an item, in words for a person.
fn kind(key: &Key) -> String {
    if key.partition.starts_with("FIRSTCODE#") {
        return "codes in place of a password".to_owned();
    }
    if key.partition.starts_with("PASSKEYSIGNUP#") {
        return "sign-ups with a passkey".to_owned();
    }
    if key.partition.starts_with("PASSKEYUSER#") {
        return "user handles of passkeys".to_owned();
    }
    let sort = key.sort.as_str();
    let kinds = [
        ("PHONE", "confirmed numbers"),
        ("PROFILE#FACTOR#", "factors"),
        ("PROFILE#RECOVERY", "recovery codes"),
        ("PROFILE#METADATA", "metadata"),
        ("DEVICE#", "trusted devices"),
        ("SESSION#", "sessions"),
        ("LOGIN#", "pending logins"),
        ("ACTION", "links and confirmations"),
        ("CODE#", "authorization codes"),
        ("EVENT#", "events"),
        ("GUESSES", "budgets of wrong codes"),
        ("BUDGET", "budgets of wrong codes"),
    ];
    let known = kinds.iter().find(|(begins, _)| sort.starts_with(begins));
    known.map_or("other items", |(_, kind)| kind).to_owned()
}

fn deletion(key: &Key) -> Result<WriteRequest, Broken> {
    let delete = DeleteRequest::builder()
        .set_key(Some(key.to_attributes()))
        .build()
        .map_err(|_| Broken::internal("an incomplete delete"))?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}
