//! The layout of opaque tokens. A token names its own item and carries a MAC,
//! so a forged token is refused without a read. `keyring` makes the MAC.

use super::id::{ActionId, CodeId, FactorId, LoginId, SessionId, UserId};

/// The version of the layout. The version is the first byte.
const VERSION: u8 = 1;

/// Bytes before the MAC: version, kind, key, user, item, generation, factor.
pub const BODY_LENGTH: usize = 1 + 1 + 4 + 16 + 16 + 4 + 16;

/// What a token is for. A token of one kind is never accepted as another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Names a pending login: Auth0's `mfa_token`.
    Login,
    /// Names a pending login and the factor that a code went to: Auth0's `oob_code`.
    OutOfBand,
    /// A refresh token: a session and its generation.
    Refresh,
    /// Names the confirmation of an e-mail address.
    ConfirmEmail,
    /// Names a password reset.
    ResetPassword,
    /// Names a pending login whose user has to change the password first:
    /// ABP's `changePasswordToken`.
    ChangePassword,
    /// Names the session of a browser. The browser's cookie holds this token.
    Browser,
    /// An authorization code (RFC 6749 4.1.2).
    AuthorizationCode,
}

impl TokenKind {
    fn byte(self) -> u8 {
        match self {
            Self::Login => 1,
            Self::OutOfBand => 2,
            Self::Refresh => 3,
            Self::ConfirmEmail => 4,
            Self::ResetPassword => 5,
            Self::ChangePassword => 6,
            Self::Browser => 7,
            Self::AuthorizationCode => 8,
        }
    }

    /// The label that the key of the MAC is derived with.
    pub fn label(self) -> &'static str {
        match self {
            Self::Login => "token login",
            Self::OutOfBand => "token out-of-band",
            Self::Refresh => "token refresh",
            Self::ConfirmEmail => "token confirm-email",
            Self::ResetPassword => "token reset-password",
            Self::ChangePassword => "token change-password",
            Self::Browser => "token browser",
            Self::AuthorizationCode => "token authorization-code",
        }
    }
}

/// The content of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenBody {
    /// What it is for.
    pub kind: TokenKind,
    /// Number of the data key that its MAC is derived from.
    pub key: u32,
    /// The user whose item the token names.
    pub user: UserId,
    /// The item: a login, a session, an action or an authorization code.
    pub item: [u8; 16],
    /// Generation of a refresh token; 0 elsewhere.
    pub generation: u32,
    /// The factor: in an `oob_code` the factor that the code went to; in an
    /// `mfa_token` the user's default authenticator app, so that one batch read
    /// finds its seed.
    pub factor: Option<FactorId>,
}

impl TokenBody {
    /// The bytes that the MAC covers.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BODY_LENGTH + 32);
        bytes.extend([VERSION, self.kind.byte()]);
        bytes.extend(self.key.to_be_bytes());
        bytes.extend(self.user.bytes());
        bytes.extend(self.item);
        bytes.extend(self.generation.to_be_bytes());
        bytes.extend(self.factor.map_or([0; 16], |factor| *factor.bytes()));
        bytes
    }

    /// Reads a token of this kind. `None` for another kind, version or length.
    /// Believe nothing of the token before its MAC is checked.
    pub fn decode(kind: TokenKind, bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let (kind_byte, rest) = rest.split_first()?;
        if *version != VERSION || *kind_byte != kind.byte() {
            return None;
        }
        let (key, rest) = rest.split_first_chunk::<4>()?;
        let (user, rest) = rest.split_first_chunk::<16>()?;
        let (item, rest) = rest.split_first_chunk::<16>()?;
        let (generation, rest) = rest.split_first_chunk::<4>()?;
        let factor: &[u8; 16] = rest.try_into().ok()?;
        Some(Self {
            kind,
            key: u32::from_be_bytes(*key),
            user: UserId::from_bytes(*user),
            item: *item,
            generation: u32::from_be_bytes(*generation),
            factor: (*factor != [0; 16]).then(|| FactorId::from_bytes(*factor)),
        })
    }

    /// The login that a `Login`, `OutOfBand` or `ChangePassword` token names.
    pub fn login(&self) -> LoginId {
        LoginId::from_bytes(self.item)
    }

    /// The action that a `ConfirmEmail` or `ResetPassword` token names.
    pub fn action(&self) -> ActionId {
        ActionId::from_bytes(self.item)
    }

    /// The session that a `Refresh` or `Browser` token names.
    pub fn session(&self) -> SessionId {
        SessionId::from_bytes(self.item)
    }

    /// The item that an `AuthorizationCode` token names.
    pub fn code(&self) -> CodeId {
        CodeId::from_bytes(self.item)
    }
}

#[cfg(test)]
mod tests {
    use super::{BODY_LENGTH, TokenBody, TokenKind};
    use crate::id::{FactorId, UserId};

    fn body(factor: Option<FactorId>) -> TokenBody {
        TokenBody {
            kind: TokenKind::Refresh,
            key: 7,
            user: UserId::from_bytes([1; 16]),
            item: [2; 16],
            generation: 3,
            factor,
        }
    }

    #[test]
    fn a_token_reads_back_as_it_was_written() {
        for factor in [None, Some(FactorId::from_bytes([9; 16]))] {
            let written = body(factor);
            let bytes = written.encode();
            assert_eq!(bytes.len(), BODY_LENGTH);
            assert_eq!(TokenBody::decode(TokenKind::Refresh, &bytes), Some(written));
        }
    }

    #[test]
    fn a_token_is_not_taken_for_one_of_another_kind_or_length() {
        let bytes = body(None).encode();
        assert_eq!(TokenBody::decode(TokenKind::Login, &bytes), None);
        assert_eq!(TokenBody::decode(TokenKind::Refresh, &bytes[1..]), None);
        assert_eq!(TokenBody::decode(TokenKind::Refresh, &[]), None);
    }
}
