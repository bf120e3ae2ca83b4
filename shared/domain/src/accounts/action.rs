//! A pending action of a user: a confirmation or a password reset that a
//! message asks for. The user does it once, while the account is unchanged.

use crate::Timestamp;
use crate::accounts::refusals::action_refusal::ActionRefusal;
use crate::accounts::user::User;
use crate::events::kind::EventKind;
use crate::factors::factor::Channel;
use crate::id::{ActionId, UserId};
use crate::messages::payers::ResetFor;
use crate::token::{ActionToken, TokenBody};

/// How long a link to reset a password is valid, in seconds.
pub const RESET_SECONDS: i64 = 3600;

/// How long a link to confirm an e-mail address is valid, in seconds (NIST SP
/// 800-63B 4.2.1.2 allows 24 hours).
pub const CONFIRM_EMAIL_SECONDS: i64 = 86_400;

/// How long a code to confirm a phone number is valid, in seconds (NIST SP
/// 800-63B 4.2.1.2 allows 10 minutes).
pub const CONFIRM_PHONE_SECONDS: i64 = 600;

/// How long after a right password a confirmation may be sent without an access
/// token, in seconds. The password must have been answered with the need to
/// confirm.
pub const PERMIT_SECONDS: i64 = 600;

/// What the user confirms or replaces by an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// Confirm the e-mail address, by a link.
    ConfirmEmail,
    /// Confirm the phone number, by a code of six digits.
    ConfirmPhone,
    /// Choose a new password, by a link.
    ResetPassword,
}

impl ActionKind {
    /// All kinds of actions.
    pub const ALL: [Self; 3] = [Self::ConfirmEmail, Self::ConfirmPhone, Self::ResetPassword];

    /// The name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::ConfirmEmail => "confirm-email",
            Self::ConfirmPhone => "confirm-phone",
            Self::ResetPassword => "reset-password",
        }
    }

    /// How the action's message is sent.
    pub fn channel(self) -> Channel {
        match self {
            Self::ConfirmEmail | Self::ResetPassword => Channel::Email,
            Self::ConfirmPhone => Channel::Sms,
        }
    }

    /// How long the action is valid, in seconds.
    pub fn seconds(self) -> i64 {
        match self {
            Self::ConfirmEmail => CONFIRM_EMAIL_SECONDS,
            Self::ConfirmPhone => CONFIRM_PHONE_SECONDS,
            Self::ResetPassword => RESET_SECONDS,
        }
    }

    /// The action that a token names, if the token is for an action of this kind. A
    /// phone number is confirmed by a code, so no token names its confirmation.
    pub fn named_by(self, token: TokenBody) -> Option<ActionToken> {
        match self {
            Self::ConfirmEmail => token.confirm_email(),
            Self::ConfirmPhone => None,
            Self::ResetPassword => token.reset_password(),
        }
    }
}

/// What the message of an action asks the user for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionAsked {
    /// To confirm the e-mail address, by a link.
    ToConfirm,
    /// For a new password, by a link, on this ground.
    ForPassword(ResetFor),
    /// To confirm the phone, by a code of six digits; `new_number` stores the user's
    /// number.
    ByCode { new_number: bool },
}

/// What the beginning of an action writes beside the action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewAction {
    Alone,
    /// The number of the action as the user's number, if the user has confirmed
    /// no number.
    WithNewPhone,
    /// The end of the confirmation links that were sent to the user before.
    ReplacingConfirmations,
    /// Nothing, and only if no message that ended such links was sent within its
    /// hour.
    UnlessContested,
}

impl ActionAsked {
    pub fn kind(self) -> ActionKind {
        match self {
            Self::ToConfirm => ActionKind::ConfirmEmail,
            Self::ForPassword(_) => ActionKind::ResetPassword,
            Self::ByCode { .. } => ActionKind::ConfirmPhone,
        }
    }

    /// The kind of event for a message that was sent.
    pub fn event_kind(self) -> EventKind {
        match self {
            Self::ForPassword(_) => EventKind::ResetSent,
            Self::ToConfirm | Self::ByCode { .. } => EventKind::ConfirmationSent,
        }
    }

    /// What is written beside the action. A link to a new password at an address that was
    /// never confirmed ends the links that confirm the address. A stranger may have
    /// signed up with the address before, and a click on the stranger's link would make
    /// the stranger's password valid.
    pub fn written_beside(self, user: &User) -> NewAction {
        match self {
            Self::ByCode { new_number: true } => NewAction::WithNewPhone,
            Self::ForPassword(_) if !user.email_confirmed => NewAction::ReplacingConfirmations,
            Self::ToConfirm => NewAction::UnlessContested,
            Self::ByCode { new_number: false } | Self::ForPassword(_) => NewAction::Alone,
        }
    }
}

/// What the `ACTION` item holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The identifier. It sorts after the identifiers of earlier actions.
    pub id: ActionId,
    /// The user who confirms or resets.
    pub user: UserId,
    pub kind: ActionKind,
    /// The address or number that the message went to.
    pub address: String,
    /// The user's epoch when the message was sent.
    pub epoch: u64,
    /// Number of the data key that the code is derived from.
    pub key: u32,
    /// When the action expires.
    pub expires_at: Timestamp,
    /// Whether the action was done.
    pub spent: bool,
    /// Whether somebody signed up at the address after the message was sent, and
    /// got a message that replaces this one. The action may be a stranger's,
    /// with the stranger's password.
    pub replaced: bool,
}

impl Action {
    /// An action that begins at `now`, with a message to the user's stored
    /// address. `None` if the user has no such address.
    pub fn begin(
        id: ActionId,
        user: &User,
        kind: ActionKind,
        key: u32,
        now: Timestamp,
    ) -> Option<Self> {
        Some(Self {
            id,
            user: user.id,
            kind,
            address: address_of(user, kind)?.to_owned(),
            epoch: user.epoch,
            key,
            expires_at: now + kind.seconds(),
            spent: false,
            replaced: false,
        })
    }

    /// When the action began.
    pub fn began_at(&self) -> Timestamp {
        self.expires_at - self.kind.seconds()
    }

    /// Refuses an action of another user or kind, and an action that is over.
    ///
    /// # Errors
    /// `ActionTokenInvalid` in these cases: the action has another user or kind, has
    /// expired, was replaced or was done. Or the user's address, password or standing
    /// has changed since the message was sent. A reset of an account that nobody owns
    /// yet stays valid when the password changes. Otherwise a squatter could end each
    /// link of the mailbox's owner by changing the squatter's own password.
    pub fn check_live(
        &self,
        user: &User,
        kind: ActionKind,
        now: Timestamp,
    ) -> Result<(), ActionRefusal> {
        let claims = kind == ActionKind::ResetPassword && !user.is_owned();
        let unchanged = self.epoch == user.epoch || claims;
        let same = self.user == user.id && self.kind == kind && unchanged;
        let to_same_address = address_of(user, kind) == Some(self.address.as_str());
        let over = self.spent || self.replaced || self.expires_at <= now || !user.active;
        if same && to_same_address && !over {
            Ok(())
        } else {
            Err(ActionRefusal::ActionTokenInvalid)
        }
    }
}

impl Action {
    /// Whether this action confirmed this user's e-mail address, and the address is
    /// still confirmed. If so, a second click succeeds and changes nothing. Other
    /// changes of the account meanwhile do not matter.
    pub fn is_done(&self, user: &User, kind: ActionKind, now: Timestamp) -> bool {
        let same = self.user == user.id && self.kind == kind && kind == ActionKind::ConfirmEmail;
        let to_same_address = address_of(user, kind) == Some(self.address.as_str());
        let confirmed = self.spent && user.email_confirmed && to_same_address;
        same && confirmed && self.expires_at > now && user.active
    }
}

/// A code is compared with this many actions: the newest and the previous one, because
/// messages may arrive late.
const TRIED: usize = 2;

impl Action {
    /// The actions of this kind that a code of the user is compared with, of these actions,
    /// newest first.
    pub fn tried(
        mut actions: Vec<Self>,
        user: &User,
        kind: ActionKind,
        now: Timestamp,
    ) -> Vec<Self> {
        actions.retain(|action| action.check_live(user, kind, now).is_ok());
        actions.truncate(TRIED);
        actions
    }
}

/// What the link of an action would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    Live,
    /// Nothing, because the link's address is already confirmed.
    Done,
    /// Nothing, because the link has expired or was used.
    Dead,
}

impl Action {
    /// What the link of this action would do for the user.
    pub fn link_state(&self, user: &User, kind: ActionKind, now: Timestamp) -> LinkState {
        if self.check_live(user, kind, now).is_ok() {
            return LinkState::Live;
        }
        let same = user.email.as_deref() == Some(self.address.as_str());
        match kind == ActionKind::ConfirmEmail && same && user.email_confirmed {
            true => LinkState::Done,
            false => LinkState::Dead,
        }
    }
}

/// The user's address for messages of this kind.
fn address_of(user: &User, kind: ActionKind) -> Option<&str> {
    match kind.channel() {
        Channel::Email => user.email.as_deref(),
        Channel::Sms => user.phone.as_deref(),
        // Actions are never sent through the webhook.
        Channel::Webhook => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_a_new_password_replaces_confirmations_only_where_nobody_owns_the_address() {
        let (reset, code) = (ActionAsked::ForPassword(ResetFor::Stranger), |new_number| {
            ActionAsked::ByCode { new_number }
        });
        for (asked, confirmed, beside) in [
            (reset, false, NewAction::ReplacingConfirmations),
            (reset, true, NewAction::Alone),
            (ActionAsked::ToConfirm, false, NewAction::UnlessContested),
            (code(true), true, NewAction::WithNewPhone),
            (code(false), true, NewAction::Alone),
        ] {
            let user = User {
                email: Some("ann@example.com".into()),
                email_confirmed: confirmed,
                ..User::plain(UserId::from_bytes([1; 16]))
            };
            assert_eq!(asked.written_beside(&user), beside, "{asked:?} {confirmed}");
        }
    }

    #[test]
    fn a_click_is_good_while_the_address_is_the_one_that_it_went_to() {
        let (now, id) = (1000, ActionId::at(1000, [0; 10]));
        let user = User {
            email: Some("ann@example.com".into()),
            ..User::plain(UserId::from_bytes([1; 16]))
        };
        let kind = ActionKind::ConfirmEmail;
        let action = Action::begin(id, &user, kind, 1, now).unwrap();
        let moved = User {
            email: Some("ann@other.example".into()),
            ..user.clone()
        };
        let changed = User {
            epoch: 2,
            ..user.clone()
        };
        let last = now + CONFIRM_EMAIL_SECONDS;
        for (user, at, live) in [
            (&user, now, true),
            (&user, last - 1, true),
            (&user, last, false),
            (&moved, now, false),
            (&changed, now, false),
        ] {
            assert_eq!(action.check_live(user, kind, at).is_ok(), live);
        }
    }

    #[test]
    fn a_link_whose_address_is_confirmed_is_done_and_any_other_spent_link_is_dead() {
        let user = |email: &str, email_confirmed| User {
            email: Some(email.into()),
            email_confirmed,
            ..User::plain(UserId::from_bytes([1; 16]))
        };
        let (own, other) = ("ann@example.com", "ann@other.example");
        let (confirm, reset) = (ActionKind::ConfirmEmail, ActionKind::ResetPassword);
        for (kind, spent, user, state) in [
            (confirm, false, user(own, false), LinkState::Live),
            (confirm, true, user(own, true), LinkState::Done),
            (confirm, true, user(own, false), LinkState::Dead),
            (confirm, true, user(other, true), LinkState::Dead),
            (reset, true, user(own, true), LinkState::Dead),
            (reset, false, user(own, true), LinkState::Live),
        ] {
            let id = ActionId::at(1000, [0; 10]);
            let begun = User {
                email: Some(own.into()),
                ..user.clone()
            };
            let action = Action {
                spent,
                ..Action::begin(id, &begun, kind, 1, 1000).unwrap()
            };
            assert_eq!(
                action.link_state(&user, kind, 1001),
                state,
                "{kind:?} {spent}"
            );
        }
    }

    #[test]
    fn a_code_is_compared_with_the_newest_two_live_actions() {
        let user = User {
            phone: Some("+15555550100".into()),
            ..User::plain(UserId::from_bytes([1; 16]))
        };
        let kind = ActionKind::ConfirmPhone;
        let action = |number: u32, spent| {
            let id = ActionId::at(1000, [0; 10]);
            let action = Action::begin(id, &user, kind, number, 1000).unwrap();
            Action { spent, ..action }
        };
        for (spent, expected) in [
            (&[][..], &[][..]),
            (&[false], &[0]),
            (&[false, false, false], &[0, 1]),
            (&[true, false, false], &[1, 2]),
            (&[true, true, false], &[2]),
        ] {
            let numbered = spent.iter().zip(0..);
            let actions: Vec<Action> = numbered.map(|(spent, at)| action(at, *spent)).collect();
            let tried = Action::tried(actions, &user, kind, 1001);
            let keys: Vec<u32> = tried.iter().map(|action| action.key).collect();
            assert_eq!(keys, expected);
        }
    }
}
