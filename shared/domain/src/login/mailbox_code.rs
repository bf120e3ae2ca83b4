//! A code that is the first factor of a login: the code goes to a mailbox or a phone, and
//! stands in place of a password. Anybody can ask for such a code. The code is therefore stored apart
//! from the user's items.
//!
//! Each code has guesses of its own, which no other code shares. So strangers use up the
//! codes that they ask for, and not the owner's. The budgets of sends limit how many
//! codes a mailbox or phone gets in a day. This limits the guesses too.

use crate::Timestamp;
use crate::accounts::known_network::makes_known;
use crate::accounts::user::User;
use crate::factors::factor::Channel;
use crate::factors::sent_code::CODE_SECONDS;
use crate::id::{FactorId, LoginId, UserId};
use crate::login::pending_login::SentCode;
use crate::messages::destination::Recipient;

/// What a caller shows beside a code. A code has a count of guesses for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeGuesser {
    /// The token that only the caller got who asked for the code.
    Token,
    /// The address or number, from the network that asked for the code.
    Asker,
    /// The address or number, from any other network.
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

/// A code that was sent to a mailbox or a phone.
#[derive(Clone, Debug)]
pub struct MailboxCode {
    /// Stands for the mailbox or phone, whether or not an account has it.
    pub mailbox_id: UserId,
    /// Names this code among those of the mailbox. A later code sorts after an earlier.
    pub id: LoginId,
    /// How the code was sent.
    pub channel: Channel,
    /// The mailbox as it was typed, or the number in E.164 form.
    pub mailbox: String,
    /// The client that asked for the code. No other client may show it.
    pub client: String,
    /// Whether the caller who asked for the code got a token. Then the code is shown
    /// beside the token and not beside the address.
    pub has_token: bool,
    /// The mailbox and the network that asked for the code, as one hash.
    pub asked_from: String,
    /// The account that had confirmed the mailbox or phone, and its epoch. `None` for a
    /// mailbox without an account: the code makes one.
    pub user: Option<(UserId, u64)>,
    /// The authorization request that the browser goes on with. Only a code that went out as
    /// a link has one.
    pub request: Option<String>,
    /// When the code was sent.
    pub at: Timestamp,
    /// Number of the data key that the code is derived from.
    pub key: u32,
}

impl MailboxCode {
    /// Whether this client may still show the code.
    pub fn is_live(&self, client: &str, now: Timestamp) -> bool {
        self.client == client && self.request.is_none() && self.at + CODE_SECONDS > now
    }

    /// Whether this is a code that went out as a link, and a browser may still show it.
    pub fn is_live_link(&self, now: Timestamp) -> bool {
        self.request.is_some() && self.at + CODE_SECONDS > now
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
            channel: self.channel,
            at: self.at,
            key: self.key,
        }
    }

    /// Whether this is still the account that the code was sent for: the mailbox or phone is
    /// confirmed, and neither password, factors nor standing have changed.
    pub fn is_of(&self, user: &User) -> bool {
        let same = self.user == Some((user.id, user.epoch));
        same && user.is_owned() && user.has_confirmed(self.channel, &self.mailbox)
    }
}

/// What somebody gets who asks for a code at a mailbox or a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailboxAnswer {
    /// A link to a new password. A stranger may have signed up with the address, and a code
    /// must not confirm the stranger's password.
    ResetLink,
    /// A code for the account of the mailbox or phone. `known` says whether the network is known to
    /// the account, and pays less.
    CodeOfUser { known: bool },
    /// A code that makes an account.
    CodeThatSignsUp,
    /// Nothing, but the mailbox or phone is charged as for a code.
    Nothing,
}

impl MailboxAnswer {
    /// What is sent to this mailbox or phone. `user` has the mailbox as a name, or was the last
    /// to confirm the number, and `completed_at` is
    /// when a login of that name was last completed from the network. `signs_up` says whether
    /// the code may make an account.
    pub fn of(
        Recipient { channel, to }: Recipient<'_>,
        user: Option<&User>,
        completed_at: Option<Timestamp>,
        signs_up: bool,
    ) -> Self {
        let by_mail = channel == Channel::Email;
        let Some(user) = user else {
            return match signs_up && by_mail {
                true => Self::CodeThatSignsUp,
                false => Self::Nothing,
            };
        };
        let confirmed = user.is_owned() && user.has_confirmed(channel, to);
        let own = user.active && (confirmed || user.is_own_email(channel, to));
        match (own, confirmed) {
            (true, true) => Self::CodeOfUser {
                known: makes_known(user, completed_at),
            },
            (true, false) => Self::ResetLink,
            (false, _) => Self::Nothing,
        }
    }

    /// Whether the network pays for the mailbox as a known network.
    pub fn pays_as_known(self) -> bool {
        matches!(self, Self::CodeOfUser { known: true })
    }
}

/// What becomes of an account that the mailbox of a right code has now, and had not when the
/// code was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailboxClaim {
    /// The account is the owner's, whom this request has brought from a former system that
    /// had confirmed the address.
    MovedIn,
    /// Nobody owns the account. Its password, its sessions and its factors are a stranger's,
    /// and end.
    Taken,
    /// The account belongs to somebody otherwise.
    Refused,
}

impl MailboxClaim {
    /// What becomes of this user, who has the mailbox as a name now.
    pub fn of(mailbox: &str, user: &User, now: Timestamp) -> Self {
        let own = user.active && user.is_own_email(Channel::Email, mailbox);
        let moved_in = user.password.is_none() && user.created_at == now;
        match (own, user.is_owned()) {
            (true, false) => Self::Taken,
            (true, true) if moved_in => Self::MovedIn,
            (true, true) | (false, _) => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::password::PasswordHash;

    fn code(user: Option<(UserId, u64)>) -> MailboxCode {
        MailboxCode {
            mailbox_id: UserId::from_bytes([1; 16]),
            id: LoginId::at(1000, [0; 10]),
            channel: Channel::Email,
            mailbox: "ann@example.com".into(),
            client: "app".into(),
            has_token: false,
            asked_from: "home".into(),
            user,
            request: None,
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
        assert!(!code.is_live_link(1001));
    }

    #[test]
    fn a_code_that_went_out_as_a_link_is_shown_by_a_browser_only() {
        let code = MailboxCode {
            request: Some("client_id=app".into()),
            ..code(None)
        };
        assert!(!code.is_live("app", 1001));
        assert!(code.is_live_link(1299) && !code.is_live_link(1300));
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

    const MAIL: &str = "ann@example.com";

    fn ann(email: &str, email_confirmed: bool, active: bool) -> User {
        User {
            email: Some(email.into()),
            email_confirmed,
            active,
            created_at: 50,
            ..User::plain(UserId::from_bytes([7; 16]))
        }
    }

    #[test]
    fn the_owner_gets_a_code_and_a_mailbox_that_nobody_has_confirmed_a_link() {
        let (of_user, nothing) = (
            |known| MailboxAnswer::CodeOfUser { known },
            MailboxAnswer::Nothing,
        );
        for (user, completed_at, signs_up, answer) in [
            (None, None, true, MailboxAnswer::CodeThatSignsUp),
            (None, None, false, nothing),
            (Some(ann(MAIL, true, true)), None, true, of_user(false)),
            (Some(ann(MAIL, true, true)), Some(60), false, of_user(true)),
            (Some(ann(MAIL, true, true)), Some(40), false, of_user(false)),
            (Some(ann(MAIL, true, false)), Some(60), true, nothing),
            (
                Some(ann(MAIL, false, true)),
                None,
                true,
                MailboxAnswer::ResetLink,
            ),
            (Some(ann(MAIL, false, false)), None, true, nothing),
            // The mailbox is the user name of somebody with another address.
            (
                Some(ann("b@example.com", true, true)),
                Some(60),
                true,
                nothing,
            ),
            (Some(ann("b@example.com", false, true)), None, true, nothing),
        ] {
            let to = Recipient {
                channel: Channel::Email,
                to: MAIL,
            };
            let found = MailboxAnswer::of(to, user.as_ref(), completed_at, signs_up);
            assert_eq!(found, answer, "{user:?} {completed_at:?}");
        }
    }

    #[test]
    fn a_number_signs_in_if_an_owned_account_has_confirmed_it_and_signs_nobody_up() {
        let number = "+15555550100";
        let user = |phone: &str, phone_confirmed, email_confirmed, active| {
            Some(User {
                phone: Some(phone.into()),
                phone_confirmed,
                ..ann(MAIL, email_confirmed, active)
            })
        };
        let code = MailboxAnswer::CodeOfUser { known: false };
        for (user, answer) in [
            (None, MailboxAnswer::Nothing),
            (user(number, true, true, true), code),
            (user(number, false, true, true), MailboxAnswer::Nothing),
            (user(number, true, false, true), MailboxAnswer::Nothing),
            (user(number, true, true, false), MailboxAnswer::Nothing),
            (
                user("+15555550101", true, true, true),
                MailboxAnswer::Nothing,
            ),
        ] {
            let to = Recipient {
                channel: Channel::Sms,
                to: number,
            };
            let found = MailboxAnswer::of(to, user.as_ref(), None, true);
            assert_eq!(found, answer, "{user:?}");
        }
    }

    #[test]
    fn an_account_that_nobody_owns_goes_to_the_reader_of_its_mailbox() {
        let with_password = |user: User| User {
            password: Some(PasswordHash::from_stored("hash")),
            ..user
        };
        for (user, now, claim) in [
            (ann(MAIL, false, true), 50, MailboxClaim::Taken),
            (
                with_password(ann(MAIL, false, true)),
                99,
                MailboxClaim::Taken,
            ),
            (ann(MAIL, true, true), 50, MailboxClaim::MovedIn),
            (ann(MAIL, true, true), 51, MailboxClaim::Refused),
            (
                with_password(ann(MAIL, true, true)),
                50,
                MailboxClaim::Refused,
            ),
            (ann(MAIL, false, false), 50, MailboxClaim::Refused),
            (ann("b@example.com", false, true), 50, MailboxClaim::Refused),
        ] {
            assert_eq!(MailboxClaim::of(MAIL, &user, now), claim, "{user:?}");
        }
    }
}
