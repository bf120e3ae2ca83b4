//! Finds the pending login that a token names. Refuses a login that is over.

use crate::domain::accounts::user::User;
use crate::domain::authorization::client::{ENROLL, Scope};
use crate::domain::factors::factor::{Factor, RecoveryCodes, Sealed};
use crate::domain::id::{FactorId, LoginId, SessionId, UserId};
use crate::domain::login::evidence::{Evidence, Provable, SubmittedCode};
use crate::domain::login::pending_login::{Login, Proof};
use crate::domain::refusal::Refusal;
use crate::domain::sessions::party::Party;
use crate::domain::token::{LoginToken, TokenBody};
use crate::failure::{Broken, Failure};
use crate::keyring::Ring;
use crate::store::LoginBeside;
use crate::usecase::Context;
use crate::usecase::login::codes::prove::CodeTarget;
use crate::usecase::sessions::authenticate::{access_claims, session_of};

/// A live login, with the factors that may complete it.
pub(crate) struct OpenLogin {
    pub user: User,
    pub login: Login,
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
            factor: self.factor.as_ref(),
            recovery: self.recovery.as_ref(),
        }
    }
}

impl OpenLogin {
    /// The seed of the app that the proof is of, sealed with the current data key,
    /// if an older key has sealed it. So an old key becomes free login by login.
    pub fn resealed(&self, ring: &Ring, proof: &Proof) -> Result<Option<Sealed>, Broken> {
        match (proof, &self.factor) {
            (Proof::Totp { factor, .. }, Some(app)) if app.id == *factor => {
                ring.reseal_seed(self.user.id, app)
            }
            (Proof::Totp { .. } | Proof::Sent(_) | Proof::Recovery { .. }, _) => Ok(None),
        }
    }
}

/// What is read together with the login.
#[derive(Clone, Copy, Default)]
pub(crate) struct Beside {
    pub factor: Option<FactorId>,
    /// The factor that the token names: the user's default authenticator app.
    pub default_totp: bool,
    pub recovery: bool,
    /// The session whose access token names the login.
    pub session: Option<SessionId>,
}

impl Beside {
    /// What has to be read to compare this code.
    pub fn shown(shown: &SubmittedCode) -> Self {
        match shown {
            SubmittedCode::Totp { factor, .. } => Self {
                factor: *factor,
                default_totp: true,
                ..Self::default()
            },
            // The login itself says which codes were sent where.
            SubmittedCode::Sent { .. } => Self::default(),
            SubmittedCode::Recovery { .. } => Self {
                recovery: true,
                ..Self::default()
            },
        }
    }

    /// What has to be read to compare evidence, which may not say which factor it is
    /// of.
    pub fn evidence(evidence: &Evidence) -> Self {
        match evidence {
            Evidence::Of(shown) => Self::shown(shown),
            Evidence::SixDigits(_) => Self {
                default_totp: true,
                ..Self::default()
            },
        }
    }
}

/// Checks the MAC of a login's token. A forged token costs no read.
pub(crate) async fn open_login_token(
    context: &Context,
    token: &str,
) -> Result<LoginToken, Failure> {
    let malformed = Refusal::LoginTokenMalformed;
    context.open_token(TokenBody::login, token, malformed).await
}

/// Like `open_login_token`, for a token that may also be an access token of a session
/// that has begun to enrol a factor. The session is then read together with the login.
/// The access token needs the audience and the scope, because an access token for
/// another purpose must not confirm a factor.
pub(crate) async fn open_login_or_access_token(
    context: &Context,
    token: &str,
) -> Result<(LoginToken, Option<SessionId>), Failure> {
    if !token.contains('.') {
        return Ok((open_login_token(context, token).await?, None));
    }
    let malformed = || Failure::from(Refusal::LoginTokenMalformed);
    let claims = match access_claims(context, token, &[context.app.config.mfa_audience()]).await {
        Err(Failure::Refused(_)) => return Err(malformed()),
        claims => claims?,
    };
    let session = session_of(&claims.1).ok_or_else(malformed)?;
    if !Scope::parse(&claims.1.scope).contains(ENROLL) {
        return Err(malformed());
    }
    Ok((login_of_session(claims.0, session), Some(session)))
}

/// The login that a session of this user has begun in order to enrol a factor.
pub(crate) fn login_of_session(user: UserId, session: SessionId) -> LoginToken {
    LoginToken {
        user,
        login: LoginId::of_session(session),
        app: None,
    }
}

/// The authenticator app that a code is for, if the login names it.
fn app_of(login: &Login) -> Option<FactorId> {
    let enrolled = login.enrolment.as_ref().map(|enrolment| enrolment.factor);
    login.verified_with_app().or(enrolled)
}

/// Reads the login that the token names, for the party that began it. One
/// batch read; one more for a login that another app than the default app
/// verified.
///
/// # Errors
/// `LoginTokenMalformed` for another client, or for a session that has ended;
/// `LoginExpired`.
pub(crate) async fn open_login(
    context: &Context,
    party: Option<Party<'_>>,
    token: &LoginToken,
    beside: Beside,
) -> Result<OpenLogin, Failure> {
    let factor = beside.factor.or(token.app.filter(|_| beside.default_totp));
    let beside_login = LoginBeside {
        factor,
        recovery: beside.recovery,
        session: beside.session,
    };
    let (store, login) = (&context.app.store, token.login);
    let mut read = store.read_login(token.user, login, beside_login).await?;
    if read.session_ended {
        return Err(Refusal::LoginTokenMalformed.into());
    }
    // The code of a verified login is compared with the app that verified it,
    // which may differ from the default app. The code of a login that enrols is
    // compared with the new factor.
    if let (None, true, Some(login)) = (beside.factor, beside.default_totp, &read.login)
        && let Some(used) = app_of(login)
        && factor != Some(used)
    {
        let beside_login = LoginBeside {
            factor: Some(used),
            ..beside_login
        };
        read = store
            .read_login(token.user, token.login, beside_login)
            .await?;
    }
    let (Some(user), Some(login)) = (read.user, read.login) else {
        return Err(Refusal::LoginExpired.into());
    };
    if let Some(party) = party {
        login.check_client(party.name())?;
    }
    context.caller.trace.is_about(user.id);
    context.events.is_by_client(&login.authorized.client);
    login.check_live(&user, context.now())?;
    Ok(OpenLogin {
        user,
        login,
        factor: read.factor,
        recovery: read.recovery,
    })
}
