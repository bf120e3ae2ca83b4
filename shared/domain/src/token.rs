//! The layout of opaque tokens. A token names its own item and carries a MAC,
//! so a forged token is refused without a read. `keyring` makes the MAC.

use super::id::{ActionId, BrowserId, CodeId, FactorId, LoginId, SessionId, UserId};

/// The version of the layout. The version is the first byte.
const VERSION: u8 = 1;

/// Bytes before the MAC: version, kind, key, user, item, generation, factor.
pub const BODY_LENGTH: usize = 1 + 1 + 4 + 16 + 16 + 4 + 16;

/// The content of a token. A token of one kind is never accepted as another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenBody {
    /// Names a pending login: Auth0's `mfa_token`.
    Login(LoginToken),
    /// Names a pending login and the factor that a code went to: Auth0's `oob_code`.
    OutOfBand(ChallengeToken),
    /// A refresh token: a session and its generation.
    Refresh(RefreshToken),
    /// Names the confirmation of an e-mail address.
    ConfirmEmail(ActionToken),
    /// Names a password reset.
    ResetPassword(ActionToken),
    /// Names a pending login whose user has to change the password first:
    /// ABP's `changePasswordToken`.
    ChangePassword(ChangePasswordToken),
    /// Names the session of a browser. The browser's cookie holds this token.
    Browser(BrowserToken),
    /// An authorization code (RFC 6749 4.1.2).
    AuthorizationCode(CodeToken),
    /// Names a sent code that is a first factor: Auth0's `auth_session`.
    MailboxCode(MailboxCodeToken),
    /// Names a challenge that a passkey signs to sign in: Auth0's `auth_session`.
    PasskeyChallenge(PasskeyChallengeToken),
    /// Names a challenge for a new passkey of a signed-in user.
    PasskeyEnrolment(PasskeyEnrolmentToken),
    /// Names a browser that a user trusts. A cookie of the browser holds this token.
    TrustedBrowser(TrustedBrowserToken),
}

/// The content of the cookie of a trusted browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustedBrowserToken {
    /// The user who trusts the browser.
    pub user: UserId,
    pub browser: BrowserId,
}

/// The content of an `auth_session` whose challenge a passkey signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasskeyChallengeToken {
    /// Stands for the client that asked for the challenge.
    pub client: UserId,
    /// The challenge, which also says when it was made.
    pub challenge: LoginId,
    /// Number of the data key that the challenge is derived from.
    pub key: u32,
}

/// The content of an `auth_session` of a new passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasskeyEnrolmentToken {
    /// The user who enrols the passkey.
    pub user: UserId,
    /// The challenge, which also says when it was made.
    pub challenge: LoginId,
    /// Number of the data key that the challenge is derived from.
    pub key: u32,
}

/// The content of an `auth_session` whose code is a first factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailboxCodeToken {
    /// Stands for the mailbox, whether or not an account has it.
    pub mailbox: UserId,
    pub login: LoginId,
}

/// The content of an `mfa_token`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginToken {
    /// The user who signs in.
    pub user: UserId,
    pub login: LoginId,
    /// The user's default authenticator app, so that one batch read finds its seed.
    pub app: Option<FactorId>,
}

/// The content of an `oob_code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChallengeToken {
    /// The user who signs in.
    pub user: UserId,
    pub login: LoginId,
    /// The factor that the code went to.
    pub factor: FactorId,
}

/// The content of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    pub user: UserId,
    pub session: SessionId,
    /// The generation. Each refresh raises it.
    pub generation: u32,
}

/// The content of the token in a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionToken {
    /// The user who confirms or resets.
    pub user: UserId,
    /// The confirmation or reset.
    pub action: ActionId,
}

/// The content of a `changePasswordToken`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangePasswordToken {
    /// The user who has to change the password.
    pub user: UserId,
    /// The pending login that the change completes.
    pub login: LoginId,
}

/// The content of a browser's cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrowserToken {
    /// The user who is signed in.
    pub user: UserId,
    pub session: SessionId,
}

/// The content of an authorization code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeToken {
    /// The user who signed in.
    pub user: UserId,
    /// The item of the code.
    pub code: CodeId,
}

/// What a kind of token has beside its user and its item.
#[derive(Clone, Copy)]
enum More {
    Nothing,
    Generation(u32),
    Factor(FactorId),
}

/// The fields of a token.
struct Layout {
    kind: u8,
    user: UserId,
    item: [u8; 16],
    more: More,
}

/// What stands in the bytes of a field that a kind does not use.
const NO_GENERATION: [u8; 4] = [0; 4];
const NO_FACTOR: [u8; 16] = [0; 16];

impl Layout {
    fn of(kind: u8, user: UserId, item: &[u8; 16], more: More) -> Self {
        Self {
            kind,
            user,
            item: *item,
            more,
        }
    }

    fn encode(&self, key: u32) -> Vec<u8> {
        let (generation, factor) = match &self.more {
            More::Nothing => (NO_GENERATION, NO_FACTOR),
            More::Generation(generation) => (generation.to_be_bytes(), NO_FACTOR),
            More::Factor(factor) => (NO_GENERATION, *factor.bytes()),
        };
        let mut bytes = Vec::with_capacity(BODY_LENGTH + 32);
        bytes.extend([VERSION, self.kind]);
        bytes.extend(key.to_be_bytes());
        bytes.extend(self.user.bytes());
        bytes.extend(self.item);
        bytes.extend(generation);
        bytes.extend(factor);
        bytes
    }
}

/// The fields of a token as they were read, before its kind says which of them it uses.
struct Read {
    kind: u8,
    key: u32,
    user: UserId,
    item: [u8; 16],
    generation: u32,
    factor: [u8; 16],
}

impl Read {
    fn of(bytes: &[u8]) -> Option<Self> {
        let ([version, kind], rest) = bytes.split_first_chunk::<2>()?;
        let (key, rest) = rest.split_first_chunk::<4>()?;
        let (user, rest) = rest.split_first_chunk::<16>()?;
        let (item, rest) = rest.split_first_chunk::<16>()?;
        let (generation, rest) = rest.split_first_chunk::<4>()?;
        let read = Self {
            kind: *kind,
            key: u32::from_be_bytes(*key),
            user: UserId::from_bytes(*user),
            item: *item,
            generation: u32::from_be_bytes(*generation),
            factor: rest.try_into().ok()?,
        };
        (*version == VERSION).then_some(read)
    }

    fn factor(&self) -> Option<FactorId> {
        (self.factor != NO_FACTOR).then(|| FactorId::from_bytes(self.factor))
    }
}

impl TokenBody {
    /// The bytes that the MAC covers. `key` is the number of the data key that the
    /// MAC is derived from.
    pub fn encode(&self, key: u32) -> Vec<u8> {
        self.layout().encode(key)
    }

    fn layout(&self) -> Layout {
        match self {
            Self::Login(token) => {
                let app = token.app.map_or(More::Nothing, More::Factor);
                Layout::of(1, token.user, token.login.bytes(), app)
            }
            Self::OutOfBand(token) => {
                let factor = More::Factor(token.factor);
                Layout::of(2, token.user, token.login.bytes(), factor)
            }
            Self::Refresh(token) => {
                let generation = More::Generation(token.generation);
                Layout::of(3, token.user, token.session.bytes(), generation)
            }
            Self::ConfirmEmail(token) => {
                Layout::of(4, token.user, token.action.bytes(), More::Nothing)
            }
            Self::ResetPassword(token) => {
                Layout::of(5, token.user, token.action.bytes(), More::Nothing)
            }
            Self::ChangePassword(token) => {
                Layout::of(6, token.user, token.login.bytes(), More::Nothing)
            }
            Self::Browser(token) => Layout::of(7, token.user, token.session.bytes(), More::Nothing),
            Self::AuthorizationCode(token) => {
                Layout::of(8, token.user, token.code.bytes(), More::Nothing)
            }
            Self::MailboxCode(token) => {
                Layout::of(9, token.mailbox, token.login.bytes(), More::Nothing)
            }
            Self::PasskeyChallenge(token) => {
                let key = More::Generation(token.key);
                Layout::of(10, token.client, token.challenge.bytes(), key)
            }
            Self::PasskeyEnrolment(token) => {
                let key = More::Generation(token.key);
                Layout::of(11, token.user, token.challenge.bytes(), key)
            }
            Self::TrustedBrowser(token) => {
                Layout::of(12, token.user, token.browser.bytes(), More::Nothing)
            }
        }
    }

    /// Reads a token and the number of its data key. `None` for another version, kind
    /// or length, and for bytes that `encode` does not write. Do not trust the result
    /// before the MAC is checked.
    pub fn decode(bytes: &[u8]) -> Option<(u32, Self)> {
        let read = Read::of(bytes)?;
        let (key, user, item) = (read.key, read.user, read.item);
        let action = ActionToken {
            user,
            action: ActionId::from_bytes(item),
        };
        let body = match read.kind {
            1 => Self::Login(LoginToken {
                user,
                login: LoginId::from_bytes(item),
                app: read.factor(),
            }),
            2 => Self::OutOfBand(ChallengeToken {
                user,
                login: LoginId::from_bytes(item),
                factor: read.factor()?,
            }),
            3 => Self::Refresh(RefreshToken {
                user,
                session: SessionId::from_bytes(item),
                generation: read.generation,
            }),
            4 => Self::ConfirmEmail(action),
            5 => Self::ResetPassword(action),
            6 => Self::ChangePassword(ChangePasswordToken {
                user,
                login: LoginId::from_bytes(item),
            }),
            7 => Self::Browser(BrowserToken {
                user,
                session: SessionId::from_bytes(item),
            }),
            8 => Self::AuthorizationCode(CodeToken {
                user,
                code: CodeId::from_bytes(item),
            }),
            9 => Self::MailboxCode(MailboxCodeToken {
                mailbox: user,
                login: LoginId::from_bytes(item),
            }),
            10 => Self::PasskeyChallenge(PasskeyChallengeToken {
                client: user,
                challenge: LoginId::from_bytes(item),
                key: read.generation,
            }),
            11 => Self::PasskeyEnrolment(PasskeyEnrolmentToken {
                user,
                challenge: LoginId::from_bytes(item),
                key: read.generation,
            }),
            12 => Self::TrustedBrowser(TrustedBrowserToken {
                user,
                browser: BrowserId::from_bytes(item),
            }),
            _ => return None,
        };
        // A field that the kind does not use holds zeros.
        (body.encode(key) == bytes).then_some((key, body))
    }

    /// The label that the key of the MAC is derived with.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Login(_) => "token login",
            Self::OutOfBand(_) => "token out-of-band",
            Self::Refresh(_) => "token refresh",
            Self::ConfirmEmail(_) => "token confirm-email",
            Self::ResetPassword(_) => "token reset-password",
            Self::ChangePassword(_) => "token change-password",
            Self::Browser(_) => "token browser",
            Self::AuthorizationCode(_) => "token authorization-code",
            Self::MailboxCode(_) => "token first-code",
            Self::PasskeyChallenge(_) => "token passkey-challenge",
            Self::PasskeyEnrolment(_) => "token passkey-enrolment",
            Self::TrustedBrowser(_) => "token trusted-browser",
        }
    }
}

/// A reader of one kind: `None` for a token of another kind.
macro_rules! readers {
    ($($reader:ident: $kind:ident($content:ty)),+ $(,)?) => {
        impl TokenBody {
            $(
                #[doc = concat!("The content, if this is a token of the kind `", stringify!($kind), "`.")]
                pub fn $reader(self) -> Option<$content> {
                    match self {
                        Self::$kind(content) => Some(content),
                        _ => None,
                    }
                }
            )+
        }
    };
}

readers! {
    login: Login(LoginToken),
    out_of_band: OutOfBand(ChallengeToken),
    refresh: Refresh(RefreshToken),
    confirm_email: ConfirmEmail(ActionToken),
    reset_password: ResetPassword(ActionToken),
    change_password: ChangePassword(ChangePasswordToken),
    browser: Browser(BrowserToken),
    authorization_code: AuthorizationCode(CodeToken),
    mailbox_code: MailboxCode(MailboxCodeToken),
    passkey_challenge: PasskeyChallenge(PasskeyChallengeToken),
    passkey_enrolment: PasskeyEnrolment(PasskeyEnrolmentToken),
    trusted_browser: TrustedBrowser(TrustedBrowserToken),
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
