//! The kinds of events.

use crate::events::reason::CountedRefusal;
use crate::factors::factor::Method;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $name:literal $code:literal,)*) => {
        /// What happened. If one request has several outcomes, the outcome that stands first in
        /// this list names the request's event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum EventKind {
            $($(#[$doc])* $kind,)*
        }

        impl EventKind {
            /// All kinds, in their order.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The name, the same in the log, in the table and on the bus.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }

            /// Auth0's log code for the kind, or a word of our own where Auth0 has no code.
            fn general_code(self) -> &'static str {
                match self {
                    $(Self::$kind => $code,)*
                }
            }
        }
    };
}

kinds! {
    /// Wrong passwords have locked a name out, with this guess.
    AccountLocked "account.locked" "limit_wc",
    /// A refresh token was used twice. The session has ended.
    SessionReused "session.reused" "ferrt",
    /// A user signed in.
    LoginAccepted "login.accepted" "s",
    /// A user was made by a sign-up, or moved in from the former system.
    SignedUp "account.made" "ss",
    /// A password was changed or reset.
    PasswordChanged "password.changed" "scp",
    /// An authorization code was exchanged for tokens.
    CodeExchanged "code.exchanged" "seacft",
    /// A client got a token of its own, without a user.
    MachineTokenGiven "machine_token.given" "seccft",
    /// A factor was confirmed.
    FactorEnrolled "factor.enrolled" "gd_enrollment_complete",
    /// A factor was removed.
    FactorRemoved "factor.removed" "gd_unenroll",
    /// Recovery codes were replaced.
    RecoveryCodesReplaced "recovery_codes.replaced" "recovery_codes_replaced",
    /// The demand for a second factor was turned on or off.
    SecondFactorSwitched "two_factor.switched" "two_factor_switched",
    /// An e-mail address was confirmed.
    EmailConfirmed "email.confirmed" "sv",
    /// A phone number was confirmed.
    PhoneConfirmed "phone.confirmed" "phone_confirmed",
    /// An operator changed the e-mail address of a user.
    EmailChanged "email.changed" "sce",
    /// Another phone number was stored.
    PhoneChanged "phone.changed" "scpn",
    /// A session was refreshed.
    SessionRefreshed "session.refreshed" "sertft",
    /// A user or an operator ended a remembered device.
    DeviceEnded "device.ended" "device_ended",
    /// A user signed out.
    SessionEnded "session.ended" "slo",
    /// A client revoked a session's token, so the session has ended.
    SessionRevoked "session.revoked" "srrt",
    /// A browser's session gave an app a code or a token.
    AuthorizationGranted "authorization.granted" "ssa",
    /// A session began.
    SessionBegun "session.begun" "session_begun",
    /// A device was remembered, so that its key stands in for the second factor.
    DeviceRemembered "device.remembered" "device_remembered",
    /// The key of a remembered device stood in for the second factor.
    DeviceUsed "device.used" "device_used",
    /// A code was right.
    FactorVerified "factor.verified" "gd_auth_succeed",
    /// A name and a password were right. Nobody signed in.
    CredentialsAccepted "credentials.accepted" "scv",
    /// An enrolment began.
    EnrolmentBegun "enrolment.begun" "gd_start_enroll",
    /// An app asked for an authorization. Nothing was given yet: the user has to sign in or to
    /// agree first, or the app pushed the request.
    AuthorizationBegun "authorization.begun" "authorization_begun",
    /// The password was right, and a new password is needed first.
    PasswordDemanded "password.demanded" "password_change_demanded",
    /// The password was right, and a second factor is needed.
    FactorDemanded "factor.demanded" "mfar",
    /// A code was sent.
    CodeSent "code.sent" "code_sent",
    /// A code was sent that signs in without a password.
    MailboxCodeSent "first_code.sent" "cls",
    /// A link that resets a password was sent.
    ResetSent "reset.sent" "scpr",
    /// A link or a code that confirms an address was sent.
    ConfirmationSent "confirmation.sent" "svr",
    /// A login was refused.
    LoginRefused "login.refused" "f",
    /// A code was refused.
    FactorRefused "factor.refused" "gd_auth_failed",
    /// A message could not be sent.
    MessageFailed "message.failed" "fn",
    /// A notice of a change, or of a lockout, could not be sent.
    NoticeFailed "notice.failed" "fn",
    /// A budget refused a message.
    MessageRefused "message.refused" "message_refused",
    /// A refresh was refused.
    SessionRefused "session.refused" "fertft",
    /// The exchange of an authorization code was refused.
    CodeExchangeRefused "code_exchange.refused" "feacft",
    /// A client got no token of its own.
    MachineTokenRefused "machine_token.refused" "feccft",
    /// An authorization request was refused.
    AuthorizationRefused "authorization.refused" "fsa",
    /// A client could not push an authorization request.
    PushRefused "push.refused" "fpar",
    /// A sign-up was refused.
    SignUpRefused "sign_up.refused" "fs",
    /// A change or a reset of a password was refused.
    PasswordRefused "password.refused" "fcp",
    /// No link that resets a password was sent.
    ResetRefused "reset.refused" "fcpr",
    /// A confirmation of an address was refused.
    ConfirmationRefused "confirmation.refused" "confirmation_refused",
    /// No confirmation was sent.
    ConfirmationNotSent "confirmation.not_sent" "fvr",
    /// Another phone number was refused.
    PhoneChangeRefused "phone_change.refused" "fcpn",
    /// An enrolment was refused.
    EnrolmentRefused "enrolment.refused" "gd_start_enroll_failed",
    /// A change of factors was refused.
    FactorChangeRefused "factor_change.refused" "factor_change_refused",
    /// A sign-out was refused.
    SignOutRefused "sign_out.refused" "flo",
    /// The caller may not read or do this.
    AccessRefused "access.refused" "access_refused",
    /// A request was answered with yes, and nothing had to change.
    NothingChanged "nothing.changed" "nothing_changed",
    /// An operator made the service forget wrong passwords and wrong codes.
    AccountUnlocked "account.unlocked" "ublkdu",
    /// An operator deleted a user.
    UserDeleted "account.deleted" "sdu",
    /// An operator began to import users.
    UsersImported "users.imported" "sui",
    /// An operator did something else.
    OperatorActed "operator.acted" "sapi",
    /// The act of an operator was announced, and could not be stored.
    ActFailed "act.failed" "act_failed",
    /// Messages to a destination of a user came back, or its reader complained.
    DestinationMarked "destination.marked" "destination_marked",
    /// A key was made.
    KeyMade "key.made" "key_made",
    /// A key was retired.
    KeyRetired "key.retired" "key_retired",
}

impl EventKind {
    /// The kind of this name, if this version knows the name.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter();
        all.find(|kind| kind.name() == name).copied()
    }

    /// Whether a request with an event of this kind was refused.
    pub fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::AccountLocked
                | Self::SessionReused
                | Self::LoginRefused
                | Self::FactorRefused
                | Self::MessageFailed
                | Self::MessageRefused
                | Self::SessionRefused
                | Self::CodeExchangeRefused
                | Self::MachineTokenRefused
                | Self::AuthorizationRefused
                | Self::PushRefused
                | Self::SignUpRefused
                | Self::PasswordRefused
                | Self::ResetRefused
                | Self::ConfirmationRefused
                | Self::ConfirmationNotSent
                | Self::PhoneChangeRefused
                | Self::EnrolmentRefused
                | Self::FactorChangeRefused
                | Self::SignOutRefused
                | Self::AccessRefused
        )
    }

    /// The `type` of an event: Auth0's log code where Auth0 has a code for the outcome, else a
    /// word of our own.
    pub fn type_code(self, about: About) -> &'static str {
        match (self, about.factor, about.refusal) {
            (Self::LoginRefused, _, Some(CountedRefusal::CredentialsWrong)) if about.user_known => {
                "fp"
            }
            (Self::LoginRefused, _, Some(CountedRefusal::CredentialsWrong)) => "fu",
            (Self::LoginRefused, _, Some(CountedRefusal::PasswordsExhausted)) => "limit_wc",
            (Self::LoginRefused, _, Some(CountedRefusal::NetworkExhausted)) => "limit_mu",
            (
                Self::FactorRefused,
                _,
                Some(CountedRefusal::CodesExhausted | CountedRefusal::CodesClosed),
            ) => "gd_otp_rate_limit_exceed",
            (Self::FactorRefused, Some(Method::RecoveryCode), _) => "gd_recovery_failed",
            (Self::FactorVerified, Some(Method::RecoveryCode), _) => "gd_recovery_succeed",
            (Self::CodeSent, Some(Method::Email), _) => "gd_send_email",
            (Self::CodeSent, Some(Method::Sms), _) => "gd_send_sms",
            (Self::MessageFailed, Some(Method::Sms), _) => "gd_send_sms_failure",
            (Self::MessageRefused, Some(Method::Sms), _) => "limit_phone",
            _ => self.general_code(),
        }
    }
}

/// What the `type` of an event depends on beside its kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct About {
    /// The kind of factor.
    pub factor: Option<Method>,
    /// The refusal, if the metrics count it by a name of its own.
    pub refusal: Option<CountedRefusal>,
    /// Whether the event has a user.
    pub user_known: bool,
}
