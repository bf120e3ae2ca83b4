//! Answers who is calling at our own endpoints: authenticates access tokens and the cookies
//! of browsers. Each caller states in `Required` what its endpoint requires. Two files
//! answer the rest: `seen_token.rs` checks an access token that a client asks about
//! (RFC 7662), and `unread_bearer.rs` reads a caller's session together with a login.

use crate::domain::accounts::user::{Account, User};
use crate::domain::authorization::client::Scope;
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::factors::factor_demand::FactorDemand;
use crate::domain::id::{SessionId, UserId};
use crate::domain::issuer::Issuer;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::authentication::Authentication;
use crate::domain::sessions::session::Session;
use crate::domain::sessions::standing::SessionState;
use crate::domain::token::TokenBody;
use crate::failure::Failure;
use crate::keyring::AccessClaims;
use crate::usecase::context::Context;
use crate::usecase::sessions::requirement::{
    Bearer, Credential, MayChange, MustShow, ProfileAlone, Required, ToChangeByCode,
    ToChangeFactors, WithFactors, WithLogin, check_role, check_scope,
};
use crate::usecase::sessions::unread_bearer::UnreadBearer;

/// The signed-in user who shows this credential.
///
/// An access token is checked for its signature, type, issuer, time, audience
/// and scope (RFC 9068 4). Standing, role and epoch come from the profile, the
/// end of the session from the session. A token of an earlier epoch is valid
/// only if its session made the change and moved to the new epoch. A token that is bound
/// to a key needs a proof of that key (RFC 9449 7).
///
/// A cookie is checked for its MAC. A forged cookie costs no read. The cookie of
/// an expired or signed-out session is refused, and that of a user whose
/// password, factors or standing have changed elsewhere since.
///
/// # Errors
/// `AccessTokenInvalid`, `ScopeInsufficient`, `RoleMissing`; `AccessTokenUnproven`,
/// `AccessProofWrong`, `AccessNonceWanted`; `SignInRequired` for a browser; `AuthenticationInsufficient` with `ToChangeFactors`.
pub(crate) async fn authenticate<R: Reads>(
    context: &Context,
    credential: Credential<'_>,
    required: Required<'_, R>,
) -> Result<R::Given, Failure> {
    let shown = match credential {
        Credential::AccessToken(token) => {
            let checked = checked_token(context, token, required.audience).await?;
            let place = required.audience.place_of_bound_tokens();
            let key = checked.claims.bound_key();
            let proven = context.check_access_proof(token, key.as_ref(), place);
            proven.await?;
            Presented::Token(Box::new(checked))
        }
        Credential::Browser(cookie) => Presented::Cookie(cookie),
    };
    required.read.read(context, shown, &required).await
}

/// The user who is signed in in the browser with this cookie, if the cookie is of a live
/// session. One request to DynamoDB; none for a forged cookie.
///
/// # Errors
/// `Broken` if DynamoDB does not answer.
pub(crate) async fn signed_in_browser(
    context: &Context,
    cookie: &str,
) -> Result<Option<Bearer>, Failure> {
    let required = Required {
        audience: Audience::Pages,
        scope: None,
        session: SessionState::Live,
        role: None,
        read: ProfileAlone,
    };
    unless_refused(authenticate(context, Credential::Browser(cookie), required).await)
}

/// What `authenticate` gave, or `None` for a caller who was refused.
///
/// # Errors
/// `Broken`, because nobody knows who is calling then.
pub(crate) fn unless_refused<G>(given: Result<G, Failure>) -> Result<Option<G>, Failure> {
    match given {
        Ok(given) => Ok(Some(given)),
        Err(Failure::Refused(_)) => Ok(None),
        Err(broken @ Failure::Broken(_)) => Err(broken),
    }
}

/// What the caller has shown.
pub(crate) enum Presented<'a> {
    Token(Box<CheckedToken>),
    Cookie(&'a str),
}

/// Reads what `Required` asks for.
pub(crate) trait Reads: Sized {
    /// What `authenticate` gives.
    type Given;

    async fn read(
        &self,
        context: &Context,
        shown: Presented<'_>,
        required: &Required<'_, Self>,
    ) -> Result<Self::Given, Failure>;
}

impl Reads for ProfileAlone {
    type Given = Bearer;

    async fn read(
        &self,
        context: &Context,
        shown: Presented<'_>,
        required: &Required<'_, Self>,
    ) -> Result<Bearer, Failure> {
        let token = match shown {
            Presented::Token(token) => *token,
            Presented::Cookie(cookie) => return bearer_of_browser(context, cookie, required).await,
        };
        let store = &context.app.store;
        let read = store.read_user_and_session(token.user, token.session);
        let (user, session) = read.await?;
        let user = user.ok_or(Refusal::AccessTokenInvalid)?;
        let held = HeldToken {
            token,
            required: required.session,
        };
        let bearer = standing(context, user, session.as_ref(), held)?;
        permitted(bearer, required)
    }
}

impl Reads for WithFactors {
    type Given = (Bearer, Account);

    async fn read(
        &self,
        context: &Context,
        shown: Presented<'_>,
        required: &Required<'_, Self>,
    ) -> Result<(Bearer, Account), Failure> {
        with_factors(context, shown, required).await
    }
}

impl<F: Fn(&Account) -> Result<FactorDemand, Refusal>> Reads for ToChangeFactors<F> {
    type Given = MayChange;

    async fn read(
        &self,
        context: &Context,
        shown: Presented<'_>,
        required: &Required<'_, Self>,
    ) -> Result<MayChange, Failure> {
        let (bearer, account) = with_factors(context, shown, required).await?;
        let demand = (self.0)(&account)?;
        Ok(MayChange::check(context, demand, (bearer, account))?)
    }
}

impl Reads for ToChangeByCode {
    type Given = MustShow;

    async fn read(
        &self,
        context: &Context,
        shown: Presented<'_>,
        required: &Required<'_, Self>,
    ) -> Result<MustShow, Failure> {
        with_factors(context, shown, required)
            .await
            .map(MustShow::of)
    }
}

impl Reads for WithLogin {
    type Given = UnreadBearer;

    async fn read(
        &self,
        _: &Context,
        shown: Presented<'_>,
        required: &Required<'_, Self>,
    ) -> Result<UnreadBearer, Failure> {
        let token = match shown {
            Presented::Token(token) => *token,
            // A browser's session is not read with a login.
            Presented::Cookie(_) => return Err(PageRefusal::SignInRequired.into()),
        };
        check_scope(&Scope::parse(&token.claims.scope), required.scope)?;
        Ok(UnreadBearer {
            user: token.user,
            session: token.session.ok_or(Refusal::AccessTokenInvalid)?,
            state: required.session,
            role: required.role,
        })
    }
}

async fn with_factors<R>(
    context: &Context,
    shown: Presented<'_>,
    required: &Required<'_, R>,
) -> Result<(Bearer, Account), Failure> {
    let store = &context.app.store;
    match shown {
        Presented::Token(token) => {
            let (account, session) = tokio::join!(
                store.read_account(token.user),
                session_alone(context, token.user, token.session),
            );
            let (account, session) = (account?, session?);
            let account = account.ok_or(Refusal::AccessTokenInvalid)?;
            let (user, state) = (account.user.clone(), required.session);
            let held = HeldToken {
                token: *token,
                required: state,
            };
            let bearer = standing(context, user, session.as_ref(), held)?;
            Ok((permitted(bearer, required)?, account))
        }
        Presented::Cookie(cookie) => {
            let bearer = bearer_of_browser(context, cookie, required).await?;
            let account = store.read_account(bearer.user.id).await?;
            let account = account.ok_or(PageRefusal::SignInRequired)?;
            // The user changed between the two reads. A retry gets it right.
            match account.user.epoch == bearer.user.epoch {
                true => Ok((bearer, account)),
                false => Err(PageRefusal::SignInRequired.into()),
            }
        }
    }
}

/// The session that a cookie names, with its user as the profile is now. One
/// batch read.
async fn bearer_of_browser<R>(
    context: &Context,
    cookie: &str,
    required: &Required<'_, R>,
) -> Result<Bearer, Failure> {
    let over = || Failure::from(PageRefusal::SignInRequired);
    if !required.audience.takes_cookies() {
        return Err(over());
    }
    let (read, malformed) = (TokenBody::browser, PageRefusal::SignInRequired.into());
    let opened = context.open_token(read, cookie, malformed);
    let token = opened.await?;
    let read = context.app.store.read_session(token.user, token.session);
    let (user, session) = read.await?.ok_or_else(over)?;
    context.caller.trace.is_about(user.id);
    let of_pages = session.authorized.is_of_pages();
    let accepted = |state: SessionState| state.accepts_session(&user, &session, context.now());
    if !(of_pages && accepted(required.session)) {
        return Err(over());
    }
    let bearer = Bearer {
        user,
        client: session.authorized.client,
        scope: session.authorized.scope,
        audience: session.authorized.audience,
        key: session.authorized.key,
        authentication: session.authentication,
        session: Some(session.id),
        ends_at: Some(session.ends_at),
    };
    permitted(bearer, required)
}

async fn session_alone(
    context: &Context,
    user: UserId,
    session: Option<SessionId>,
) -> Result<Option<Session>, Failure> {
    let Some(session) = session else {
        return Ok(None);
    };
    let store = &context.app.store;
    match store.read_session_alone(user, session).await? {
        None => Ok(None),
        // Nobody knows whether this session has ended.
        Some(None) => Err(Refusal::AccessTokenInvalid.into()),
        Some(session) => Ok(session),
    }
}

/// An access token of ours that is for the audience. Standing, epoch and scope
/// are not checked yet.
pub(crate) struct CheckedToken {
    user: UserId,
    session: Option<SessionId>,
    claims: AccessClaims,
}

impl CheckedToken {
    /// The token with these claims.
    pub(super) fn of(claims: AccessClaims) -> Self {
        Self {
            user: UserId::of_subject(&claims.sub),
            session: claims.sid.as_deref().and_then(SessionId::parse),
            claims,
        }
    }
}

async fn checked_token(
    context: &Context,
    token: &str,
    audience: Audience<'_>,
) -> Result<CheckedToken, Failure> {
    let invalid = || Failure::from(Refusal::AccessTokenInvalid);
    let config = &context.app.config;
    let audiences = match audience {
        Audience::Account => Some(vec![config.account_audience()]),
        Audience::Pages => return Err(invalid()),
        Audience::Mfa => Some(vec![config.mfa_audience()]),
        Audience::MyAccount => Some(vec![config.my_account_audience()]),
        Audience::UserInfo => Some(vec![config.userinfo_audience()]),
        Audience::AccountOrUserInfo => {
            Some(vec![config.userinfo_audience(), config.account_audience()])
        }
        Audience::OfClient(_) => None,
    };
    let issuers = Issuer::all(&config.issuer);
    let mut ring = context.ring().await?;
    let keyring = &context.app.keyring;
    let (audiences, now) = (audiences.as_deref(), context.now());
    let checked = keyring.check_access_or_reread(&mut ring, token, &issuers, audiences, now);
    let checked = checked.await;
    context.go_on_with(ring).await;
    let claims = checked?;
    if let Audience::OfClient(client) = audience
        && claims.client_id != client.id
    {
        return Err(invalid());
    }
    Ok(CheckedToken::of(claims))
}

/// A checked token, and how its session has to be.
struct HeldToken {
    token: CheckedToken,
    required: SessionState,
}

/// The bearer, if the user is active and the session is as it has to be
/// (`SessionState::accepts_token`).
fn standing(
    context: &Context,
    user: User,
    session: Option<&Session>,
    held: HeldToken,
) -> Result<Bearer, Failure> {
    let HeldToken { token, required } = held;
    let invalid = || Failure::from(Refusal::AccessTokenInvalid);
    let claims = token.claims;
    context.caller.trace.is_about(user.id);
    let authentication = Authentication::from_claims(claims.auth_time, &claims.amr, &claims.acr)
        .ok_or_else(invalid)?;
    if !required.accepts_token(&user, claims.epoch, session, context.now()) {
        return Err(invalid());
    }
    Ok(Bearer {
        audience: claims.audience(),
        key: claims.bound_key(),
        client: claims.client_id,
        scope: Scope::parse(&claims.scope),
        authentication,
        session: token.session,
        ends_at: None,
        user,
    })
}

/// The bearer, if scope and role are as required.
fn permitted<R>(bearer: Bearer, required: &Required<'_, R>) -> Result<Bearer, Failure> {
    check_scope(&bearer.scope, required.scope)?;
    check_role(&bearer.user, required.role)?;
    Ok(bearer)
}
