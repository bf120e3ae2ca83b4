//! What a request is for.

use crate::events::kind::EventKind;
use crate::events::reason::Reason;

/// What a request is for, by its route and its grant. Some refusals, such as a missing
/// parameter, do not tell what the request was for. The attempt then names the event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Attempt {
    /// Nothing that matters to security, such as reading the public keys.
    #[default]
    Nothing,
    /// To read something of an account, or to see a page. A success leaves no event.
    Look,
    SignIn,
    /// To have a code sent.
    AskCode,
    /// To have a code sent that signs in. Anybody may ask.
    AskMailboxCode,
    ShowCode,
    /// To refresh a session.
    Refresh,
    /// To exchange an authorization code.
    ExchangeCode,
    /// To get a token for a client alone, without a user.
    AskMachineToken,
    /// To get a code or a token for an app by a browser's session.
    Authorize,
    /// To push an authorization request before the browser is sent.
    PushRequest,
    EndSession,
    /// To see the key of an authenticator app, which begins an enrolment. The key may be one
    /// that was shown before.
    ShowKey,
    /// To begin or complete an enrolment.
    Enrol,
    /// To remove factors, or to turn the demand for a second factor on or off.
    ChangeFactors,
    /// To change or reset a password.
    ChangePassword,
    /// To have a link sent that resets a password. Anybody may ask.
    AskReset,
    /// To sign up by a call that says whether a name is taken.
    SignUp,
    /// To sign up where the answer is alike for a free and a taken address.
    SignUpAlike,
    /// To have a confirmation sent.
    AskConfirmation,
    /// To store another phone number, and have a confirmation sent to that number.
    ChangePhone,
    /// To confirm an address or a number.
    Confirm,
}

impl Attempt {
    /// The kind of a refusal of this attempt.
    pub fn refused_kind(self) -> Option<EventKind> {
        Some(match self {
            Self::Nothing => return None,
            Self::Look => EventKind::AccessRefused,
            Self::SignIn => EventKind::LoginRefused,
            Self::AskCode | Self::AskMailboxCode | Self::ShowCode => EventKind::FactorRefused,
            Self::Refresh => EventKind::SessionRefused,
            Self::ExchangeCode => EventKind::CodeExchangeRefused,
            Self::AskMachineToken => EventKind::MachineTokenRefused,
            Self::Authorize => EventKind::AuthorizationRefused,
            Self::PushRequest => EventKind::PushRefused,
            Self::EndSession => EventKind::SignOutRefused,
            Self::ShowKey | Self::Enrol => EventKind::EnrolmentRefused,
            Self::ChangeFactors => EventKind::FactorChangeRefused,
            Self::ChangePassword => EventKind::PasswordRefused,
            Self::AskReset => EventKind::ResetRefused,
            Self::SignUp | Self::SignUpAlike => EventKind::SignUpRefused,
            Self::AskConfirmation => EventKind::ConfirmationNotSent,
            Self::ChangePhone => EventKind::PhoneChangeRefused,
            Self::Confirm => EventKind::ConfirmationRefused,
        })
    }

    /// The kind of a request that was answered with yes and of which nothing was recorded, and
    /// why. `None` if such a request leaves no event.
    pub fn idle(self) -> Option<(EventKind, Option<Reason>)> {
        match self {
            Self::Nothing | Self::Look => None,
            Self::Authorize | Self::PushRequest => Some((EventKind::AuthorizationBegun, None)),
            // The answer is the same for a mailbox of nobody.
            Self::AskMailboxCode => {
                let nobody = Reason::of_name("user_unknown");
                Some((EventKind::FactorRefused, Some(nobody)))
            }
            // The answer is the same for an address of nobody.
            Self::AskReset => {
                let nobody = Reason::of_name("user_unknown");
                Some((EventKind::ResetRefused, Some(nobody)))
            }
            Self::SignIn
            | Self::AskCode
            | Self::ShowCode
            | Self::Refresh
            | Self::ExchangeCode
            | Self::AskMachineToken
            | Self::EndSession
            | Self::ShowKey
            | Self::Enrol
            | Self::ChangeFactors
            | Self::ChangePassword
            | Self::SignUp
            | Self::SignUpAlike
            | Self::AskConfirmation
            | Self::ChangePhone
            | Self::Confirm => Some((EventKind::NothingChanged, None)),
        }
    }

    /// Whether the time of the answer must reveal nothing of what was done. The event is then
    /// kept before that time is over, and never after.
    pub fn takes_exact_time(self) -> bool {
        matches!(
            self,
            Self::AskReset | Self::AskMailboxCode | Self::SignUpAlike
        )
    }
}
