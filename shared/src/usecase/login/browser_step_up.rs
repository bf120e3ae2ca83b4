//! A browser's session shows its strongest factor again.

use crate::domain::authorization::client::Authorized;
use crate::domain::id::LoginId;
use crate::domain::login::pending_login::Login;
use crate::domain::secret::Secret;
use crate::domain::sessions::standing::SessionState;
use crate::failure::Failure;
use crate::keyring::random;
use crate::usecase::context::Context;
use crate::usecase::login::password_step::login_token;
use crate::usecase::sessions::authenticate::{Credential, authenticate};
use crate::usecase::sessions::requirement::{Audience, Required, WithFactors};

/// Begins a login in which a signed-in user shows a factor again: its token.
/// Three requests to DynamoDB.
///
/// # Errors
/// `SignInRequired`.
pub async fn begin_step_up(context: &Context, cookie: &str) -> Result<Secret, Failure> {
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
    let id = LoginId::at(context.now(), random()?);
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
