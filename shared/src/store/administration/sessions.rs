//! The sessions of a user.

use crate::domain::id::UserId;
use crate::domain::sessions::session::Session;
use crate::failure::Broken;
use crate::store::item::{Closed, Item, text};
use crate::store::sessions::session::read_session;
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
            .expression_attribute_values(":user", text(partition(user)))
            .expression_attribute_values(":session", text(SESSION_PREFIX))
            .into_paginator()
            .items()
            .send();
        let mut sessions = Vec::new();
        while let Some(item) = found.next().await {
            let item = item.map_err(|error| broken("list sessions", &error))?;
            sessions.extend(read_session(user, Item(&item)).newer("a session"));
        }
        sessions.sort_by_key(|session: &Session| -session.authentication.at);
        Ok(sessions)
    }
}
