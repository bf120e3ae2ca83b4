//! Reads every user, some at a time.

use crate::domain::id::UserId;
use crate::failure::Broken;
use crate::store::item::{Attributes, Item, text_value};
use crate::store::table::{Store, broken};
use crate::store::table_keys::PROFILE;

/// What the partition of a user begins with.
const USER: &str = "USER#";

/// Where the next page of users begins.
#[derive(Clone, Debug)]
pub struct UsersFrom(Option<Attributes>);

impl UsersFrom {
    /// With the first user.
    pub const START: Self = Self(None);
}

impl Store {
    /// The identifiers of some users, and where the next begin, if there are
    /// more. Reads a megabyte of the table.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn users_from(
        &self,
        from: UsersFrom,
    ) -> Result<(Vec<UserId>, Option<UsersFrom>), Broken> {
        let page = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .filter_expression("SK = :profile")
            .expression_attribute_values(":profile", text_value(PROFILE))
            .projection_expression("PK")
            .set_exclusive_start_key(from.0)
            .send()
            .await
            .map_err(|error| broken("read every user", &error))?;
        self.count_scanned(page.scanned_count());
        let mut users = Vec::new();
        for item in page.items.unwrap_or_default() {
            let id = Item(&item).text("PK")?.strip_prefix(USER);
            let id = id.and_then(UserId::parse);
            users.push(id.ok_or_else(|| Broken::internal("a user's item has another key"))?);
        }
        let next = page.last_evaluated_key.filter(|key| !key.is_empty());
        Ok((users, next.map(|key| UsersFrom(Some(key)))))
    }
}
