//! What a completed login stores: a session, or an authorization code.

use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::domain::Timestamp;
use crate::domain::sessions::login_result::LoginResult;
use crate::failure::Broken;
use crate::store::authorization::code::write_code;
use crate::store::login::password_charge::Counted;
use crate::store::sessions::session::write_session;
use crate::store::table::Store;
use crate::store::write::{Transacted, put_part};

/// The part of a transaction that stores the session or the code.
pub(in crate::store) fn result_part(
    table: &str,
    result: &LoginResult,
) -> Result<TransactWriteItem, Broken> {
    let item = match result {
        LoginResult::Session(session) => write_session(session).0,
        LoginResult::Code(code) => write_code(code),
    };
    put_part(table, item)
}

impl Store {
    /// Stores the session or the code of a user who needed no second factor, if the user
    /// is active and at its epoch. Forgets the passwords that were counted, and makes the
    /// network known to the name. Returns whether it was stored. One transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn start_session(
        &self,
        result: &LoginResult,
        counted: &Counted,
        now: Timestamp,
    ) -> Result<bool, Broken> {
        let (user, epoch) = result.of_user();
        let mut parts = vec![
            self.profile_check(user, epoch)?,
            result_part(&self.table, result)?,
        ];
        parts.extend(counted.finished_login_parts(&self.table, now)?);
        let done = self.transact("start a session", parts).await?;
        Ok(matches!(done, Transacted::Done))
    }
}
