//! A code that is the first factor of a login: the code goes to a mailbox, and stands in
//! place of a password. Anybody can ask for such a code. The code is therefore stored apart
//! from the user's items.
//!
//! Each code has guesses of its own, which no other code shares. So strangers use up the
//! codes that they ask for, and not the owner's. The budgets of sends limit how many
//! codes a mailbox gets in a day. This limits the guesses too.

use crate::Timestamp;
use crate::accounts::user::User;
use crate::factors::factor::Channel;
use crate::factors::sent_code::CODE_SECONDS;
use crate::id::{FactorId, LoginId, UserId};
use crate::login::pending_login::SentCode;

/// What a caller shows beside a code. A code has a count of guesses for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeGuesser {
    /// The token that only the caller got who asked for the code.
    Token,
    /// The address, from the network that asked for the code.
    Asker,
    /// The address, from any other network.
    Elsewhere,
}

impl CodeGuesser {
    /// How many guesses at one code are compared.
    pub fn most(self) -> i64 {
        match self {
            Self::Token | Self::Asker => 3,
            // An owner whose network has changed shows the right code once.
            Self::Elsewhere => 2,
        }
    }
}

/// How many codes are compared with one guess by the address.
const NEWEST: usize = 2;

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
    /// Whether the caller who asked for the code got a token. Then the code is shown
    /// beside the token and not beside the address.
    pub has_token: bool,
    /// The mailbox and the network that asked for the code, as one hash.
    pub asked_from: String,
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

    /// Those of these codes, newest first, that a guess by the address from here may be:
    /// the last two that were asked for from here, or the last two if none was. So codes
    /// that strangers ask for elsewhere do not displace the owner's.
    pub fn of_address(mut codes: Vec<Self>, here: &str) -> (CodeGuesser, Vec<Self>) {
        codes.retain(|code| !code.has_token);
        let near = codes.iter().any(|code| code.asked_from == here);
        codes.retain(|code| !near || code.asked_from == here);
        codes.truncate(NEWEST);
        let guesser = match near {
            true => CodeGuesser::Asker,
            false => CodeGuesser::Elsewhere,
        };
        (guesser, codes)
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
            has_token: false,
            asked_from: "home".into(),
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
    fn a_guess_by_the_address_is_at_the_last_two_codes_that_its_network_asked_for() {
        let asked = |at: i64, from: &str, has_token| MailboxCode {
            at,
            has_token,
            asked_from: from.into(),
            ..code(None)
        };
        let codes = vec![
            asked(6, "home", true),
            asked(5, "away", false),
            asked(4, "far", false),
            asked(3, "home", false),
            asked(2, "home", false),
            asked(1, "home", false),
        ];
        for (here, guesser, times) in [
            ("home", CodeGuesser::Asker, vec![3, 2]),
            ("far", CodeGuesser::Asker, vec![4]),
            ("new", CodeGuesser::Elsewhere, vec![5, 4]),
        ] {
            let (charged, found) = MailboxCode::of_address(codes.clone(), here);
            let found: Vec<i64> = found.iter().map(|code| code.at).collect();
            assert_eq!((charged, found), (guesser, times), "{here}");
        }
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
