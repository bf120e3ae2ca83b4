//! What names a user outside of the user's own partitions: the budgets of destinations,
//! and links and codes. Links and codes have partitions of their own, because anybody can
//! ask for them.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::id::UserId;
use crate::failure::Broken;
use crate::store::accounts::phone_owner::PHONE;
use crate::store::item::{Attributes, Item, Key, text_value};
use crate::store::table::{Store, broken};
use crate::store::write::Change;

/// What to do with an item that names a user.
enum Mention {
    /// The item is removed: a link, a code in place of a password, a number that the user has
    /// confirmed, a sign-up with a passkey, or what authenticators know the user by.
    Removed(Key),
    /// The item forgets the user: a budget, which protects a destination from messages.
    Forgets(Key),
    /// The item stays. A name goes together with the profile, and an act of an operator stays
    /// for 90 days.
    Stays,
}

impl Mention {
    fn of(item: &Attributes) -> Result<Self, Broken> {
        let key = Key::new(Item(item).text("PK")?, Item(item).text("SK")?);
        let begins = |prefix: &str| key.partition.starts_with(prefix);
        let removed = ["ACTION#", "FIRSTCODE#", "PASSKEYUSER#", "PASSKEYSIGNUP#"];
        Ok(if removed.into_iter().any(begins) || key.sort == PHONE {
            Self::Removed(key)
        } else if begins("NAME#") || begins("USER#") || begins("EVENTS#") {
            Self::Stays
        } else {
            Self::Forgets(key)
        })
    }
}

impl Store {
    /// Finds what names this user outside of the user's own partitions. Returns the keys of
    /// the links and codes, which the caller removes. The budgets of destinations forget the
    /// user. Reads the whole table, a page at a time.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub(super) async fn traces_of(&self, user: UserId) -> Result<Vec<Key>, Broken> {
        let mut pages = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .filter_expression("#user = :user")
            .expression_attribute_names("#user", "user")
            .expression_attribute_values(":user", id(user))
            .projection_expression("PK, SK")
            .into_paginator()
            .send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| broken("look for what names a user", &error))?;
            self.count_scanned(page.scanned_count());
            for item in page.items() {
                match Mention::of(item)? {
                    Mention::Removed(key) => keys.push(key),
                    Mention::Forgets(key) => self.forget_user(key, user).await?,
                    Mention::Stays => {}
                }
            }
        }
        Ok(keys)
    }

    /// An item that has expired meanwhile, or names another user by now, stays as it is.
    async fn forget_user(&self, key: Key, user: UserId) -> Result<(), Broken> {
        let change = Change::of(key, "#user = :user").remove("#user");
        self.change(change.value(":user", id(user))).await?;
        Ok(())
    }
}

fn id(user: UserId) -> AttributeValue {
    text_value(user.to_string())
}
