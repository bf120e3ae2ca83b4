//! Parts of the transactions that change factors.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};

use crate::failure::Broken;
use crate::store::item::{Attributes, Key, NewItem, number_value};

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
