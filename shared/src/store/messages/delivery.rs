//! Marks destinations by what SES and SNS report, and finds the users who read
//! there.

use crate::domain::accounts::login_name::LoginName;
use crate::domain::factors::factor::Channel;
use crate::domain::id::UserId;
use crate::domain::messages::delivery::DeliveryMark;
use crate::failure::Broken;
use crate::store::accounts::user::name_key;
use crate::store::item::{Item, number_value};
use crate::store::messages::delivery_item::{mark_name, write_mark};
use crate::store::messages::rows::row_key;
use crate::store::table::Store;
use crate::store::table_keys::profile_key;
use crate::store::write::{Change, Written};

/// A destination, for the users who may read what is sent there.
#[derive(Clone, Copy, Debug)]
pub struct Addressed<'a> {
    /// How messages go there.
    pub channel: Channel,
    /// The address or number.
    pub to: &'a str,
    /// The hash under which its budgets stand.
    pub hash: &'a str,
}

impl Store {
    /// The users who may read what is sent to this destination: the user who
    /// signs in with the address, and the user whom the last code there was for.
    /// One batch read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or an item is unreadable.
    pub async fn readers_of(&self, addressed: Addressed<'_>) -> Result<Vec<UserId>, Broken> {
        let name = match addressed.channel {
            Channel::Email => LoginName::parse(addressed.to),
            Channel::Sms | Channel::Webhook => None,
        };
        let mut keys = vec![row_key("confirmed", addressed.hash)];
        keys.extend(name.as_ref().map(name_key));
        let mut users = Vec::new();
        for item in &self.read_batch(&keys).await? {
            // A budget that no code was charged to knows no user.
            if Item(item).maybe_text("user")?.is_some() {
                users.push(Item(item).id("user", UserId::parse)?);
            }
        }
        users.sort();
        users.dedup();
        Ok(users)
    }

    /// Stores what was learnt about a destination of this user, unless something
    /// later is stored already. If a report and a clearing have the same time,
    /// the clearing wins. Returns whether the write stored anything. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn mark_destination(
        &self,
        user: UserId,
        mark: &DeliveryMark,
        hash: &str,
    ) -> Result<bool, Broken> {
        let known = match mark.trouble {
            Some(_) => "(attribute_not_exists(#mark) OR #mark.#at < :at)",
            None => "#mark.#at <= :at",
        };
        let change = Change::of(
            profile_key(user),
            format!("attribute_exists(#epoch) AND {known}"),
        )
        .name("#mark", &mark_name(hash))
        .set("#mark = :mark")
        .value(":mark", write_mark(mark))
        .value(":at", number_value(mark.at));
        Ok(matches!(self.change(change).await?, Written::Done(_)))
    }
}
