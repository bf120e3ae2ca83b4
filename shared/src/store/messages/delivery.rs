//! What SES and SNS report about destinations. A user's profile keeps the last
//! report about each of the user's destinations, so whoever reads the user knows
//! the reports too.

use crate::domain::Timestamp;
use crate::domain::accounts::login_name::LoginName;
use crate::domain::factors::factor::Channel;
use crate::domain::id::UserId;
use crate::domain::messages::delivery::{DeliveryMark, Trouble};
use crate::failure::Broken;
use crate::store::Store;
use crate::store::accounts::user::name_key;
use crate::store::item::{Attributes, Closed, Item, NewItem, number, text};
use crate::store::messages::payers::key;
use crate::store::table_keys::profile_key;
use crate::store::write::{Change, Written};

/// What the name of a mark's attribute begins with. The hash of the destination
/// follows.
const PREFIX: &str = "delivery_";

/// The kind of a mark that was cleared.
const CLEARED: &str = "cleared";

/// The marks in a profile, by destination. A mark that this version cannot read
/// does not exist for this version.
pub(in crate::store) fn read_delivery(profile: Item<'_>) -> Vec<DeliveryMark> {
    let attributes = profile.0.iter();
    let marks = attributes.filter(|(name, _)| name.starts_with(PREFIX));
    let mut marks: Vec<DeliveryMark> = marks
        .filter_map(|(_, value)| read_mark(value.as_m().ok()?).newer("a report of a delivery"))
        .collect();
    marks.sort_by(|one, other| one.destination.cmp(&other.destination));
    marks
}

fn read_mark(mark: &Attributes) -> Result<DeliveryMark, Broken> {
    let mark = Item(mark);
    Ok(DeliveryMark {
        destination: mark.text("destination")?.to_owned(),
        trouble: match mark.text("kind")? {
            CLEARED => None,
            _ => Some(mark.id("kind", Trouble::from_name)?),
        },
        at: mark.number::<Timestamp>("at")?,
    })
}

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
        let mut keys = vec![key("confirmed", addressed.hash)];
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

    /// Keeps what was learnt about a destination of this user, if nothing later
    /// is known; of two things at one time, that the mark is cleared. Returns
    /// whether it did. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn mark_destination(
        &self,
        user: UserId,
        mark: &DeliveryMark,
        hash: &str,
    ) -> Result<bool, Broken> {
        let (kind, known) = match mark.trouble {
            Some(trouble) => (
                trouble.name(),
                "(attribute_not_exists(#mark) OR #mark.#at < :at)",
            ),
            None => (CLEARED, "#mark.#at <= :at"),
        };
        let value = NewItem::nested()
            .with("destination", text(&mark.destination))
            .with("kind", text(kind))
            .with("at", number(mark.at));
        let change = Change::of(
            profile_key(user),
            format!("attribute_exists(#epoch) AND {known}"),
        )
        .name("#mark", &format!("{PREFIX}{hash}"))
        .set("#mark = :mark")
        .value(":mark", value.into_value())
        .value(":at", number(mark.at));
        Ok(matches!(self.change(change).await?, Written::Done(_)))
    }
}
