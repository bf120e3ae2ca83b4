//! Conditional writes: one write, one condition, one result.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnValue,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update, WriteRequest,
};

use super::item::{Attributes, Item, Key, text_value};
use crate::failure::Broken;
use crate::store::table::{Store, broken};

/// How often a write is tried if it meets another transaction. The first try
/// counts.
const CONFLICT_ATTEMPTS: u32 = 6;

/// A conditional update of one item. Attribute names stand as `#name` in the
/// expressions, values as `:value`.
#[derive(Clone, Debug)]
pub(super) struct Change {
    key: Key,
    condition: String,
    set: Vec<String>,
    remove: Vec<String>,
    names: HashMap<String, String>,
    values: Attributes,
}

impl Change {
    pub fn of(key: Key, condition: impl Into<String>) -> Self {
        Self {
            key,
            condition: condition.into(),
            set: Vec::new(),
            remove: Vec::new(),
            names: HashMap::new(),
            values: HashMap::new(),
        }
    }

    /// A change without a condition, as a part of a transaction.
    pub fn always(key: Key) -> Self {
        Self::of(key, "")
    }

    /// The change under one more condition.
    pub fn and(mut self, condition: &str) -> Self {
        self.condition = format!("{} AND {condition}", self.condition);
        self
    }

    pub fn set(mut self, assignment: impl Into<String>) -> Self {
        self.set.push(assignment.into());
        self
    }

    pub fn remove(mut self, path: impl Into<String>) -> Self {
        self.remove.push(path.into());
        self
    }

    pub fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    /// A name that differs from its placeholder, such as a key of a map.
    pub fn name(mut self, placeholder: &str, name: &str) -> Self {
        self.names.insert(placeholder.to_owned(), name.to_owned());
        self
    }

    fn update(&self) -> String {
        // Every change sets something: `Store::change` sets the writer.
        let mut expression = format!("SET {}", self.set.join(", "));
        if !self.remove.is_empty() {
            expression = format!("{expression} REMOVE {}", self.remove.join(", "));
        }
        expression
    }

    /// The names that the expressions use. A name stands for itself unless
    /// `name` gave another.
    fn all_names(&self, expressions: &str) -> HashMap<String, String> {
        let mut names = self.names.clone();
        for placeholder in placeholders(expressions) {
            let plain = placeholder.trim_start_matches('#').to_owned();
            names.entry(placeholder).or_insert(plain);
        }
        names
    }

    pub fn into_part(self, table: &str) -> Result<TransactWriteItem, Broken> {
        let names = self.all_names(&format!("{} {}", self.condition, self.update()));
        let update = Update::builder()
            .table_name(table)
            .update_expression(self.update())
            .set_key(Some(self.key.to_attributes()))
            .set_condition_expression(Some(self.condition).filter(|text| !text.is_empty()))
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(self.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|_| Broken::internal("an incomplete update"))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// A check of one item inside a transaction.
pub(super) fn check_part(
    table: &str,
    key: &Key,
    condition: &str,
    values: Attributes,
) -> Result<TransactWriteItem, Broken> {
    let names = placeholders(condition).into_iter().map(|placeholder| {
        (
            placeholder.clone(),
            placeholder.trim_start_matches('#').to_owned(),
        )
    });
    let check = ConditionCheck::builder()
        .table_name(table)
        .set_key(Some(key.to_attributes()))
        .condition_expression(condition)
        .set_expression_attribute_names(Some(names.collect()))
        .set_expression_attribute_values(Some(values))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .map_err(|_| Broken::internal("an incomplete check"))?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}

/// Puts an item that must not exist yet, inside a transaction.
pub(super) fn put_part(table: &str, item: Attributes) -> Result<TransactWriteItem, Broken> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(PK)")
        .build()
        .map_err(|_| Broken::internal("an incomplete put"))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// Puts an item, whether the key has an item or not, inside a transaction.
pub(super) fn replace_part(table: &str, item: Attributes) -> Result<TransactWriteItem, Broken> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .build()
        .map_err(|_| Broken::internal("an incomplete put"))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// Deletes an item, whether it exists or not, inside a transaction.
pub(super) fn delete_part(table: &str, key: &Key) -> Result<TransactWriteItem, Broken> {
    let delete = Delete::builder()
        .table_name(table)
        .set_key(Some(key.to_attributes()))
        .build()
        .map_err(|_| Broken::internal("an incomplete delete"))?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

fn placeholders(expression: &str) -> Vec<String> {
    let ends = |character: char| !(character.is_ascii_alphanumeric() || "#_".contains(character));
    expression
        .split(ends)
        .filter(|word| word.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// The result of a conditional write.
#[derive(Debug)]
pub(super) enum Written {
    /// The write was done. The item as it is now.
    Done(Attributes),
    /// The condition did not hold. The item as it is, or nothing if there is no
    /// item.
    Refused(Attributes),
}

/// The result of a transaction.
#[derive(Debug)]
pub(super) enum Transacted {
    /// All parts were written.
    Done,
    /// Nothing was written. The parts whose conditions did not hold, in order,
    /// each with its item if the part asked for it.
    Refused(Vec<(usize, Attributes)>),
}

impl Store {
    /// Makes one conditional update. Each update stores a random writer id. If
    /// the response is lost, the retry fails its condition, the stored id shows
    /// that the first try succeeded, and nothing is counted twice.
    ///
    /// Do not put the whole condition in parentheses, because DynamoDB refuses
    /// redundant parentheses.
    pub(super) async fn change(&self, mut change: Change) -> Result<Written, Broken> {
        let by = uuid::Uuid::new_v4().simple().to_string();
        change.condition = format!(
            "({}) AND (attribute_not_exists(#written_by) OR #written_by <> :written_by)",
            change.condition
        );
        let change = change
            .set("#written_by = :written_by")
            .value(":written_by", text_value(&by));
        let names = change.all_names(&format!("{} {}", change.condition, change.update()));
        for attempt in 1.. {
            let sent = self
                .client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(change.key.to_attributes()))
                .update_expression(change.update())
                .condition_expression(&change.condition)
                .set_expression_attribute_names(Some(names.clone()))
                .set_expression_attribute_values(Some(change.values.clone()))
                .return_values(ReturnValue::AllNew)
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                )
                .send()
                .await;
            let error = match sent {
                Ok(output) => return Ok(Written::Done(output.attributes.unwrap_or_default())),
                Err(error) => error,
            };
            if let Some(UpdateItemError::ConditionalCheckFailedException(failed)) =
                error.as_service_error()
            {
                let item = failed.item.clone().unwrap_or_default();
                let ours = Item(&item).maybe_text("written_by")? == Some(by.as_str());
                return Ok(if ours {
                    Written::Done(item)
                } else {
                    Written::Refused(item)
                });
            }
            if attempt >= CONFLICT_ATTEMPTS || error.code() != Some("TransactionConflictException")
            {
                return Err(broken("update an item", &error));
            }
            pause(attempt).await;
        }
        Err(Broken::unavailable("update an item: all attempts failed"))
    }

    /// Puts an item unless the key has an item. Returns whether the item was
    /// put.
    pub(super) async fn put_new(&self, what: &str, item: Attributes) -> Result<bool, Broken> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(PK)")
            .send()
            .await;
        match put {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
            {
                Ok(false)
            }
            Err(error) => Err(broken(what, &error)),
        }
    }

    /// Writes these puts and deletes. Each is written on its own, so a failure
    /// may leave some of them written.
    pub(super) async fn write_batch(
        &self,
        what: &str,
        mut writes: Vec<WriteRequest>,
    ) -> Result<(), Broken> {
        for attempt in 1..=CONFLICT_ATTEMPTS {
            let output = self
                .client
                .batch_write_item()
                .request_items(&self.table, writes)
                .send()
                .await
                .map_err(|error| broken(what, &error))?;
            let left = output.unprocessed_items.unwrap_or_default();
            writes = left.into_values().flatten().collect();
            if writes.is_empty() {
                return Ok(());
            }
            pause(attempt).await;
        }
        Err(Broken::unavailable(format!(
            "DynamoDB: {what}: some items were not processed"
        )))
    }

    /// Writes all parts or none. The request token is random, and a retry of
    /// the same parts sends the same token. So DynamoDB knows the retry of a
    /// commit whose response was lost, and does not refuse it.
    pub(super) async fn transact(
        &self,
        what: &str,
        parts: Vec<TransactWriteItem>,
    ) -> Result<Transacted, Broken> {
        let token = uuid::Uuid::new_v4().to_string();
        for attempt in 1.. {
            let sent = self
                .client
                .transact_write_items()
                .client_request_token(&token)
                .set_transact_items(Some(parts.clone()))
                .send()
                .await;
            let error = match sent {
                Ok(_) => return Ok(Transacted::Done),
                Err(error) => error,
            };
            let refused = refused_parts(&error);
            if !refused.is_empty() {
                return Ok(Transacted::Refused(refused));
            }
            if attempt >= CONFLICT_ATTEMPTS || !met_another(&error) {
                return Err(broken(what, &error));
            }
            pause(attempt).await;
        }
        Err(Broken::unavailable(format!("{what}: all attempts failed")))
    }
}

fn reasons<R>(error: &SdkError<TransactWriteItemsError, R>) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
            canceled.cancellation_reasons()
        }
        _ => &[],
    }
}

fn refused_parts<R>(error: &SdkError<TransactWriteItemsError, R>) -> Vec<(usize, Attributes)> {
    let failed = |reason: &&CancellationReason| reason.code() == Some("ConditionalCheckFailed");
    reasons(error)
        .iter()
        .enumerate()
        .filter(|(_, reason)| failed(reason))
        .map(|(index, reason)| (index, reason.item.clone().unwrap_or_default()))
        .collect()
}

/// Whether a retry may help: another transaction held an item, or this request
/// is still in progress.
fn met_another<R>(error: &SdkError<TransactWriteItemsError, R>) -> bool {
    const PASSING: [&str; 3] = [
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
    ];
    let passing =
        |reason: &CancellationReason| reason.code().is_some_and(|code| PASSING.contains(&code));
    reasons(error).iter().any(passing) || error.code() == Some("TransactionInProgressException")
}

/// Waits before the next attempt for a random time: up to 10 ms, 20 ms, 40 ms
/// and so on.
async fn pause(attempt: u32) {
    let most = 10_u64 << attempt.min(6);
    let random = u64::from(uuid::Uuid::new_v4().as_bytes()[0]);
    tokio::time::sleep(std::time::Duration::from_millis(
        most * (128 + random) / 384,
    ))
    .await;
}

#[cfg(test)]
mod tests {
    use super::placeholders;

    #[test]
    fn placeholders_are_found_wherever_they_stand() {
        let found = placeholders("attribute_exists(#codes.#spent) AND #state IN (:a, :b)");
        assert_eq!(found, ["#codes", "#spent", "#state"]);
    }
}
