//! The refusals that occur only at calls that name a connection.

/// A "no" to a call that names a connection, as Auth0's calls for a directory of users do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionRefusal {
    /// There is no connection of this name.
    ConnectionUnknown,
    /// The connection has no user names beside e-mail addresses.
    UserNameUnwanted,
    /// The code that signs in is wrong, too old, used, or of another client.
    MailboxCodeWrong,
    /// The same for a code that went to a phone.
    PhoneCodeWrong,
    /// The same for a caller who named the code by its token.
    ChallengeFailed,
    /// The text is no phone number.
    NumberInvalid,
    /// No text messages go to the country of the number.
    NumberUnreachable,
}

impl ConnectionRefusal {
    /// The name in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ConnectionUnknown => "connection_unknown",
            Self::UserNameUnwanted => "user_name_unwanted",
            Self::MailboxCodeWrong => "first_code_wrong",
            Self::PhoneCodeWrong => "first_text_code_wrong",
            Self::ChallengeFailed => "challenge_failed",
            Self::NumberInvalid => "number_invalid",
            Self::NumberUnreachable => "number_unreachable",
        }
    }
}
