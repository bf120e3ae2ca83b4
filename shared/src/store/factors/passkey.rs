//! New passkeys, and the user that a user handle names.

use crate::domain::accounts::user::User;
use crate::domain::factors::factor::Factor;
use crate::domain::factors::passkey::UserHandle;
use crate::domain::id::UserId;
use crate::domain::sessions::session::Session;
use crate::failure::Broken;
use crate::store::accounts::user_item::{mark_owned, write_factor};
use crate::store::factors::enrolment::{Changed, raise_epoch};
use crate::store::factors::enrolment_parts::naming;
use crate::store::item::Item;
use crate::store::sessions::session::move_session;
use crate::store::table::Store;
use crate::store::table_keys::handle_key;
use crate::store::write::{Transacted, put_part};

/// A passkey whose ceremony was right.
pub struct NewPasskey<'a> {
    /// The user as it was read.
    pub user: &'a User,
    /// The session that enrols the passkey, at the new epoch.
    pub session: &'a Session,
    /// The passkey, confirmed.
    pub factor: &'a Factor,
    /// What the authenticator knows the user by.
    pub handle: UserHandle,
}

impl Store {
    /// Adds a passkey: raises the epoch, moves the session to the new epoch, and with the
    /// first passkey stores the handle. So the challenge, which names the epoch, works
    /// once. One transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn keep_passkey(&self, new: &NewPasskey<'_>) -> Result<Changed, Broken> {
        let NewPasskey {
            user,
            session,
            factor,
            handle,
        } = *new;
        let raised = raise_epoch(user.id, user.epoch, user.two_factor);
        let new_handle = user.passkey_handle.is_none().then_some(handle);
        let (raised, named) = naming(raised, &self.table, (user.id, new_handle))?;
        let mut parts = vec![
            raised.into_part(&self.table)?,
            move_session(session, user.epoch).into_part(&self.table)?,
            put_part(&self.table, mark_owned(write_factor(user.id, factor)).0)?,
        ];
        parts.extend(named);
        Ok(match self.transact("add a passkey", parts).await? {
            Transacted::Done => Changed::Done,
            Transacted::Refused(refused) if refused.iter().all(|(index, _)| *index == 1) => {
                Changed::SessionEnded
            }
            Transacted::Refused(_) => Changed::Overtaken,
        })
    }

    /// The user that authenticators know by this handle. One read.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer or the item is unreadable.
    pub async fn find_handle(&self, handle: UserHandle) -> Result<Option<UserId>, Broken> {
        let found = self.read(&handle_key(handle)).await?;
        found
            .map(|item| Item(&item).id("user", UserId::parse))
            .transpose()
    }
}
