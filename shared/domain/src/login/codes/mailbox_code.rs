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
        same && may_sign_in_by(user, self.channel, &self.mailbox)
    }
}

/// Whether a code to this mailbox or phone may stand in place of the user's password. A number
/// alone is not enough: who takes over the number of a user without a confirmed address would
/// take over the account, and nobody could be told.
fn may_sign_in_by(user: &User, channel: Channel, to: &str) -> bool {
    let owned = match channel {
        Channel::Sms => user.email.is_some() && user.email_confirmed,
        Channel::Email | Channel::Webhook => user.is_owned(),
    };
    owned && user.has_confirmed(channel, to)
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
        let confirmed = may_sign_in_by(user, channel, to);
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
#[path = "mailbox_code_tests.rs"]
mod tests;
