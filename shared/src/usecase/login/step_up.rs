//! A signed-in user shows a factor again: in a browser, or in an app because an API wants a
//! stronger or a younger authentication (RFC 9470).

use crate::domain::authorization::client::Authorized;
use crate::domain::authorization::token_refusal::TokenRefusal;
use crate::domain::events::kind::EventKind;
use crate::domain::id::LoginId;
use crate::domain::login::pending_login::Login;
use crate::domain::secret::Secret;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::session::Session;
use crate::domain::sessions::standing::SessionState;
use crate::domain::sessions::wanted_authentication::WantedAuthentication;
use crate::failure::Failure;
use crate::keyring::random_bytes;
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;
use crate::usecase::login::passkeys::second_challenge::asks_for_passkey;
use crate::usecase::login::password_step::{SecondFactor, login_token};
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{Credential, Required, WithFactors};

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
    session.check_may_step_up()?;
    let store = &context.app.store;
    let account = store.read_account(session.user).await?;
    let mut account = account.ok_or(TokenRefusal::StepUpImpossible)?;
    let asks = asks_for_passkey(context, context.party(), session.authentication.first);
    if asks {
        account.ask_for_passkeys();
    }
    let account = wanted.enough_factors(account, session, &context.app.config.offer)?;
    let id = LoginId::at(context.now(), random_bytes()?);
    let dialect = context.caller.dialect;
    let user = &account.user;
    let mut login = Login::begin_step_up(session, id, user, authorized, dialect, context.now());
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
