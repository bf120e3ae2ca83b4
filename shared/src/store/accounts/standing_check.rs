//! The condition under which a transaction for a user succeeds.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};

use crate::domain::id::UserId;
use crate::failure::Broken;
use crate::store::item::{Attributes, number_value};
use crate::store::table::Store;
use crate::store::table_keys::profile_key;
use crate::store::write::check_part;

impl Store {
    /// The condition that the user is active, and still at this epoch.
    pub(in crate::store) fn profile_check(
        &self,
        user: UserId,
        epoch: u64,
    ) -> Result<TransactWriteItem, Broken> {
        let values = Attributes::from([
            (":epoch".to_owned(), number_value(epoch)),
            (":true".to_owned(), AttributeValue::Bool(true)),
        ]);
        let key = profile_key(user);
        check_part(
            &self.table,
            &key,
            "#epoch = :epoch AND #active = :true",
            values,
        )
    }
}
