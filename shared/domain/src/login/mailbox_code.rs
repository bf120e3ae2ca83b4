//! A code that is the first factor of a login: it goes to a mailbox, and stands in place
//! of a password. Anybody may have one sent, so it is kept apart from the user's items.

use crate::Timestamp;
use crate::accounts::user::User;
use crate::factors::factor::Channel;
use crate::factors::sent_code::CODE_SECONDS;
use crate::id::{FactorId, LoginId, UserId};
use crate::login::pending_login::SentCode;

/// A code that was sent to a mailbox.
#[derive(Clone, Debug)]
pub struct MailboxCode {
    /// Stands for the mailbox, whether or not an account has it.
    pub mailbox_id: UserId,
    /// Names this code among those of the mailbox. A later code sorts after an earlier.
    pub id: LoginId,
    /// The mailbox as it was typed.
    pub mailbox: String,
    /// The client that asked for the code. No other client may show it.
    pub client: String,
    /// The account that had confirmed the mailbox, and its epoch. `None` for a mailbox
    /// without an account: the code makes one.
    pub user: Option<(UserId, u64)>,
    /// When the code was sent.
    pub at: Timestamp,
    /// Number of the data key that the code is derived from.
    pub key: u32,
}

impl MailboxCode {
    /// Whether this client may still show the code.
    pub fn is_live(&self, client: &str, now: Timestamp) -> bool {
        self.client == client && self.at + CODE_SECONDS > now
    }

    /// The send that the code is derived from.
    pub fn sent(&self) -> SentCode {
        SentCode {
            earlier: None,
            number: 1,
            factor: FactorId::from_bytes(*self.mailbox_id.bytes()),
            channel: Channel::Email,
            at: self.at,
            key: self.key,
        }
    }

    /// Whether this is still the account that the code was sent for: the mailbox is
    /// confirmed, and neither password, factors nor standing have changed.
    pub fn is_of(&self, user: &User) -> bool {
        let same = self.user == Some((user.id, user.epoch));
        same && user.has_confirmed(Channel::Email, &self.mailbox)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(user: Option<(UserId, u64)>) -> MailboxCode {
        MailboxCode {
            mailbox_id: UserId::from_bytes([1; 16]),
            id: LoginId::at(1000, [0; 10]),
            mailbox: "ann@example.com".into(),
            client: "app".into(),
            user,
            at: 1000,
            key: 1,
        }
    }

    #[test]
    fn a_code_is_its_clients_for_five_minutes() {
        let code = code(None);
        assert!(code.is_live("app", 1299));
        assert!(!code.is_live("app", 1300));
        assert!(!code.is_live("another", 1001));
    }

    #[test]
    fn a_code_is_of_the_account_that_had_confirmed_the_mailbox_and_has_not_changed_since() {
        let owner = User {
            email: Some("Ann@example.com".into()),
            email_confirmed: true,
            epoch: 3,
            ..User::plain(UserId::from_bytes([7; 16]))
        };
        assert!(code(Some((owner.id, 3))).is_of(&owner));
        assert!(!code(Some((owner.id, 2))).is_of(&owner));
        assert!(!code(None).is_of(&owner));
        let unconfirmed = User {
            email_confirmed: false,
            ..owner.clone()
        };
        assert!(!code(Some((owner.id, 3))).is_of(&unconfirmed));
    }
}
