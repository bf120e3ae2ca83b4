//! A signed-in user shows a factor again: in a browser, or in an app because an API wants a
//! stronger or a younger authentication (RFC 9470). A browser's session becomes stronger by
//! the factor alone, but not younger.

use crate::domain::accounts::user::Account;
use crate::domain::authorization::client::Authorized;
use crate::domain::authorization::token_refusal::TokenRefusal;
use crate::domain::events::kind::EventKind;
use crate::domain::id::LoginId;
use crate::domain::login::admission::{Admission, LoginRules};
use crate::domain::login::pending_login::Login;
use crate::domain::secret::Secret;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::session::Session;
use crate::domain::sessions::standing::SessionState;
use crate::domain::sessions::stepped_session::SteppedSession;
use crate::domain::sessions::wanted_authentication::WantedAuthentication;
use crate::failure::{Broken, Failure};
use crate::keyring::random_bytes;
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;
use crate::usecase::login::passkeys::second_challenge::asks_for_passkey;
use crate::usecase::login::password_step::{SecondFactor, login_rules, login_token};
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{Bearer, Credential, Required, WithFactors};

/// Begins a login in which a signed-in user shows a factor again: its token.
/// Three requests to DynamoDB.
///
/// # Errors
/// `SignInRequired`.
pub async fn start_step_up(context: &Context, cookie: &str) -> Result<Secret, Failure> {
    let required = Required {
        audience: Audience::Pages,
        scope: None,
        session: SessionState::Live,
        role: None,
        read: WithFactors,
    };
    let credential = Credential::Browser(cookie);
    let (bearer, account) = authenticate(context, credential, required).await?;
    let authorized = Authorized::of_pages(Vec::new());
    let id = LoginId::at(context.now(), random_bytes()?);
    let login = Login::begin(
        id,
        &bearer.user,
        authorized,
        context.caller.dialect,
        context.now(),
    );
    context.app.store.keep_login(&login).await?;
    let ring = context.ring().await?;
    Ok(login_token(&ring, &login, &account)?)
}

/// Begins a login that a factor alone completes, for a browser whose session lacks nothing
/// but a factor: its token. The login completes only in a browser with this session, and
/// while the session is live. What the login gives is as old as the session, and ends with
/// it. `None` if the user has to sign in again, with the first factor too. One request to
/// DynamoDB.
pub(crate) async fn step_up_browser(
    context: &Context,
    bearer: &Bearer,
    mut account: Account,
) -> Result<Option<Secret>, Broken> {
    let (session, now) = (bearer.stepped(), context.now());
    let Some(session) = session.filter(|_| account.user.epoch == bearer.user.epoch) else {
        return Ok(None);
    };
    let first = bearer.authentication.first;
    let rules = LoginRules {
        wants_factor: true,
        ..login_rules(context, true)
    };
    let admission = rules.admit(&account, now);
    let asks_for_factor =
        admission == Admission::SecondFactor && !account.user.must_change_password;
    rules.offer.keep_allowed(&mut account.factors);
    let has_factor = account.active_factors().next().is_some();
    if first.check_may_step_up().is_err() || !asks_for_factor || !has_factor {
        return Ok(None);
    }
    let own = context.app.config.own_audiences();
    let authorized = Authorized::of_pages(vec![own.userinfo]);
    let (id, dialect) = (LoginId::at(now, random_bytes()?), context.caller.dialect);
    let (stepped, user) = ((session, first), &account.user);
    let login = Login::begin_step_up(stepped, id, user, authorized, dialect, now);
    context.app.store.keep_login(&login).await?;
    context.events.did(EventKind::FactorDemanded);
    let ring = context.ring().await?;
    login_token(&ring, &login, &account).map(Some)
}

/// Begins a login that a factor alone completes, for what the refresh asked for. The
/// factors that are offered give what is wanted. The login completes only while this session
/// is live, and prolongs nothing. Two requests to DynamoDB.
///
/// # Errors
/// `StepUpImpossible` if the user has no such factor, or has signed in by a code
/// in place of the password; `RefreshTokenEnded`.
pub(crate) async fn step_up_session(
    context: &ClientContext,
    session: &Session,
    authorized: Authorized,
    wanted: WantedAuthentication,
) -> Result<SecondFactor, Failure> {
    let first = session.authentication.first;
    first.check_may_step_up()?;
    let store = &context.app.store;
    let account = store.read_account(session.user).await?;
    let mut account = account.ok_or(TokenRefusal::StepUpImpossible)?;
    let asks = asks_for_passkey(context, context.party(), first);
    if asks {
        account.ask_for_passkeys();
    }
    let account = wanted.enough_factors(account, session, &context.app.config.offer)?;
    let id = LoginId::at(context.now(), random_bytes()?);
    let dialect = context.caller.dialect;
    let user = &account.user;
    let stepped = (SteppedSession::of(session), first);
    let mut login = Login::begin_step_up(stepped, id, user, authorized, dialect, context.now());
    login.asks_for_passkey = asks;
    store.keep_login(&login).await?;
    context.events.did(EventKind::FactorDemanded);
    let ring = context.ring().await?;
    let token = login_token(&ring, &login, &account)?;
    Ok(SecondFactor {
        token: match context.client.first_party {
            true => ring.hide_token(&token)?,
            false => token,
        },
        account,
        enrollable: Vec::new(),
    })
}
