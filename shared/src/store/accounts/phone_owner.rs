//! Which user has confirmed a phone number. The item stands beside the names of users, but
//! under another sort key, so that no password is compared for a number.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::domain::Timestamp;
use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::user::User;
use crate::domain::id::UserId;
use crate::domain::login::codes::code_destination::phone_name;
use crate::failure::Broken;
use crate::store::item::{Key, NewItem, number_value, text_value};
use crate::store::write::replace_part;

/// The sort key of a number's item.
pub(in crate::store) const PHONE: &str = "PHONE";

pub(in crate::store) fn phone_key(name: &LoginName) -> Key {
    Key::new(format!("NAME#{}", name.as_str()), PHONE)
}

/// Makes this user the last who has confirmed the number, inside a transaction. Who reads the
/// messages to a number now has confirmed the number last. `None` for a text that is no number.
pub(in crate::store) fn phone_owner_part(
    table: &str,
    (number, user): (&str, UserId),
    now: Timestamp,
) -> Result<Option<TransactWriteItem>, Broken> {
    let Some(name) = phone_name(number) else {
        return Ok(None);
    };
    let item = NewItem::of_key(&phone_key(&name))
        .with("user", text_value(user.to_string()))
        .with("since", number_value(now));
    Ok(Some(replace_part(table, item.0)?))
}

/// The same for a user whose number is confirmed.
pub(in crate::store) fn own_phone_part(
    table: &str,
    user: &User,
    now: Timestamp,
) -> Result<Option<TransactWriteItem>, Broken> {
    match &user.phone {
        Some(number) if user.phone_confirmed => phone_owner_part(table, (number, user.id), now),
        Some(_) | None => Ok(None),
    }
}
