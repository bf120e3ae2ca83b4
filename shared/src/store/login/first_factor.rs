//! The end of a login whose first factor was no password and which needs no second factor.

use crate::domain::Timestamp;
use crate::domain::accounts::user::User;
use crate::domain::sessions::login_result::LoginResult;
use crate::failure::Broken;
use crate::store::login::login_result::result_part;
use crate::store::login::passkey::{PasskeyUse, use_parts};
use crate::store::login::password_charge::known_network_part;
use crate::store::table::Store;
use crate::store::write::Transacted;

/// A login by a code or by a passkey that is complete.
pub struct FirstFactorCompletion<'a> {
    pub user: &'a User,
    /// The session or the authorization code, if there is one.
    pub result: Option<&'a LoginResult>,
    /// The name and the network, as one hash.
    pub came_from: &'a str,
    /// The signature that began the login, if a passkey did.
    pub passkey: Option<PasskeyUse>,
}

impl Store {
    /// Makes the network known to the name of the user, stores the result, and spends the
    /// challenge of the passkey. Returns false, and changes nothing, if the user is not
    /// active or has changed since the read, or if [`Store::spend_challenge`] would return
    /// false. One transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn complete_by_first_factor(
        &self,
        completed: &FirstFactorCompletion<'_>,
        now: Timestamp,
    ) -> Result<bool, Broken> {
        let user = completed.user;
        let mut parts = vec![
            self.profile_check(user.id, user.epoch)?,
            known_network_part(&self.table, completed.came_from, now)?,
        ];
        if let Some(result) = completed.result {
            parts.push(result_part(&self.table, result)?);
        }
        if let Some(used) = completed.passkey {
            parts.extend(use_parts(&self.table, used, now)?);
        }
        let done = self.transact("complete a login by a first factor", parts);
        Ok(matches!(done.await?, Transacted::Done))
    }
}
