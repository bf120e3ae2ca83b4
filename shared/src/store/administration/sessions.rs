//! The sessions of a user.

use crate::domain::id::UserId;
use crate::domain::sessions::session::Session;
use crate::failure::Broken;
use crate::store::item::{Closed, Item, text_value};
use crate::store::sessions::session::session_of_item;
use crate::store::table::{Store, broken};
use crate::store::table_keys::{SESSION_PREFIX, partition};

impl Store {
    /// The sessions of a user that the table still holds, also those that have
    /// ended or expired.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn list_sessions(&self, user: UserId) -> Result<Vec<Session>, Broken> {
        let mut found = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("PK = :user AND begins_with(SK, :session)")
            .expression_attribute_values(":user", text_value(partition(user)))
            .expression_attribute_values(":session", text_value(SESSION_PREFIX))
            .into_paginator()
            .items()
            .send();
        let mut sessions = Vec::new();
        while let Some(item) = found.next().await {
            let item = item.map_err(|error| broken("list sessions", &error))?;
            sessions.extend(session_of_item(user, Item(&item)).newer("a session"));
        }
        sessions.sort_by_key(|session: &Session| -session.authentication.at);
        Ok(sessions)
    }
}
