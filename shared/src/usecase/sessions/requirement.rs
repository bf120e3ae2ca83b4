//! What an endpoint may require of its caller, and what it then gets.

use crate::app::App;
use crate::domain::accounts::user::{Account, User};
use crate::domain::authorization::client::{Client, Scope};
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::authentication::Authentication;
use crate::failure::Failure;
use crate::usecase::Context;

/// What an endpoint requires of its caller. There are no defaults, so no
/// endpoint leaves a requirement out by mistake.
pub(crate) struct Required<'a, F> {
    /// What the access token has to be for. A browser's cookie is for our own
    /// pages, and may do there what a token for the account may do.
    pub audience: Audience<'a>,
    /// The scope that the access token has to have.
    pub scope: Option<&'static str>,
    /// Whether the session has to be live.
    pub session: SessionState,
    /// The role that the user's profile has to have.
    pub role: Option<&'static str>,
    /// Whether the user's factors are read, and whether the session has to have
    /// shown them: `NotRead`, `Read` or `ReadToChange`.
    pub factors: F,
}

/// What an access token has to be for.
#[derive(Clone, Copy)]
pub(crate) enum Audience<'a> {
    /// The endpoints of the user's account.
    Account,
    /// The MFA endpoints.
    Mfa,
    /// User information.
    UserInfo,
    /// The account or user information.
    AccountOrUserInfo,
    /// Any audience, in a token that was given to this client. A token of
    /// another client costs no read.
    OfClient(&'a Client),
}

impl Audience<'_> {
    /// The audiences that are accepted; `None` for any audience.
    pub(super) fn accepted(self, app: &App) -> Option<Vec<String>> {
        let config = &app.config;
        match self {
            Self::Account => Some(vec![config.account_audience()]),
            Self::Mfa => Some(vec![config.mfa_audience()]),
            Self::UserInfo => Some(vec![config.userinfo_audience()]),
            Self::AccountOrUserInfo => {
                Some(vec![config.userinfo_audience(), config.account_audience()])
            }
            Self::OfClient(_) => None,
        }
    }
}

/// Whether a session has to be live.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionState {
    /// The session has not ended.
    Live,
    /// The session may have ended, because a sign-out may be repeated.
    MayHaveEnded,
}

/// What happens with the factors of the user who is calling.
pub(crate) trait Factors {
    /// What `authenticate` gives.
    type Given;
    /// Whether the factors are read.
    const READ: bool;
    /// Checks what the session has shown. `account` is there if it was read.
    fn give(
        self,
        context: &Context,
        bearer: Bearer,
        account: Option<Account>,
    ) -> Result<Self::Given, Failure>;
}

/// The factors are not read. `authenticate` costs one request to DynamoDB.
pub(crate) struct NotRead;

/// The factors are read. `authenticate` costs two requests to DynamoDB; for an
/// access token, both run at the same time.
pub(crate) struct Read;

/// As `Read`. The session also has to have shown what a change of the factors
/// demands.
pub(crate) struct ReadToChange;

/// A signed-in user whose session may change the user's factors now.
pub(crate) struct MayChange {
    bearer: Bearer,
    account: Account,
}

impl MayChange {
    /// Checks that the policy lets this session change the factors
    /// (`MfaPolicy::check_may_change`).
    pub fn check(context: &Context, bearer: Bearer, account: Account) -> Result<Self, Refusal> {
        let policy = context.app.config.mfa_policy;
        policy.check_may_change(&account, bearer.authentication, context.now())?;
        Ok(Self { bearer, account })
    }

    /// The bearer, and the user with the factors.
    pub fn into_parts(self) -> (Bearer, Account) {
        (self.bearer, self.account)
    }
}

impl Factors for NotRead {
    type Given = Bearer;
    const READ: bool = false;

    fn give(self, _: &Context, bearer: Bearer, _: Option<Account>) -> Result<Bearer, Failure> {
        Ok(bearer)
    }
}

impl Factors for Read {
    type Given = (Bearer, Account);
    const READ: bool = true;

    fn give(
        self,
        _: &Context,
        bearer: Bearer,
        account: Option<Account>,
    ) -> Result<(Bearer, Account), Failure> {
        let account = account.ok_or(Refusal::AccessTokenInvalid)?;
        Ok((bearer, account))
    }
}

impl Factors for ReadToChange {
    type Given = MayChange;
    const READ: bool = true;

    fn give(
        self,
        context: &Context,
        bearer: Bearer,
        account: Option<Account>,
    ) -> Result<MayChange, Failure> {
        let (bearer, account) = Read.give(context, bearer, account)?;
        Ok(MayChange::check(context, bearer, account)?)
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
    /// How and when the user authenticated. A refresh does not renew it.
    pub authentication: Authentication,
    /// The session that the token belongs to. Only a token of an earlier
    /// version has no session.
    pub session: Option<SessionId>,
}
