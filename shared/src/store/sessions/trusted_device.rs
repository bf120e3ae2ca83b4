//! The devices that users trust, each by its key.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::domain::Timestamp;
use crate::domain::authorization::key_proof::KeyThumbprint;
use crate::domain::id::UserId;
use crate::domain::sessions::login_result::LoginResult;
use crate::domain::sessions::trusted_device::{Remembered, TrustedDevice};
use crate::failure::Broken;
use crate::store::item::{Closed, Item, KEPT_AFTER_EXPIRY, number_value, text_value};
use crate::store::login::login_result::result_part;
use crate::store::table::{Store, broken};
use crate::store::table_keys::{DEVICE_PREFIX, device_key, partition};
use crate::store::write::{Change, Transacted, Written, delete_part};
use crate::store::{Act, Counted};

/// The result of a login whose second factor a device stands in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceLogin {
    /// The login is complete.
    Done,
    /// The device has ended, or its user has changed, since the read.
    Ended,
    /// The session or the code of this proof was stored before.
    ProofUsed,
}

impl Store {
    /// A device, by its key. One read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn read_device(
        &self,
        user: UserId,
        key: &KeyThumbprint,
    ) -> Result<Option<TrustedDevice>, Broken> {
        let found = self.read(&device_key(user, key)).await?;
        Ok(found.and_then(|item| device_of_item(user, Item(&item)).newer("a trusted device")))
    }

    /// The devices of a user, ended and expired devices too, the newest first. One query for
    /// each megabyte.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn list_devices(&self, user: UserId) -> Result<Vec<TrustedDevice>, Broken> {
        let mut found = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("PK = :user AND begins_with(SK, :device)")
            .expression_attribute_values(":user", text_value(partition(user)))
            .expression_attribute_values(":device", text_value(DEVICE_PREFIX))
            .into_paginator()
            .items()
            .send();
        let mut devices = Vec::new();
        while let Some(item) = found.next().await {
            let item = item.map_err(|error| broken("list devices", &error))?;
            devices.extend(device_of_item(user, Item(&item)).newer("a trusted device"));
        }
        devices.sort_by_key(|device: &TrustedDevice| -device.remembered_at);
        Ok(devices)
    }

    /// Completes the login of a user whose device stands in for the second factor: the user and
    /// the device must be as they were read. Stores the session or the code, if there is one,
    /// forgets the passwords that were counted, and makes the network known to the name. One
    /// transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn complete_on_device(
        &self,
        device: &TrustedDevice,
        result: Option<&LoginResult>,
        counted: &Counted,
        now: Timestamp,
    ) -> Result<DeviceLogin, Broken> {
        let used = Change::of(
            device_key(device.user, &device.key),
            "#epoch = :epoch AND #client = :client AND #expires_at > :now \
             AND attribute_not_exists(#ended_at)",
        )
        .set("#used_at = :now")
        .value(":epoch", number_value(device.epoch))
        .value(":client", text_value(&device.client))
        .value(":now", number_value(now));
        let mut parts = vec![
            self.profile_check(device.user, device.epoch)?,
            used.into_part(&self.table)?,
        ];
        let standing = parts.len();
        if let Some(result) = result {
            parts.push(result_part(&self.table, result)?);
        }
        parts.extend(counted.finished_login_parts(&self.table, now)?);
        let done = self.transact("complete a login on a device", parts).await?;
        Ok(match done {
            Transacted::Done => DeviceLogin::Done,
            Transacted::Refused(parts) if parts.iter().any(|(index, _)| *index < standing) => {
                DeviceLogin::Ended
            }
            Transacted::Refused(_) => DeviceLogin::ProofUsed,
        })
    }

    /// Ends a device. Returns whether the user had the device, and nobody had ended the device
    /// before. One conditional write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn end_device(
        &self,
        user: UserId,
        key: &KeyThumbprint,
        now: Timestamp,
    ) -> Result<bool, Broken> {
        let ended = self.change(end(user, key, now)).await?;
        Ok(matches!(ended, Written::Done(_)))
    }

    /// Ends a device as `end_device` does. The same transaction stores the act of the operator.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn end_device_by_operator(
        &self,
        user: UserId,
        key: &KeyThumbprint,
        act: &Act,
    ) -> Result<bool, Broken> {
        let mut parts = vec![end(user, key, act.at).into_part(&self.table)?];
        parts.extend(self.act_parts(act)?);
        let done = self.transact("end a device", parts).await?;
        Ok(matches!(done, Transacted::Done))
    }
}

fn end(user: UserId, key: &KeyThumbprint, now: Timestamp) -> Change {
    Change::of(
        device_key(user, key),
        "attribute_exists(PK) AND attribute_not_exists(#ended_at)",
    )
    .set("#ended_at = :now")
    .set("#ttl = :ttl")
    .value(":now", number_value(now))
    .value(":ttl", number_value(now + KEPT_AFTER_EXPIRY))
}

/// The parts of a transaction that store a device, or store it again, and delete the device
/// that it takes the place of.
pub(in crate::store) fn remember_parts(
    table: &str,
    remembered: &Remembered,
) -> Result<Vec<TransactWriteItem>, Broken> {
    let device = &remembered.device;
    let former = remembered.replaces.as_ref();
    let former = former.filter(|key| **key != device.key);
    let former = former.map(|key| delete_part(table, &device_key(device.user, key)));
    let mut parts = vec![remember_part(table, device)?];
    parts.extend(former.transpose()?);
    Ok(parts)
}

/// A key that was ended may be remembered again, because the user has shown the second factor
/// again.
fn remember_part(table: &str, device: &TrustedDevice) -> Result<TransactWriteItem, Broken> {
    Change::always(device_key(device.user, &device.key))
        .set("#v = if_not_exists(#v, :v)")
        .set("#client = :client")
        .set("#name = :name")
        .set("#epoch = :epoch")
        .set("#remembered_at = :now")
        .set("#expires_at = :expires_at")
        .set("#ttl = :ttl")
        .remove("#ended_at")
        .remove("#used_at")
        .value(":v", number_value(crate::store::item::ITEM_VERSION))
        .value(":client", text_value(&device.client))
        .value(":name", text_value(&device.name))
        .value(":epoch", number_value(device.epoch))
        .value(":now", number_value(device.remembered_at))
        .value(":expires_at", number_value(device.expires_at))
        .value(":ttl", number_value(device.expires_at + KEPT_AFTER_EXPIRY))
        .into_part(table)
}

fn device_of_item(user: UserId, item: Item<'_>) -> Result<TrustedDevice, Broken> {
    Ok(TrustedDevice {
        user,
        key: item.sort_id(DEVICE_PREFIX, KeyThumbprint::parse)?,
        client: item.text("client")?.to_owned(),
        name: item.text("name")?.to_owned(),
        epoch: item.number("epoch")?,
        remembered_at: item.number("remembered_at")?,
        used_at: item.maybe_number("used_at")?,
        expires_at: item.number("expires_at")?,
        ended: item.maybe_number::<Timestamp>("ended_at")?.is_some(),
    })
}
