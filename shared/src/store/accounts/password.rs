//! New passwords. A new password raises the user's epoch, which ends every
//! earlier login and session. The session that made the change moves to the new
//! epoch.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::Timestamp;
use crate::domain::accounts::password::PasswordHash;
use crate::domain::accounts::user::User;
use crate::domain::id::UserId;
use crate::domain::login::pending_login::{LOGIN_SECONDS, Login, State};
use crate::domain::sessions::login_result::LoginResult;
use crate::domain::sessions::session::Session;
use crate::failure::Broken;
use crate::store::Counted;
use crate::store::item::{number_value, text_value};
use crate::store::login::code_budget::opened_parts;
use crate::store::login::login_result::result_part;
use crate::store::login::pending_login::step_part;
use crate::store::sessions::session::{move_session, stepped_part};
use crate::store::table::Store;
use crate::store::table_keys::{login_key, profile_key};
use crate::store::write::{Change, Transacted, Written};

/// Sets a password and raises the epoch, in the change of a profile. `opened`
/// says that `opened_parts` sets the wrong codes in a row to zero in the same
/// transaction, or has done so since a login last completed.
pub(in crate::store) fn set_password(
    change: Change,
    password: &PasswordHash,
    opened: bool,
    now: Timestamp,
) -> Change {
    change
        .set("#password_hash = :password")
        .set("#password_changed_at = :now")
        .remove("#must_change_password")
        .set("#epoch = #epoch + :one")
        .set("#codes_opened = :opened")
        .value(":opened", AttributeValue::Bool(opened))
        .value(":password", text_value(password.as_str()))
        .value(":now", number_value(now))
        .value(":one", number_value(1))
}

/// A new password of a signed-in user.
pub struct PasswordChange<'a> {
    /// The user, as read.
    pub user: &'a User,
    /// The hash of the new password.
    pub password: &'a PasswordHash,
    /// The session that makes the change, at the new epoch.
    pub session: &'a Session,
    /// The old password as it was counted, if the user has shown the old password.
    pub counted: Option<&'a Counted>,
}

impl Store {
    /// Stores the first password of a user who has none. Returns false, and changes
    /// nothing, if the user has a password by now or has changed since the read. The
    /// epoch stays, because nobody has signed in with another password.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn give_first_password(
        &self,
        user: &User,
        password: &PasswordHash,
    ) -> Result<bool, Broken> {
        let without = "attribute_not_exists(#password_hash) AND #epoch = :epoch";
        let change = Change::of(profile_key(user.id), without)
            .set("#password_hash = :password")
            .value(":password", text_value(password.as_str()))
            .value(":epoch", number_value(user.epoch));
        Ok(matches!(self.change(change).await?, Written::Done(_)))
    }

    /// Replaces a user's password. Forgets the passwords that were counted.
    /// Returns false, and changes nothing, if the user has changed since the
    /// read. One transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn replace_password(
        &self,
        change: &PasswordChange<'_>,
        now: Timestamp,
    ) -> Result<bool, Broken> {
        let PasswordChange {
            user,
            password,
            session,
            counted,
        } = *change;
        let change = profile_at(user.id, user.epoch);
        let mut parts = vec![set_password(change, password, true, now).into_part(&self.table)?];
        parts.push(move_session(session, user.epoch).into_part(&self.table)?);
        if let Some(counted) = counted {
            parts.extend(counted.forgotten_parts(&self.table, now)?);
        }
        if !user.codes_opened {
            parts.extend(opened_parts(&self.table, user.id)?);
        }
        let done = self.transact("change a password", parts).await?;
        Ok(matches!(done, Transacted::Done))
    }

    /// Lets a verified login wait for the new password as long as a login waits
    /// for its code. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn hold_for_change(&self, login: &Login, now: Timestamp) -> Result<(), Broken> {
        let change = Change::of(
            login_key(login.user, login.id),
            "#state = :verified AND #epoch = :epoch AND #expires_at > :now",
        )
        .set("#expires_at = :expires_at")
        .value(":verified", text_value("verified"))
        .value(":epoch", number_value(login.epoch))
        .value(":now", number_value(now))
        .value(
            ":expires_at",
            number_value(login.created_at + LOGIN_SECONDS),
        );
        self.change(change).await.map(|_| ())
    }

    /// Removes the traces of a new password when a login completes. The next
    /// new password may then set the wrong codes in a row to zero again. With
    /// `trusted`, the mailbox that the reset was sent to is a second factor
    /// again. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn settle_password(&self, user: &User, trusted: bool) -> Result<(), Broken> {
        let change = profile_at(user.id, user.epoch).remove("#codes_opened");
        let change = match trusted {
            true => change.remove("#reset_by"),
            false => change,
        };
        self.change(change).await.map(|_| ())
    }

    /// Redeems a login whose user had to change the password first. One
    /// transaction stores the new password, ends the login and stores the
    /// session or the code. Either must be of the next epoch. Returns whether the
    /// change was made.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn redeem_with_new_password(
        &self,
        login: &Login,
        password: &PasswordHash,
        result: Option<&LoginResult>,
        now: Timestamp,
    ) -> Result<bool, Broken> {
        let change = profile_at(login.user, login.epoch);
        let mut parts = vec![
            // The new password also completes a login.
            set_password(change, password, false, now).into_part(&self.table)?,
            step_part(login, &State::Redeemed, now).into_part(&self.table)?,
        ];
        if let Some(result) = result {
            parts.push(result_part(&self.table, result)?);
        }
        parts.extend(stepped_part(&self.table, login, now)?);
        parts.extend(opened_parts(&self.table, login.user)?);
        parts.extend(self.finished_login_parts(login, None, now)?);
        let done = self.transact("redeem with a new password", parts).await?;
        Ok(matches!(done, Transacted::Done))
    }
}

/// A change of a profile, which must be active and at this epoch.
fn profile_at(user: UserId, epoch: u64) -> Change {
    Change::of(profile_key(user), "#epoch = :epoch AND #active = :true")
        .value(":epoch", number_value(epoch))
        .value(":true", AttributeValue::Bool(true))
}
