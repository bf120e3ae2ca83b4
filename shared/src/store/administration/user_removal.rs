//! Removes a user, with everything that belongs to the user.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};

use crate::domain::accounts::login_name::LoginName;
use crate::domain::id::UserId;
use crate::failure::Broken;
use crate::store::accounts::user::name_key;
use crate::store::administration::act::Act;
use crate::store::administration::event::events_partition;
use crate::store::administration::user_change::guessers;
use crate::store::factors::enrolment_parts::delete;
use crate::store::item::{Attributes, Item, Key, text};
use crate::store::table::{Store, broken};
use crate::store::table_keys::{partition, profile_key};
use crate::store::write::Transacted;

/// The largest number of items in one batch write.
const BATCH: usize = 25;

/// What was removed: how many items of each kind.
pub type Removed = BTreeMap<String, usize>;

impl Store {
    /// Removes the user's profile and names. From then on, nobody signs in as
    /// this user, and no session or token of the user is accepted. Returns
    /// false, and changes nothing, if the user was removed before. One
    /// transaction, which also keeps the act.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn remove_profile(
        &self,
        user: UserId,
        names: &[LoginName],
        act: &Act,
    ) -> Result<bool, Broken> {
        let profile = delete(&self.table, &profile_key(user), "attribute_exists(PK)")?;
        let mut parts = vec![profile, self.act_part(act)?];
        for name in names {
            // A name that another user has by now stays.
            if self.find_name(name).await? == Some(user) {
                parts.push(delete(
                    &self.table,
                    &name_key(name),
                    "attribute_exists(PK)",
                )?);
            }
        }
        let done = self.transact("remove a user", parts).await?;
        Ok(matches!(done, Transacted::Done))
    }

    /// Removes what is left of a user whose profile is gone: factors, recovery
    /// codes, pending logins, sessions, actions, codes and budgets of wrong
    /// codes. May be repeated after a failure.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn remove_remains(&self, user: UserId) -> Result<Removed, Broken> {
        let mut keys: Vec<Key> = Vec::new();
        for item in self.read_partition(partition(user)).await? {
            keys.push(Key::new(Item(&item).text("PK")?, Item(&item).text("SK")?));
        }
        keys.extend(self.event_keys(user).await?);
        let budgets = guessers(user).map(crate::store::Guesser::key);
        let outside = budgets
            .into_iter()
            .filter(|key| key.partition != partition(user));
        for item in self.read_batch(&outside.collect::<Vec<_>>()).await? {
            keys.push(Key::new(Item(&item).text("PK")?, Item(&item).text("SK")?));
        }
        let mut removed = Removed::new();
        for key in &keys {
            *removed.entry(kind(key)).or_default() += 1;
        }
        for some in keys.chunks(BATCH) {
            let writes: Result<Vec<WriteRequest>, Broken> = some.iter().map(deletion).collect();
            self.write_batch("remove what is left of a user", writes?)
                .await?;
        }
        Ok(removed)
    }

    /// The events of a user, without the acts of operators.
    async fn event_keys(&self, user: UserId) -> Result<Vec<Key>, Broken> {
        let events = events_partition(&user.to_string());
        let items = self.read_partition(events).await?;
        let of_user = items.iter().filter(|item| !item.contains_key("by"));
        let key = |item: &Attributes| Ok(Key::new(Item(item).text("PK")?, Item(item).text("SK")?));
        of_user.map(key).collect()
    }

    /// Every item of a partition: its key, and who made it if an operator did.
    async fn read_partition(&self, partition: String) -> Result<Vec<Attributes>, Broken> {
        let mut items = Vec::new();
        let mut start: Option<Attributes> = None;
        loop {
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .key_condition_expression("PK = :partition")
                .expression_attribute_values(":partition", text(&partition))
                .projection_expression("PK, SK, #by")
                .expression_attribute_names("#by", "by")
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| broken("read what is left of a user", &error))?;
            items.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
    }
}

/// The kind of an item, in words for a person.
fn kind(key: &Key) -> String {
    let sort = key.sort.as_str();
    let kinds = [
        ("PROFILE#FACTOR#", "factors"),
        ("PROFILE#RECOVERY", "recovery codes"),
        ("PROFILE#METADATA", "metadata"),
        ("SESSION#", "sessions"),
        ("LOGIN#", "pending logins"),
        ("ACTION#", "confirmations"),
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
        .set_key(Some(key.attributes()))
        .build()
        .map_err(|_| Broken::internal("an incomplete delete"))?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}
