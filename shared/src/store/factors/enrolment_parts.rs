//! Parts of the transactions that change factors.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};

use crate::domain::factors::passkey::UserHandle;
use crate::domain::id::{FactorId, UserId};
use crate::domain::login::pending_login::{Login, Proof, State};
use crate::failure::Broken;
use crate::store::accounts::user_item::{HANDLE, OWNED, handle_item};
use crate::store::item::{
    Attributes, Key, NewItem, TTL_ATTRIBUTE, binary_value, number_value, text_value,
};
use crate::store::table_keys::factor_key;
use crate::store::write::{Change, put_part};

/// Puts an item over an existing one, under a condition if there is one. The
/// condition's only value is `:false`.
pub(in crate::store) fn put(
    table: &str,
    item: NewItem,
    condition: Option<&str>,
) -> Result<TransactWriteItem, Broken> {
    let values = condition.map(|_| falsehood());
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item.0))
        .set_condition_expression(condition.map(str::to_owned))
        .set_expression_attribute_values(values)
        .build()
        .map_err(|_| Broken::internal("an incomplete put"))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// Deletes an authenticator app, if it has not accepted this step yet.
pub(in crate::store) fn delete_app(
    table: &str,
    key: &Key,
    step: u64,
) -> Result<TransactWriteItem, Broken> {
    let unused = "attribute_exists(PK) AND (attribute_not_exists(last_step) OR last_step < :step)";
    let delete = Delete::builder()
        .table_name(table)
        .set_key(Some(key.to_attributes()))
        .condition_expression(unused)
        .expression_attribute_values(":step", number_value(step))
        .build()
        .map_err(|_| Broken::internal("an incomplete delete"))?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

/// Deletes the recovery codes, if this code is still among them.
pub(in crate::store) fn delete_codes(
    table: &str,
    key: &Key,
    hash: &str,
) -> Result<TransactWriteItem, Broken> {
    let delete = Delete::builder()
        .table_name(table)
        .set_key(Some(key.to_attributes()))
        .condition_expression("attribute_exists(codes.#spent)")
        .expression_attribute_names("#spent", hash)
        .build()
        .map_err(|_| Broken::internal("an incomplete delete"))?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

/// Deletes an item under a condition. The condition's only value may be
/// `:false`.
pub(in crate::store) fn delete(
    table: &str,
    key: &Key,
    condition: &str,
) -> Result<TransactWriteItem, Broken> {
    let values = condition.contains(":false").then(falsehood);
    let delete = Delete::builder()
        .table_name(table)
        .set_key(Some(key.to_attributes()))
        .condition_expression(condition)
        .set_expression_attribute_values(values)
        .build()
        .map_err(|_| Broken::internal("an incomplete delete"))?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

fn falsehood() -> Attributes {
    Attributes::from([(":false".to_owned(), AttributeValue::Bool(false))])
}

/// Adds to the change that this e-mail address is confirmed, if there is an address.
pub(in crate::store) fn confirming(change: Change, email: Option<&str>) -> Change {
    match email {
        None => change,
        Some(email) => change
            .and("#email = :email")
            .set("#email_confirmed = :true")
            .value(":email", text_value(email)),
    }
}

/// Confirms the new factor once. A verify may have consumed the code before.
pub(in crate::store) fn confirm_part(
    login: &Login,
    factor: FactorId,
    (proof, owned): (&Proof, bool),
) -> Change {
    let key = factor_key(login.user, factor);
    let verified = matches!(login.state, State::Verified { .. });
    let change = match proof {
        Proof::Totp { step, .. } if !verified => Change::of(
            key,
            "#confirmed = :false AND (attribute_not_exists(#last_step) OR #last_step < :step)",
        )
        .set("#last_step = :step")
        .value(":step", number_value(step)),
        _ => Change::of(key, "#confirmed = :false"),
    };
    let change = change.set("#confirmed = :true");
    let change = match owned {
        true => change.set(format!("#{OWNED} = :true")),
        false => change,
    };
    change
        .remove(format!("#{TTL_ATTRIBUTE}"))
        .value(":false", AttributeValue::Bool(false))
        .value(":true", AttributeValue::Bool(true))
}

/// Adds to the change of a profile what authenticators will know the user by, if that is new.
/// The second value is the part that names the user of the handle.
pub(in crate::store) fn naming(
    profile: Change,
    table: &str,
    (user, handle): (UserId, Option<UserHandle>),
) -> Result<(Change, Option<TransactWriteItem>), Broken> {
    let Some(handle) = handle else {
        return Ok((profile, None));
    };
    let item = handle_item(user, handle);
    let named = profile
        .and(&format!("attribute_not_exists(#{HANDLE})"))
        .set(format!("#{HANDLE} = :handle"))
        .value(":handle", binary_value(handle.as_bytes().to_vec()));
    Ok((named, Some(put_part(table, item.0)?)))
}
