//! The end of confirmation links, when somebody signs up at an address that was
//! never confirmed. The item holds the time. The item has a partition of its own,
//! because anybody may sign up, and a request of a stranger must not write under `USER#`.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::domain::Timestamp;
use crate::domain::accounts::action::{Action, CONFIRM_EMAIL_SECONDS, RESET_SECONDS};
use crate::domain::id::UserId;
use crate::failure::Broken;
use crate::store::item::{Attributes, Item, KEPT_AFTER_EXPIRY, Key, number_value};
use crate::store::write::{Change, check_part};

pub(in crate::store) fn replaced_key(user: UserId) -> Key {
    Key::new(format!("ACTION#replaced#{user}"), "ACTION")
}

/// Ends the links that confirm this user's address and were sent until `now`.
/// The item is kept as long as these links live.
pub(in crate::store) fn replacing_part(
    table: &str,
    user: UserId,
    now: Timestamp,
) -> Result<TransactWriteItem, Broken> {
    Change::always(replaced_key(user))
        .set("#replaced_at = :now")
        .set("#ttl = :ttl")
        .value(":now", number_value(now))
        .value(
            ":ttl",
            number_value(now + CONFIRM_EMAIL_SECONDS + KEPT_AFTER_EXPIRY),
        )
        .into_part(table)
}

/// Until when the user's links were ended.
pub(in crate::store) fn replaced_at(item: Item<'_>) -> Result<Timestamp, Broken> {
    item.number("replaced_at")
}

/// Refuses to send a link while the message that ended the links before may
/// still be used. Otherwise a stranger's link would again be the newest message
/// in the owner's mailbox.
pub(in crate::store) fn not_contested_part(
    table: &str,
    user: UserId,
    now: Timestamp,
) -> Result<TransactWriteItem, Broken> {
    let free = "attribute_not_exists(#replaced_at) OR #replaced_at <= :long_ago";
    let values = Attributes::from([(":long_ago".to_owned(), number_value(now - RESET_SECONDS))]);
    check_part(table, &replaced_key(user), free, values)
}

/// Refuses a link that was ended after it was read.
pub(in crate::store) fn not_replaced_part(
    table: &str,
    action: &Action,
) -> Result<TransactWriteItem, Broken> {
    let key = replaced_key(action.user);
    let live = "attribute_not_exists(#replaced_at) OR #replaced_at < :began";
    let values = Attributes::from([(":began".to_owned(), number_value(action.began_at()))]);
    check_part(table, &key, live, values)
}
