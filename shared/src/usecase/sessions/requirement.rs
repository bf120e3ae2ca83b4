//! What an endpoint may require of its caller, and what it then gets.

use serde_json::{Map, Value};

use crate::domain::Timestamp;
use crate::domain::accounts::refusals::administration_refusal::AdministrationRefusal;
use crate::domain::accounts::user::{Account, User};
use crate::domain::authorization::client::Scope;
use crate::domain::authorization::key_proof::KeyThumbprint;
use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::factors::factor::Method;
use crate::domain::factors::factor_demand::FactorDemand;
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::authentication::{Authentication, FirstFactor};
use crate::domain::sessions::standing::SessionState;
use crate::domain::sessions::stepped_session::SteppedSession;
use crate::usecase::context::Context;

/// What a caller shows to be a signed-in user. One kind is never accepted as
/// another.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    AccessToken(&'a str),
    /// The cookie of a browser that has signed in to our own pages.
    Browser(&'a str),
}

/// What names the user who enrols or lists factors: a session, or a login that is still
/// pending. A pending login may only enrol the first factor.
#[derive(Clone, Copy)]
pub enum SessionOrLogin<'a> {
    Session(Credential<'a>),
    /// The token of a pending login.
    Login(&'a str),
}

impl<'a> SessionOrLogin<'a> {
    /// Which of the two a bearer token is. An access token is a JWT, which has dots. The
    /// token of a login has none.
    pub fn of_bearer(token: &'a str) -> Self {
        match token.contains('.') {
            true => Self::Session(Credential::AccessToken(token)),
            false => Self::Login(token),
        }
    }
}

impl<'a> From<&'a str> for SessionOrLogin<'a> {
    fn from(access_token: &'a str) -> Self {
        Self::Session(access_token.into())
    }
}

impl<'a> From<&'a str> for Credential<'a> {
    fn from(access_token: &'a str) -> Self {
        Self::AccessToken(access_token)
    }
}

/// What a token says, as claims.
pub type TokenClaims = Map<String, Value>;

/// What an endpoint requires of its caller. There are no defaults, so no
/// endpoint leaves a requirement out by mistake.
pub(crate) struct Required<'a, R> {
    /// What the credential has to be for.
    pub audience: Audience<'a>,
    /// The scope that the credential has to have.
    pub scope: Option<KnownScope>,
    /// Whether the session has to be live.
    pub session: SessionState,
    /// The role that the user's profile has to have.
    pub role: Option<&'static str>,
    /// What is read of the user, and what the session has to have shown of the
    /// user's factors: `ProfileAlone`, `WithFactors`, `ToChangeFactors`,
    /// `ToChangeByCode` or `WithLogin`.
    pub read: R,
}

impl<R> Required<'static, R> {
    /// What our MFA endpoints require of a session with this scope.
    pub fn of_mfa(scope: KnownScope, read: R) -> Self {
        Self {
            audience: Audience::Mfa,
            scope: Some(scope),
            session: SessionState::Live,
            role: None,
            read,
        }
    }
}

/// The profile is read, and the session. `authenticate` gives the `Bearer`, and
/// costs one request to DynamoDB.
pub(crate) struct ProfileAlone;

/// The user's factors are read too. `authenticate` gives the `Bearer` and the
/// `Account`, and costs two requests to DynamoDB; for an access token, both run
/// at the same time.
pub(crate) struct WithFactors;

/// As `WithFactors`. The function decides what this user's session has to have shown,
/// or refuses the request before. `authenticate` gives `MayChange`. Only `MayChange`
/// changes factors, so no call leaves the demand out.
pub(crate) struct ToChangeFactors<F: Fn(&Account) -> Result<FactorDemand, Refusal>>(pub F);

/// As `WithFactors`. The request brings a code of the user's strongest factor, and the
/// session may be old. `authenticate` gives `MustShow`.
pub(crate) struct ToChangeByCode;

/// The user and the session are read later, together with the login that the
/// session has begun. `authenticate` gives the `UnreadBearer`, and makes no
/// request to DynamoDB.
pub(crate) struct WithLogin;

/// A signed-in user who may change the user's factors now.
pub struct MayChange {
    bearer: Bearer,
    account: Account,
}

impl MayChange {
    /// Checks that the session has shown what is demanded.
    pub(super) fn check(
        context: &Context,
        demand: FactorDemand,
        (bearer, account): (Bearer, Account),
    ) -> Result<Self, Refusal> {
        let (policy, shown) = (context.app.config.mfa_policy, bearer.authentication);
        demand.check(policy, (&account, shown), context.now())?;
        Ok(Self { bearer, account })
    }

    pub fn caller(&self) -> &Bearer {
        &self.bearer
    }

    /// The user, with the factors.
    pub fn account(&self) -> &Account {
        &self.account
    }
}

/// A signed-in user who may change the user's factors as soon as a code is shown.
pub(crate) struct MustShow {
    bearer: Bearer,
    account: Account,
}

impl MustShow {
    pub(super) fn of((bearer, account): (Bearer, Account)) -> Self {
        Self { bearer, account }
    }

    /// The user, with the factors.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The user may change the factors if this method, whose code was just right, is
    /// the strongest.
    ///
    /// # Errors
    /// `AuthenticationInsufficient` for a weaker factor.
    pub fn may_change_after(self, context: &Context, method: Method) -> Result<MayChange, Refusal> {
        let Self { bearer, account } = self;
        let shown = Authentication {
            first: FirstFactor::Password,
            at: context.now(),
            method: Some(method),
            key: None,
        };
        let policy = context.app.config.mfa_policy;
        policy.check_may_change(&account, shown, context.now())?;
        Ok(MayChange { bearer, account })
    }
}

/// A signed-in user, and what the access token or the cookie says.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The user, as the profile is now.
    pub user: User,
    /// The client that the token was given to.
    pub client: String,
    /// The scopes of the token.
    pub scope: Scope,
    /// The audiences of the token.
    pub audience: Vec<String>,
    /// The key that the token is bound to.
    pub key: Option<KeyThumbprint>,
    /// How and when the user authenticated. A refresh does not renew it.
    pub authentication: Authentication,
    /// The session that the token belongs to. Only a token of an earlier
    /// version has no session.
    pub session: Option<SessionId>,
    /// When the session ends at the latest, if it is a browser's.
    pub ends_at: Option<Timestamp>,
}

impl Bearer {
    /// The session, for calls that need one.
    ///
    /// # Errors
    /// `AccessTokenInvalid` for a token of an earlier version.
    pub fn session_id(&self) -> Result<SessionId, Refusal> {
        self.session.ok_or(Refusal::AccessTokenInvalid)
    }

    /// The session of a browser, for a login that makes the session stronger, but not
    /// younger.
    pub fn stepped(&self) -> Option<SteppedSession> {
        Some(SteppedSession {
            id: self.session?,
            ends_at: self.ends_at?,
            authenticated_at: Some(self.authentication.at),
        })
    }
}

pub(super) fn check_scope(scope: &Scope, required: Option<KnownScope>) -> Result<(), Refusal> {
    match required.is_none_or(|required| scope.has(required)) {
        true => Ok(()),
        false => Err(Refusal::ScopeInsufficient),
    }
}

pub(super) fn check_role(user: &User, required: Option<&str>) -> Result<(), Refusal> {
    let has = |role: &str| user.roles.iter().any(|one| one == role);
    match required.is_none_or(has) {
        true => Ok(()),
        false => Err(AdministrationRefusal::RoleMissing.into()),
    }
}
