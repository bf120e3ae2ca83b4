//! Finds the pending login that a token names. Refuses a login that is over.

use crate::app::App;
use crate::domain::accounts::user::{Account, User};
use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::factors::factor::{Factor, RecoveryCodes, Sealed};
use crate::domain::id::{FactorId, LoginId, SessionId, UserId};
use crate::domain::login::codes::login_reads::LoginReads;
use crate::domain::login::evidence::Provable;
use crate::domain::login::pending_login::{Login, Proof};
use crate::domain::refusal::Refusal;
use crate::domain::sessions::party::Party;
use crate::domain::token::{ChangePasswordToken, LoginToken, TokenBody};
use crate::failure::{Broken, Failure};
use crate::keyring::Ring;
use crate::store::{LoginBeside, LoginRead};
use crate::usecase::context::Context;
use crate::usecase::login::codes::prove::CodeTarget;
use crate::usecase::sessions::authenticate::{authenticate, signed_in_browser};
use crate::usecase::sessions::requirement::{Required, SessionOrLogin, WithLogin};
use crate::usecase::sessions::unread_bearer::UnreadBearer;

/// A live login, and its user.
pub(crate) struct OpenLogin {
    pub user: User,
    pub login: Login,
}

/// A live login, with the factors that were read in order to compare a code.
pub(crate) struct ProvableLogin {
    pub open: OpenLogin,
    pub factor: Option<Factor>,
    pub recovery: Option<RecoveryCodes>,
}

impl CodeTarget for OpenLogin {
    fn user(&self) -> UserId {
        self.user.id
    }

    fn provable(&self) -> Provable<'_> {
        Provable {
            login: Some(&self.login),
            factor: None,
            recovery: None,
        }
    }
}

impl CodeTarget for ProvableLogin {
    fn user(&self) -> UserId {
        self.open.user.id
    }

    fn provable(&self) -> Provable<'_> {
        Provable {
            login: Some(&self.open.login),
            factor: self.factor.as_ref(),
            recovery: self.recovery.as_ref(),
        }
    }
}

impl OpenLogin {
    /// The whole user of the login, as this login sees the user. One query.
    pub async fn account(&self, app: &App) -> Result<Option<Account>, Broken> {
        let mut account = app.store.read_account(self.user.id).await?;
        if let Some(account) = &mut account {
            account
                .user
                .signing_in_mailbox
                .clone_from(&self.login.mailbox);
            if self.login.asks_for_passkey {
                account.ask_for_passkeys();
            }
        }
        Ok(account)
    }
}

/// A login, and the proof that completes it.
#[derive(Clone, Copy)]
pub(crate) struct ProvenLogin<'a> {
    pub open: &'a OpenLogin,
    pub proof: &'a Proof,
    /// The factor that this request has compared a code with. `None` if an
    /// earlier request compared the code, or if the code was sent.
    pub compared: Option<&'a Factor>,
}

impl ProvenLogin<'_> {
    /// The seed of the app that the proof is of, sealed with the current data key,
    /// if an older key has sealed it. So an old key becomes free login by login.
    pub fn resealed(&self, ring: &Ring) -> Result<Option<Sealed>, Broken> {
        match (self.proof, self.compared) {
            (Proof::Totp { factor, .. }, Some(app)) if app.id == *factor => {
                ring.reseal_seed(self.open.user.id, app)
            }
            (_, _) => Ok(None),
        }
    }
}

/// A pending login that the caller has named, by something that was checked.
pub(crate) enum NamedLogin {
    /// By the login's own token.
    LoginToken(LoginToken),
    /// By the token of a login that waits for a new password.
    ChangeToken(ChangePasswordToken),
    /// By an access token of the session that has begun the login in order to
    /// enrol a factor. The session is read with the login.
    AccessToken(UnreadBearer),
    /// By a session that has begun the login in order to enrol a factor.
    /// `authenticate` has read the session before.
    Session { user: UserId, session: SessionId },
}

impl NamedLogin {
    pub fn user(&self) -> UserId {
        match self {
            Self::LoginToken(token) => token.user,
            Self::ChangeToken(token) => token.user,
            Self::AccessToken(bearer) => bearer.user(),
            Self::Session { user, .. } => *user,
        }
    }

    pub fn login(&self) -> LoginId {
        match self {
            Self::LoginToken(token) => token.login,
            Self::ChangeToken(token) => token.login,
            Self::AccessToken(bearer) => bearer.login(),
            Self::Session { session, .. } => LoginId::of_session(*session),
        }
    }

    /// The user's default authenticator app, if the caller's token names it.
    fn app(&self) -> Option<FactorId> {
        match self {
            Self::LoginToken(token) => token.app,
            Self::ChangeToken(_) | Self::AccessToken(_) | Self::Session { .. } => None,
        }
    }

    /// # Errors
    /// `LoginTokenMalformed` for a session that has ended.
    async fn read(&self, context: &Context, beside: LoginBeside) -> Result<LoginRead, Failure> {
        match self {
            Self::LoginToken(_) | Self::ChangeToken(_) | Self::Session { .. } => {
                let store = &context.app.store;
                Ok(store.read_login(self.user(), self.login(), beside).await?)
            }
            Self::AccessToken(bearer) => {
                let read = bearer.read_login_and_session(context, beside).await;
                read.map_err(or_malformed)
            }
        }
    }
}

/// An access token that names no login is no more than a malformed token of a
/// login.
fn or_malformed(failure: Failure) -> Failure {
    match failure {
        Failure::Refused(_) => Refusal::LoginTokenMalformed.into(),
        broken @ Failure::Broken(_) => broken,
    }
}

/// Checks the MAC of a login's token. A forged token costs no read.
pub(crate) async fn open_login_token(
    context: &Context,
    token: &str,
) -> Result<NamedLogin, Failure> {
    let malformed = Refusal::LoginTokenMalformed;
    let opened = context.open_token(TokenBody::login, token, malformed);
    Ok(NamedLogin::LoginToken(opened.await?))
}

/// Like `open_login_token`, for a token that may also be an access token of a session
/// that has begun to enrol a factor. The access token needs the audience and the scope,
/// because an access token for another purpose must not confirm a factor.
pub(crate) async fn open_login_or_access_token(
    context: &Context,
    token: &str,
) -> Result<NamedLogin, Failure> {
    let credential = match SessionOrLogin::of_bearer(token) {
        SessionOrLogin::Session(credential) => credential,
        SessionOrLogin::Login(token) => return open_login_token(context, token).await,
    };
    let required = Required::of_mfa(KnownScope::Enroll, WithLogin);
    let bearer = authenticate(context, credential, required).await;
    Ok(NamedLogin::AccessToken(bearer.map_err(or_malformed)?))
}

/// Reads the login that the caller has named, for the party that began it. The request has
/// to prove the key that began the login, if a key did (RFC 9449 5). One batch read.
///
/// # Errors
/// `LoginTokenMalformed` for another client, or for a session that has ended;
/// `LoginExpired`; `ProofMissing`, `ProofWrong`, `ProofNonceWanted`, `KeyWrong`.
pub(crate) async fn open_login(
    context: &Context,
    party: Option<Party<'_>>,
    named: &NamedLogin,
) -> Result<OpenLogin, Failure> {
    let provable = open_provable_login(context, party, named, LoginReads::default());
    Ok(provable.await?.open)
}

/// Reads a login as `open_login` does, with what a code is compared with. One
/// batch read; one more for a login that another app than the default app
/// verified.
///
/// # Errors
/// The errors of `open_login`.
pub(crate) async fn open_provable_login(
    context: &Context,
    party: Option<Party<'_>>,
    named: &NamedLogin,
    beside: LoginReads,
) -> Result<ProvableLogin, Failure> {
    let provable = open_login_of_any_key(context, party, named, beside).await?;
    let authorized = &provable.open.login.authorized;
    if authorized.key.is_some() {
        context.check_client_proof().await?;
    }
    authorized.check_key(context.proven_key())?;
    Ok(provable)
}

/// Reads a login as `open_provable_login` does, and asks for no proof of a key. For requests
/// that neither compare a code nor change a factor.
///
/// # Errors
/// `LoginTokenMalformed`, `LoginExpired`.
pub(crate) async fn open_login_of_any_key(
    context: &Context,
    party: Option<Party<'_>>,
    named: &NamedLogin,
    beside: LoginReads,
) -> Result<ProvableLogin, Failure> {
    let factor = beside.factor_to_read(named.app());
    let beside_login = LoginBeside {
        factor,
        recovery: beside.recovery,
        session: None,
    };
    let mut read = named.read(context, beside_login).await?;
    let login = read.login.as_ref();
    if let Some(used) = login.and_then(|login| beside.factor_to_read_again(factor, login)) {
        let beside_login = LoginBeside {
            factor: Some(used),
            ..beside_login
        };
        read = named.read(context, beside_login).await?;
    }
    let (Some(mut user), Some(login)) = (read.user, read.login) else {
        return Err(Refusal::LoginExpired.into());
    };
    user.signing_in_mailbox.clone_from(&login.mailbox);
    if let Some(party) = party {
        login.check_began_by(party.name())?;
    }
    context.caller.trace.is_about(user.id);
    context.events.is_by_client(&login.authorized.client);
    login.check_live(&user, context.now())?;
    let mut factor = read.factor;
    if let Some(factor) = factor.as_mut().filter(|_| login.asks_for_passkey) {
        factor.ask_for_passkey();
    }
    Ok(ProvableLogin {
        open: OpenLogin { user, login },
        factor,
        recovery: read.recovery,
    })
}

/// Refuses to complete a login that makes another session stronger than the one of the browser
/// with this cookie, or one that has ended. One request to DynamoDB.
///
/// # Errors
/// `SignInRequired`.
pub(crate) async fn check_browser(
    context: &Context,
    cookie: Option<&str>,
    login: &Login,
) -> Result<(), Failure> {
    let bearer = match cookie {
        Some(cookie) => signed_in_browser(context, cookie).await?,
        None => None,
    };
    let session = bearer.and_then(|bearer| bearer.session);
    match session.is_some() && session == login.steps_up.map(|stepped| stepped.id) {
        true => Ok(()),
        false => Err(PageRefusal::SignInRequired.into()),
    }
}
